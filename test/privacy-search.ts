/** Looks for values in any bytes, in every form that a program might have given them: text encodings, base64, hex, escapes and digests. */
import { createHash } from 'node:crypto';
import { encodeGb18030 } from '../src/framing/gb18030.js';

export interface Needle {
  /** Which value of whom, and in what form. */
  readonly of: string;
  readonly form: string;
  readonly bytes: Buffer;
}

export interface Hit {
  readonly of: string;
  readonly form: string;
  readonly at: number;
}

const DIGESTS = ['sm3', 'sha256', 'md5'] as const;
type Form = readonly [form: string, bytes: Buffer];

/** The value as text. GB 18030 holds GBK: what has two bytes there is the same in both. */
function texts(value: string): readonly Form[] {
  const little = Buffer.from(value, 'utf16le');
  return [
    ['utf-8', Buffer.from(value)],
    ['utf-16le', little],
    ['utf-16be', Buffer.from(little).swap16()],
    ['gb18030', Buffer.from(encodeGb18030(value, 'gb18030'))],
  ];
}

/** Base64 of something of which these bytes are a part: the characters that only they decide, at each of the three places they may begin. */
function base64Of(bytes: Buffer): readonly Buffer[] {
  return [0, 1, 2].map((before) => {
    const from = Math.ceil((before * 8) / 6);
    const until = Math.floor(((before + bytes.length) * 8) / 6);
    return Buffer.from(
      Buffer.concat([Buffer.alloc(before), bytes])
        .toString('base64')
        .slice(from, until),
    );
  });
}

const urlSafe = (text: Buffer): Buffer => Buffer.from(text.toString('latin1').replaceAll('+', '-').replaceAll('/', '_'));

function written([form, bytes]: Form): readonly Form[] {
  const hex = bytes.toString('hex');
  return [
    ...base64Of(bytes).flatMap((text, i): Form[] => [
      [`${form} base64+${i}`, text],
      [`${form} base64url+${i}`, urlSafe(text)],
    ]),
    [`${form} hex`, Buffer.from(hex)],
    [`${form} HEX`, Buffer.from(hex.toUpperCase())],
  ];
}

const digests = ([form, bytes]: Form): readonly Form[] =>
  DIGESTS.map((name): Form => [`${name} of ${form}`, createHash(name).update(bytes).digest()]).flatMap((form) => [form, ...written(form)]);

const cased = (text: string, upper: boolean): string => (upper ? text.toUpperCase() : text);

function escapes(value: string): readonly Form[] {
  const unicode = (upper: boolean): string =>
    value.replace(/[^\x20-\x7e]/g, (unit) => `\\u${cased(unit.charCodeAt(0).toString(16).padStart(4, '0'), upper)}`);
  const json = [true, false].map((upper): Form => ['JSON escapes', Buffer.from(unicode(upper))]);
  const uri = encodeURIComponent(value);
  return [...json, ['URI escapes', Buffer.from(uri)], ['URI escapes', Buffer.from(uri.toLowerCase())]];
}

/** Every form once. */
export function needlesOf(of: string, value: string): readonly Needle[] {
  const cases = [value, value.toLowerCase()].flatMap(texts);
  const forms = [...cases, ...cases.flatMap(written), ...cases.flatMap(digests), ...escapes(value)];
  const once = new Map<string, Needle>();
  for (const [form, bytes] of forms) if (!once.has(bytes.toString('latin1'))) once.set(bytes.toString('latin1'), { of, form, bytes });
  return [...once.values()];
}

/** The end of a needle is what tells it from others: numbers of people begin alike. */
const TAIL = 8;
const BITS = 24;

export type Search = (haystack: Uint8Array) => readonly Hit[];

const slot = (a: number, b: number): number => (Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b)) >>> (32 - BITS);
const keyOf = (a: number, b: number): number => (a >>> 0) * 0x1_0000_0000 + (b >>> 0);

/** Goes through the bytes once, however many needles there are. @throws RangeError for a needle too short to mean anything */
export function searchFor(needles: readonly Needle[]): Search {
  const filter = new Uint8Array(1 << BITS);
  const tails = new Map<number, Needle[]>();
  for (const needle of needles) {
    const { bytes } = needle;
    if (bytes.length < TAIL) throw new RangeError(`${needle.of} as ${needle.form} is shorter than ${TAIL} bytes`);
    const [a, b] = [bytes.readInt32LE(bytes.length - 8), bytes.readInt32LE(bytes.length - 4)];
    filter[slot(a, b)] = 1;
    const key = keyOf(a, b);
    tails.set(key, [...(tails.get(key) ?? []), needle]);
  }
  return (haystack) => {
    const bytes = Buffer.from(haystack.buffer, haystack.byteOffset, haystack.byteLength);
    const hits: Hit[] = [];
    let a = 0;
    let b = 0;
    for (let i = 0; i < bytes.length; i++) {
      a = (a >>> 8) | (b << 24);
      b = (b >>> 8) | ((bytes[i] ?? 0) << 24);
      if (filter[slot(a, b)] === 0 || i < TAIL - 1) continue;
      for (const needle of tails.get(keyOf(a, b)) ?? []) {
        const at = i + 1 - needle.bytes.length;
        if (at >= 0 && needle.bytes.compare(bytes, at, i + 1) === 0) hits.push({ of: needle.of, form: needle.form, at });
      }
    }
    return hits;
  };
}
