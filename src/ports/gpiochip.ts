/** Lines of a GPIO character device, uAPI v2: one request holds them all, outputs with their first value, so nothing pulses. */
import { closeSync, readSync } from 'node:fs';
import { z } from 'zod';
import type { Lines, LinkLost, Port } from '../contracts.js';
import { closing, reasonOf } from './_closing.js';
import { chipOf, ioctl, namesOf, offsetOf } from './_gpio-chip.js';
import {
  bitsOf,
  EDGE_BUFFER,
  EDGE_SIZE,
  edgesOf,
  FD_OFFSET,
  FLAG,
  IOCTL,
  lineRequest,
  lineValues,
  type RawEdge,
  type WantedLine,
} from './_gpio-uapi.js';
import { watch } from './_poll.js';

const where = z.union([z.string().min(1).max(31), z.number().int().min(0)]).describe('name of the line, or its offset on the chip');
const bias = z.enum(['as-is', 'none', 'pull-up', 'pull-down']).default('as-is');
const name = z.string().regex(/^[a-z][A-Za-z0-9-]{0,31}$/);
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
    return held(request.readInt32LE(FD_OFFSET), lines);
  } finally {
    closeSync(chip);
  }
}

interface Named {
  readonly as: string;
  readonly line: WantedLine;
}

/** A descriptor that makes no link gives its lines back at once. */
function held(fd: number, lines: readonly Named[]): Lines {
  try {
    return requested(fd, lines);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function requested(fd: number, lines: readonly Named[]): Lines {
  const end = closing();
  const listeners: Parameters<Lines['onEdge']>[0][] = [];
  const index = new Map(lines.map(({ as }, i) => [as, i] as const));
  const inputs = lines.filter(({ line }) => isInput(line));
  const last = new Map<string, boolean>();
  let sequence = 0;

  const indexOf = (as: string): number => {
    const i = index.get(as);
    if (i === undefined) throw new Error(`no line is called ${as}`);
    if (end.ended) throw new Error('the lines were given back');
    return i;
  };
  const get = (as: string): boolean => {
    const mask = 1n << BigInt(indexOf(as));
    const values = lineValues(0n, mask);
    ioctl(fd, IOCTL.getValues, values);
    return (bitsOf(values) & mask) !== 0n;
  };
  const set = (values: Readonly<Record<string, boolean>>): void => {
    let [bits, mask] = [0n, 0n];
    for (const [as, active] of Object.entries(values)) {
      const bit = 1n << BigInt(indexOf(as));
      mask |= bit;
      if (active) bits |= bit;
    }
    if (mask !== 0n) ioctl(fd, IOCTL.setValues, lineValues(bits, mask));
  };
  const tell = (as: string, active: boolean, at: number): void => {
    last.set(as, active);
    for (const listener of listeners) listener({ name: as, active, at });
  };
  /** False: edges before this one are lost, the kernel's queue had overflowed. */
  const edge = ({ offset, active, at, sequence: number }: RawEdge): boolean => {
    const line = inputs.find((one) => one.line.offset === offset);
    const whole = number === (sequence + 1) >>> 0;
    sequence = number;
    if (line) tell(line.as, active, at);
    return whole;
  };
  /** Where the lines stand now is told, whatever was lost on the way. */
  const settle = (at: number): void => {
    for (const { as } of inputs) if (!end.ended && get(as) !== last.get(as)) tell(as, !last.get(as), at);
  };
  let releasing: Promise<void> | undefined;
  /** The descriptor is closed after the waiting thread has let go of it: until then the kernel keeps the lines. */
  const giveBack = async (lost: LinkLost | undefined): Promise<void> => {
    end.end(lost ?? rest(lines, set));
    await watching.stop();
    closeSync(fd);
  };
  const release = (lost: LinkLost | undefined): Promise<void> => {
    releasing ??= giveBack(lost);
    return releasing;
  };
  const lose = (reason: string): void => void release({ reason });
  const ready = (): void => {
    try {
      const buffer = Buffer.alloc(EDGE_BUFFER * EDGE_SIZE);
      const edges = edgesOf(buffer.subarray(0, readSync(fd, buffer)));
      const whole = edges.map((one) => end.ended || edge(one)).every(Boolean);
      if (!whole) settle(edges.at(-1)?.at ?? 0);
    } catch (error) {
      lose(reasonOf(error));
    }
  };

  for (const { as } of inputs) last.set(as, get(as));
  const watching = watch(fd, ready, lose);
  return { kind: 'lines', closed: end.closed, set, get, onEdge: (listener) => void listeners.push(listener), close: () => release(undefined) };
}

/** What the kernel leaves on a released line differs from chip to chip: so it is left as it was asked for. */
function rest(lines: readonly Named[], set: Lines['set']): LinkLost | undefined {
  try {
    set(Object.fromEntries(lines.filter(({ line }) => !isInput(line)).map(({ as, line }) => [as, line.value])));
    return undefined;
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

const isInput = (line: WantedLine): boolean => (line.flags & FLAG.input) !== 0n;

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
