// Products in the field of sm2p256v1, two at a time: one in each lane of the vector unit. Column by column, each cleared
// as soon as it is whole; written out because nothing in the compilers would unroll it. Layout and bounds: limbs.ts.
import { BACK, LIFT, LIMB, carry, limb, mac, minus, plus, put } from './limbs';

/** to = a * b / R in both lanes; `to` may be `a` or `b`. */
export function multiply(to: usize, a: usize, b: usize): void {
  const mask = i64x2.splat(LIMB);
  const lift = i64x2.splat(LIFT + BACK);
  const a0 = limb(a, 0), a1 = limb(a, 1), a2 = limb(a, 2);
  const a3 = limb(a, 3), a4 = limb(a, 4), a5 = limb(a, 5);
  const a6 = limb(a, 6), a7 = limb(a, 7), a8 = limb(a, 8);
  const b0 = limb(b, 0), b1 = limb(b, 1), b2 = limb(b, 2);
  const b3 = limb(b, 3), b4 = limb(b, 4), b5 = limb(b, 5);
  const b6 = limb(b, 6), b7 = limb(b, 7), b8 = limb(b, 8);
  let sum: v128;
  let column: v128;

  sum = mac(i64x2.splat(LIFT), a0, b0);
  column = sum;
  const m0 = v128.and(column, mask);

  sum = mac(lift, a0, b1);
  sum = mac(sum, a1, b0);
  column = i64x2.add(carry(column), sum);
  const m1 = v128.and(column, mask);

  sum = mac(lift, a0, b2);
  sum = mac(sum, a1, b1); sum = mac(sum, a2, b0);
  sum = plus(sum, m0, 6);
  column = i64x2.add(carry(column), sum);
  const m2 = v128.and(column, mask);

  sum = mac(lift, a0, b3);
  sum = mac(sum, a1, b2); sum = mac(sum, a2, b1); sum = mac(sum, a3, b0);
  sum = plus(sum, m1, 6); sum = minus(sum, m0, 9);
  column = i64x2.add(carry(column), sum);
  const m3 = v128.and(column, mask);

  sum = mac(lift, a0, b4);
  sum = mac(sum, a1, b3); sum = mac(sum, a2, b2); sum = mac(sum, a3, b1); sum = mac(sum, a4, b0);
  sum = plus(sum, m2, 6); sum = minus(sum, m1, 9);
  column = i64x2.add(carry(column), sum);
  const m4 = v128.and(column, mask);

  sum = mac(lift, a0, b5);
  sum = mac(sum, a1, b4); sum = mac(sum, a2, b3); sum = mac(sum, a3, b2); sum = mac(sum, a4, b1);
  sum = mac(sum, a5, b0);
  sum = plus(sum, m3, 6); sum = minus(sum, m2, 9);
  column = i64x2.add(carry(column), sum);
  const m5 = v128.and(column, mask);

  sum = mac(lift, a0, b6);
  sum = mac(sum, a1, b5); sum = mac(sum, a2, b4); sum = mac(sum, a3, b3); sum = mac(sum, a4, b2);
  sum = mac(sum, a5, b1); sum = mac(sum, a6, b0);
  sum = plus(sum, m4, 6); sum = minus(sum, m3, 9);
  column = i64x2.add(carry(column), sum);
  const m6 = v128.and(column, mask);

  sum = mac(lift, a0, b7);
  sum = mac(sum, a1, b6); sum = mac(sum, a2, b5); sum = mac(sum, a3, b4); sum = mac(sum, a4, b3);
  sum = mac(sum, a5, b2); sum = mac(sum, a6, b1); sum = mac(sum, a7, b0);
  sum = plus(sum, m5, 6); sum = minus(sum, m4, 9); sum = minus(sum, m0, 21);
  column = i64x2.add(carry(column), sum);
  const m7 = v128.and(column, mask);

  sum = mac(lift, a0, b8);
  sum = mac(sum, a1, b7); sum = mac(sum, a2, b6); sum = mac(sum, a3, b5); sum = mac(sum, a4, b4);
  sum = mac(sum, a5, b3); sum = mac(sum, a6, b2); sum = mac(sum, a7, b1); sum = mac(sum, a8, b0);
  sum = plus(sum, m6, 6); sum = minus(sum, m5, 9); sum = minus(sum, m1, 21); sum = plus(sum, m0, 24);
  column = i64x2.add(carry(column), sum);
  const m8 = v128.and(column, mask);

  sum = mac(lift, a1, b8);
  sum = mac(sum, a2, b7); sum = mac(sum, a3, b6); sum = mac(sum, a4, b5); sum = mac(sum, a5, b4);
  sum = mac(sum, a6, b3); sum = mac(sum, a7, b2); sum = mac(sum, a8, b1);
  sum = plus(sum, m7, 6); sum = minus(sum, m6, 9); sum = minus(sum, m2, 21); sum = plus(sum, m1, 24);
  column = i64x2.add(carry(column), sum);
  const r0 = v128.and(column, mask);

  sum = mac(lift, a2, b8);
  sum = mac(sum, a3, b7); sum = mac(sum, a4, b6); sum = mac(sum, a5, b5); sum = mac(sum, a6, b4);
  sum = mac(sum, a7, b3); sum = mac(sum, a8, b2);
  sum = plus(sum, m8, 6); sum = minus(sum, m7, 9); sum = minus(sum, m3, 21); sum = plus(sum, m2, 24);
  column = i64x2.add(carry(column), sum);
  const r1 = v128.and(column, mask);
  put(to, 0, r0, r1);

  sum = mac(lift, a3, b8);
  sum = mac(sum, a4, b7); sum = mac(sum, a5, b6); sum = mac(sum, a6, b5); sum = mac(sum, a7, b4);
  sum = mac(sum, a8, b3);
  sum = minus(sum, m8, 9); sum = minus(sum, m4, 21); sum = plus(sum, m3, 24);
  column = i64x2.add(carry(column), sum);
  const r2 = v128.and(column, mask);

  sum = mac(lift, a4, b8);
  sum = mac(sum, a5, b7); sum = mac(sum, a6, b6); sum = mac(sum, a7, b5); sum = mac(sum, a8, b4);
  sum = minus(sum, m5, 21); sum = plus(sum, m4, 24);
  column = i64x2.add(carry(column), sum);
  const r3 = v128.and(column, mask);
  put(to, 2, r2, r3);

  sum = mac(lift, a5, b8);
  sum = mac(sum, a6, b7); sum = mac(sum, a7, b6); sum = mac(sum, a8, b5);
  sum = minus(sum, m6, 21); sum = plus(sum, m5, 24);
  column = i64x2.add(carry(column), sum);
  const r4 = v128.and(column, mask);

  sum = mac(lift, a6, b8);
  sum = mac(sum, a7, b7); sum = mac(sum, a8, b6);
  sum = minus(sum, m7, 21); sum = plus(sum, m6, 24);
  column = i64x2.add(carry(column), sum);
  const r5 = v128.and(column, mask);
  put(to, 4, r4, r5);

  sum = mac(lift, a7, b8);
  sum = mac(sum, a8, b7);
  sum = minus(sum, m8, 21); sum = plus(sum, m7, 24);
  column = i64x2.add(carry(column), sum);
  const r6 = v128.and(column, mask);

  sum = mac(lift, a8, b8);
  sum = plus(sum, m8, 24);
  column = i64x2.add(carry(column), sum);
  const r7 = v128.and(column, mask);
  put(to, 6, r6, r7);

  const r8 = i64x2.add(carry(column), i64x2.splat(BACK));
  put(to, 8, r8, i64x2.splat(0));
}

/** to = a * a / R in both lanes; `to` may be `a`. */
export function square(to: usize, a: usize): void {
  const mask = i64x2.splat(LIMB);
  const lift = i64x2.splat(LIFT + BACK);
  const a0 = limb(a, 0), a1 = limb(a, 1), a2 = limb(a, 2);
  const a3 = limb(a, 3), a4 = limb(a, 4), a5 = limb(a, 5);
  const a6 = limb(a, 6), a7 = limb(a, 7), a8 = limb(a, 8);
  const d0 = i32x4.shl(a0, 1), d1 = i32x4.shl(a1, 1), d2 = i32x4.shl(a2, 1);
  const d3 = i32x4.shl(a3, 1), d4 = i32x4.shl(a4, 1), d5 = i32x4.shl(a5, 1);
  const d6 = i32x4.shl(a6, 1), d7 = i32x4.shl(a7, 1);
  let sum: v128;
  let column: v128;

  sum = mac(i64x2.splat(LIFT), a0, a0);
  column = sum;
  const m0 = v128.and(column, mask);

  sum = mac(lift, d0, a1);
  column = i64x2.add(carry(column), sum);
  const m1 = v128.and(column, mask);

  sum = mac(lift, d0, a2);
  sum = mac(sum, a1, a1);
  sum = plus(sum, m0, 6);
  column = i64x2.add(carry(column), sum);
  const m2 = v128.and(column, mask);

  sum = mac(lift, d0, a3);
  sum = mac(sum, d1, a2);
  sum = plus(sum, m1, 6); sum = minus(sum, m0, 9);
  column = i64x2.add(carry(column), sum);
  const m3 = v128.and(column, mask);

  sum = mac(lift, d0, a4);
  sum = mac(sum, d1, a3); sum = mac(sum, a2, a2);
  sum = plus(sum, m2, 6); sum = minus(sum, m1, 9);
  column = i64x2.add(carry(column), sum);
  const m4 = v128.and(column, mask);

  sum = mac(lift, d0, a5);
  sum = mac(sum, d1, a4); sum = mac(sum, d2, a3);
  sum = plus(sum, m3, 6); sum = minus(sum, m2, 9);
  column = i64x2.add(carry(column), sum);
  const m5 = v128.and(column, mask);

  sum = mac(lift, d0, a6);
  sum = mac(sum, d1, a5); sum = mac(sum, d2, a4); sum = mac(sum, a3, a3);
  sum = plus(sum, m4, 6); sum = minus(sum, m3, 9);
  column = i64x2.add(carry(column), sum);
  const m6 = v128.and(column, mask);

  sum = mac(lift, d0, a7);
  sum = mac(sum, d1, a6); sum = mac(sum, d2, a5); sum = mac(sum, d3, a4);
  sum = plus(sum, m5, 6); sum = minus(sum, m4, 9); sum = minus(sum, m0, 21);
  column = i64x2.add(carry(column), sum);
  const m7 = v128.and(column, mask);

  sum = mac(lift, d0, a8);
  sum = mac(sum, d1, a7); sum = mac(sum, d2, a6); sum = mac(sum, d3, a5); sum = mac(sum, a4, a4);
  sum = plus(sum, m6, 6); sum = minus(sum, m5, 9); sum = minus(sum, m1, 21); sum = plus(sum, m0, 24);
  column = i64x2.add(carry(column), sum);
  const m8 = v128.and(column, mask);

  sum = mac(lift, d1, a8);
  sum = mac(sum, d2, a7); sum = mac(sum, d3, a6); sum = mac(sum, d4, a5);
  sum = plus(sum, m7, 6); sum = minus(sum, m6, 9); sum = minus(sum, m2, 21); sum = plus(sum, m1, 24);
  column = i64x2.add(carry(column), sum);
  const r0 = v128.and(column, mask);

  sum = mac(lift, d2, a8);
  sum = mac(sum, d3, a7); sum = mac(sum, d4, a6); sum = mac(sum, a5, a5);
  sum = plus(sum, m8, 6); sum = minus(sum, m7, 9); sum = minus(sum, m3, 21); sum = plus(sum, m2, 24);
  column = i64x2.add(carry(column), sum);
  const r1 = v128.and(column, mask);
  put(to, 0, r0, r1);

  sum = mac(lift, d3, a8);
  sum = mac(sum, d4, a7); sum = mac(sum, d5, a6);
  sum = minus(sum, m8, 9); sum = minus(sum, m4, 21); sum = plus(sum, m3, 24);
  column = i64x2.add(carry(column), sum);
  const r2 = v128.and(column, mask);

  sum = mac(lift, d4, a8);
  sum = mac(sum, d5, a7); sum = mac(sum, a6, a6);
  sum = minus(sum, m5, 21); sum = plus(sum, m4, 24);
  column = i64x2.add(carry(column), sum);
  const r3 = v128.and(column, mask);
  put(to, 2, r2, r3);

  sum = mac(lift, d5, a8);
  sum = mac(sum, d6, a7);
  sum = minus(sum, m6, 21); sum = plus(sum, m5, 24);
  column = i64x2.add(carry(column), sum);
  const r4 = v128.and(column, mask);

  sum = mac(lift, d6, a8);
  sum = mac(sum, a7, a7);
  sum = minus(sum, m7, 21); sum = plus(sum, m6, 24);
  column = i64x2.add(carry(column), sum);
  const r5 = v128.and(column, mask);
  put(to, 4, r4, r5);

  sum = mac(lift, d7, a8);
  sum = minus(sum, m8, 21); sum = plus(sum, m7, 24);
  column = i64x2.add(carry(column), sum);
  const r6 = v128.and(column, mask);

  sum = mac(lift, a8, a8);
  sum = plus(sum, m8, 24);
  column = i64x2.add(carry(column), sum);
  const r7 = v128.and(column, mask);
  put(to, 6, r6, r7);

  const r8 = i64x2.add(carry(column), i64x2.splat(BACK));
  put(to, 8, r8, i64x2.splat(0));
}
