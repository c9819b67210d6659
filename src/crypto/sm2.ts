/**
 * SM2 signatures (GB/T 32918.2) with SM3 and the ID 1234567812345678, raw r‖s, on Node's OpenSSL.
 * `createVerify('sm3')` hashes by itself and hands OpenSSL the digest, so feeding it Z‖M is standard SM2; the one-shot
 * `crypto.verify` would put its own Z of an empty ID in front. Undocumented, hence the known answers of self-test.ts.
 */
import { createECDH, createPrivateKey, createPublicKey, createSign, createVerify, ECDH, type KeyObject } from 'node:crypto';
import { sm3 } from './sm3.js';

const SPKI_HEAD = Buffer.from('3059301306072a8648ce3d020106082a811ccf5501822d03420004', 'hex');
const SPKI_COMPRESSED_HEAD = Buffer.from('3039301306072a8648ce3d020106082a811ccf5501822d032200', 'hex');
/** PKCS#8 (RFC 5958) around an RFC 5915 key without its public part. */
const PKCS8_HEAD = Buffer.from('3041020100301306072a8648ce3d020106082a811ccf5501822d042730250201010420', 'hex');

const ORDER = Buffer.from('FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123', 'hex');

/** ENTL‖ID‖a‖b‖Gx‖Gy of GB/T 32918.2 5.5: what stands before the public key in Z. */
const Z_HEAD = Buffer.from(
  '008031323334353637383132333435363738' +
    'FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC' +
    '28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93' +
    '32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7' +
    'BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0',
  'hex',
);

export const POINT_LENGTH = 64;
export const SIGNATURE_LENGTH = 64;

export interface PublicKey {
  /** x‖y, 64 bytes, on the curve. */
  readonly point: Uint8Array;
  /** Z = SM3(ENTL‖ID‖a‖b‖G‖P), 32 bytes. */
  readonly z: Uint8Array;
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}

export interface PrivateKey {
  readonly public: PublicKey;
  sign(message: Uint8Array): Uint8Array;
  /** PKCS#8 DER. */
  export(): Uint8Array;
  /** The private scalar, 32 bytes. */
  scalar(): Uint8Array;
}

/** SubjectPublicKeyInfo DER (91 bytes) of a point x‖y. */
export function spkiOf(point: Uint8Array): Uint8Array {
  return Buffer.concat([SPKI_HEAD, point]);
}

/** x‖y of an SM2 SubjectPublicKeyInfo, or undefined when it is not one or its point is not on the curve. */
export function pointOfSpki(spki: Uint8Array): Uint8Array | undefined {
  const der = Buffer.from(spki);
  if (der.length !== SPKI_HEAD.length + POINT_LENGTH || !der.subarray(0, SPKI_HEAD.length).equals(SPKI_HEAD)) return undefined;
  return decodePoint(der.subarray(SPKI_HEAD.length));
}

/** x‖y of a compressed (02|03‖x) or plain (x‖y, 04‖x‖y) point; undefined when it is not on the curve. */
export function decodePoint(encoded: Uint8Array): Uint8Array | undefined {
  const bytes = encoded.length === POINT_LENGTH + 1 && encoded[0] === 4 ? encoded.subarray(1) : encoded;
  if (bytes.length !== POINT_LENGTH && bytes.length !== 33) return undefined;
  if (bytes.length === 33 && bytes[0] !== 2 && bytes[0] !== 3) return undefined;
  try {
    const head = bytes.length === 33 ? SPKI_COMPRESSED_HEAD : SPKI_HEAD;
    return pointOfKey(createPublicKey({ key: Buffer.concat([head, bytes]), format: 'der', type: 'spki' }));
  } catch {
    return undefined; // OpenSSL refuses points off the curve by throwing
  }
}

export function compress(point: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(2 + (point[POINT_LENGTH - 1]! & 1)), point.subarray(0, 32)]);
}

/** First 8 bytes of SM3(SPKI), wire.md 0. */
export function kidOfPoint(point: Uint8Array): Uint8Array {
  return sm3(spkiOf(point)).subarray(0, 8);
}

export function zOf(point: Uint8Array): Uint8Array {
  return sm3(Z_HEAD, point);
}

/** @throws when the point is not on the curve. */
export function publicKey(point: Uint8Array): PublicKey {
  const key = createPublicKey({ key: Buffer.from(spkiOf(point)), format: 'der', type: 'spki' });
  return fromKeyObject(key, Uint8Array.from(point));
}

function fromKeyObject(key: KeyObject, point: Uint8Array): PublicKey {
  const z = zOf(point);
  return {
    point,
    z,
    verify(message, signature) {
      const der = toDer(signature);
      return der !== undefined && createVerify('sm3').update(z).update(message).verify(key, der);
    },
  };
}

/** @throws when the bytes are not an SM2 PKCS#8 key. */
export function privateKey(pkcs8: Uint8Array): PrivateKey {
  const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
  const open = createPublicKey(key);
  const known = fromKeyObject(open, pointOfKey(open));
  return {
    public: known,
    sign: (message) => toRaw(createSign('sm3').update(known.z).update(message).sign(key)),
    export: () => key.export({ format: 'der', type: 'pkcs8' }),
    scalar: () => scalarOf(key.export({ format: 'der', type: 'pkcs8' })),
  };
}

/** RFC 5915: the scalar is the first OCTET STRING of 32 bytes, whatever OpenSSL wrote behind it. */
function scalarOf(pkcs8: Uint8Array): Uint8Array {
  const at = Buffer.from(pkcs8).indexOf(Buffer.from('0201010420', 'hex'));
  if (at < 0) throw new Error('not the private key of a 256-bit curve');
  return Uint8Array.from(pkcs8.subarray(at + 5, at + 37));
}

/** The private key with scalar `d` (32 bytes). */
export function privateKeyOf(d: Uint8Array): PrivateKey {
  return privateKey(Buffer.concat([PKCS8_HEAD, d]));
}

/** A fresh key. Made through its scalar, because a key straight from `generateKeyPairSync` would sign ECDSA. */
export function generateKey(): PrivateKey {
  const ecdh = createECDH('SM2');
  ecdh.generateKeys();
  const d = ecdh.getPrivateKey();
  return privateKeyOf(Buffer.concat([Buffer.alloc(32 - d.length), d]));
}

function pointOfKey(key: KeyObject): Uint8Array {
  const der = key.export({ format: 'der', type: 'spki' });
  if (der.length === SPKI_HEAD.length + POINT_LENGTH) return Uint8Array.from(der.subarray(SPKI_HEAD.length));
  return decompress(der.subarray(der.length - 33));
}

function decompress(compressed: Uint8Array): Uint8Array {
  const plain = ECDH.convertKey(compressed, 'SM2', undefined, undefined, 'uncompressed') as Buffer;
  return Uint8Array.from(plain.subarray(1));
}

/** DER SEQUENCE{r, s} (GM/T 0009) of r‖s, or undefined when r or s is not in [1, n−1]. */
export function toDer(signature: Uint8Array): Buffer | undefined {
  if (signature.length !== SIGNATURE_LENGTH) return undefined;
  const r = signature.subarray(0, 32);
  const s = signature.subarray(32);
  if (!inRange(r) || !inRange(s)) return undefined;
  const body = Buffer.concat([derInteger(r), derInteger(s)]);
  return Buffer.concat([Uint8Array.of(0x30, body.length), body]);
}

function inRange(scalar: Uint8Array): boolean {
  return Buffer.compare(scalar, ORDER) < 0 && scalar.some((byte) => byte !== 0);
}

function derInteger(scalar: Uint8Array): Buffer {
  let start = 0;
  while (start < 31 && scalar[start] === 0) start++;
  const pad = scalar[start]! > 0x7f ? [0] : [];
  return Buffer.concat([Uint8Array.of(2, 32 - start + pad.length), Uint8Array.from(pad), scalar.subarray(start)]);
}

function toRaw(der: Uint8Array): Uint8Array {
  const raw = new Uint8Array(SIGNATURE_LENGTH);
  let at = 2;
  for (const end of [32, 64]) {
    const length = der[at + 1]!;
    const value = der.subarray(at + 2, at + 2 + length);
    const scalar = value.subarray(value[0] === 0 ? 1 : 0);
    raw.set(scalar, end - scalar.length);
    at += 2 + length;
  }
  return raw;
}
