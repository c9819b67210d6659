/**
 * One terminal's part in its site: tells the others what it did, hears what they did, and knows whether anyone is there.
 *
 *   lane ─used, passed→ words ─LAN→ others        others ─LAN→ words ─MAC, window→ memory ─→ lane
 *
 * What two lanes do within the time of one packet, neither can know of the other.
 */
import type { Clock, Direction, Instant, Json, Log } from '../contracts.js';
import { sameBytes } from '../crypto/cbor.js';
import {
  countOf,
  countToken,
  makeSiteWord,
  NO_TOKEN,
  readSiteWord,
  type SiteKeys,
  type SiteKind,
  type SiteWord,
  siteKeys,
} from '../messages/site.js';
import { createSiteMemory, type Kept, MOST_PEERS, type SiteMemory } from './memory.js';
import { createWindow } from './window.js';

/** The end of the day of a site, in ms after midnight UTC: 04:00 in Asia/Shanghai. */
const DAY_ENDS = 20 * 3_600_000;
const DAY = 86_400_000;
const EVERY_MS = 5000;
/** Who was not heard for so long is away. */
const AWAY_MS = 16_000;
/** Each word goes out so often, a while apart: nobody confirms a multicast. */
const AGAIN_MS: readonly number[] = [150, 700];
/** Rows told to who asks, and how fast: a LAN of bus and gate boxes is thin. */
const BURST = 64;
const BURST_EVERY_MS = 20;
/** Answers to `ask`, at most one in this time. */
const TOLD_EVERY_MS = 3000;
/** A row further away than this was not made by a lane. */
const LONGEST_MS = 2 * DAY;

export type SiteRefusal = 'unreadable' | 'forged' | 'replayed' | 'crowded' | 'expired' | 'twin';

export interface SiteParts {
  readonly terminal: string;
  readonly checkpoint: string;
  /** Higher than at any start before. */
  readonly boot: number;
  /** Of the secrets in force; undefined: none was given to this terminal. */
  siteKey(): Uint8Array | undefined;
  /** People inside, as this terminal counted. May be below zero: they came in elsewhere. */
  inside(): number;
  readonly clock: Clock;
  send(bytes: Uint8Array): void;
  changed(): void;
  readonly log: Log;
}

export interface Site {
  isUsed(direction: Direction, replayId: Uint8Array): boolean;
  /** What the scene kept of a subject, brought up to what the others saw. */
  memory(scene: string, subject: string, own: Json | undefined): Json | undefined;
  /** As everybody counted. */
  inside(): number;
  used(direction: Direction, replayId: Uint8Array, until: Instant): void;
  annulled(direction: Direction, replayId: Uint8Array): void;
  passed(scene: string, subject: string, direction: Direction): void;
  /** The own count changed. */
  counted(): void;
  /** Nobody was heard lately. */
  alone(): boolean;
  hear(bytes: Uint8Array): void;
  /** The LAN is there (again): who is there? */
  joined(): void;
  readonly peers: number;
  readonly heard: Readonly<Record<'taken' | SiteRefusal, number>>;
  stop(): void;
}

interface Peer {
  boot: number;
  window: ReturnType<typeof createWindow>;
  heard: number;
}

export function createSite(parts: SiteParts): Site {
  const { terminal, checkpoint, clock, log } = parts;
  const heard: Record<'taken' | SiteRefusal, number> = { taken: 0, unreadable: 0, forged: 0, replayed: 0, crowded: 0, expired: 0, twin: 0 };
  const timers = new Set<NodeJS.Timeout>();
  const peers = new Map<string, Peer>();
  let keys: SiteKeys | undefined;
  let memory: SiteMemory | undefined;
  let day = dayOf(clock.now().earliest);
  let counter = 0;
  let told = Number.NEGATIVE_INFINITY;
  let telling = false;
  let wasAlone = true;

  /** Follows the key: what was hashed with an old one can be found no more. */
  const known = (): { readonly keys: SiteKeys; readonly memory: SiteMemory } | undefined => {
    const key = parts.siteKey();
    if (!key) return undefined;
    if (!keys || !memory || !sameBytes(keys.site, key)) {
      keys = siteKeys(key);
      memory = createSiteMemory(keys);
      peers.clear();
      // Only now anything can be said.
      queueMicrotask(join);
    }
    return { keys, memory };
  };

  const later = (ms: number, work: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms).unref();
    timers.add(timer);
  };

  const make = (kind: SiteKind, token: Uint8Array, expires: Instant): Uint8Array | undefined => {
    const at = known();
    const word: SiteWord = {
      checkpoint,
      terminal,
      boot: parts.boot,
      counter: counter + 1,
      kind,
      token,
      expires: Math.ceil(expires / 1000),
    };
    if (!at) return undefined;
    counter++;
    return makeSiteWord(word, at.keys);
  };

  const say = (kind: SiteKind, token: Uint8Array, expires: Instant, again: readonly number[] = AGAIN_MS): void => {
    const bytes = make(kind, token, expires);
    if (!bytes) return;
    parts.send(bytes);
    for (const ms of again) later(ms, () => parts.send(bytes));
  };

  const here = (): void => say('here', countToken(parts.inside()), dayEnd(clock.now().earliest), []);

  const news = (kind: Kept, expires: Instant, ...id: readonly (string | Uint8Array)[]): void => {
    const at = known();
    if (!at) return;
    const token = at.memory.tokenOf(kind, ...id);
    at.memory.learn(kind, token, { expires, news: true });
    say(kind, token, expires);
  };

  /** In small bursts, so that nobody's buffers overflow. */
  const tell = (rows: ReturnType<SiteMemory['rows']>): void => {
    for (const { kind, token, expires } of rows.slice(0, BURST)) say(`+${kind}`, token, expires, []);
    if (rows.length > BURST) later(BURST_EVERY_MS, () => tell(rows.slice(BURST)));
    else here();
  };

  /** Two that ask at nearly the same time are answered together. */
  const asked = (): void => {
    if (telling) return;
    telling = true;
    later(Math.max(0, told + TOLD_EVERY_MS - clock.monotonic()), () => {
      telling = false;
      told = clock.monotonic();
      tell(memory?.rows() ?? []);
    });
  };

  const newDay = (): void => {
    const now = dayOf(clock.now().earliest);
    if (now === day) return;
    day = now;
    memory?.clear();
  };

  const judge = (bytes: Uint8Array): SiteWord | SiteRefusal | undefined => {
    const at = known();
    if (!at) return undefined;
    const word = readSiteWord(bytes, at.keys);
    if (typeof word === 'string') return word;
    // A multicast is heard by its sender too.
    if (word.terminal === terminal) return word.boot === parts.boot ? undefined : 'twin';
    return isFresh(word);
  };

  const isFresh = (word: SiteWord): SiteWord | SiteRefusal => {
    const peer = peers.get(word.terminal);
    if (!peer && peers.size >= MOST_PEERS) return 'crowded';
    if (peer && word.boot < peer.boot) return 'replayed';
    const same = peer?.boot === word.boot ? peer : { boot: word.boot, window: createWindow(), heard: 0 };
    if (!same.window(word.counter)) return 'replayed';
    same.heard = clock.monotonic();
    peers.set(word.terminal, same);
    return word;
  };

  const take = ({ kind, token, expires, terminal: from }: SiteWord): SiteRefusal | undefined => {
    const at = known();
    const until = expires * 1000;
    if (kind === 'ask') {
      asked();
      return undefined;
    }
    if (kind === 'used' && expires === 0) {
      at?.memory.annul(token);
      return undefined;
    }
    const { earliest, latest } = clock.now();
    if (until <= earliest || until > latest + LONGEST_MS) return 'expired';
    if (kind === 'here') at?.memory.counted(from, countOf(token));
    else at?.memory.learn(kept(kind), token, { expires: until, news: !kind.startsWith('+') });
    return undefined;
  };

  const isAlone = (): boolean => {
    const now = clock.monotonic();
    return ![...peers.values()].some((peer) => now - peer.heard < AWAY_MS);
  };

  const join = (): void => {
    ask();
    here();
  };

  const ask = (): void => say('ask', NO_TOKEN, dayEnd(clock.now().earliest));

  const tick = (): void => {
    newDay();
    memory?.expire(clock.now().earliest);
    here();
    if (isAlone() === wasAlone) return;
    wasAlone = !wasAlone;
    if (!wasAlone) ask();
    log.info(wasAlone ? 'site-alone' : 'site-together', { peers: peers.size });
    parts.changed();
  };
  const timer = setInterval(tick, EVERY_MS).unref();

  return {
    isUsed: (direction, replayId) => known()?.memory.isUsed(checkpoint, direction, replayId) ?? false,
    memory(scene, subject, own) {
      const seen = known()?.memory.whereabouts(scene, subject);
      return seen === undefined ? own : { ...(isObject(own) ? own : {}), inside: seen === 'in' };
    },
    inside: () => Math.max(0, parts.inside() + (known()?.memory.inside() ?? 0)),
    used: (direction, replayId, until) => news('used', Math.min(until, dayEnd(clock.now().earliest)), checkpoint, direction, replayId),
    annulled(direction, replayId) {
      const at = known();
      if (!at) return;
      const token = at.memory.tokenOf('used', checkpoint, direction, replayId);
      at.memory.annul(token);
      say('used', token, 0);
    },
    passed: (scene, subject, direction) => news(direction, dayEnd(clock.now().earliest), scene, subject),
    counted: here,
    alone: isAlone,
    hear(bytes) {
      newDay();
      const word = judge(bytes);
      if (word === undefined) return;
      const refused = typeof word === 'string' ? word : take(word);
      heard[refused ?? 'taken']++;
      if (refused === 'twin' && heard.twin === 1) log.error('site-twin', { terminal });
    },
    joined: join,
    get peers() {
      const now = clock.monotonic();
      return [...peers.values()].filter((peer) => now - peer.heard < AWAY_MS).length;
    },
    heard,
    stop() {
      clearInterval(timer);
      for (const one of timers) clearTimeout(one);
    },
  };
}

const kept = (kind: Exclude<SiteKind, 'here' | 'ask'>): Kept => kind.replace('+', '') as Kept;

const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const dayOf = (at: Instant): number => Math.floor((at - DAY_ENDS) / DAY);

/** The next 04:00 in Asia/Shanghai. */
const dayEnd = (at: Instant): Instant => (dayOf(at) + 1) * DAY + DAY_ENDS;
