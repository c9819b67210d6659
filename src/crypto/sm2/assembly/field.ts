// The field of sm2p256v1 above multiplication: constants, carries, comparing with zero, powers. Layout of a pair: limbs.ts.
import { PAIR } from './limbs';
import { NUMBER, bitsOf } from './number';
import { multiply, square } from './product';

/** p, GB/T 32918.5. */
export const P: usize = memory.data<u64>([0xffffffffffffffff, 0xffffffff00000000, 0xffffffffffffffff, 0xfffffffeffffffff, 0], 16);

const INVERSE: usize = memory.data<u64>([0xfffffffffffffffd, 0xffffffff00000000, 0xffffffffffffffff, 0xfffffffeffffffff, 0], 16);
const ROOT: usize = memory.data<u64>([0x4000000000000000, 0xffffffffc0000000, 0xffffffffffffffff, 0x3fffffffbfffffff, 0], 16);
const R: usize = memory.data<u64>([0x20, 0x1fffffffe0, 0, 0x2000000000, 0], 16);
const R_SQUARED: usize = memory.data<u64>([0x80000000c00, 0xbfffffffc00, 0x40000000400, 0x100000000800, 0], 16);
const UNIT: usize = memory.data<u64>([1, 0, 0, 0, 0], 16);

const ALL: i32 = -1;
const LIMB: i32 = 0x1fffffff;
/** What a carry leaves of each limb; the top one keeps all it has. Two limbs of both elements to a vector. */
export const KEPT: usize = memory.data<i32>([
  LIMB, LIMB, LIMB, LIMB, LIMB, LIMB, LIMB, LIMB, LIMB, LIMB,
  LIMB, LIMB, LIMB, LIMB, LIMB, LIMB, ALL, ALL, ALL, ALL,
], 16);

/** p itself, in both lanes. */
export const ORDER: usize = memory.data(PAIR, 16);
/** 1 in Montgomery form, in both lanes. */
export const ONE: usize = memory.data(PAIR, 16);
const ENTRY: usize = memory.data(PAIR, 16);
const EXIT: usize = memory.data(PAIR, 16);
const PLAIN: usize = memory.data(PAIR, 16);
const POWERS: usize = memory.data(16 * PAIR, 16);

/** Lays the constants out; to be called once, before anything else. */
export function startField(): void {
  split(ONE, R, R);
  split(ENTRY, R_SQUARED, R_SQUARED);
  split(EXIT, UNIT, UNIT);
  split(ORDER, P, P);
}

/** Cuts two numbers into limbs. */
function split(to: usize, low: usize, high: usize): void {
  for (let index = 0; index < 9; index++) {
    store<i32>(to + 8 * index, bitsOf(low, 29 * index, 29));
    store<i32>(to + 8 * index, bitsOf(high, 29 * index, 29), 4);
  }
}

/** A pair from two numbers below p. */
export function fromNumbers(to: usize, low: usize, high: usize): void {
  split(to, low, high);
  multiply(to, to, ENTRY);
}

/** The number in the high lane, which must not be a multiple of p other than zero itself (it would come out as p). */
export function highNumber(to: usize, pair: usize): void {
  multiply(PLAIN, pair, EXIT);
  memory.fill(to, 0, NUMBER);
  for (let index = 0; index < 9; index++) {
    const at = to + ((29 * index) >>> 3);
    store<u64>(at, load<u64>(at) | (u64(load<u32>(PLAIN + 8 * index, 4)) << ((29 * index) & 7)));
  }
}

/**
 * Which lanes are zero modulo p: bit 0 the low one, bit 1 the high one. |element| < 8p.
 * Divided by R it lies between 0 and p, both included, so only these two have to be looked for.
 */
export function zeroLanes(pair: usize): i32 {
  multiply(PLAIN, pair, EXIT);
  let fromZero: u64 = 0;
  let fromP: u64 = 0;
  for (let index = 0; index < 9; index++) {
    const limbs = load<u64>(PLAIN + 8 * index);
    fromZero |= limbs;
    fromP |= limbs ^ load<u64>(ORDER + 8 * index);
  }
  const low = u32(fromZero) == 0 || u32(fromP) == 0;
  const high = fromZero >>> 32 == 0 || fromP >>> 32 == 0;
  return i32(low) | (i32(high) << 1);
}

/** Two limbs after a carry of all limbs at once: what they keep, and what the limb below each gives up. */
// @ts-ignore: decorator
@inline
export function settled(limbs: v128, offset: usize, given: v128, givenBelow: v128): v128 {
  return i32x4.add(v128.and(limbs, v128.load(KEPT + offset)), v128.shuffle<i64>(givenBelow, given, 1, 2));
}

/** What two limbs give up to the next: with |limb| < 2^31 between -4 and 3. */
// @ts-ignore: decorator
@inline
export function giving(limbs: v128): v128 {
  return i32x4.shr_s(limbs, 29);
}

/** to = a^exponent in both lanes; `to` is neither `a` nor the exponent. Four bits at a time. */
function power(to: usize, a: usize, exponent: usize): void {
  memory.copy(POWERS, ONE, PAIR);
  for (let index: usize = 1; index < 16; index++) multiply(POWERS + index * PAIR, POWERS + (index - 1) * PAIR, a);
  memory.copy(to, ONE, PAIR);
  for (let bit = 252; bit >= 0; bit -= 4) {
    square(to, to);
    square(to, to);
    square(to, to);
    square(to, to);
    multiply(to, to, POWERS + usize(bitsOf(exponent, bit, 4)) * PAIR);
  }
}

/** to = 1/a in both lanes, zero for zero: a^(p-2). */
export function invert(to: usize, a: usize): void {
  power(to, a, INVERSE);
}

/** to = a square root of a in both lanes where there is one: p is 3 modulo 4, so a^((p+1)/4). */
export function squareRoot(to: usize, a: usize): void {
  power(to, a, ROOT);
}
