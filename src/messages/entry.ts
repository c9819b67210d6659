/** A line of the journal (wire.md 4): what its hash covers, and how it travels as a CloudEvent 1.0 in a message. */
import type { Facts, Instant } from '../contracts.js';
import { sameBytes } from '../crypto/cbor.js';
import { sm3Hex } from '../crypto/sm3.js';
import { hashed } from './entry-hash.js';
import { canonical } from './jcs.js';
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

export const KIND = /^[a-z][a-z0-9-]{0,31}(\.[a-z0-9-]{1,32}){0,2}$/;
export const JOURNAL = /^[0-9a-f]{16}$/;

export const isKind = (text: string): boolean => KIND.test(text);

/** @throws RangeError when an entry would be larger than wire.md 4 allows. */
export function assertFits(entry: Pick<Entry, 'public' | 'seal'>): void {
  const size = Buffer.byteLength(entry.public) + (entry.seal?.length ?? 0);
  if (size > ENTRY_LIMIT) throw new RangeError(`an entry of ${size} bytes; the limit is ${ENTRY_LIMIT}`);
}

/** SM3 over the deterministic CBOR of wire.md 4. */
export function entryHash(chain: Chain, entry: Omit<Entry, 'hash'>): Uint8Array {
  return Buffer.from(entryHashHex(chain, entry), 'hex');
}

function entryHashHex(chain: Chain, entry: Omit<Entry, 'hash'>): string {
  return sm3Hex(hashed(chain, entry, { public: sm3Hex(entry.public), seal: entry.seal ? sm3Hex(entry.seal) : null }));
}

/** The event's JSON text. CloudEvents integers have 32 bits, so milliseconds travel as decimal strings; an unknown `latest` is left out. */
export function toEvent(origin: Origin, entry: Entry): string {
  const { terminal, journal } = origin;
  return (
    `{"specversion":"1.0","id":"${terminal}/${journal}/${entry.seq}","source":"${sourceOf(origin)}","type":"cn.ankang.${entry.kind}.v1",` +
    `"time":"${timeOf(entry.earliest)}","data":${entry.public},"journal":"${journal}","seq":${entry.seq},` +
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
  let before: Before | undefined;
  for (const event of events as readonly unknown[]) {
    const arrival = arrivalOf(event, before);
    if (!arrival || !follows(before?.arrival, arrival)) return undefined;
    arrivals.push(arrival);
    before = { event: event as Fields, arrival };
  }
  return headBytes && { arrivals, head: headBytes };
}

function follows(before: Arrival | undefined, next: Arrival): boolean {
  if (before === undefined) return true;
  const same = before.origin.terminal === next.origin.terminal && before.origin.journal === next.origin.journal;
  return same && next.entry.seq === before.entry.seq + 1 && sameBytes(next.entry.prev, before.entry.hash);
}

const REQUIRED = ['specversion', 'id', 'source', 'type', 'time', 'data', 'journal', 'seq', 'earliest', 'prev', 'hash'] as const;
const OPTIONAL = ['latest', 'seal'] as const;

type Fields = Readonly<Record<string, unknown>>;

/** The event before this one in its message: a text that it repeats was already read there. */
interface Before {
  readonly event: Fields;
  readonly arrival: Arrival;
}

/** The entry of a parsed event whose every field agrees with the others and with its hash; undefined for anything else. */
export function fromEvent(event: unknown): Arrival | undefined {
  return arrivalOf(event, undefined);
}

function arrivalOf(event: unknown, before: Before | undefined): Arrival | undefined {
  if (!isObject(event) || !hasFields(event) || event['specversion'] !== '1.0') return undefined;
  const origin = repeats(event, before, 'source') && repeats(event, before, 'journal') ? before.arrival.origin : originOf(event);
  const facts = event['data'];
  if (!origin || !isObject(facts)) return undefined;
  const body = bodyOf(event, facts as Facts, before);
  if (!body || event['id'] !== `${origin.terminal}/${origin.journal}/${body.seq}`) return undefined;
  if (event['time'] !== timeOf(body.earliest)) return undefined;
  const hash = entryHashHex(origin, body);
  if (hash !== event['hash']) return undefined;
  const { seq, earliest, latest, kind, public: text, seal, prev } = body; // a spread would cost a microsecond
  const entry = { seq, earliest, latest, kind, public: text, seal, prev, hash: Buffer.from(hash, 'hex') };
  return { origin, entry, facts: facts as Facts };
}

/** Every required field, and besides them only optional ones. */
function hasFields(event: Fields): boolean {
  let known = REQUIRED.length;
  for (const name of OPTIONAL) if (name in event) known++;
  for (const name of REQUIRED) if (!(name in event)) return false;
  return Object.keys(event).length === known;
}

function repeats(event: Fields, before: Before | undefined, name: (typeof REQUIRED)[number]): before is Before {
  return before !== undefined && event[name] === before.event[name];
}

function originOf({ source, journal }: Fields): Origin | undefined {
  if (typeof source !== 'string' || typeof journal !== 'string' || !JOURNAL.test(journal)) return undefined;
  const [empty, ankang, region = '', checkpoint = '', terminal = '', ...more] = source.split('/');
  if (empty !== '' || ankang !== 'ankang' || more.length > 0) return undefined;
  return isRegion(region) && isName(checkpoint) && isName(terminal) ? { region, checkpoint, terminal, journal } : undefined;
}

function bodyOf(event: Fields, facts: Facts, before: Before | undefined): Omit<Entry, 'hash'> | undefined {
  const { seq } = event;
  const earliest = instantOf(event['earliest']);
  const latest = 'latest' in event ? instantOf(event['latest']) : null;
  const kind = repeats(event, before, 'type') ? before.arrival.entry.kind : kindOf(event['type']);
  const seal = 'seal' in event ? fromBase64(event['seal']) : null;
  const prev = before && event['prev'] === before.event['hash'] ? before.arrival.entry.hash : fromHash(event['prev']);
  const text = canonicalOf(facts);
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 1 || kind === undefined) return undefined;
  if (earliest === undefined || latest === undefined || seal === undefined || !prev || text === undefined) return undefined;
  if (Buffer.byteLength(text) + (seal?.length ?? 0) > ENTRY_LIMIT) return undefined;
  return { seq, earliest, latest, kind, public: text, seal: seal ?? undefined, prev };
}

function kindOf(type: unknown): string | undefined {
  const kind = typeof type === 'string' ? /^cn\.ankang\.(.+)\.v1$/.exec(type)?.[1] : undefined;
  return kind !== undefined && isKind(kind) ? kind : undefined;
}

function canonicalOf(facts: Facts): string | undefined {
  try {
    return canonical(facts);
  } catch {
    return undefined; // fractions, lone surrogates: no entry has them
  }
}

const MINUTE = 60_000;
/** Entries that follow each other are mostly of one minute: its text, without seconds. */
let lately = { minute: 0, text: '1970-01-01T00:00:' };

/** RFC 3339 in UTC with milliseconds, as `toISOString` writes it. */
function timeOf(at: Instant): string {
  const minute = Math.floor(at / MINUTE);
  if (minute !== lately.minute) lately = { minute, text: new Date(minute * MINUTE).toISOString().slice(0, -'00.000Z'.length) };
  const ms = at - minute * MINUTE;
  // 100,000 puts a digit before the five that are wanted.
  const digits = String(100_000 + ms);
  return `${lately.text}${digits.slice(1, 3)}.${digits.slice(3)}Z`;
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

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const hex = (bytes: Uint8Array): string => viewOf(bytes).toString('hex');
const base64 = (bytes: Uint8Array): string => viewOf(bytes).toString('base64');
const viewOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
