/**
 * A live camera as a scanner. A code that is held before it is one reading, however many pictures show it; it is a reading
 * again once it was away. Codes are remembered no longer than that.
 */
import { z } from 'zod';
import type { Codes, Driver, Log, Scanner } from '../src/contracts.js';
import { scannerOfCodes } from './_codes.js';

const settings = z.strictObject({
  awayMs: z
    .number()
    .int()
    .min(200)
    .max(60_000)
    .default(1500)
    .describe('a code that was not seen for so long is a new reading when it is seen again'),
});
type Settings = z.infer<typeof settings>;

/** Codes that are before a camera at once: two phones, a hand of cards. */
const MOST = 16;

function attach(link: Codes, { awayMs }: Settings, log: Log): Scanner & { close(): void } {
  /** Code → when it was last seen, the latest at the end. */
  const seen = new Map<string, number>();
  const scanner = scannerOfCodes(link, log, (code, now) => {
    for (const [known, at] of seen) if (now - at >= awayMs || seen.size > MOST) seen.delete(known);
    if (!code) return false;
    const key = String.fromCharCode(...code);
    const isKnown = seen.delete(key);
    seen.set(key, now);
    return !isKnown;
  });
  return { ...scanner, close: () => seen.clear() };
}

export default { role: 'scanner', port: 'camera', settings, attach } satisfies Driver<Codes, Settings, Scanner>;
