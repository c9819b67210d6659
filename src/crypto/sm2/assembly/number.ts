// Whole numbers below 2^256: four 64-bit words, least first, and a fifth word that is always zero so that bits can be read
// past the end.

/** Bytes of one number, the zero word included. */
export const NUMBER: usize = 40;

/** Bytes of a number as the standard writes it, most significant byte first. */
export const OCTETS: usize = 32;

/** Reads 32 octets, most significant first. */
export function fromOctets(to: usize, octets: usize): void {
  for (let word: usize = 0; word < OCTETS; word += 8) store<u64>(to + word, bswap<u64>(load<u64>(octets + 24 - word)));
}

/** Writes 32 octets, most significant first. */
export function toOctets(octets: usize, a: usize): void {
  for (let word: usize = 0; word < OCTETS; word += 8) store<u64>(octets + 24 - word, bswap<u64>(load<u64>(a + word)));
}

export function isZero(a: usize): bool {
  return (load<u64>(a) | load<u64>(a, 8) | load<u64>(a, 16) | load<u64>(a, 24)) == 0;
}

export function isBelow(a: usize, b: usize): bool {
  for (let word: usize = OCTETS; word > 0; word -= 8) {
    const mine = load<u64>(a + word - 8);
    const other = load<u64>(b + word - 8);
    if (mine != other) return mine < other;
  }
  return false;
}

/** to = a + b modulo 2^256; true when a bit was carried out. */
export function add(to: usize, a: usize, b: usize): bool {
  let carry: u64 = 0;
  for (let word: usize = 0; word < OCTETS; word += 8) {
    const first = load<u64>(a + word) + carry;
    const sum = first + load<u64>(b + word);
    carry = u64(first < carry) | u64(sum < first);
    store<u64>(to + word, sum);
  }
  return carry != 0;
}

/** to = a - b modulo 2^256; true when a bit was borrowed. */
export function subtract(to: usize, a: usize, b: usize): bool {
  let borrow: u64 = 0;
  for (let word: usize = 0; word < OCTETS; word += 8) {
    const mine = load<u64>(a + word);
    const first = mine - load<u64>(b + word);
    store<u64>(to + word, first - borrow);
    borrow = u64(mine < load<u64>(b + word)) | u64(first < borrow);
  }
  return borrow != 0;
}

/** `count` bits from bit `from` upwards; bits from 256 on are zero. */
// @ts-ignore: decorator
@inline
export function bitsOf(a: usize, from: i32, count: i32): i32 {
  return i32((load<u64>(a + (from >>> 3)) >>> (from & 7)) & ((1 << count) - 1));
}
