/** A line of the journal (wire.md 4): what its hash covers, and how it travels as a CloudEvent 1.0 in a message. */
import type { Facts, Instant } from '../contracts.js';
import { sm3 } from '../crypto/sm3.js';
import { canonical } from './jcs.js';
import { hashed } from './entry-hash.js';
import { isName, isRegion } from './topics.js';

/** `latest` null: the terminal knew no upper bound. `public`: RFC 8785 text. `prev`, `hash`: 32 bytes. */
export interface Entry {
  readonly seq: number;
  readonly earliest: Instant;
  readonly latest: Instant | null;
  readonly kind: string;
  readonly public: string;
  readonly seal: Uint8Array | undefined;
  readonly prev: Uint8Array;
  readonly hash: Uint8Array;
}

/** Whose journal; `journal` is its 8 bytes as hex. */
export interface Chain {
  readonly terminal: string;
  readonly journal: string;
}

/** Where an entry on the wire comes from. */
export interface Origin extends Chain {
  readonly region: string;
  readonly checkpoint: string;
}

export interface Arrival {
  readonly origin: Origin;
  readonly entry: Entry;
  /** `data` of the event, whose canonical text is `entry.public`. */
  readonly facts: Facts;
}

/** A message on `up/<terminal>/entries`: entries that follow each other, and the signed head of the last. */
export interface Message {
  readonly arrivals: readonly Arrival[];
  readonly head: Uint8Array;
}

/** Public text in UTF-8 and seal together. */
export const ENTRY_LIMIT = 32_768;
export const MESSAGE_ENTRIES = 64;
/** No honest message is longer: 256 KiB of events or one entry of the largest size, and a head. */
export const MESSAGE_LIMIT = 512 * 1024;

/** `prev` of the first entry. */
export const GENESIS: Uint8Array = new Uint8Array(32);

const KIND = /^[a-z][a-z0-9-]{0,31}(\.[a-z0-9-]{1,32}){0,2}$/;
const JOURNAL = /^[0-9a-f]{16}$/;

export const isKind = (text: string): boolean => KIND.test(text);

/** @throws RangeError when an entry would be larger than wire.md 4 allows. */
export function assertFits(entry: Pick<Entry, 'public' | 'seal'>): void {
  const size = Buffer.byteLength(entry.public) + (entry.seal?.length ?? 0);
  if (size > ENTRY_LIMIT) throw new RangeError(`an entry of ${size} bytes; the limit is ${ENTRY_LIMIT}`);
}

/** SM3 over the deterministic CBOR of wire.md 4. */
export function entryHash(chain: Chain, entry: Omit<Entry, 'hash'>): Uint8Array {
  return sm3(hashed(chain, entry, { public: sm3(Buffer.from(entry.public)), seal: entry.seal ? sm3(entry.seal) : null }));
}

/** The event's JSON text. CloudEvents integers have 32 bits, so milliseconds travel as decimal strings; an unknown `latest` is left out. */
export function toEvent(origin: Origin, entry: Entry): string {
  const { terminal, journal } = origin;
  return (
    `{"specversion":"1.0","id":"${terminal}/${journal}/${entry.seq}","source":"${sourceOf(origin)}","type":"cn.ankang.${entry.kind}.v1",` +
    `"time":"${new Date(entry.earliest).toISOString()}","data":${entry.public},"journal":"${journal}","seq":${entry.seq},` +
    `"earliest":"${entry.earliest}",${entry.latest === null ? '' : `"latest":"${entry.latest}",`}` +
    `${entry.seal ? `"seal":"${base64(entry.seal)}",` : ''}"prev":"${hex(entry.prev)}","hash":"${hex(entry.hash)}"}`
  );
}

const sourceOf = (origin: Origin): string => `/ankang/${origin.region}/${origin.checkpoint}/${origin.terminal}`;

/** `events`: texts of `toEvent`, oldest first; `head`: an `ak/head` of the last. */
export function toMessage(events: readonly string[], head: Uint8Array): string {
  return `{"events":[${events.join(',')}],"head":"${base64(head)}"}`;
}

/** The message, when it is a piece of one chain whose hashes hold; the head's signature is still to be checked. */
export function fromMessage(bytes: Uint8Array): Message | undefined {
  if (bytes.length > MESSAGE_LIMIT) return undefined;
  const message = parseJson(bytes);
  if (!isObject(message) || Object.keys(message).length !== 2) return undefined;
  const { events, head } = message as { events?: unknown; head?: unknown };
  if (!Array.isArray(events) || events.length === 0 || events.length > MESSAGE_ENTRIES) return undefined;
  const headBytes = fromBase64(head);
  const arrivals: Arrival[] = [];
  for (const event of events) {
    const arrival = fromEvent(event);
    if (!arrival || !follows(arrivals.at(-1), arrival)) return undefined;
    arrivals.push(arrival);
  }
  return headBytes && { arrivals, head: headBytes };
}

function follows(before: Arrival | undefined, next: Arrival): boolean {
  if (before === undefined) return true;
  const same = before.origin.terminal === next.origin.terminal && before.origin.journal === next.origin.journal;
  return same && next.entry.seq === before.entry.seq + 1 && hex(next.entry.prev) === hex(before.entry.hash);
}

const REQUIRED = ['specversion', 'id', 'source', 'type', 'time', 'data', 'journal', 'seq', 'earliest', 'prev', 'hash'] as const;
const OPTIONAL = ['latest', 'seal'] as const;
const KNOWN: ReadonlySet<string> = new Set<string>([...REQUIRED, ...OPTIONAL]);

/** The entry of a parsed event whose every field agrees with the others and with its hash; undefined for anything else. */
export function fromEvent(event: unknown): Arrival | undefined {
  if (!isObject(event) || !REQUIRED.every((name) => name in event) || !Object.keys(event).every((name) => KNOWN.has(name))) return undefined;
  const origin = originOf(event);
  const facts = event['data'];
  if (!origin || !isObject(facts)) return undefined;
  const entry = entryOf(event, facts as Facts);
  if (!entry || event['id'] !== `${origin.terminal}/${origin.journal}/${entry.seq}`) return undefined;
  if (event['time'] !== new Date(entry.earliest).toISOString()) return undefined;
  return hex(entryHash(origin, entry)) === event['hash'] ? { origin, entry, facts: facts as Facts } : undefined;
}

function originOf(event: Readonly<Record<string, unknown>>): Origin | undefined {
  const { source, journal, specversion } = event;
  if (specversion !== '1.0' || typeof source !== 'string' || typeof journal !== 'string' || !JOURNAL.test(journal)) return undefined;
  const [empty, ankang, region = '', checkpoint = '', terminal = '', ...more] = source.split('/');
  if (empty !== '' || ankang !== 'ankang' || more.length > 0) return undefined;
  return isRegion(region) && isName(checkpoint) && isName(terminal) ? { region, checkpoint, terminal, journal } : undefined;
}

function entryOf(event: Readonly<Record<string, unknown>>, facts: Facts): Entry | undefined {
  const { seq, type } = event;
  const earliest = instantOf(event['earliest']);
  const latest = 'latest' in event ? instantOf(event['latest']) : null;
  const kind = typeof type === 'string' ? /^cn\.ankang\.(.+)\.v1$/.exec(type)?.[1] : undefined;
  const seal = 'seal' in event ? fromBase64(event['seal']) : null;
  const [prev, hash, text] = [fromHash(event['prev']), fromHash(event['hash']), canonicalOf(facts)];
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 1 || kind === undefined || !isKind(kind)) return undefined;
  if (earliest === undefined || latest === undefined || seal === undefined || !prev || !hash || text === undefined) return undefined;
  if (Buffer.byteLength(text) + (seal?.length ?? 0) > ENTRY_LIMIT) return undefined;
  return { seq, earliest, latest, kind, public: text, seal: seal ?? undefined, prev, hash };
}

function canonicalOf(facts: Facts): string | undefined {
  try {
    return canonical(facts);
  } catch {
    return undefined; // fractions, lone surrogates: no entry has them
  }
}

/** The last instant that a JavaScript date can write. */
const LAST_INSTANT = 8.64e15;

function instantOf(text: unknown): Instant | undefined {
  const value = typeof text === 'string' && /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN;
  return value <= LAST_INSTANT ? value : undefined;
}

function fromHash(text: unknown): Uint8Array | undefined {
  return typeof text === 'string' && /^[0-9a-f]{64}$/.test(text) ? Buffer.from(text, 'hex') : undefined;
}

/** Canonical base64 only: the text must be what its bytes encode to. */
function fromBase64(text: unknown): Uint8Array | undefined {
  if (typeof text !== 'string' || text.length === 0) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch {
    return undefined; // not JSON
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const hex = (bytes: Uint8Array): string => viewOf(bytes).toString('hex');
const base64 = (bytes: Uint8Array): string => viewOf(bytes).toString('base64');
const viewOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
