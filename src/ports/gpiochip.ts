/** Lines of a GPIO character device, uAPI v2: one request holds them all, outputs with their first value, so nothing pulses. */
import { closeSync } from 'node:fs';
import { z } from 'zod';
import type { Lines, Port } from '../contracts.js';
import { chipOf, ioctl, namesOf, offsetOf } from './_gpio-chip.js';
import { requestedLines } from './_gpio-lines.js';
import { FD_OFFSET, FLAG, IOCTL, lineRequest, type WantedLine } from './_gpio-uapi.js';

const where = z.union([z.string().min(1).max(31), z.number().int().min(0)]).describe('name of the line, or its offset on the chip');
const bias = z.enum(['as-is', 'none', 'pull-up', 'pull-down']).default('as-is');
const name = z
  .string()
  .regex(/^[a-z][A-Za-z0-9-]{0,31}$/, '须为字母、数字、-，以小写字母开头 · letters, digits, -, the first a small letter');
const output = z.strictObject({
  line: where,
  activeLow: z.boolean().default(false),
  drive: z.enum(['push-pull', 'open-drain', 'open-source']).default('push-pull'),
  bias,
  initial: z.enum(['inactive', 'active']).default('inactive').describe('taken with the request itself, and again before it is given back'),
});
const input = z.strictObject({
  line: where,
  activeLow: z.boolean().default(false),
  bias,
  debounceMs: z.number().min(0).max(1000).default(5),
});
const address = z.strictObject({
  chip: z.string().min(1).max(255).describe('label of the chip, or the path of its device file'),
  outputs: z.record(name, output).default({}),
  inputs: z.record(name, input).default({}),
});
export type GpiochipAddress = z.infer<typeof address>;

const CONSUMER = 'ankang';

/** @throws Error while the chip is away, a line is not on it, or another program holds a line (EBUSY) */
async function open(wanted: GpiochipAddress): Promise<Lines> {
  const chip = chipOf(wanted.chip);
  try {
    const names = namesOf(chip);
    const outputs = Object.entries(wanted.outputs).map(([as, line]) => ({ as, line: outputLine(offsetOf(line.line, names), line) }));
    const inputs = Object.entries(wanted.inputs).map(([as, line]) => ({ as, line: inputLine(offsetOf(line.line, names), line) }));
    const lines = [...outputs, ...inputs];
    const request = lineRequest(
      lines.map(({ line }) => line),
      CONSUMER,
    );
    ioctl(chip, IOCTL.getLine, request);
    return requestedLines(request.readInt32LE(FD_OFFSET), lines);
  } finally {
    closeSync(chip);
  }
}

const BIAS = { 'as-is': 0n, none: FLAG.biasDisabled, 'pull-up': FLAG.pullUp, 'pull-down': FLAG.pullDown } as const;
const DRIVE = { 'push-pull': 0n, 'open-drain': FLAG.openDrain, 'open-source': FLAG.openSource } as const;

function outputLine(offset: number, { activeLow, drive, bias, initial }: z.infer<typeof output>): WantedLine {
  const flags = FLAG.output | DRIVE[drive] | BIAS[bias] | (activeLow ? FLAG.activeLow : 0n);
  return { offset, flags, value: initial === 'active', debounceUs: 0 };
}

function inputLine(offset: number, { activeLow, bias, debounceMs }: z.infer<typeof input>): WantedLine {
  const flags = FLAG.input | FLAG.edgeRising | FLAG.edgeFalling | BIAS[bias] | (activeLow ? FLAG.activeLow : 0n);
  return { offset, flags, value: false, debounceUs: Math.round(debounceMs * 1000) };
}

export default { address, open } satisfies Port<Lines, GpiochipAddress>;
