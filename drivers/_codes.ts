/** Scanners whose port decodes pictures: which of the codes that were seen is a reading is all they differ in. */
import type { Codes, Log, Scanner } from '../src/contracts.js';

/** Bytes of the largest QR code there is: version 40, level L (ISO/IEC 18004). */
const LONGEST = 2953;

/** `isReading` is asked at every picture, also when it shows no code; `at` is monotonic, in ms. */
export function scannerOfCodes(link: Codes, log: Log, isReading: (code: Uint8Array | undefined, at: number) => boolean): Scanner {
  const starts: (() => void)[] = [];
  const readings: Parameters<Scanner['onReading']>[0][] = [];
  link.onPicture(({ at, code }) => {
    const isOverLong = code !== undefined && code.length > LONGEST;
    if (isOverLong) log.warn('frame-over-long', { maxBytes: LONGEST });
    const whole = isOverLong || code?.length === 0 ? undefined : code;
    if (!isReading(whole, at) || !whole) return;
    for (const listener of starts) listener();
    for (const listener of readings) listener(whole, 'code');
  });
  return {
    role: 'scanner',
    onStart: (listener) => void starts.push(listener),
    onReading: (listener) => void readings.push(listener),
  };
}
