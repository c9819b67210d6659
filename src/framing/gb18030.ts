/**
 * Text as the bytes of GB 18030, which is what printers with a Chinese font read. The platform can only decode it, so the way back
 * is made of that, once. What would steer a printer is never let through.
 */

const LEADS = 126;
const TRAILS = 190;
/** Code points of the basic plane that have four bytes. */
const FOUR_BYTE_BMP = 39_420;
const SUPPLEMENTARY = 189_000;
const UNKNOWN = 0x3f;
/** 〓: stands for a character that a printer of GBK has not. */
const GETA: readonly number[] = [0xa1, 0xfe];

export const ENCODINGS = ['gb18030', 'gbk'] as const;
export type Encoding = (typeof ENCODINGS)[number];

interface Tables {
  /** By code point: the two bytes, or 0. */
  readonly two: Uint16Array;
  /** Where a code point stands among those with four bytes. */
  readonly four: ReadonlyMap<number, number>;
}

let made: Tables | undefined;

/** Both are some 60,000 steps: made with the first slip. */
const tables = (): Tables => (made ??= { two: twoBytes(), four: fourBytes() });

const trailOf = (index: number): number => 0x40 + index + (index < 0x3f ? 0 : 1);

function twoBytes(): Uint16Array {
  const decoder = new TextDecoder('gb18030');
  const table = new Uint16Array(0x10000);
  for (let lead = 0x81; lead < 0x81 + LEADS; lead++) {
    const row = Uint8Array.from({ length: 2 * TRAILS }, (_, i) => (i % 2 === 0 ? lead : trailOf(i >> 1)));
    const text = decoder.decode(row);
    // The first of two that mean the same is the one in use.
    for (let i = 0; i < text.length; i++) table[text.charCodeAt(i)] ||= (lead << 8) | trailOf(i);
  }
  return table;
}

function fourBytes(): ReadonlyMap<number, number> {
  const all = Uint8Array.from(Array.from({ length: FOUR_BYTE_BMP }, (_, pointer) => fourOf(pointer)).flat());
  const text = new TextDecoder('gb18030').decode(all);
  return new Map(Array.from(text, (character, pointer) => [character.charCodeAt(0), pointer]));
}

function fourOf(pointer: number): readonly number[] {
  const [last, rest] = [pointer % 10, Math.floor(pointer / 10)];
  const [third, upper] = [rest % LEADS, Math.floor(rest / LEADS)];
  return [0x81 + Math.floor(upper / 10), 0x30 + (upper % 10), 0x81 + third, 0x30 + last];
}

function bytesOf(point: number, encoding: Encoding): readonly number[] {
  if (point < 0x20 || point === 0x7f) return [0x20];
  if (point < 0x80) return [point];
  if (point >= 0xd800 && point <= 0xdfff) return [UNKNOWN];
  const { two, four } = tables();
  const pair = point < 0x10000 ? (two[point] ?? 0) : 0;
  if (pair > 0) return [pair >> 8, pair & 0xff];
  if (encoding === 'gbk') return GETA;
  const pointer = point < 0x10000 ? four.get(point) : SUPPLEMENTARY + point - 0x10000;
  return pointer === undefined ? [UNKNOWN] : fourOf(pointer);
}

/** Control characters come out as spaces: no text can command the printer. */
export function encodeGb18030(text: string, encoding: Encoding = 'gb18030'): Uint8Array {
  return Uint8Array.from(Array.from(text).flatMap((character) => bytesOf(character.codePointAt(0) ?? UNKNOWN, encoding)));
}

/** Whatever has more than one byte is as wide as a Chinese character. */
export const isWide = (character: string): boolean => (character.codePointAt(0) ?? 0) >= 0x80;
