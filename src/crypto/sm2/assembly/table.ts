// Tables of multiples of one point: entry k of window j is k * 2^(width * j) * point, affine, k = 1 .. 2^(width - 1).
// With one for G and one for the key a verification is additions only, no doubling.
import { invert } from './field';
import { POINT, addAffine, double, setAffine } from './group';
import { PAIR } from './limbs';
import { bitsOf } from './number';
import { multiply } from './product';

/** Bytes of an entry in a table. */
export const ENTRY: usize = 72;

/** Bytes that may be read behind the last entry of a table. */
const BEHIND: usize = 8;

/** Most windows a number has: those of width 4. */
export const MOST_WINDOWS = 65;

/** Bytes of the digits of one number. */
export const DIGITS: usize = MOST_WINDOWS * 2;

const INVERSE: usize = memory.data(PAIR, 16);
const ENTRY_INVERSE: usize = memory.data(PAIR, 16);
const BASE: usize = memory.data(PAIR, 16);

let points: usize = 0;
let products: usize = 0;

/** Windows of a number below 2^256; the last one takes the carry of the signed digits. */
export function windowsOf(width: i32): i32 {
  return (256 + width) / width;
}

/** Entries of one window. */
export function entriesOf(width: i32): i32 {
  return 1 << (width - 1);
}

export function tableBytes(width: i32): usize {
  return (usize(windowsOf(width) * entriesOf(width)) * ENTRY + BEHIND + 15) & ~15;
}

/** Bytes the building of a table of this width works in. */
export function workBytes(width: i32): usize {
  return usize(entriesOf(width) + 1) * (POINT + PAIR);
}

/** Says where tables up to this width are worked out. */
export function workAt(address: usize, width: i32): void {
  points = address;
  products = address + usize(entriesOf(width) + 1) * POINT;
}

/** The whole table of a finite point. */
export function buildTable(table: usize, affine: usize, width: i32): void {
  memory.copy(BASE, affine, PAIR);
  const bytes = usize(entriesOf(width)) * ENTRY;
  for (let window = 0; window < windowsOf(width); window++) buildWindow(table + usize(window) * bytes, BASE, width);
}

/** One window of a finite point; `base` becomes the base of the next window. One inversion serves all its entries. */
export function buildWindow(entries: usize, base: usize, width: i32): void {
  const last = usize(entriesOf(width));
  spread(base, last);
  toAffine(entries, base, last);
}

/** points[k] = (k + 1) * base, but the last one is twice its forerunner. */
function spread(base: usize, last: usize): void {
  setAffine(points, base);
  for (let index: usize = 1; index <= last; index++) {
    const point = points + index * POINT;
    memory.copy(point, point - POINT, POINT);
    if (index == 1 || index == last) double(point);
    else addAffine(point, base);
  }
}

/** x = X/ZZ, y = Y/ZZZ of all points: both lanes are inverted at once, all of them by one inversion of their product. */
function toAffine(entries: usize, next: usize, last: usize): void {
  memory.copy(products, points + PAIR, PAIR);
  for (let index: usize = 1; index <= last; index++) {
    multiply(products + index * PAIR, products + (index - 1) * PAIR, points + index * POINT + PAIR);
  }
  invert(INVERSE, products + last * PAIR);
  for (let index = last; index > 0; index--) {
    const point = points + index * POINT;
    multiply(ENTRY_INVERSE, INVERSE, products + (index - 1) * PAIR);
    multiply(INVERSE, INVERSE, point + PAIR);
    multiply(point, point, ENTRY_INVERSE);
    memory.copy(index == last ? next : entries + index * ENTRY, point, ENTRY);
  }
  multiply(points, points, INVERSE);
  memory.copy(entries, points, ENTRY);
}

/** The signed digits of a number, least first, each between -2^(width-1) and 2^(width-1). */
export function digitsOf(digits: usize, a: usize, width: i32): void {
  let carry = 0;
  for (let window = 0; window < windowsOf(width); window++) {
    const digit = bitsOf(a, window * width, width) + carry;
    carry = i32(digit > entriesOf(width));
    store<i16>(digits + 2 * window, i16(digit - (carry << width)));
  }
}
