/** Says how the terminal is: at once on connecting and when something that matters changed, otherwise every minute. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../contracts.js';
import type { Journal } from '../journal/journal.js';
import type { State } from '../messages/state.js';

/** What the rest of the terminal knows of itself. */
export type StateFacts = Pick<State, 'health' | 'trustAge' | 'alarms' | 'version' | 'printers'>;

export interface PresenceSettings {
  readonly journal: Pick<Journal, 'journal' | 'backlog'>;
  readonly clock: Clock;
  readonly facts: () => StateFacts;
  readonly twin: () => boolean;
  publish(state: string): void;
}

export interface Presence {
  /** The state as it is, or as the broker shall tell it when we are gone. */
  text(as: 'now' | 'offline'): string;
  up(): void;
  down(): void;
}

const LOOK = 5_000;
const REPEAT = 60_000;
/** As many as a state may name. */
const MOST_PRINTERS = 8;

export function createPresence({ journal, clock, facts, twin, publish }: PresenceSettings): Presence {
  const session = randomBytes(8).toString('hex');
  const since = Math.floor(clock.now().earliest);
  let timer: NodeJS.Timeout | undefined;
  let said = { matter: '', at: 0 };

  const stateOf = (as: 'now' | 'offline'): State => {
    const now = clock.now();
    const { health, trustAge, alarms, version, printers = [] } = facts();
    return {
      session,
      journal: journal.journal,
      since,
      health: as === 'offline' ? 'offline' : health,
      trustAge,
      backlog: journal.backlog(now),
      clock: { earliest: Math.floor(now.earliest), latest: Number.isFinite(now.latest) ? Math.ceil(now.latest) : null },
      alarms: twin() && !alarms.includes('twin') ? [...alarms, 'twin'] : [...alarms],
      version,
      ...(printers.length > 0 && { printers: printers.slice(0, MOST_PRINTERS) }),
    };
  };
  const say = (): void => {
    const state = stateOf('now');
    const matter = JSON.stringify([state.health, state.alarms, state.printers]);
    if (matter === said.matter && clock.monotonic() - said.at < REPEAT) return;
    said = { matter, at: clock.monotonic() };
    publish(JSON.stringify(state));
  };
  return {
    text: (as) => JSON.stringify(stateOf(as)),
    up() {
      said = { matter: '', at: 0 };
      say();
      timer = setInterval(say, LOOK).unref();
    },
    down() {
      clearInterval(timer);
    },
  };
}
