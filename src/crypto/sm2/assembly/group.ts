// The group of sm2p256v1: adding an affine point, doubling, being on the curve.
//
// A point under way is two pairs: (X, Y) and (ZZ, ZZZ), x = X/ZZ, y = Y/ZZZ, ZZ^3 = ZZZ^2 ("XYZZ" of the Explicit-Formulas
// Database: madd-2008-s, dbl-2008-s-1). ZZ = 0 is the point at infinity. An affine point is one pair (x, y).
//
// Every product of these formulas has a partner it can be computed beside, which is why a pair is the unit of the field.
// Bounds kept by each step, entering and leaving: |X| < 4p, |Y| < 2p, |ZZ|, |ZZZ| < 1.1p, limbs as limbs.ts wants them.
import { ONE, fromNumbers, giving, settled, squareRoot, zeroLanes } from './field';
import { PAIR } from './limbs';
import { multiply, square } from './product';

/** Bytes of a point under way. */
export const POINT: usize = 2 * PAIR;

const LOW: i32 = 1;
const BOTH: i32 = 3;

/** b, Gx, Gy of GB/T 32918.5. */
const B: usize = memory.data<u64>([0xddbcbd414d940e93, 0xf39789f515ab8f92, 0x4d5a9e4bcf6509a7, 0x28e9fa9e9d9f5e34, 0], 16);
const GX: usize = memory.data<u64>([0x715a4589334c74c7, 0x8fe30bbff2660be1, 0x5f9904466a39c994, 0x32c4ae2c1f198119, 0], 16);
const GY: usize = memory.data<u64>([0x02df32e52139f0a0, 0xd0a9877cc62a4740, 0x59bdcee36b692153, 0xbc3736a2f4f6779c, 0], 16);

/** The base point, affine. */
export const G: usize = memory.data(PAIR, 16);
const BB: usize = memory.data(PAIR, 16);

const S0: usize = memory.data(PAIR, 16);
export const S1: usize = memory.data(PAIR, 16);
const S2: usize = memory.data(PAIR, 16);
const S3: usize = memory.data(PAIR, 16);
const S4: usize = memory.data(PAIR, 16);

/** Lays the constants out; after startField, before anything else. */
export function startGroup(): void {
  fromNumbers(G, GX, GY);
  fromNumbers(BB, B, B);
}

// The lanes of a vector are (low, high, low, high): two limbs of both elements.
// @ts-ignore: decorator
@inline
export function lows(a: v128): v128 {
  return v128.shuffle<i32>(a, a, 0, 0, 2, 2);
}

// @ts-ignore: decorator
@inline
export function highs(a: v128): v128 {
  return v128.shuffle<i32>(a, a, 1, 1, 3, 3);
}

/** The low element of one beside the high element of the other. */
// @ts-ignore: decorator
@inline
export function beside(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(low, high, 0, 5, 2, 7);
}

/** point = affine. */
export function setAffine(point: usize, affine: usize): void {
  for (let at: usize = 0, below = i64x2.splat(0); at < PAIR; at += 16) {
    const limbs = v128.load(affine + at);
    const given = giving(limbs);
    v128.store(point + at, settled(limbs, at, given, below));
    below = given;
  }
  memory.copy(point + PAIR, ONE, PAIR);
}

/** to = the affine point, or its opposite (x, -y) when `sign` is -1; 0 leaves it as it is. */
// @ts-ignore: decorator
@inline
export function setSigned(to: usize, affine: usize, sign: i32): void {
  const flip = i64x2.splat(i64(sign) << 32);
  for (let at: usize = 0; at < PAIR; at += 16) {
    v128.store(to + at, i32x4.sub(v128.xor(v128.load(affine + at), flip), flip));
  }
}

/** Into S1: (U - X, S - Y) = (P, R) of madd-2008-s: how far the affine point is from the point. */
// @ts-ignore: decorator
@inline
export function distance(point: usize, affine: usize): void {
  multiply(S0, affine, point + PAIR);
  for (let at: usize = 0; at < PAIR; at += 16) v128.store(S1 + at, i32x4.sub(v128.load(S0 + at), v128.load(point + at)));
}

/** X and Y of madd-2008-s from S1; leaves S3 = (PP, PPP). */
// @ts-ignore: decorator
@inline
export function addDistance(point: usize): void {
  // S0 = (PP, RR), S2 = (P, X) * (PP, PP) = (PPP, Q)
  square(S0, S1);
  for (let at: usize = 0; at < PAIR; at += 16) {
    v128.store(S2 + at, beside(v128.load(S1 + at), lows(v128.load(point + at))));
    v128.store(S3 + at, lows(v128.load(S0 + at)));
  }
  multiply(S2, S2, S3);

  // X3 = RR - PPP - 2Q; S1 = (R, Y), S2 = (Q - X3, PPP), S3 = (PP, PPP)
  for (let at: usize = 0, below = i64x2.splat(0); at < PAIR; at += 16) {
    const ppp = lows(v128.load(S2 + at));
    const q = highs(v128.load(S2 + at));
    const x = i32x4.sub(i32x4.sub(highs(v128.load(S0 + at)), ppp), i32x4.shl(q, 1));
    const given = giving(x);
    const x3 = settled(x, at, given, below);
    below = given;
    v128.store(S1 + at, beside(highs(v128.load(S1 + at)), v128.load(point + at)));
    v128.store(S2 + at, beside(i32x4.sub(q, x3), ppp));
    v128.store(S3 + at, beside(v128.load(S0 + at), ppp));
    v128.store(point + at, x3);
  }

  // Y3 = R * (Q - X3) - Y * PPP
  multiply(S1, S1, S2);
  putHigh(point, S1);
}

/** Y = low - high of the products; X stays. */
// @ts-ignore: decorator
@inline
export function putHigh(point: usize, products: usize): void {
  for (let at: usize = 0, below = i64x2.splat(0); at < PAIR; at += 16) {
    const limbs = v128.load(products + at);
    const y = i32x4.sub(lows(limbs), highs(limbs));
    const given = giving(y);
    v128.store(point + at, beside(v128.load(point + at), settled(y, at, given, below)));
    below = given;
  }
}

/**
 * point = point + affine, for a finite point that is neither the affine one nor its opposite. If it is, ZZ becomes zero and
 * stays so through all further additions and doublings: the caller looks once, at the end, and then goes the safe way.
 */
export function addAffine(point: usize, affine: usize): void {
  distance(point, affine);
  addDistance(point);
  multiply(point + PAIR, point + PAIR, S3);
}

/** point = point + affine, whatever they are; opposites give ZZ = 0 by the formulas themselves. */
export function addAffineSafely(point: usize, affine: usize): void {
  if (isInfinite(point)) return setAffine(point, affine);
  distance(point, affine);
  if (zeroLanes(S1) == BOTH) return double(point);
  addDistance(point);
  multiply(point + PAIR, point + PAIR, S3);
}

/** point = 2 * point, whatever it is: no point of this group has y = 0, and ZZ = 0 stays so. */
export function double(point: usize): void {
  // U = 2Y; S0 = (U, X), S1 = (U, X - ZZ), S2 = (U, X + ZZ)
  for (let at: usize = 0, uBelow = i64x2.splat(0), sumBelow = uBelow; at < PAIR; at += 16) {
    const xy = v128.load(point + at);
    const x = lows(xy);
    const zz = lows(v128.load(point + PAIR + at));
    const twiceY = i32x4.shl(highs(xy), 1);
    const uGiven = giving(twiceY);
    const u = settled(twiceY, at, uGiven, uBelow);
    uBelow = uGiven;
    const sum = i32x4.add(x, zz);
    const sumGiven = giving(sum);
    v128.store(S0 + at, beside(u, x));
    v128.store(S1 + at, beside(u, i32x4.sub(x, zz)));
    v128.store(S2 + at, beside(u, settled(sum, at, sumGiven, sumBelow)));
    sumBelow = sumGiven;
  }
  // S1 = (V, T): V = U^2, M = 3T = 3X^2 - 3ZZ^2 as a = -3; S0 = (W, S) = (U, X) * V
  multiply(S1, S1, S2);
  for (let at: usize = 0; at < PAIR; at += 16) v128.store(S2 + at, lows(v128.load(S1 + at)));
  multiply(S0, S0, S2);

  // S2 = (M, W), S3 = (M, Y), S4 = (V, W)
  for (let at: usize = 0, below = i64x2.splat(0); at < PAIR; at += 16) {
    const t = highs(v128.load(S1 + at));
    const triple = i32x4.add(i32x4.shl(t, 1), t);
    const given = giving(triple);
    const m = settled(triple, at, given, below);
    below = given;
    const w = lows(v128.load(S0 + at));
    v128.store(S2 + at, beside(m, w));
    v128.store(S3 + at, beside(m, v128.load(point + at)));
    v128.store(S4 + at, beside(v128.load(S1 + at), w));
  }
  multiply(S3, S2, S3);

  // X3 = M^2 - 2S; S2 = (M, M), S1 = (S - X3, -); S3 = (-, WY)
  for (let at: usize = 0, below = i64x2.splat(0); at < PAIR; at += 16) {
    const s = highs(v128.load(S0 + at));
    const x = i32x4.sub(lows(v128.load(S3 + at)), i32x4.shl(s, 1));
    const given = giving(x);
    const x3 = settled(x, at, given, below);
    below = given;
    v128.store(S1 + at, i32x4.sub(s, x3));
    v128.store(point + at, x3);
  }
  // Y3 = M * (S - X3) - W * Y; ZZ3 = V * ZZ, ZZZ3 = W * ZZZ
  multiply(S1, S2, S1);
  multiply(point + PAIR, point + PAIR, S4);
  for (let at: usize = 0; at < PAIR; at += 16) v128.store(S1 + at, beside(v128.load(S1 + at), v128.load(S3 + at)));
  putHigh(point, S1);
}

export function isInfinite(point: usize): bool {
  return (zeroLanes(point + PAIR) & LOW) != 0;
}

export function setInfinite(point: usize): void {
  memory.fill(point, 0, POINT);
}

/** True when x of a finite point is the number modulo p: X = x * ZZ. The number is below p. */
export function hasX(point: usize, x: usize): bool {
  fromNumbers(S0, x, x);
  multiply(S0, S0, point + PAIR);
  for (let at: usize = 0; at < PAIR; at += 16) v128.store(S0 + at, i32x4.sub(v128.load(S0 + at), v128.load(point + at)));
  return (zeroLanes(S0) & LOW) != 0;
}

/** to = x^3 - 3x + b in both lanes, from the low lane of an affine point. */
function curve(to: usize, affine: usize): void {
  for (let at: usize = 0; at < PAIR; at += 16) v128.store(S0 + at, lows(v128.load(affine + at)));
  square(S1, S0);
  multiply(S1, S1, S0);
  for (let at: usize = 0, below = i64x2.splat(0); at < PAIR; at += 16) {
    const x = v128.load(S0 + at);
    const triple = i32x4.add(i32x4.shl(x, 1), x);
    const limbs = i32x4.add(i32x4.sub(v128.load(S1 + at), triple), v128.load(BB + at));
    const given = giving(limbs);
    v128.store(to + at, settled(limbs, at, given, below));
    below = given;
  }
}

export function isOnCurve(affine: usize): bool {
  curve(S2, affine);
  square(S3, affine);
  for (let at: usize = 0; at < PAIR; at += 16) v128.store(S2 + at, i32x4.sub(v128.load(S3 + at), v128.load(S2 + at)));
  return (zeroLanes(S2) & 2) != 0;
}

/** Puts one of the two y beside x of an affine pair; false when there is none. */
export function findY(affine: usize): bool {
  curve(S2, affine);
  squareRoot(S4, S2);
  for (let at: usize = 0; at < PAIR; at += 16) v128.store(affine + at, beside(v128.load(affine + at), v128.load(S4 + at)));
  return isOnCurve(affine);
}
