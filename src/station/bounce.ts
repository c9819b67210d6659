/** Tells a code that is held before a scanner from one that is shown again. */
import type { Reading } from '../contracts.js';
import { sm3Hex } from '../crypto/sm3.js';

/** wire.md 2: the same reading again so soon at the same reader is a bounce. */
const BOUNCE_MS = 3000;

/** A code held before a scanner is read again and again; only the first of these readings speaks. The code itself is not kept. */
export function createBounceFilter(): (reading: Reading) => boolean {
  const last = new Map<string, { readonly digest: string; readonly at: number }>();
  return (reading) => {
    const before = last.get(reading.device);
    const digest = sm3Hex(reading.bytes);
    last.set(reading.device, { digest, at: reading.monotonic });
    return before !== undefined && reading.monotonic - before.at < BOUNCE_MS && before.digest === digest;
  };
}
