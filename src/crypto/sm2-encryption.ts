/**
 * SM2 encryption (GB/T 32918.4), 04‖x‖y‖C3‖C2, for short secrets: wraps of keys. The curve is OpenSSL's, by Node's ECDH; where Node
 * refuses ECDH on SM2 (24 says "Invalid key pair" to every one) it is sm-crypto-v2's, which takes longer to load and to count.
 */
import { createECDH, ECDH, randomBytes, timingSafeEqual } from 'node:crypto';
import { createRequire } from 'node:module';
import { sm3 } from './sm3.js';

const P = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;
const N = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;

/** 04‖x‖y, C3. */
const POINT = 65;
const HASH = 32;

/** `point`: x‖y. @throws RangeError for an empty secret, and OpenSSL's error for a point off the curve. */
export function wrap(point: Uint8Array, secret: Uint8Array): Uint8Array {
  for (;;) {
    const wrapped = wrapWith(point, secret, randomBytes(32));
    if (wrapped) return wrapped;
  }
}

/** With this k (32 bytes): for known answers. undefined: another k must be drawn (GB/T 32918.4, 6.1 A1 and A5). */
export function wrapWith(point: Uint8Array, secret: Uint8Array, k: Uint8Array): Uint8Array | undefined {
  if (secret.length === 0) throw new RangeError('nothing to wrap');
  const scalar = toNumber(k);
  if (scalar < 1n || scalar > N - 2n) return undefined;
  const shared = sharedPoint(scalar, Buffer.concat([Uint8Array.of(4), point]));
  const mask = stream(shared, secret.length);
  if (mask.every((byte) => byte === 0)) return undefined;
  return Uint8Array.from(Buffer.concat([publicOf(scalar), digest(shared, secret), xor(secret, mask)]));
}

/** The secret, or undefined when the bytes were not wrapped for this key. `d`: the private scalar, 32 bytes. */
export function unwrap(d: Uint8Array, wrapped: Uint8Array): Uint8Array | undefined {
  if (wrapped.length <= POINT + HASH || wrapped[0] !== 4) return undefined;
  const scalar = toNumber(d);
  const first = wrapped.subarray(0, POINT);
  if (scalar < 1n || scalar > N - 2n || !isOnCurve(first)) return undefined;
  const shared = sharedPoint(scalar, first);
  const ct = wrapped.subarray(POINT + HASH);
  const mask = stream(shared, ct.length);
  if (mask.every((byte) => byte === 0)) return undefined;
  const secret = xor(ct, mask);
  return timingSafeEqual(digest(shared, secret), wrapped.subarray(POINT, POINT + HASH)) ? secret : undefined;
}

function isOnCurve(point: Uint8Array): boolean {
  try {
    ECDH.convertKey(point, 'SM2', undefined, undefined, 'uncompressed');
    return true;
  } catch {
    return false; // OpenSSL refuses it by throwing
  }
}

/**
 * k·Q as x‖y. ECDH gives x only; which of the two y belongs to it follows from x of (k+1)·Q = k·Q + Q:
 * x₃·(x₂−x₁)² = (y₂−y₁)² − (x₁+x₂)·(x₂−x₁)², with (x₁, y₁) = Q and (x₂, y₂) = k·Q.
 */
function sharedPoint(k: bigint, q: Uint8Array): Uint8Array {
  if (!hasEcdh()) return elsewhere(k, q);
  const x = multiple(k, q);
  const even = yOf(x);
  const [x1, y1, x2] = [toNumber(q.subarray(1, 33)), toNumber(q.subarray(33)), toNumber(x)];
  const x3 = toNumber(multiple(k + 1n, q));
  const run = (x2 - x1) ** 2n;
  const fits = (y2: bigint): boolean => ((y2 - y1) ** 2n - (x1 + x2 + x3) * run) % P === 0n;
  const y = [even, P - even].find(fits);
  if (y === undefined) throw new Error('SM2: a multiple of a point is not on its curve');
  return Buffer.concat([x, toBytes(y)]);
}

let ecdh: boolean | undefined;

/** Does this Node do ECDH on SM2? Asked once. */
function hasEcdh(): boolean {
  if (ecdh !== undefined) return ecdh;
  try {
    const one = createECDH('SM2');
    one.computeSecret(one.generateKeys());
    ecdh = true;
  } catch {
    ecdh = false; // the answer that was asked for
  }
  return ecdh;
}

interface OtherCurve {
  readonly sm2: { ecdh(privateKey: string, publicKey: string, isCompressed: boolean): Uint8Array };
}

/** k·Q as x‖y by the library; loaded only here, since every start would pay for it. */
function elsewhere(k: bigint, q: Uint8Array): Uint8Array {
  const { sm2 } = createRequire(import.meta.url)('sm-crypto-v2') as OtherCurve;
  return sm2.ecdh(toBytes(k).toString('hex'), Buffer.from(q).toString('hex'), false).subarray(1);
}

function multiple(k: bigint, q: Uint8Array): Uint8Array {
  const ecdh = createECDH('SM2');
  ecdh.setPrivateKey(toBytes(k));
  return ecdh.computeSecret(q);
}

function publicOf(k: bigint): Uint8Array {
  const ecdh = createECDH('SM2');
  ecdh.setPrivateKey(toBytes(k));
  return ecdh.getPublicKey();
}

/** The even y that belongs to x. */
function yOf(x: Uint8Array): bigint {
  const plain = ECDH.convertKey(Buffer.concat([Uint8Array.of(2), x]), 'SM2', undefined, undefined, 'uncompressed') as Buffer;
  return toNumber(plain.subarray(33));
}

/** GB/T 32918.4, 5.4.3. */
function stream(shared: Uint8Array, length: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / HASH) }, (_, n) => {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(n + 1);
    return sm3(shared, counter);
  });
  return Buffer.concat(blocks).subarray(0, length);
}

/** C3. */
function digest(shared: Uint8Array, secret: Uint8Array): Uint8Array {
  return sm3(shared.subarray(0, 32), secret, shared.subarray(32));
}

const xor = (a: Uint8Array, mask: Uint8Array): Uint8Array => Uint8Array.from(a, (byte, at) => byte ^ (mask[at] ?? 0));
const toNumber = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
const toBytes = (number: bigint): Buffer => Buffer.from(number.toString(16).padStart(64, '0'), 'hex');
