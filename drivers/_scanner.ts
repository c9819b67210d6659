/** Code scanners whose frames come in pieces: what serial, simulated and HID ones have in common. */
import { z } from 'zod';
import type { Bytes, Log, Scanner } from '../src/contracts.js';
import { unarmour } from '../src/framing/armour.js';
import type { Framed, Framer } from '../src/framing/frames.js';
import { gapFramer } from '../src/framing/gap.js';
import { CR, LF, suffixFramer, TAB } from '../src/framing/suffix.js';

const SUFFIX = { none: [], cr: [CR], lf: [LF], crlf: [CR, LF], tab: [TAB] } as const;

export const scannerSettings = z.strictObject({
  ends: z
    .enum(['line', 'tab', 'gap'])
    .default('line')
    .describe('line: at CR, LF or CRLF; tab: at TAB; both also at a pause. gap: at a pause only, for scanners that read binary codes'),
  suffix: z
    .enum(['none', 'cr', 'lf', 'crlf', 'tab'])
    .default('none')
    .describe('with gap: what the scanner appends, cut off at the very end'),
  gapMs: z.number().int().min(20).max(2000).default(60).describe('a pause this long ends a frame'),
  maxBytes: z.number().int().min(64).max(65_536).default(4096).describe('a longer frame is noise'),
  armour: z.enum(['none', 'hex', 'base64']).default('none').describe('what the scanner was told to send instead of bytes'),
});
export type ScannerSettings = z.infer<typeof scannerSettings>;

export function scannerOver(link: Bytes, settings: ScannerSettings, log: Log): Scanner & { close(): void } {
  return framedScanner((listener) => link.onData(listener), { ...settings, framer: framerFor(settings) }, log);
}

export interface Framing extends Pick<ScannerSettings, 'gapMs' | 'maxBytes' | 'armour'> {
  readonly framer: Framer;
}

/** A scanner whose chunks, be they bytes or reports, are put together by a framer; `listen` hands them over. */
export function framedScanner(
  listen: (listener: (chunk: Uint8Array) => void) => void,
  { framer, gapMs, maxBytes, armour }: Framing,
  log: Log,
): Scanner & { close(): void } {
  const starts: (() => void)[] = [];
  const readings: Parameters<Scanner['onReading']>[0][] = [];
  const tell = (framed: readonly Framed[]): void => {
    for (const one of framed) {
      if (one.event === 'start') for (const listener of starts) listener();
      else if (one.event === 'frame') for (const listener of readings) listener(unarmour(one.bytes, armour), 'code');
      else log.warn(`frame-${one.event}`, { maxBytes });
    }
  };
  const pause = pauseAfter(gapMs, () => tell(framer.idle()));
  listen((chunk) => {
    pause.restart();
    tell(framer.push(chunk));
  });
  return {
    role: 'scanner',
    onStart: (listener) => void starts.push(listener),
    onReading: (listener) => void readings.push(listener),
    close: () => pause.stop(),
  };
}

function framerFor({ ends, suffix, maxBytes: limit }: ScannerSettings): Framer {
  if (ends === 'gap') return gapFramer({ suffix: SUFFIX[suffix], limit });
  return suffixFramer({ ends: ends === 'tab' ? [TAB] : [CR, LF], limit });
}

/**
 * Two halves of the gap, one after the other: a busy process fires a late timer before it reads what is waiting on the wire,
 * so a single timer would cut a frame in two that had no pause in it.
 */
export function pauseAfter(gapMs: number, onPause: () => void): { restart(): void; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const restart = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = setTimeout(onPause, gapMs / 2);
    }, gapMs / 2);
  };
  return { restart, stop: () => clearTimeout(timer) };
}
