/**
 * The ride code of JT/T 1179 (facts 2.1): CA → issuer certificate → the user's key → a code the phone signed a moment ago.
 * Offsets are those of facts 2.1; n is the length of the custom data. Nothing is said about time before all three signatures hold.
 */
import { z } from 'zod';
import type { Credential, Format, FormatRefusal, KeyRing, TransitKey } from '../contracts.js';
import { encodeHex } from '../crypto/base-n.js';
import { decimalAt, pseudonym, taggedSignature, uintAt } from './_bytes.js';
import { FORGED, isRefusal, UNKNOWN_ISSUER, UNREADABLE } from './_text.js';

/** Facts 2.1, caution 2: some issuers write the length so that its hex digits read as a decimal number. */
export const settings = z.strictObject({ customLength: z.enum(['binary', 'decimal-of-hex']).default('binary') });
export type MotSettings = z.output<typeof settings>;

const SHORTEST = 332;
const CERTIFICATE = { at: 3, end: 120 } as const;
const CUSTOM_AT = 197;
const SHANGHAI = 8 * 3_600_000;

/** The code taken apart: parts of the bytes, none of it believed. */
export interface MotCode {
  readonly bytes: Uint8Array;
  readonly caIndex: number;
  /** End of the certificate's last month in Shanghai, ms. */
  readonly certificateEnd: number;
  readonly issuerKey: Uint8Array;
  readonly certificateSignature: Uint8Array;
  readonly accounts: Uint8Array;
  readonly userKey: Uint8Array;
  /** Seconds of the system's own epoch. */
  readonly authorised: number;
  readonly generated: number;
  /** Seconds. */
  readonly validity: number;
  readonly issuerSignature: Uint8Array;
  readonly userSignature: Uint8Array;
  /** 198 + n: where what the issuer signed ends. */
  readonly issuedEnd: number;
}

export function configured({ customLength }: MotSettings): Format {
  return {
    kind: 'person',
    media: ['code'],
    read(bytes, keys) {
      if (!isMine(bytes)) return undefined;
      const code = parseMot(bytes, customLength);
      return code ? verified(code, keys) : UNREADABLE;
    },
  };
}

export default configured({ customLength: 'binary' }) satisfies Format;

/** A version byte that no ASCII text begins with, and either a length that fits or the header of an issuer certificate. */
function isMine(bytes: Uint8Array): boolean {
  if ((bytes[0] ?? 0) < 0x80 || bytes.length < 4) return false;
  return uintAt(bytes, 1, 2) === bytes.length - 3 ? bytes.length >= SHORTEST : bytes[CERTIFICATE.at] === 0x24;
}

/** undefined: the layout is not that of facts 2.1. */
export function parseMot(bytes: Uint8Array, customLength: MotSettings['customLength'] = 'binary'): MotCode | undefined {
  if (bytes.length < SHORTEST || uintAt(bytes, 1, 2) !== bytes.length - 3) return undefined;
  const n = customLength === 'binary' ? bytes[CUSTOM_AT] : decimalAt(bytes, CUSTOM_AT);
  if (n === undefined || bytes.length !== SHORTEST + n || !isSm2Certificate(bytes)) return undefined;
  const issuedEnd = CUSTOM_AT + 1 + n;
  const certificateEnd = endOfMonth(decimalAt(bytes, 14), decimalAt(bytes, 15));
  const issuerSignature = taggedSignature(bytes, issuedEnd);
  const userSignature = taggedSignature(bytes, issuedEnd + 69);
  if (certificateEnd === undefined || !issuerSignature || !userSignature) return undefined;
  return {
    bytes,
    caIndex: uintAt(bytes, 8, 1),
    certificateEnd,
    issuerKey: bytes.subarray(23, 56),
    certificateSignature: bytes.subarray(56, CERTIFICATE.end),
    accounts: bytes.subarray(CERTIFICATE.end, 146),
    userKey: bytes.subarray(158, 191),
    authorised: uintAt(bytes, 191, 4),
    validity: uintAt(bytes, 195, 2),
    generated: uintAt(bytes, issuedEnd + 65, 4),
    issuerSignature,
    userSignature,
    issuedEnd,
  };
}

/** Facts 2.1.1: header 24, format 12, algorithms SM2, a key of 33 bytes. */
function isSm2Certificate(bytes: Uint8Array): boolean {
  return bytes[3] === 0x24 && bytes[9] === 0x12 && bytes[19] === 4 && bytes[20] === 4 && bytes[22] === 33;
}

/** Facts 2.1, caution 4: MMYY, good through the last day of that month. */
function endOfMonth(month: number | undefined, year: number | undefined): number | undefined {
  if (month === undefined || year === undefined || month < 1 || month > 12) return undefined;
  return Date.UTC(2000 + year, month) - SHANGHAI;
}

/** Facts 2.1.3, 2 to 8. What the issuer said is remembered, so that a fresh code of a known user costs one verification. */
function verified(code: MotCode, keys: KeyRing): Credential | FormatRefusal {
  const { bytes, issuedEnd } = code;
  const issuer = keys.once(tagged(1, bytes.subarray(CERTIFICATE.at, CERTIFICATE.end)), () => issuerOf(code, keys));
  if (isRefusal(issuer)) return issuer;
  const user = keys.once(tagged(2, bytes.subarray(CERTIFICATE.at, issuedEnd + 65)), () => userOf(code, issuer.point, keys));
  if (isRefusal(user)) return user;
  const signed = bytes.subarray(0, issuedEnd + 69);
  if (!keys.verify(user.point, signed, code.userSignature, 'once')) return FORGED;
  return credential(code, issuer.ca, keys);
}

/** A byte in front keeps the two kinds of remembered bytes, and those of other formats, apart. */
function tagged(kind: number, bytes: Uint8Array): Uint8Array {
  const both = new Uint8Array(bytes.length + 1);
  both[0] = kind;
  both.set(bytes, 1);
  return both;
}

interface Issuer {
  readonly point: Uint8Array;
  readonly ca: TransitKey;
}

/** Peers 1.5, hole 2: by the CA's key of that index, never by a key inside the certificate. */
function issuerOf({ bytes, caIndex, issuerKey, certificateSignature }: MotCode, keys: KeyRing): Issuer | FormatRefusal {
  const authorities = keys.transit('mot', caIndex);
  if (authorities.length === 0) return UNKNOWN_ISSUER;
  const ca = authorities.find((one) => keys.verify(one.point, bytes.subarray(9, 56), certificateSignature, 'kept'));
  const point = ca && keys.point(issuerKey);
  return ca && point ? { point, ca } : FORGED;
}

/** Peers 1.5, hole 1: without the issuer's signature any self-made key would pass. */
function userOf(code: MotCode, issuer: Uint8Array, keys: KeyRing): { readonly point: Uint8Array } | FormatRefusal {
  const authorised = code.bytes.subarray(CERTIFICATE.at, code.issuedEnd);
  if (!keys.verify(issuer, authorised, code.issuerSignature, 'kept')) return FORGED;
  const point = keys.point(code.userKey);
  return point ? { point } : FORGED;
}

function credential(code: MotCode, ca: TransitKey, keys: KeyRing): Credential {
  const { bytes, issuedEnd } = code;
  const epoch = ca.epoch ?? 0;
  const generated = (code.generated + epoch) * 1000;
  // Facts 2.1.3, 6 and 7: good at the second it ends, so the first instant that is too late is a millisecond after.
  const ends = [generated + code.validity * 1000 + 1, (code.authorised + epoch) * 1000 + 1, code.certificateEnd, ca.validUntil];
  return {
    kind: 'person',
    format: 'mot',
    form: 'transit',
    subject: pseudonym(keys, 'ankang-mot-1', code.accounts),
    codeId: '',
    validFrom: generated,
    validUntil: Math.min(...ends),
    revokedAt: Number.POSITIVE_INFINITY,
    colour: 'unknown',
    replayId: keys.sm3(bytes.subarray(0, issuedEnd + 69)),
    claims: Object.freeze({
      issuer: encodeHex(bytes.subarray(146, 150)),
      platform: encodeHex(bytes.subarray(150, 154)),
      accountType: uintAt(bytes, 154, 1),
      limit: uintAt(bytes, 155, 3),
    }),
  };
}
