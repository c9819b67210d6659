/**
 * What lanes of one site say to each other over its LAN (wire.md 2): short words, authenticated with the site key, naming codes and
 * people only by keyed hashes. Pure.
 *
 *   word = CBOR [1, checkpoint, terminal, boot, counter, kind, token, expires, MAC]
 *
 * kind: `used` a single-use code was admitted (expires 0: it was not taken after all); `in`, `out` a person was seen going through;
 * `here` the sender and its count of people; `ask` send me what you know. A `+` before the first three: known from others, not news.
 */
import { type Cbor, decodeCbor, encodeCbor, isBytes, isUint, sameBytes } from '../crypto/cbor.js';
import { hmacSm3 } from '../crypto/sm3.js';
import { isName } from './topics.js';

export const SITE_KINDS = ['used', 'in', 'out', '+used', '+in', '+out', 'here', 'ask'] as const;
export type SiteKind = (typeof SITE_KINDS)[number];

export interface SiteWord {
  readonly checkpoint: string;
  readonly terminal: string;
  /** Rises with each start of the terminal; `counter` with each word of that start. */
  readonly boot: number;
  readonly counter: number;
  readonly kind: SiteKind;
  /** 16 bytes: whom or what it is about; of `here` the count of people; of `ask` zeros. */
  readonly token: Uint8Array;
  /** Unix seconds. */
  readonly expires: number;
}

/** A word is far smaller; whatever is longer is not looked at. */
export const LONGEST_WORD = 256;
const TOKEN = 16;
const MAC = 16;
const LABEL_MAC = Buffer.from('ankang-site-mac-1');

export interface SiteKeys {
  /** Of the MAC; made from the site key, so that no token can pass for a MAC. */
  readonly mac: Uint8Array;
  readonly site: Uint8Array;
}

export const siteKeys = (site: Uint8Array): SiteKeys => ({ site, mac: hmacSm3(site, LABEL_MAC) });

/** wire.md 2: HMAC-SM3(site key, kind ‖ id)[0..16). `id` parts are separated by a zero byte, which no name holds. */
export function siteToken(keys: SiteKeys, kind: 'used' | 'in' | 'out', ...id: readonly (string | Uint8Array)[]): Uint8Array {
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

export const NO_TOKEN: Uint8Array = new Uint8Array(TOKEN);

export function makeSiteWord(word: SiteWord, keys: SiteKeys): Uint8Array {
  const fields = fieldsOf(word);
  return encodeCbor([...fields, macOf(fields, keys)]);
}

/** `unreadable`: not such a word; `forged`: not made with this site's key. */
export function readSiteWord(bytes: Uint8Array, keys: SiteKeys): SiteWord | 'unreadable' | 'forged' {
  const fields = bytes.length <= LONGEST_WORD ? decodeCbor(bytes) : undefined;
  if (!Array.isArray(fields) || fields.length !== 9) return 'unreadable';
  const [version, checkpoint, terminal, boot, counter, word, token, expires, mac] = fields;
  const kind = SITE_KINDS.find((one) => one === word);
  if (version !== 1 || !isText(checkpoint) || !isText(terminal) || !kind) return 'unreadable';
  if (!isUint(boot) || !isUint(counter) || !isUint(expires) || !isBytes(token, TOKEN) || !isBytes(mac, MAC)) return 'unreadable';
  if (!sameBytes(macOf(fields.slice(0, -1), keys), mac)) return 'forged';
  return { checkpoint, terminal, boot, counter, kind, token, expires };
}

const fieldsOf = ({ checkpoint, terminal, boot, counter, kind, token, expires }: SiteWord): Cbor[] => [
  1,
  checkpoint,
  terminal,
  boot,
  counter,
  kind,
  token,
  expires,
];

const macOf = (fields: Cbor[], keys: SiteKeys): Uint8Array => hmacSm3(keys.mac, encodeCbor(fields)).subarray(0, MAC);

const isText = (value: Cbor | undefined): value is string => typeof value === 'string' && isName(value);
