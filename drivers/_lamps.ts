/** Lamps and buzzers on lines: a pattern of lines for every signal. */
import { z } from 'zod';
import type { Lines, Log, Signal, Signaller } from '../src/contracts.js';

const SIGNALS = ['admitted', 'refused', 'attention', 'reading', 'idle', 'fault'] as const satisfies readonly Signal[];

const step = z.strictObject({
  on: z
    .array(
      z.string().regex(/^[a-z][A-Za-z0-9-]{0,31}$/, '须为字母、数字、-，以小写字母开头 · letters, digits, -, the first a small letter'),
    )
    .max(16),
  ms: z.number().int().min(20).max(60_000).optional().describe('absent, in the last step: as long as the signal lasts'),
});
const pattern = z
  .array(step)
  .min(1)
  .max(16)
  .refine(
    (steps) => steps.slice(0, -1).every(({ ms }) => ms !== undefined),
    '只有最后一步可以不写 ms · only the last step may leave out ms',
  )
  .describe('steps, one after the other; when the last one has its ms too, again from the first');

export const lampSettings = z.strictObject({
  lines: z
    .array(
      z.string().regex(/^[a-z][A-Za-z0-9-]{0,31}$/, '须为字母、数字、-，以小写字母开头 · letters, digits, -, the first a small letter'),
    )
    .min(1)
    .max(16)
    .describe('outputs that are wired: lamps and buzzers'),
  signals: z.partialRecord(z.enum(SIGNALS), pattern),
});
export type LampSettings = z.infer<typeof lampSettings>;
type Step = z.infer<typeof step>;

/** The longest delay a timer takes; a signal "until told otherwise" is this long. */
const LONGEST_MS = 2 ** 31 - 1;

export function lampsOver(link: Lines, { lines, signals }: LampSettings, log: Log): Signaller & { close(): void } {
  let next: ReturnType<typeof setTimeout> | undefined;
  let end: ReturnType<typeof setTimeout> | undefined;
  const light = (on: readonly string[]): void => {
    try {
      link.set(Object.fromEntries(lines.map((line) => [line, on.includes(line)])));
    } catch (error) {
      log.error('lamps-dark', { reason: error instanceof Error ? error.message : String(error) });
      stop();
      void link.close();
    }
  };
  const stop = (): void => {
    clearTimeout(next);
    clearTimeout(end);
  };
  const play = (steps: readonly Step[], at: number): void => {
    const { on, ms } = steps[at] ?? { on: [] };
    if (ms !== undefined) next = setTimeout(() => play(steps, (at + 1) % steps.length), ms);
    light(on);
  };
  const begin = (signal: Signal): void => {
    stop();
    play(signals[signal] ?? [{ on: [] }], 0);
  };

  begin('idle');
  return {
    role: 'signal',
    show(signal, ms) {
      begin(signal);
      if (signal !== 'idle') end = setTimeout(() => begin('idle'), Math.min(Math.max(ms, 1), LONGEST_MS));
    },
    // The port leaves the lines as its address says they rest.
    close: stop,
  };
}
