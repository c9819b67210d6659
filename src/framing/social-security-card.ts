/** What to ask a social security card, and what it answers (facts, standards 3.1, 3.2, 3.4). Never a PIN: it would lock the card. Pure. */
import type { SocialSecurityCard } from './card.js';

/** One command to the card and its answer with SW1 SW2; rejects when the card is gone. */
export type Transmit = (apdu: Uint8Array) => Promise<Uint8Array>;

/** `no-application`: another card; `no-code`: it has the application and does not say which card it is. */
export type CardRead = { readonly card: SocialSecurityCard } | { readonly why: 'no-application' | 'no-code' };

/** "sx1.sh." and 社会保障 in GBK. */
const APPLICATION = [0x73, 0x78, 0x31, 0x2e, 0x73, 0x68, 0x2e, 0xc9, 0xe7, 0xbb, 0xe1, 0xb1, 0xa3, 0xd5, 0xcf];

interface Field {
  readonly tag: number;
  /** Of the record in its file. */
  readonly record: number;
  readonly length: number;
}
const EF05 = 0x05;
const EF06 = 0x06;
const CODE: Field = { tag: 0x01, record: 1, length: 16 };
const VALID_UNTIL: Field = { tag: 0x06, record: 6, length: 4 };
const NUMBER: Field = { tag: 0x07, record: 7, length: 9 };
const ID_NUMBER: Field = { tag: 0x08, record: 1, length: 18 };

/** @throws what `transmit` throws */
export async function readSocialSecurityCard(transmit: Transmit): Promise<CardRead> {
  const ask = (...apdu: readonly number[]): Promise<Answer> => exchange(transmit, apdu);
  const application = await ask(0x00, 0xa4, 0x04, 0x00, APPLICATION.length, ...APPLICATION);
  if (!application.ok || !(await select(ask, EF05))) return { why: 'no-application' };
  const code = hex((await field(ask, CODE)) ?? []);
  const validUntil = dateOf(hex((await field(ask, VALID_UNTIL)) ?? []));
  const number = numberOf(ascii((await field(ask, NUMBER)) ?? []));
  if (code.length !== 2 * CODE.length) return { why: 'no-code' };
  const idNumber = (await select(ask, EF06)) ? idNumberOf(ascii((await field(ask, ID_NUMBER)) ?? [])) : undefined;
  return { card: { code, number, idNumber, validUntil } };
}

/** The `|`-separated line of a reader that reads the card itself; its text is GBK, so `|` may be half a character. */
export function cardOfLine(line: Uint8Array): SocialSecurityCard | undefined {
  const fields = new TextDecoder('gb18030').decode(line).split('|');
  const [, idNumber = '', number = '', code = '', , , , , validUntil = ''] = fields.map((one) => one.trim());
  if (!/^[0-9A-Fa-f]{32}$/.test(code)) return undefined;
  return { code: code.toLowerCase(), number: numberOf(number), idNumber: idNumberOf(idNumber), validUntil: dateOf(validUntil) };
}

interface Answer {
  /** 90 00. Else 6A 82: no such file, 6A 83: no such record, 69 82: only after a PIN or another key. */
  readonly ok: boolean;
  readonly data: readonly number[];
}
type Ask = (...apdu: readonly number[]) => Promise<Answer>;

/** More rounds than any of our answers takes. */
const ROUNDS = 4;

/** ISO 7816-3 T=0: 61 xx is "there are xx bytes, fetch them", 6C xx is "ask for xx bytes". */
async function exchange(transmit: Transmit, apdu: readonly number[]): Promise<Answer> {
  let next = apdu;
  const data: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const answer = await transmit(Uint8Array.from(next));
    const [sw1 = 0, sw2 = 0] = answer.subarray(-2);
    if (answer.length < 2) break;
    data.push(...answer.subarray(0, -2));
    if (sw1 === 0x61) next = [0x00, 0xc0, 0x00, 0x00, sw2];
    else if (sw1 === 0x6c) next = [...next.slice(0, 4), sw2];
    else return { ok: sw1 === 0x90 && sw2 === 0x00, data };
  }
  return { ok: false, data: [] };
}

/** Some cards want P1 = 02. */
async function select(ask: Ask, file: number): Promise<boolean> {
  const { ok } = await ask(0x00, 0xa4, 0x00, 0x00, 2, 0xef, file);
  return ok || (await ask(0x00, 0xa4, 0x02, 0x00, 2, 0xef, file)).ok;
}

/** By its identifier; by its number where the card does not know that way. */
async function field(ask: Ask, { tag, record, length }: Field): Promise<readonly number[] | undefined> {
  const byTag = await ask(0x00, 0xb2, tag, 0x00, length + 2);
  const found = byTag.ok ? valueOf(byTag.data, tag) : undefined;
  if (found) return found;
  const byNumber = await ask(0x00, 0xb2, record, 0x04, length + 2);
  return byNumber.ok ? valueOf(byNumber.data, tag) : undefined;
}

/** Records are tag(1) length(1) value, one after the other; a length beyond the end is none. */
function valueOf(bytes: readonly number[], tag: number): readonly number[] | undefined {
  for (let at = 0; at + 2 <= bytes.length; at += 2 + (bytes[at + 1] ?? 0)) {
    const end = at + 2 + (bytes[at + 1] ?? 0);
    if (bytes[at] === tag) return end <= bytes.length ? bytes.slice(at + 2, end) : undefined;
  }
  return undefined;
}

const hex = (bytes: readonly number[]): string => bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
/** Text is filled up with NUL, numbers with spaces. */
const ascii = (bytes: readonly number[]): string => String.fromCharCode(...bytes).replace(/[\0 ]+$/, '');

const numberOf = (text: string): string | undefined => /^[0-9A-Za-z]{1,20}$/.exec(text)?.[0];
const idNumberOf = (text: string): string | undefined => /^\d{15}(?:\d{2}[\dXx])?$/.exec(text)?.[0].toUpperCase();
const dateOf = (text: string): string | undefined => /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/.exec(text)?.[0];
