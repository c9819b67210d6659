// What the daemon sees of the SM2 verifier; ../wasm.ts is the other side. Compiled by `npm run build:sm2`:
//
//   asc src/crypto/sm2/assembly/index.ts -o build/src/crypto/sm2/sm2.wasm
//     -O3 --noAssert --runtime stub --enable simd --disableWarning 201
//
// (201 warns of usize that would be 64 bits wide in another memory model than the 32-bit one of this module.)
//
// Nothing is allocated: memory is constants and working areas, then the table of G, the tables of the keys, and the area
// tables are worked out in. Pages never written to cost nothing.
import { startField } from './field';
import { startGroup } from './group';
import { sm3 as digest, startSm3 } from './sm3';
import { tableBytes, workAt, workBytes } from './table';
import { ONCE_WIDTH, findOrdinate, prepareKey, startVerifying, verifyOnce as once, verifyWithTable } from './verify';

/** Longest text `sm3` takes, octets. */
const LONGEST_TEXT: usize = 4096;

/** Where the caller puts x ‖ y of a point (64 octets), e (32), r ‖ s (64), and the text of a digest. */
const KEY: usize = memory.data(64, 16);
const E: usize = memory.data(32, 16);
const SIGNATURE: usize = memory.data(64, 16);
const TEXT: usize = memory.data(4096 + 72, 16);

let keyTables: usize = 0;
let keyWidth: i32 = 0;

export function keyAt(): usize {
  return KEY;
}

export function eAt(): usize {
  return E;
}

export function signatureAt(): usize {
  return SIGNATURE;
}

export function textAt(): usize {
  return TEXT;
}

export function longestText(): usize {
  return LONGEST_TEXT;
}

/** To be called once, first. Widths in bits, 4 to 10; false when there is no memory for so many tables. */
export function start(baseWidth: i32, width: i32, slots: i32): bool {
  const baseTable = (__heap_base + 15) & ~15;
  const work = baseTable + tableBytes(baseWidth);
  const widest = max(max(baseWidth, width), ONCE_WIDTH);
  keyTables = work + workBytes(widest);
  keyWidth = width;
  const end = keyTables + usize(slots) * tableBytes(width);
  const missing = i32((end + 0xffff) >>> 16) - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) return false;
  workAt(work, widest);
  startField();
  startGroup();
  startSm3();
  startVerifying(baseTable, baseWidth);
  return true;
}

function tableOf(slot: i32): usize {
  return keyTables + usize(slot) * tableBytes(keyWidth);
}

/** Works the table of the point out; false when it is not a finite point of the curve. */
export function prepare(slot: i32): bool {
  return prepareKey(tableOf(slot), KEY, keyWidth);
}

/** The slot holds a table. */
export function verifyPrepared(slot: i32): bool {
  return verifyWithTable(E, SIGNATURE, tableOf(slot), keyWidth);
}

export function verifyOnce(): bool {
  return once(E, SIGNATURE, KEY);
}

/** x stands in place, `odd` is the lowest bit of y; y is put behind it. False when there is no such point. */
export function decompress(odd: i32): bool {
  return findOrdinate(KEY + 32, KEY, odd);
}

/** Digest of the text, put where e is read from. */
export function sm3(length: i32): void {
  digest(E, TEXT, usize(length));
}
