/** Makes ride codes of others' systems from TEST keys: JT/T 1179 with its whole chain (facts 2.1), UnionPay's (facts 2.4). */
import { compress } from '../crypto/sm2.js';
import type { SigningKey } from './issue.js';

const TAG = Uint8Array.of(0x15);
const SERVICE = Buffer.from('01010000', 'hex');
const RID = Buffer.from('A000000632', 'hex');
/** 2017-01-01 00:00 in Shanghai, Unix seconds. */
const UNIONPAY_EPOCH = 1_483_200_000;
/** The type of transit codes. */
export const UNIONPAY_TYPE = 0x11;

const uint = (value: number, length: number): Uint8Array => {
  const bytes = Buffer.alloc(length);
  bytes.writeUIntBE(value, 0, length);
  return bytes;
};

const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

/** Packed decimals MMYY. */
const mmyy = (month: number, year: number): Uint8Array =>
  Buffer.from(String(month).padStart(2, '0') + String(year % 100).padStart(2, '0'), 'hex');

export interface MotExpiry {
  readonly month: number;
  readonly year: number;
}

/** Facts 2.1.2: the CA's public key, signed by itself, 144 bytes. A form of transport, never an anchor. */
export function motCaRecord(ca: SigningKey, { index, month, year }: MotExpiry & { readonly index: number }): Uint8Array {
  const head = join(Uint8Array.of(0x21), SERVICE, RID, uint(index, 1), mmyy(month, year), Uint8Array.of(4, 0x11, 0x40), ca.point);
  return join(head, ca.sign(head));
}

/** Facts 2.1.1, 117 bytes. `issuer`: x‖y. */
export function motCertificate(
  ca: SigningKey,
  issuer: Uint8Array,
  { index, month, year }: MotExpiry & { readonly index: number },
): Uint8Array {
  const serial = Uint8Array.of(0, 0, 1);
  const algorithms = Uint8Array.of(4, 4, 0, 33);
  const signed = join(Uint8Array.of(0x12), Buffer.from('01341500', 'hex'), mmyy(month, year), serial, algorithms, compress(issuer));
  return join(Uint8Array.of(0x24), SERVICE, uint(index, 1), signed, ca.sign(signed));
}

export interface MotAccount {
  /** 16 ASCII characters. */
  readonly payment: string;
  /** 20 decimal digits. */
  readonly card: string;
  /** x‖y. */
  readonly user: Uint8Array;
  /** Seconds of the system's epoch; good through that second. */
  readonly authorised: number;
  /** Seconds. */
  readonly validity: number;
  /** ≤ 255 bytes. */
  readonly custom: Uint8Array;
  /** Fen. */
  readonly limit?: number;
}

/** Fields 3 to 14, what the issuer signs: bytes [3, 198+n) of the code. */
export function motAuthorised(certificate: Uint8Array, account: MotAccount): Uint8Array {
  const { payment, card, user, authorised, validity, custom, limit = 1000 } = account;
  if (payment.length !== 16 || !/^\d{20}$/.test(card) || custom.length > 255) throw new RangeError('not an account of facts 2.1');
  const parties = join(Buffer.from(payment, 'ascii'), Buffer.from(card, 'hex'), uint(1, 4), uint(2, 4), Uint8Array.of(1), uint(limit, 3));
  return join(certificate, parties, compress(user), uint(authorised, 4), uint(validity, 2), uint(custom.length, 1), custom);
}

/** Fields 3 to 15, what the phone keeps: the authorised bytes and the issuer's signature over them. */
export function motAuthorisation(authorised: Uint8Array, issuer: SigningKey): Uint8Array {
  return join(authorised, TAG, issuer.sign(authorised));
}

/** A fresh code, made by the phone alone. `generated`: seconds of the system's epoch. */
export function motRide(authorisation: Uint8Array, user: SigningKey, generated: number): Uint8Array {
  const length = authorisation.length + 4 + 65;
  const signed = join(Uint8Array.of(0x81), uint(length, 2), authorisation, uint(generated, 4));
  return join(signed, TAG, user.sign(signed));
}

/** Both at once, for a code that stands alone. */
export function motCode(
  authorised: Uint8Array,
  keys: { readonly issuer: SigningKey; readonly user: SigningKey },
  generated: number,
): Uint8Array {
  return motRide(motAuthorisation(authorised, keys.issuer), keys.user, generated);
}

export interface UnionPayFields {
  readonly type: number;
  readonly index: number;
  /** Seconds. */
  readonly validity: number;
  /** Unix seconds. */
  readonly generated: number;
  /** 8 bytes each. */
  readonly codeId: Uint8Array;
  readonly userMark: Uint8Array;
  readonly custom: Uint8Array;
  /** First byte of the scope: 2 is transit. */
  readonly scope?: number;
  /** Unix seconds of the system's epoch. */
  readonly epoch?: number;
}

/** The text: base64 with padding. */
export function unionPayCode(key: SigningKey, fields: UnionPayFields): string {
  const { type, index, validity, generated, codeId, userMark, custom, scope = 2, epoch = UNIONPAY_EPOCH } = fields;
  if (codeId.length !== 8 || userMark.length !== 8 || custom.length > 255) throw new RangeError('not a code of facts 2.4');
  const marks = join(uint(1, 4), uint(1, 4), uint(1, 4), uint(validity, 2), Uint8Array.of(scope, 0));
  const signed = join(marks, codeId, uint(generated - epoch, 4), userMark, uint(custom.length, 1), custom);
  const code = join(Uint8Array.of(2, type), uint(index, 2), signed, TAG, key.sign(signed));
  return Buffer.from(code).toString('base64');
}
