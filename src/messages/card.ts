/** The CBOR of a card between reader and format (contracts, CARD_KEY): strict reading, and what stands in it once the subject is known. Pure. */
import { CARD_KEY } from '../contracts.js';
import { decodeBase64Url } from '../crypto/base-n.js';
import { type Cbor, type CborMap, decodeCborMap, encodeCbor, isUint } from '../crypto/cbor.js';

const CLASS = 'ssc';

/** A social security card. Dates are YYYYMMDD. */
export interface Card {
  /** 32 digits of hex, lower case. */
  readonly code: string;
  readonly number: string | undefined;
  readonly idNumber: string | undefined;
  readonly validUntil: string | undefined;
  readonly holder: Holder | undefined;
}

/** Whose card it is, and by which region key that was found. */
export interface Holder {
  /** 22 characters, as in a code. */
  readonly subject: string;
  readonly epoch: number;
}

/** Is it the map of a social security card, whatever else is in it? */
export function isCard(bytes: Uint8Array): boolean {
  return decodeCborMap(bytes)?.get(CARD_KEY.class) === CLASS;
}

/** undefined: not such a map, a field that is not as it should be, or one that nobody knows. */
export function decodeCard(bytes: Uint8Array): Card | undefined {
  const map = decodeCborMap(bytes);
  if (!map || map.get(CARD_KEY.class) !== CLASS || [...map.keys()].some((key) => !KNOWN.includes(key))) return undefined;
  const [code, number, idNumber, validUntil] = TEXTS.map(([key, pattern]) => textOf(map, key, pattern));
  const holder = holderOf(map);
  if (!code || number === null || idNumber === null || validUntil === null || holder === null) return undefined;
  return { code, number, idNumber, validUntil, holder };
}

/** A card without its ID number: with its holder, or with the number by which the platform can look for one. */
export function encodeKnownCard({ code, number, validUntil, holder }: Omit<Card, 'idNumber'>): Uint8Array {
  const fields: readonly (readonly [number, Cbor | undefined])[] = [
    [CARD_KEY.class, CLASS],
    [CARD_KEY.number, holder ? undefined : number],
    [CARD_KEY.code, code],
    [CARD_KEY.validUntil, validUntil],
    [CARD_KEY.subject, holder?.subject],
    [CARD_KEY.epoch, holder?.epoch],
  ];
  return encodeCbor(new Map(fields.filter((field): field is readonly [number, Cbor] => field[1] !== undefined)));
}

const KNOWN: readonly unknown[] = Object.values(CARD_KEY);
const TEXTS = [
  [CARD_KEY.code, /^[0-9a-f]{32}$/],
  [CARD_KEY.number, /^[0-9A-Za-z]{1,20}$/],
  [CARD_KEY.idNumber, /^\d{15}(?:\d{2}[\dX])?$/],
  [CARD_KEY.validUntil, /^\d{8}$/],
] as const;

/** null: it is there and is none. */
function textOf(map: CborMap, key: number, pattern: RegExp): string | null | undefined {
  const value = map.get(key);
  return value === undefined ? undefined : typeof value === 'string' && pattern.test(value) ? value : null;
}

function holderOf(map: CborMap): Holder | null | undefined {
  const [subject, epoch] = [map.get(CARD_KEY.subject), map.get(CARD_KEY.epoch)];
  if (subject === undefined && epoch === undefined) return undefined;
  const isSubject = typeof subject === 'string' && decodeBase64Url(subject)?.length === 16;
  return isSubject && isUint(epoch) && !map.has(CARD_KEY.idNumber) ? { subject, epoch } : null;
}
