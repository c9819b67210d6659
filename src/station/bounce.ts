/** Tells a code that is held before a scanner from one that is shown again. */
import type { Reading } from '../contracts.js';
import { sameBytes } from '../crypto/cbor.js';

/** wire.md 2: the same reading again so soon at the same reader is a bounce. */
const BOUNCE_MS = 3000;

/** A code held before a scanner is read again and again; only the first of these readings speaks. */
export function createBounceFilter(): (reading: Reading) => boolean {
  const last = new Map<string, { readonly bytes: Uint8Array; readonly at: number }>();
  return (reading) => {
    const before = last.get(reading.device);
    last.set(reading.device, { bytes: reading.bytes, at: reading.monotonic });
    return before !== undefined && reading.monotonic - before.at < BOUNCE_MS && sameBytes(before.bytes, reading.bytes);
  };
}
