/** Synthetic people of whom every value is theirs alone, so that finding it anywhere is finding them; and scripts played as them. */
import { randomBytes, randomInt } from 'node:crypto';
import { syntheticId } from '../src/messages/identifiers.js';

export interface Played {
  readonly name: string;
  readonly idNumber: string;
  readonly phone: string;
  readonly address: string;
  /** Number and code of the social security card. */
  readonly cardNumber: string;
  readonly cardCode: string;
  readonly paymentCode: string;
  readonly hospitalCard: string;
  readonly certificate: string;
  readonly relative: string;
  readonly relativePhone: string;
  readonly relativeId: string;
  readonly relativeCard: string;
}

const digits = (count: number): string => Array.from({ length: count }, () => randomInt(10)).join('');
const characters = (count: number): string => Array.from({ length: count }, () => String.fromCharCode(0x4e00 + randomInt(0x4fff))).join('');

const cardCode = (): string => `341525D156000005${randomBytes(8).toString('hex').toUpperCase()}`;

function resident(from: number, years: number): string {
  const pad = (n: number): string => String(n).padStart(2, '0');
  return syntheticId(`${from + randomInt(years)}${pad(1 + randomInt(12))}${pad(1 + randomInt(28))}`, randomInt(1000));
}

/** Nobody: a region that is not there, telephone numbers of no network, names that nobody bears. */
export function somebody(): Played {
  return {
    name: `测试${characters(3)}`,
    idNumber: resident(1950, 45),
    phone: `100${digits(8)}`,
    address: `演示镇${characters(3)}路${digits(4)}号`,
    cardNumber: `T${digits(8)}`,
    cardCode: cardCode(),
    paymentCode: `13${digits(16)}`,
    hospitalCard: `MZ-T${digits(8)}`,
    certificate: `X${digits(9)}`,
    relative: `测试${characters(3)}`,
    relativePhone: `100${digits(8)}`,
    relativeId: resident(1940, 9),
    relativeCard: cardCode(),
  };
}

export const dateOf = (idNumber: string): string => `${idNumber.slice(6, 10)}-${idNumber.slice(10, 12)}-${idNumber.slice(12, 14)}`;

/** What the scripts say of their people, and on the day of their clock. */
const THEIRS: readonly (readonly [string, (who: Played) => string])[] = [
  ['测试居民七', (who) => who.name],
  ['张小山', (who) => who.name],
  ['341525196203140011', (who) => who.idNumber],
  ['13800001234', (who) => who.phone],
  ['1962-03-14', (who) => dateOf(who.idNumber)],
  ['张大山', (who) => who.relative],
  ['13900005678', (who) => who.relativePhone],
  ['测试居民八', (who) => who.relative],
  ['测试儿童', (who) => who.relative],
  ['测试监护人', (who) => who.relative],
  ['测试老人九', (who) => who.relative],
  ['999999198002030073', (who) => who.idNumber],
  ['999999194506070097', (who) => who.relativeId],
  ['1980-02-03', (who) => dateOf(who.idNumber)],
  ['1945-06-07', (who) => dateOf(who.relativeId)],
  ['演示镇 1 号', (who) => who.address],
  ['13000000000', (who) => who.phone],
  ['10000000001', (who) => who.relativePhone],
  ['134567890123456789', (who) => who.paymentCode],
  ['MZ-000123', (who) => who.hospitalCard],
  ['X12345', (who) => who.certificate],
  ['2026-11-22', () => tomorrow()],
];

const tomorrow = (): string => new Date(Date.now() + 86_400_000 + 8 * 3_600_000).toISOString().slice(0, 10);

/** One of 900, so that hardly anybody finds it taken. */
const roomOf = ({ phone }: Played): string => String(100 + (Number(phone.slice(3)) % 900));

/** A value of a script, deeply, with this person in it. */
export function as<T>(who: Played, value: T): T {
  if (value === '302') return roomOf(who) as T;
  if (typeof value === 'string') return THEIRS.reduce<string>((text, [of, mine]) => text.replaceAll(of, mine(who)), value) as T;
  if (Array.isArray(value)) return value.map((one) => as(who, one)) as T;
  if (typeof value !== 'object' || value === null || value instanceof RegExp) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, as(who, one)])) as T;
}

/** What a reader of social security cards sends. */
export function cardLine({ idNumber, cardNumber, cardCode, name }: Played, gbk: (text: string) => Uint8Array): Uint8Array {
  return Buffer.concat([
    Buffer.from(`341525|${idNumber}|${cardNumber}|${cardCode}|`),
    gbk(name),
    Buffer.from('|00814E|3.00|20211203|20311202|1|2|\r\n'),
  ]);
}
