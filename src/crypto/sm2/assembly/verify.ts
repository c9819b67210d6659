// Verification of an SM2 signature, GB/T 32918.2 chapter 7: is (e + x(s*G + t*P)) mod n = r, with t = (r + s) mod n?
// Public data only: the time taken depends on it.
import { addToChain, doubleChain, endChain, startChain } from './chain';
import { P, fromNumbers, highNumber } from './field';
import {
  G, POINT, addAffine, addAffineSafely, double, findY, hasX, isInfinite, isOnCurve, setAffine, setInfinite, setSigned,
} from './group';
import { PAIR } from './limbs';
import { NUMBER, OCTETS, add, fromOctets, isBelow, isZero, subtract, toOctets } from './number';
import { DIGITS, ENTRY, MOST_WINDOWS, buildTable, buildWindow, digitsOf, entriesOf, windowsOf } from './table';

/** n, GB/T 32918.5. */
const N: usize = memory.data<u64>([0x53bbf40939d54123, 0x7203df6b21c6052b, 0xffffffffffffffff, 0xfffffffeffffffff, 0], 16);

/** Window of the variable point of a key used once: 16 entries are worked out for it. */
export const ONCE_WIDTH: i32 = 5;
const ONCE_ENTRIES: usize = memory.data(17 * ENTRY, 16);

const R: usize = memory.data(NUMBER, 16);
const S: usize = memory.data(NUMBER, 16);
const T: usize = memory.data(NUMBER, 16);
const E: usize = memory.data(NUMBER, 16);
const X: usize = memory.data(NUMBER, 16);
const Y: usize = memory.data(NUMBER, 16);
const KEY: usize = memory.data(PAIR, 16);
const SUM: usize = memory.data(POINT, 16);
const S_DIGITS: usize = memory.data(DIGITS, 16);
const T_DIGITS: usize = memory.data(DIGITS, 16);
const TERM: usize = memory.data(PAIR, 16);
const TERMS: usize = memory.data(2 * MOST_WINDOWS * PAIR, 16);

let baseTable: usize = 0;
let baseWidth: i32 = 0;

/** Behind the last of TERMS. */
let terms: usize = 0;
/** Nothing has been added to the sum yet. */
let empty: bool = true;
/** The formulas that know every case are used: an addition of the fast ones met a point with itself or its opposite. */
let careful: bool = false;

/** Works out the table of G. */
export function startVerifying(table: usize, width: i32): void {
  baseTable = table;
  baseWidth = width;
  buildTable(table, G, width);
}

/** Reads x and y, 64 octets, into KEY; false when they are not a finite point of the curve. */
function readPoint(octets: usize): bool {
  fromOctets(X, octets);
  fromOctets(Y, octets + OCTETS);
  if (!isBelow(X, P) || !isBelow(Y, P)) return false;
  fromNumbers(KEY, X, Y);
  return isOnCurve(KEY);
}

/** Works out the table of a key; false when its 64 octets are not a finite point of the curve. */
export function prepareKey(table: usize, octets: usize, width: i32): bool {
  if (!readPoint(octets)) return false;
  buildTable(table, KEY, width);
  return true;
}

/** Verifies with the table of a key. `e` is 32 octets, the signature r and s of 32 each. */
export function verifyWithTable(e: usize, signature: usize, table: usize, width: i32): bool {
  if (!readSignature(e, signature)) return false;
  digitsOf(T_DIGITS, T, width);
  addUp(table, width);
  if (isInfinite(SUM)) addUpCarefully(table, width);
  return isAccepted();
}

/** Verifies with a key of which no table is kept. */
export function verifyOnce(e: usize, signature: usize, octets: usize): bool {
  if (!readPoint(octets) || !readSignature(e, signature)) return false;
  digitsOf(T_DIGITS, T, ONCE_WIDTH);
  buildWindow(ONCE_ENTRIES, KEY, ONCE_WIDTH);
  addUp(0, 0);
  if (isInfinite(SUM)) addUpCarefully(0, 0);
  return isAccepted();
}

/** Reads e, r, s and works out t and the digits of s; false unless 0 < r, s < n and t is not zero (7.1, steps B1, B2, B5). */
function readSignature(e: usize, signature: usize): bool {
  fromOctets(R, signature);
  fromOctets(S, signature + OCTETS);
  if (isZero(R) || isZero(S) || !isBelow(R, N) || !isBelow(S, N)) return false;
  if (add(T, R, S) || !isBelow(T, N)) subtract(T, T, N);
  if (isZero(T)) return false;
  fromOctets(E, e);
  if (!isBelow(E, N)) subtract(E, E, N);
  digitsOf(S_DIGITS, S, baseWidth);
  return true;
}

/** SUM = t*P + s*G; without a table (0) by doubling. */
function addUp(table: usize, width: i32): void {
  empty = true;
  setInfinite(SUM);
  terms = TERMS;
  if (table) gather(table, T_DIGITS, width);
  else if (careful) addByDoubling();
  else addByChain();
  gather(baseTable, S_DIGITS, baseWidth);
  for (let term = TERMS; term < terms; term += PAIR) addTerm(term);
}

function addUpCarefully(table: usize, width: i32): void {
  careful = true;
  addUp(table, width);
  careful = false;
}

/**
 * Puts the entries a number asks for in a row, with their signs. They lie far apart in memory: read one after the other
 * they are waited for together, read each before its addition they would be waited for one by one.
 */
function gather(table: usize, digits: usize, width: i32): void {
  const bytes = usize(entriesOf(width)) * ENTRY;
  for (let window = 0; window < windowsOf(width); window++) {
    const digit: i32 = load<i16>(digits + 2 * window);
    if (!digit) continue;
    setSigned(terms, entryOf(table + usize(window) * bytes, digit), digit >> 31);
    terms += PAIR;
  }
}

/** The entry of a digit other than zero. */
// @ts-ignore: decorator
@inline
function entryOf(entries: usize, digit: i32): usize {
  return entries + usize(abs<i32>(digit) - 1) * ENTRY;
}

// @ts-ignore: decorator
@inline
function addTerm(term: usize): void {
  if (careful) addAffineSafely(SUM, term);
  else if (empty) setAffine(SUM, term);
  else addAffine(SUM, term);
  empty = false;
}

function addByDoubling(): void {
  for (let window = windowsOf(ONCE_WIDTH) - 1; window >= 0; window--) {
    for (let bit = 0; !empty && bit < ONCE_WIDTH; bit++) double(SUM);
    if (readTerm(window)) addTerm(TERM);
  }
}

/** The same, faster, on the terms of addAffine. */
function addByChain(): void {
  for (let window = windowsOf(ONCE_WIDTH) - 1; window >= 0; window--) {
    for (let bit = 0; !empty && bit < ONCE_WIDTH; bit++) doubleChain(SUM);
    if (!readTerm(window)) continue;
    if (empty) startChain(SUM, TERM);
    else addToChain(SUM, TERM);
    empty = false;
  }
  endChain(SUM);
}

/** Puts what a window adds into TERM; false when that is nothing. */
// @ts-ignore: decorator
@inline
function readTerm(window: i32): bool {
  const digit: i32 = load<i16>(T_DIGITS + 2 * window);
  if (!digit) return false;
  setSigned(TERM, entryOf(ONCE_ENTRIES, digit), digit >> 31);
  return true;
}

/** Is r = (e + x) mod n? x below p is r - e or, as p > n, r - e + n; compared without an inversion. */
function isAccepted(): bool {
  if (isInfinite(SUM)) return false;
  if (subtract(X, R, E)) add(X, X, N);
  if (hasX(SUM, X)) return true;
  return !add(X, X, N) && isBelow(X, P) && hasX(SUM, X);
}

/** From x, 32 octets, and the lowest bit of y, the 32 octets of y; false when no such point is on the curve. */
export function findOrdinate(to: usize, x: usize, odd: i32): bool {
  fromOctets(X, x);
  if (!isBelow(X, P)) return false;
  fromNumbers(KEY, X, X);
  if (!findY(KEY)) return false;
  highNumber(Y, KEY);
  if ((load<i32>(Y) & 1) != odd) subtract(Y, P, Y);
  toOctets(to, Y);
  return true;
}
