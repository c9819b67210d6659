// How two elements of the field of sm2p256v1 stand side by side, and the steps their products are made of (product.ts).
//
// A *pair* is two field elements side by side. Each is nine limbs of 29 bits, least first, in Montgomery form (R = 2^261):
//
//   byte   0      4      8      12          64     68     72
//          | x[0] | y[0] | x[1] | y[1] | … | x[8] | y[8] | (8 bytes that count for nothing; zero in a product)
//
// Limbs are signed. What goes into a product must have |limb| <= 2^29 + 4; what comes out has 0 <= limb < 2^29, only the
// top limb may be negative. Then nine products stay under 2^61.2, and a column with its carry under 2^62.
//
// p = 2^256 - 2^224 - 2^96 + 2^64 - 1 is -1 modulo 2^29, so the multiple m of p that clears a column is the column itself,
// and adding m*p needs four shifts and no multiplication: 2^64, 2^96, 2^224, 2^256 are 2^6, 2^9, 2^21, 2^24 in the columns
// 2, 3, 7 and 8 above.
//
// There is no signed 64-bit shift in the vector unit: each column starts at +2^62, taken back from the next one as -2^33.

/** Bytes from one pair in a working area to the next. */
export const PAIR: usize = 80;

export const LIMB: i64 = 0x1fffffff;
export const LIFT: i64 = 1 << 62;
export const BACK: i64 = -(1 << 33);

/** One limb of both elements, in the two low 32-bit lanes. */
// @ts-ignore: decorator
@inline
export function limb(pair: usize, index: i32): v128 {
  return v128.load_zero<i64>(pair + 8 * index);
}

/** Writes two limbs that stand in 64-bit lanes. */
// @ts-ignore: decorator
@inline
export function put(pair: usize, index: i32, limbs: v128, next: v128): void {
  v128.store(pair + 8 * index, v128.shuffle<i32>(limbs, next, 0, 2, 4, 6));
}

// @ts-ignore: decorator
@inline
export function mac(sum: v128, a: v128, b: v128): v128 {
  return i64x2.add(sum, i64x2.extmul_low_i32x4_s(a, b));
}

// @ts-ignore: decorator
@inline
export function carry(column: v128): v128 {
  return i64x2.shr_u(column, 29);
}

/** Adds the multiple m, shifted, to a column: one of the four shifts of m*p. */
// @ts-ignore: decorator
@inline
export function plus(sum: v128, m: v128, bits: i32): v128 {
  return i64x2.add(sum, i64x2.shl(m, bits));
}

// @ts-ignore: decorator
@inline
export function minus(sum: v128, m: v128, bits: i32): v128 {
  return i64x2.sub(sum, i64x2.shl(m, bits));
}
