/**
 * One terminal's part in its site: tells the others what it did, hears what they did, and knows whether anyone is there.
 *
 *   lane ─used, passed→ words ─LAN→ others        others ─LAN→ words ─MAC, counter→ memory ─→ lane
 *
 * What two lanes do within the time of one packet, neither can know of the other.
 */
import type { Clock, Direction, Instant, Json, Log } from '../contracts.js';
import { sameBytes } from '../crypto/cbor.js';
import { dayOf, endOfDay } from '../messages/calendar.js';
import {
  countToken,
  isShapedAsWord,
  makeSiteWord,
  readSiteWord,
  type SiteKeys,
  type SiteKind,
  type SiteWord,
  siteKeys,
  siteToken,
} from '../messages/site.js';
import { createAnswering } from './answering.js';
import { createBudget } from './budget.js';
import { createSiteMemory, type Hearing, type Kept, type KeptWord, type SiteMemory } from './memory.js';
import { createPeers } from './peers.js';
import type { Shelf } from './shelf.js';

const EVERY_MS = 2000;
/** Nobody confirms a multicast. Together longer than AWAY_MS, after which the others ask for everything: no gap is too short or too long. */
const AGAIN_MS: readonly number[] = [100, 500, 2000, 8000];
const ASK_EVERY_MS = 2000;
/** Three that answer at once, and what the lanes say meanwhile. */
const MOST_A_SECOND = 5000;
/** A row further away than this was not made by a lane. */
const LONGEST_MS = 2 * 86_400_000;

export type SiteRefusal = Exclude<Hearing, 'taken' | 'repeated'> | 'unreadable' | 'flooded' | 'forged' | 'expired' | 'twin';
export type SiteOutcome = 'taken' | 'repeated' | SiteRefusal;

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
  /** What outlives the program; absent: nothing does. */
  readonly shelf?: Pick<Shelf, 'found' | 'add' | 'rewrite'>;
  changed(): void;
  readonly log: Log;
}

export interface Site {
  isUsed(direction: Direction, replayId: Uint8Array): boolean;
  /** What the scene kept of a subject, brought up to what anybody saw last. */
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
  /** Everything that is worth keeping, as it would be said. */
  words(): Iterable<Uint8Array>;
  readonly peers: number;
  readonly heard: Readonly<Record<SiteOutcome, number>>;
  stop(): void;
}

/** What was heard under one site key. */
interface Known {
  readonly keys: SiteKeys;
  readonly memory: SiteMemory;
}

export function createSite(parts: SiteParts): Site {
  const { terminal, checkpoint, clock, shelf, log } = parts;
  const heard = { taken: 0, repeated: 0, unreadable: 0, flooded: 0, forged: 0, replayed: 0, crowded: 0, expired: 0, twin: 0 };
  const timers = new Set<NodeJS.Timeout>();
  const peers = createPeers();
  const mayHear = createBudget(MOST_A_SECOND);
  let now: Known | undefined;
  /** Of the key before: what was heard still holds, and nothing more is heard. */
  let before: Known | undefined;
  let day = dayOf(clock.now().earliest);
  let counter = 0;
  let asks = Number.NEGATIVE_INFINITY;
  let wasAlone = true;

  const earliest = (): Instant => clock.now().earliest;

  const later = (ms: number, work: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms).unref();
    timers.add(timer);
  };

  /** Follows the key and the day. */
  const known = (): Known | undefined => {
    const key = parts.siteKey();
    if (!key) return undefined;
    if (!now || !sameBytes(now.keys.site, key)) turnTo(siteKeys(key));
    if (dayOf(earliest()) > day) newDay();
    return now;
  };

  const turnTo = (keys: SiteKeys): void => {
    before = now;
    now = { keys, memory: createSiteMemory() };
    if (before) peers.silence();
    else recall(now);
    shelf?.rewrite();
    // Only now anything can be said.
    queueMicrotask(here);
  };

  const recall = ({ keys, memory }: Known): void => {
    for (const bytes of shelf?.found ?? []) {
      const word = readSiteWord(bytes, keys);
      if (typeof word === 'string') continue;
      counter = Math.max(counter, word.counter);
      if (isPast(word)) continue;
      if (word.kind === 'here') peers.recall(word);
      else if (isKept(word)) memory.hear(word);
    }
  };

  const newDay = (): void => {
    day = dayOf(earliest());
    before = undefined;
    now?.memory.clear();
    peers.forget(clock.monotonic());
    shelf?.rewrite();
  };

  /** Taken back is not past: it stands against older words. */
  const isPast = ({ expires, kind }: SiteWord): boolean => !(kind === 'used' && expires === 0) && expires * 1000 <= earliest();

  // ── saying ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Clock and counter in one: above all that was heard, and by the time where nothing was. */
  const make = (kind: SiteKind, token: Uint8Array, until: Instant): SiteWord => {
    counter = Math.max(counter + 1, Math.floor(earliest()));
    return { checkpoint, terminal, boot: parts.boot, counter, kind, token, expires: Math.ceil(until / 1000) };
  };

  const insist = (bytes: Uint8Array): void => {
    parts.send(bytes);
    for (const ms of AGAIN_MS) later(ms, () => parts.send(bytes));
  };

  const here = (): void => {
    const at = known();
    if (at) parts.send(makeSiteWord(make('here', countToken(parts.inside()), endOfDay(earliest())), at.keys));
  };

  const news = (kind: Kept, until: Instant, ...id: readonly (string | Uint8Array)[]): void => {
    const at = known();
    if (!at) return;
    const word = { ...make(kind, siteToken(at.keys, kind, ...id), until), kind };
    at.memory.hear(word);
    const bytes = makeSiteWord(word, at.keys);
    shelf?.add(bytes);
    insist(bytes);
  };

  /** One after the other: ten that answer at once would drown each other. */
  const ask = (whom: string): void => {
    asks = Math.max(asks + ASK_EVERY_MS, clock.monotonic());
    later(asks - clock.monotonic(), () => {
      const at = known();
      if (at) insist(makeSiteWord(make('ask', siteToken(at.keys, 'ask', whom), endOfDay(earliest())), at.keys));
    });
  };

  const answering = createAnswering({
    words: () => now?.memory.words() ?? [],
    say: (word) => now && parts.send(makeSiteWord(word, now.keys)),
    monotonic: () => clock.monotonic(),
    later,
  });

  // ── hearing ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** undefined: our own, which a multicast gives back. */
  const judge = (bytes: Uint8Array, at: Known): SiteOutcome | undefined => {
    const word = readSiteWord(bytes, at.keys);
    if (typeof word === 'string') return word;
    if (word.terminal === terminal && word.boot === parts.boot) return undefined;
    counter = Math.max(counter, word.counter);
    if (isPast(word) || word.expires * 1000 > clock.now().latest + LONGEST_MS) return 'expired';
    if (isKept(word)) return learn(word, bytes, at);
    // What I said before I started anew comes back from the others; that I am here, or ask, does not.
    if (word.terminal === terminal) return 'twin';
    return word.kind === 'here' ? greet(word, bytes) : asked(word, at);
  };

  const hearing = (bytes: Uint8Array): SiteOutcome | undefined => {
    if (!isShapedAsWord(bytes)) return 'unreadable';
    if (!mayHear(clock.monotonic())) return 'flooded';
    const at = known();
    return at && judge(bytes, at);
  };

  const learn = (word: KeptWord, bytes: Uint8Array, { memory }: Known): SiteOutcome => {
    const hearing = memory.hear(word);
    if (hearing === 'taken') shelf?.add(Uint8Array.from(bytes));
    return hearing;
  };

  const greet = (word: SiteWord, bytes: Uint8Array): SiteOutcome => {
    const inside = peers.inside(earliest());
    const greeting = peers.here(word, clock.monotonic());
    if (greeting === 'replayed' || greeting === 'crowded') return greeting;
    if (greeting === 'back') {
      log.info('site-peer', { peer: word.terminal });
      here();
      ask(word.terminal);
    }
    if (peers.inside(earliest()) !== inside) {
      shelf?.add(Uint8Array.from(bytes));
      parts.changed();
    }
    return 'taken';
  };

  const asked = (word: SiteWord, { keys }: Known): SiteOutcome => {
    if (!sameBytes(word.token, siteToken(keys, 'ask', terminal))) return 'taken';
    if (!peers.isNewAsk(word)) return 'replayed';
    answering.ask();
    return 'taken';
  };

  const isAlone = (): boolean => peers.heard(clock.monotonic()) === 0;

  const tick = (): void => {
    here();
    if (isAlone() === wasAlone) return;
    wasAlone = !wasAlone;
    log.info(wasAlone ? 'site-alone' : 'site-together', { peers: peers.heard(clock.monotonic()) });
    parts.changed();
  };
  const timer = setInterval(tick, EVERY_MS).unref();

  const all = (): readonly Known[] => (known() ? [now, before].filter((one) => one !== undefined) : []);
  const newest = (kind: 'in' | 'out', scene: string, subject: string): number =>
    Math.max(-1, ...all().map(({ keys, memory }) => memory.newest(kind, siteToken(keys, kind, scene, subject)) ?? -1));

  return {
    isUsed: (direction, replayId) =>
      all().some(({ keys, memory }) => memory.isUsed(siteToken(keys, 'used', checkpoint, direction, replayId), earliest())),
    memory(scene, subject, own) {
      const [came, went] = [newest('in', scene, subject), newest('out', scene, subject)];
      return came < 0 && went < 0 ? own : { ...(isObject(own) ? own : {}), inside: came > went };
    },
    inside: () => Math.max(0, parts.inside() + peers.inside(earliest())),
    used: (direction, replayId, until) => news('used', Math.min(until, endOfDay(earliest())), checkpoint, direction, replayId),
    annulled: (direction, replayId) => news('used', 0, checkpoint, direction, replayId),
    passed: (scene, subject, direction) => news(direction, endOfDay(earliest()), scene, subject),
    counted: here,
    alone: isAlone,
    hear(bytes) {
      const outcome = hearing(bytes);
      if (outcome === undefined) return;
      heard[outcome]++;
      if (outcome === 'twin' && heard.twin === 1) log.error('site-twin', { terminal });
    },
    joined: here,
    *words() {
      if (now) for (const word of [...peers.words(), ...now.memory.words()]) yield makeSiteWord(word, now.keys);
    },
    get peers() {
      return peers.heard(clock.monotonic());
    },
    heard,
    stop() {
      clearInterval(timer);
      for (const one of timers) clearTimeout(one);
    },
  };
}

const isKept = (word: SiteWord): word is KeptWord => word.kind === 'used' || word.kind === 'in' || word.kind === 'out';

const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
