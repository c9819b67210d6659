// Doubling one point many times, with a few additions between: in Jacobian coordinates, where a doubling is four products of
// pairs instead of five. X and Y stand in the point as in group.ts; Z, with ZZ = Z^2 and ZZZ = Z^3, is kept here until the
// chain ends. As in addAffine a sum the formulas cannot do leaves Z = 0, and with it ZZ = 0, for the caller to find.
import { ORDER, giving, settled } from './field';
import { S1, addDistance, beside, distance, highs, lows, putHigh, setAffine } from './group';
import { PAIR } from './limbs';
import { multiply, square } from './product';

/** Z in the low lane; the high one counts for nothing. */
const Z: usize = memory.data(PAIR, 16);

const C0: usize = memory.data(PAIR, 16);
const C1: usize = memory.data(PAIR, 16);
const C2: usize = memory.data(PAIR, 16);
const C3: usize = memory.data(PAIR, 16);

/** point = affine, as the start of the only chain there is. */
export function startChain(point: usize, affine: usize): void {
  setAffine(point, affine);
  memory.copy(Z, point + PAIR, PAIR);
}

/** ZZ and ZZZ into the point. */
export function endChain(point: usize): void {
  square(C0, Z);
  multiply(C1, C0, Z);
  for (let at: usize = 0; at < PAIR; at += 16) v128.store(point + PAIR + at, beside(v128.load(C0 + at), lows(v128.load(C1 + at))));
}

/** point = point + affine, by the sums of addAffine; Z3 = Z * P. */
export function addToChain(point: usize, affine: usize): void {
  endChain(point);
  distance(point, affine);
  multiply(Z, Z, S1);
  addDistance(point);
}

/** point = 2 * point: dbl-2001-b, with U = 2Y, V = U^2, S = X * V, M = 3(X - Z^2)(X + Z^2). */
export function doubleChain(point: usize): void {
  // C0 = (Z, U); C1 = (Z^2, V)
  for (let at: usize = 0, below = i64x2.splat(0); at < PAIR; at += 16) {
    const twiceY = i32x4.shl(v128.load(point + at), 1);
    const given = giving(twiceY);
    v128.store(C0 + at, beside(v128.load(Z + at), settled(twiceY, at, given, below)));
    below = given;
  }
  square(C1, C0);

  // C2 = (X - Z^2, V), C3 = (X + Z^2, X); C2 = (M / 3, S)
  for (let at: usize = 0, below = i64x2.splat(0); at < PAIR; at += 16) {
    const x = lows(v128.load(point + at));
    const zz = v128.load(C1 + at);
    const sum = i32x4.add(x, zz);
    const given = giving(sum);
    v128.store(C2 + at, beside(i32x4.sub(x, zz), zz));
    v128.store(C3 + at, beside(settled(sum, at, given, below), x));
    below = given;
  }
  multiply(C2, C2, C3);

  // C1 = (M, V); C3 = (M^2, V^2)
  for (let at: usize = 0, below = i64x2.splat(0); at < PAIR; at += 16) {
    const t = v128.load(C2 + at);
    const triple = i32x4.add(i32x4.shl(t, 1), t);
    const given = giving(triple);
    v128.store(C1 + at, beside(settled(triple, at, given, below), v128.load(C1 + at)));
    below = given;
  }
  square(C3, C1);

  // X3 = M^2 - 2S; C1 = (M, U), C2 = (S - X3, Z); C2 = (M * (S - X3), U * Z)
  for (let at: usize = 0, below = i64x2.splat(0); at < PAIR; at += 16) {
    const s = highs(v128.load(C2 + at));
    const x = i32x4.sub(v128.load(C3 + at), i32x4.shl(s, 1));
    const given = giving(x);
    const x3 = settled(x, at, given, below);
    below = given;
    v128.store(C1 + at, beside(v128.load(C1 + at), v128.load(C0 + at)));
    v128.store(C2 + at, beside(i32x4.sub(s, x3), lows(v128.load(Z + at))));
    v128.store(point + at, x3);
  }
  multiply(C2, C1, C2);

  // Y3 = M * (S - X3) - V^2 / 2; Z3 = U * Z
  halveHigh(C3);
  for (let at: usize = 0; at < PAIR; at += 16) {
    const products = v128.load(C2 + at);
    v128.store(Z + at, highs(products));
    v128.store(C3 + at, beside(products, v128.load(C3 + at)));
  }
  putHigh(point, C3);
}

/**
 * Halves the high element of a product, which must be the product's own: exact limbs, zero behind them. When it is odd p is
 * added first; then each limb is halved and its odd bit goes down to the limb below as 2^28.
 */
// @ts-ignore: decorator
@inline
function halveHigh(pair: usize): void {
  const odd = i32x4.splat(-(load<i32>(pair, 4) & 1));
  const one = i32x4.splat(1);
  for (let at: usize = PAIR, above = i64x2.splat(0); at > 0; ) {
    at -= 16;
    const even = i32x4.add(v128.load(pair + at), v128.and(v128.load(ORDER + at), odd));
    const next = v128.shuffle<i64>(even, above, 1, 2);
    above = even;
    v128.store(pair + at, i32x4.add(i32x4.shr_s(even, 1), i32x4.shl(v128.and(next, one), 28)));
  }
}
