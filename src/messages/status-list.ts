/** Status lists of wire.md 3: ascending distinct 8-byte values, searched where they lie; how they are made, checked and changed. */
import { decodeCbor, encodeCbor, isBytes } from '../crypto/cbor.js';
import { hmacSm3, sm3 } from '../crypto/sm3.js';
import type { Steps } from './steps.js';

/** Bytes of one value. */
export const VALUE = 8;
/** Lists and data travel in parts of this many bytes. */
export const PART = 65_536;

const PER_STEP = 16_384;
/** Also what one change costs in this budget, as finding its place takes as long as copying some kilobytes. */
const COPY_PER_STEP = 262_144;
const CHANGE = 512;

/** How many parts a file of `size` bytes has; an empty file has none. */
export const partsOf = (size: number): number => Math.ceil(size / PART);

/** What a list holds for a subject (16 bytes), a code's id (8 bytes) or a pair: HMAC-SM3(list key, token)[0..8). */
export function listValue(key: Uint8Array, token: Uint8Array): Uint8Array {
  return hmacSm3(key, token).subarray(0, VALUE);
}

/** The token of two subjects in their order (guardian, pupil): SM3(a ‖ b)[0..16). */
export function pairToken(a: Uint8Array, b: Uint8Array): Uint8Array {
  return sm3(a, b).subarray(0, 16);
}

/** A list under its key. The bytes are kept, not copied: nobody may write to them afterwards. */
export interface StatusList {
  readonly bytes: Uint8Array;
  listed(token: Uint8Array): boolean;
}

/** `bytes`: proved by `checkSteps`, or made here. */
export function statusList(key: Uint8Array, bytes: Uint8Array): StatusList {
  const values = valuesOf(bytes);
  return { bytes, listed: (token) => contains(values, listValue(key, token)) };
}

/** A list read in place. */
export interface Values {
  readonly view: DataView;
  readonly count: number;
}

export function valuesOf(bytes: Uint8Array): Values {
  return { view: viewOf(bytes), count: bytes.length / VALUE };
}

/**
 * Values are spread evenly, so one stands within a few √count of where its share of 2³² points to: two looks there leave a
 * few kilobytes to halve. For other values the halving has more to do and the answer is the same.
 */
export function contains({ view, count }: Values, value: Uint8Array): boolean {
  const target = viewOf(value);
  const high = target.getUint32(0);
  const low = target.getUint32(4);
  const reach = 2 * Math.ceil(Math.sqrt(count));
  const guess = Math.floor((high / 2 ** 32) * count);
  const left = guess - reach;
  const right = guess + reach;
  const from = left > 0 && isBefore(view, left, high, low) ? left : 0;
  const to = right < count && !isBefore(view, right, high, low) ? right + 1 : count;
  const at = lowerBound(view, from, to, high, low);
  return at < count && view.getUint32(at * VALUE) === high && view.getUint32(at * VALUE + 4) === low;
}

function isBefore(view: DataView, at: number, high: number, low: number): boolean {
  const first = view.getUint32(at * VALUE);
  return first < high || (first === high && view.getUint32(at * VALUE + 4) < low);
}

/** The first place in [from, to) whose value is not below (high, low); `to` when there is none. */
function lowerBound(view: DataView, from: number, to: number, high: number, low: number): number {
  let start = from;
  let end = to;
  while (start < end) {
    const middle = (start + end) >>> 1;
    if (isBefore(view, middle, high, low)) start = middle + 1;
    else end = middle;
  }
  return start;
}

/** Ascending, distinct, whole values and nothing else? */
export function* checkSteps(bytes: Uint8Array): Steps<boolean> {
  if (bytes.length % VALUE !== 0) return false;
  const { view, count } = valuesOf(bytes);
  for (let at = 1; at < count; at++) {
    const next = at * VALUE;
    if (!isBefore(view, at - 1, view.getUint32(next), view.getUint32(next + 4))) return false;
    if (at % PER_STEP === 0) yield;
  }
  return true;
}

/** The list of these values (8 bytes each), in any order, repeated or not. */
export function makeList(values: Iterable<Uint8Array>): Uint8Array {
  const numbers = BigUint64Array.from(values, (value) => viewOf(value).getBigUint64(0)).sort();
  const distinct = numbers.filter((number, at) => at === 0 || number !== numbers[at - 1]);
  const bytes = new Uint8Array(distinct.length * VALUE);
  const view = viewOf(bytes);
  for (const [at, number] of distinct.entries()) view.setBigUint64(at * VALUE, number);
  return bytes;
}

/** CBOR [deleted, inserted] that leads from one list to another. */
export function makeDelta(from: Uint8Array, to: Uint8Array): Uint8Array {
  return encodeCbor([missing(from, to), missing(to, from)]);
}

/** The values of `some` that `others` lacks. */
function missing(some: Uint8Array, others: Uint8Array): Uint8Array {
  const values = valuesOf(others);
  const found: Uint8Array[] = [];
  for (let at = 0; at < some.length; at += VALUE) {
    const value = some.subarray(at, at + VALUE);
    if (!contains(values, value)) found.push(value);
  }
  return makeList(found);
}

/**
 * The new list, `old` untouched; undefined when the bytes are not a delta of exactly this list: what is deleted must be
 * there, what is inserted must not. The result is a list without further checks.
 */
export function* applyDeltaSteps(old: Uint8Array, delta: Uint8Array): Steps<Uint8Array | undefined> {
  const decoded = decodeCbor(delta);
  if (!Array.isArray(decoded) || decoded.length !== 2) return undefined;
  const [deleted, inserted] = decoded;
  if (!isBytes(deleted) || !isBytes(inserted)) return undefined;
  if (!(yield* checkSteps(deleted)) || !(yield* checkSteps(inserted))) return undefined;
  if (deleted.length > old.length) return undefined;
  return yield* merge(old, deleted, inserted);
}

function* merge(old: Uint8Array, deleted: Uint8Array, inserted: Uint8Array): Steps<Uint8Array | undefined> {
  const list = valuesOf(old);
  const gone = valuesOf(deleted);
  const come = valuesOf(inserted);
  // Not zeroed: clearing 8 MB in one go would take milliseconds, and every byte is written before anyone sees it.
  const result = Buffer.allocUnsafeSlow(old.length - deleted.length + inserted.length);
  let read = 0;
  let write = 0;
  let g = 0;
  let c = 0;
  let spent = 0;
  while (g < gone.count || c < come.count) {
    const insert = g === gone.count || (c < come.count && !isBeforeValue(gone, g, come, c));
    const view = insert ? come.view : gone.view;
    const from = (insert ? c++ : g++) * VALUE;
    const at = lowerBound(list.view, read / VALUE, list.count, view.getUint32(from), view.getUint32(from + 4)) * VALUE;
    const there = at < old.length && sameValue(list.view, at, view, from);
    const run = at - read;
    if (there === insert || write + run + (insert ? VALUE : 0) > result.length) return undefined;
    write = yield* copy(old.subarray(read, at), result, write);
    read = insert ? at : at + VALUE;
    if (insert) {
      result.set(inserted.subarray(from, from + VALUE), write);
      write += VALUE;
    }
    spent += run + CHANGE;
    if (spent < COPY_PER_STEP) continue;
    spent = 0;
    yield;
  }
  if (write + old.length - read !== result.length) return undefined;
  yield* copy(old.subarray(read), result, write);
  return result;
}

function isBeforeValue(a: Values, i: number, b: Values, j: number): boolean {
  return isBefore(a.view, i, b.view.getUint32(j * VALUE), b.view.getUint32(j * VALUE + 4));
}

function sameValue(a: DataView, i: number, b: DataView, j: number): boolean {
  return a.getUint32(i) === b.getUint32(j) && a.getUint32(i + 4) === b.getUint32(j + 4);
}

/** Returns where the next byte goes. */
function* copy(from: Uint8Array, to: Uint8Array, at: number): Steps<number> {
  for (let start = 0; start < from.length; start += COPY_PER_STEP) {
    to.set(from.subarray(start, start + COPY_PER_STEP), at + start);
    if (from.length > COPY_PER_STEP) yield;
  }
  return at + from.length;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
