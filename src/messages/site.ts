/**
 * What lanes of one site say to each other over its LAN (wire.md 2): short words, authenticated with the site key, naming codes and
 * people only by keyed hashes. Pure.
 *
 *   word = CBOR [1, checkpoint, terminal, boot, counter, kind, token, expires, MAC]
 *
 * kind: `used` a single-use code was admitted (expires 0: it was not taken after all); `in`, `out` a person was seen going through;
 * `here` the sender and its count of people; `ask` the terminal of the token tells every word it knows, each as it was first said.
 */
import { timingSafeEqual } from 'node:crypto';
import { type Cbor, decodeCbor, encodeCbor, isBytes, isUint } from '../crypto/cbor.js';
import { hmacSm3 } from '../crypto/sm3.js';
import { isName } from './topics.js';

export const SITE_KINDS = ['used', 'in', 'out', 'here', 'ask'] as const;
export type SiteKind = (typeof SITE_KINDS)[number];

export interface SiteWord {
  readonly checkpoint: string;
  readonly terminal: string;
  /** Rises with each start of the terminal. */
  readonly boot: number;
  /** Rises with each word, and above every word its sender has heard: of two words about one person the higher is the newer. */
  readonly counter: number;
  readonly kind: SiteKind;
  /** 16 bytes: whom or what it is about; of `here` the count of people; of `ask` who is asked. */
  readonly token: Uint8Array;
  /** Unix seconds. */
  readonly expires: number;
}

/** A word is far smaller; whatever is longer is not looked at. */
export const LONGEST_WORD = 256;
const TOKEN = 16;
const MAC = 16;
/** The first bytes of every word, and the one before its MAC: an array of nine that begins with 1 and ends with 16 bytes. */
const [NINE, ONE, SIXTEEN] = [0x89, 0x01, 0x50] as const;
const EIGHT = 0x88;
/** Far beyond any clock, and far from where integers end. */
const MOST_COUNTER = 2 ** 52;
const LABEL_MAC = Buffer.from('ankang-site-mac-1');

export interface SiteKeys {
  /** Of the MAC; made from the site key, so that no token can pass for a MAC. */
  readonly mac: Uint8Array;
  readonly site: Uint8Array;
}

export const siteKeys = (site: Uint8Array): SiteKeys => ({ site, mac: hmacSm3(site, LABEL_MAC) });

/** wire.md 2: HMAC-SM3(site key, kind ‖ id)[0..16). `id` parts are separated by a zero byte, which no name holds. */
export function siteToken(keys: SiteKeys, kind: 'used' | 'in' | 'out' | 'ask', ...id: readonly (string | Uint8Array)[]): Uint8Array {
  const parts = id.flatMap((part, i) => [Buffer.from(i === 0 ? '' : '\0'), typeof part === 'string' ? Buffer.from(part) : part]);
  return hmacSm3(keys.site, Buffer.from(`${kind}\0`), ...parts).subarray(0, TOKEN);
}

/** The count of a `here`: a signed 32-bit number at the end of 16 bytes. */
export function countToken(count: number): Uint8Array {
  const token = Buffer.alloc(TOKEN);
  token.writeInt32BE(Math.max(-0x8000_0000, Math.min(0x7fff_ffff, Math.trunc(count))), TOKEN - 4);
  return token;
}

export const countOf = (token: Uint8Array): number => Buffer.from(token).readInt32BE(TOKEN - 4);

export function makeSiteWord({ checkpoint, terminal, boot, counter, kind, token, expires }: SiteWord, keys: SiteKeys): Uint8Array {
  const fields: Cbor[] = [1, checkpoint, terminal, boot, counter, kind, token, expires];
  const said = Buffer.concat([Uint8Array.of(NINE), ...fields.map(encodeCbor)]);
  return Buffer.concat([said, Uint8Array.of(SIXTEEN), macOf(said, keys)]);
}

/** What cannot be such a word for its length and first bytes: seen before anything is computed. */
export const isShapedAsWord = (bytes: Uint8Array): boolean =>
  bytes.length <= LONGEST_WORD && bytes[0] === NINE && bytes[1] === ONE && bytes.at(-MAC - 1) === SIXTEEN;

/** `forged`: not made with this site's key; nothing of it is read. `unreadable`: not such a word. */
export function readSiteWord(bytes: Uint8Array, keys: SiteKeys): SiteWord | 'unreadable' | 'forged' {
  if (!isShapedAsWord(bytes)) return 'unreadable';
  if (!timingSafeEqual(macOf(bytes.subarray(0, -MAC - 1), keys), bytes.subarray(-MAC))) return 'forged';
  const fields = decodeCbor(bytes);
  if (!Array.isArray(fields) || fields.length !== 9) return 'unreadable';
  const [, checkpoint, terminal, boot, counter, word, token, expires] = fields;
  const kind = SITE_KINDS.find((one) => one === word);
  if (!isText(checkpoint) || !isText(terminal) || !kind || !isBytes(token, TOKEN)) return 'unreadable';
  if (!isUint(boot) || !isUint(counter) || counter > MOST_COUNTER || !isUint(expires)) return 'unreadable';
  return { checkpoint, terminal, boot, counter, kind, token: Uint8Array.from(token), expires };
}

/** Over CBOR of the eight fields before it: the same bytes but for the head of their array. */
const macOf = (said: Uint8Array, keys: SiteKeys): Uint8Array => hmacSm3(keys.mac, Uint8Array.of(EIGHT), said.subarray(1)).subarray(0, MAC);

const isText = (value: Cbor | undefined): value is string => typeof value === 'string' && isName(value);
