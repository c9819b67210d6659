/** A fleet of terminals through its days: who comes when, what goes wrong, and time that runs faster than ours. */
import { randomBytes } from 'node:crypto';
import type { IClientOptions } from 'mqtt';
import type { Instant } from '../contracts.js';
import { kidOfPoint, type PrivateKey, privateKeyOf, spkiOf } from '../crypto/sm2.js';
import type { Verify } from '../messages/signed.js';
import { type Chance, chanceOf } from './chance.js';
import { comings, DAY, placesOf } from './days.js';
import { PlayedTerminal } from './terminal.js';

export interface FleetSettings {
  readonly url: string;
  readonly region: string;
  readonly terminals: number;
  readonly days: number;
  /** Real seconds that a day takes. */
  readonly secondsPerDay: number;
  readonly seed: string;
  /** First midnight. */
  readonly from: Instant;
  readonly options: (terminal: string) => IClientOptions;
  readonly verify: Verify;
}

export interface Member {
  readonly id: string;
  readonly checkpoint: string;
  readonly scene: string;
  readonly sign: Uint8Array;
  readonly open: Uint8Array;
}

interface Event {
  /** ms since the first midnight. */
  readonly at: number;
  readonly happen: () => void;
}

const HOUR = 3_600_000;
/** So long scans are made before the network gets its turn: a machine that cannot keep up makes the day longer. */
const TURN_MS = 5;
/** Of so many people one is refused, of so many messages one is sent twice. */
const REFUSED = 40;
const DUPLICATES = 50;
const NOON_CUT = 12.5 * HOUR;

export interface Fleet {
  readonly members: readonly Member[];
  readonly terminals: readonly PlayedTerminal[];
  /** What is to happen in all, and what has. */
  readonly planned: number;
  readonly happened: number;
  connect(): void;
  /** Resolves when the days are over; everybody is online then. */
  play(): Promise<void>;
  end(): void;
}

export function createFleet(settings: FleetSettings): Fleet {
  const { terminals: count, days, secondsPerDay, seed, from } = settings;
  const chance = chanceOf(seed);
  // Another run at the same county is another fleet.
  const run = randomBytes(3).toString('hex');
  const played = placesOf(count).map((place, i) => ({
    place,
    ...playedTerminal({ settings, chance, run, kind: place.kind, number: i + 1 }),
  }));
  const events: Event[] = [];
  for (const { place, terminal } of played) {
    for (let day = 0; day < days; day++) {
      for (const at of comings(place, chance)) {
        const verdict = chance() * REFUSED < 1 ? 'refuse' : 'admit';
        const when = day * DAY + at;
        events.push({ at: when, happen: () => terminal.scan({ at: from + when, scene: place.scene, verdict }) });
      }
      events.push(...faultsOf({ terminal, chance, midnight: day * DAY, msPerDay: secondsPerDay * 1000 }));
    }
  }
  events.sort((a, b) => a.at - b.at);
  const terminals = played.map(({ terminal }) => terminal);
  let next = 0;
  return {
    members: played.map(({ place, member }) => ({ ...member, scene: place.scene })),
    terminals,
    planned: events.length,
    get happened() {
      return next;
    },
    connect: () => terminals.forEach((terminal) => terminal.connect()),
    play: async () => {
      const began = performance.now();
      const speed = DAY / (secondsPerDay * 1000);
      while (next < events.length) {
        const from = performance.now();
        const now = (from - began) * speed;
        for (let event = events[next]; event && event.at <= now && performance.now() - from < TURN_MS; event = events[next]) {
          next++;
          event.happen();
        }
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      for (const terminal of terminals) terminal.connect();
    },
    end: () => terminals.forEach((terminal) => terminal.end()),
  };
}

interface Faulty {
  readonly terminal: PlayedTerminal;
  readonly chance: Chance;
  readonly midnight: number;
  /** How long a day takes. */
  readonly msPerDay: number;
}

/** One in five is away for hours, a third loses its network at noon and comes back in a storm, one in ten loses power, one in twenty has a twin. */
function faultsOf({ terminal, chance, midnight, msPerDay }: Faulty): readonly Event[] {
  const events: Event[] = [];
  const away = (from: number, to: number): void => {
    events.push({ at: midnight + from, happen: () => terminal.cut() }, { at: midnight + to, happen: () => terminal.connect() });
  };
  if (chance() < 0.2) {
    const from = (6 + chance() * 10) * HOUR;
    away(from, from + (0.5 + chance() * 5) * HOUR);
  }
  // Back within a real second of each other, whatever the time lapse.
  if (chance() < 0.33) away(NOON_CUT, NOON_CUT + HOUR + (chance() * 1000 * DAY) / msPerDay);
  if (chance() < 0.1) {
    const at = midnight + (7 + chance() * 12) * HOUR;
    events.push({ at, happen: () => terminal.cutPower() }, { at: at + 0.1 * HOUR, happen: () => terminal.connect() });
  }
  if (chance() < 0.05) events.push({ at: midnight + 23.5 * HOUR, happen: () => terminal.twin() });
  return events;
}

interface Numbered {
  readonly settings: FleetSettings;
  readonly chance: Chance;
  readonly run: string;
  readonly kind: string;
  readonly number: number;
}

function playedTerminal({ settings, chance, run, kind, number }: Numbered) {
  const { url, region, options, verify } = settings;
  const id = `FLEET-${run}-${String(number).padStart(5, '0')}`;
  const checkpoint = `FLEET-${run}-${kind}`;
  const key = newKey();
  const { point } = key.public;
  const signer = { kid: kidOfPoint(point), sign: (message: Uint8Array) => key.sign(message) };
  const playing = { terminal: id, region, checkpoint, signer, url, options: options(id), verify, chance, duplicates: DUPLICATES };
  return { terminal: new PlayedTerminal(playing), member: { id, checkpoint, sign: spkiOf(point), open: spkiOf(newKey().public.point) } };
}

function newKey(): PrivateKey {
  // Below the order of the group: its first bytes are FFFFFFFE.
  return privateKeyOf(Buffer.concat([Buffer.from([0x7f]), randomBytes(31)]));
}
