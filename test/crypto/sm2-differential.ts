/** Cases for an SM2 verifier, from a seed, each beside what OpenSSL says; as many as wanted. */
import { createECDH, createHash, createPublicKey, createVerify, ECDH, type KeyObject } from 'node:crypto';
import type { PreparedKey, Sm2Wasm } from '../../src/crypto/sm2/wasm.js';
import { spkiOf, zOf } from '../../src/crypto/sm2.js';
import { sm3 } from '../../src/crypto/sm3.js';

export const P = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;
export const N = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;

export const modulo = (a: bigint, m: bigint): bigint => ((a % m) + m) % m;
export const octets = (a: bigint): Buffer => Buffer.from(a.toString(16).padStart(64, '0'), 'hex');
export const numberOf = (a: Uint8Array): bigint => BigInt(`0x${Buffer.from(a).toString('hex')}`);

/** a^exponent mod m. */
export function power(a: bigint, exponent: bigint, m: bigint): bigint {
  let result = 1n;
  for (let square = modulo(a, m), rest = exponent; rest > 0n; rest >>= 1n, square = (square * square) % m) {
    if (rest & 1n) result = (result * square) % m;
  }
  return result;
}

const ecdh = createECDH('SM2');

/** x ‖ y of k * G, 64 octets; 0 < k < n. */
export function timesBase(k: bigint): Buffer {
  ecdh.setPrivateKey(octets(k));
  return ecdh.getPublicKey().subarray(1);
}

/** r ‖ s over e by the key d, with the nonce k (GB/T 32918.2, chapter 6); 0 < d < n - 1. */
export function sign(e: bigint, d: bigint, k: bigint): Buffer {
  const r = modulo(e + numberOf(timesBase(k).subarray(0, 32)), N);
  const s = modulo(power(1n + d, N - 2n, N) * (k - r * d), N);
  return Buffer.concat([octets(r), octets(s)]);
}

/** Numbers that look random and come again with the same seed: SM3 of the seed and a counter. */
export class Chance {
  #count = 0;
  readonly #seed: string;

  constructor(seed: string) {
    this.#seed = seed;
  }

  octets(): Buffer {
    return createHash('sm3')
      .update(`${this.#seed} ${this.#count++}`)
      .digest();
  }

  /** 0 <= number < below. */
  under(below: number): number {
    return this.octets().readUInt32BE() % below;
  }

  /** 0 < scalar < n - 1. */
  scalar(): bigint {
    return (numberOf(this.octets()) % (N - 2n)) + 1n;
  }
}

interface Signed {
  readonly point: Buffer;
  readonly message: Buffer;
  readonly signature: Buffer;
}

const EDGES = [0n, 1n, N - 1n, N, N + 1n, P, 2n ** 256n - 1n];

function bitFlipped(original: Buffer, from: number, chance: Chance): Buffer {
  const copy = Buffer.from(original);
  const at = from + chance.under(32);
  copy[at]! ^= 1 << chance.under(8);
  return copy;
}

/** What is done to a good case. Half of them leave it good. */
const CHANGES: readonly ((good: Signed, chance: Chance) => Signed)[] = [
  (good) => good,
  (good, chance) => ({ ...good, signature: bitFlipped(good.signature, 0, chance) }),
  (good) => good,
  (good, chance) => ({ ...good, signature: bitFlipped(good.signature, 32, chance) }),
  (good) => good,
  (good, chance) => ({ ...good, message: bitFlipped(Buffer.concat([good.message, Buffer.alloc(32)]), 0, chance) }),
  (good) => good,
  (good, chance) => ({ ...good, point: bitFlipped(good.point, 32 * chance.under(2), chance) }),
  (good) => good,
  (good) => ({ ...good, signature: Buffer.concat([good.signature.subarray(32), good.signature.subarray(0, 32)]) }),
  (good) => good,
  (good, chance) => ({
    ...good,
    signature: Buffer.concat([octets(EDGES[chance.under(EDGES.length)]!), good.signature.subarray(32)]),
  }),
  (good) => good,
  (good, chance) => ({
    ...good,
    signature: Buffer.concat([good.signature.subarray(0, 32), octets(EDGES[chance.under(EDGES.length)]!)]),
  }),
  (good) => good,
  ({ signature, ...good }) => {
    const r = signature.subarray(0, 32);
    return { ...good, signature: Buffer.concat([r, octets(modulo(-numberOf(r), N))]) };
  },
  (good) => good,
  ({ signature, ...good }) => {
    const s = modulo(-numberOf(signature.subarray(32)), N);
    return { ...good, signature: Buffer.concat([signature.subarray(0, 32), octets(s)]) };
  },
  (good) => good,
  (good, chance) => ({ ...good, point: timesBase(chance.scalar()) }),
];

/** DER of r ‖ s whatever they are, so that OpenSSL and not this file says what is out of range. */
function derOf(signature: Buffer): Buffer {
  const integers = [signature.subarray(0, 32), signature.subarray(32)].map((number) => {
    const content = Buffer.from(`00${numberOf(number).toString(16).padStart(64, '0')}`, 'hex');
    let start = 0;
    while (start < 32 && content[start] === 0 && content[start + 1]! < 0x80) start++;
    return Buffer.concat([Uint8Array.of(2, 33 - start), content.subarray(start)]);
  });
  const body = Buffer.concat(integers);
  return Buffer.concat([Uint8Array.of(0x30, body.length), body]);
}

function keyObject(point: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(spkiOf(point)), format: 'der', type: 'spki' });
  } catch {
    return undefined; // not on the curve
  }
}

function opensslAccepts({ point, message, signature }: Signed): boolean {
  const key = keyObject(point);
  return key !== undefined && createVerify('sm3').update(zOf(point)).update(message).verify(key, derOf(signature));
}

export interface Outcome {
  readonly cases: number;
  /** How many OpenSSL took. */
  readonly accepted: number;
  /** Cases judged otherwise, as text; none is what is wanted. */
  readonly differences: readonly string[];
}

/** A key serves this many cases, so that tables are built, used again and given up. */
const CASES_PER_KEY = 40;

/** Puts this many cases to the verifier and to OpenSSL: with a table, without, digest and decompression. */
export function run(sm2: Sm2Wasm, cases: number, seed: string): Outcome {
  const chance = new Chance(seed);
  const differences: string[] = [];
  const older: PreparedKey[] = [];
  let accepted = 0;
  let d = 0n;
  let point: Buffer = Buffer.alloc(0);
  for (let index = 0; index < cases; index++) {
    if (index % CASES_PER_KEY === 0) {
      d = chance.scalar();
      point = timesBase(d);
      const compressed = ECDH.convertKey(Buffer.concat([Uint8Array.of(4), point]), 'SM2', undefined, undefined, 'compressed') as Buffer;
      if (!point.equals(sm2.decompress(compressed) ?? Buffer.alloc(0))) differences.push(`${index}: decompression`);
      const key = sm2.prepare(point);
      if (key) older.push(key);
    }
    const message = Buffer.concat([chance.octets(), chance.octets(), chance.octets(), chance.octets(), chance.octets()]).subarray(
      chance.under(160),
    );
    const e = numberOf(sm3(zOf(point), message));
    const good = { point, message, signature: sign(e, d, chance.scalar()) };
    const change = index % CHANGES.length;
    const wanted = compare(sm2, CHANGES[change]!(good, chance), (text) => differences.push(`${index}, change ${change}: ${text}`));
    accepted += Number(wanted);
    // A key of long ago, whose table may be gone, must judge a stranger's signature as wrong.
    const old = older[chance.under(older.length)];
    if (old && index % 10 === 0 && sm2.verifyPrepared(old, octets(e), good.signature) !== point.equals(old.point)) {
      differences.push(`${index}: a key used again`);
    }
  }
  return { cases, accepted, differences };
}

function compare(sm2: Sm2Wasm, tried: Signed, differs: (text: string) => void): boolean {
  const wanted = opensslAccepts(tried);
  const z = zOf(tried.point);
  const e = Buffer.from(sm3(z, tried.message));
  if (!e.equals(sm2.digest(z, tried.message) ?? Buffer.alloc(0))) differs('digest');
  if (sm2.verify(tried.point, e, tried.signature) !== wanted) differs('without table');
  const key = sm2.prepare(tried.point);
  if ((key !== undefined) !== (keyObject(tried.point) !== undefined)) differs('point on the curve');
  if ((key !== undefined && sm2.verifyPrepared(key, e, tried.signature)) !== wanted) differs('with table');
  return wanted;
}
