/**
 * Lines through /sys/class/gpio, for kernels without the character device. Limits, by nature of sysfs: an output stays as it
 * is when the daemon is killed, edges have no queue, and the sandbox of systemd hides the folder.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Gpio } from 'onoff';
import { z } from 'zod';
import type { Lines, LinkLost, Port } from '../contracts.js';
import { closing, reasonOf } from './_closing.js';

const offset = z.number().int().min(0).max(4095).describe('offset of the line on its chip');
const name = z
  .string()
  .regex(/^[a-z][A-Za-z0-9-]{0,31}$/, '须为字母、数字、-，以小写字母开头 · letters, digits, -, the first a small letter');
const output = z.strictObject({
  line: offset,
  activeLow: z.boolean().default(false),
  initial: z.enum(['inactive', 'active']).default('inactive'),
});
const input = z.strictObject({
  line: offset,
  activeLow: z.boolean().default(false),
  debounceMs: z.number().int().min(0).max(1000).default(5),
});
const address = z.strictObject({
  chip: z.string().min(1).max(64).describe('label of the chip'),
  outputs: z.record(name, output).default({}),
  inputs: z.record(name, input).default({}),
});
export type SysfsAddress = z.infer<typeof address>;

const ROOT = '/sys/class/gpio';

/** @throws Error while the chip is away, or where this user may not export lines (EACCES, EROFS) */
async function open({ chip, outputs, inputs }: SysfsAddress): Promise<Lines> {
  const { Gpio } = await import('onoff');
  const base = baseOf(chip);
  const lines = new Map<string, Line>();
  try {
    for (const [as, { line, activeLow, initial }] of Object.entries(outputs)) {
      // The direction file takes the electrical level together with the direction: the line never stands anywhere else.
      const level = (initial === 'active') !== activeLow ? 'high' : 'low';
      const made = (number: number): Gpio => prove(new Gpio(number, level, 'none', { activeLow }), 'out', activeLow);
      lines.set(as, take(base + line, made, initial === 'active'));
    }
    for (const [as, { line, activeLow, debounceMs }] of Object.entries(inputs)) {
      const made = (number: number): Gpio =>
        prove(new Gpio(number, 'in', 'both', { activeLow, debounceTimeout: debounceMs }), 'in', activeLow);
      lines.set(as, take(base + line, made));
    }
    return link(lines, base);
  } catch (error) {
    for (const line of lines.values()) line.giveBack();
    throw error;
  }
}

interface Line {
  readonly gpio: Gpio;
  /** Value to leave behind; undefined: an input. */
  readonly initial: boolean | undefined;
  giveBack(): void;
}

/** A line that was exported before us (a unit's ExecStartPre) stays exported: its safe level is that unit's business too. */
function take(number: number, make: (number: number) => Gpio, initial?: boolean): Line {
  const exportedBefore = existsSync(join(ROOT, `gpio${number}`));
  const gpio = make(number);
  const giveBack = (): void => (exportedBefore ? gpio.unwatchAll() : gpio.unexport());
  return { gpio, initial, giveBack };
}

/** onoff goes on without a word when it may not configure a line that was exported before. */
function prove(gpio: Gpio, direction: 'in' | 'out', activeLow: boolean): Gpio {
  if (gpio.direction() === direction && gpio.activeLow() === activeLow) return gpio;
  throw new Error(`a GPIO line is exported already and refuses to become ${direction}`);
}

/** How often a chip is looked for: sysfs has no word for a chip that went away. */
const LOOK_MS = 500;

function link(lines: ReadonlyMap<string, Line>, base: number): Lines {
  const end = closing();
  const listeners: Parameters<Lines['onEdge']>[0][] = [];
  const lineOf = (as: string): Gpio => {
    const line = lines.get(as);
    if (!line) throw new Error(`no line is called ${as}`);
    if (end.ended) throw new Error('the lines were given back');
    return line.gpio;
  };
  const finish = (lost: LinkLost | undefined): void => {
    if (end.ended) return;
    end.end(lost);
    clearInterval(looking);
    for (const line of lines.values()) giveBack(line);
  };
  const looking = setInterval(() => {
    if (!existsSync(join(ROOT, `gpiochip${base}`))) finish({ reason: 'the GPIO chip went away' });
  }, LOOK_MS);
  const set = (values: Readonly<Record<string, boolean>>): void => {
    // One file per line: what falls, falls first, so that two outputs that exclude each other never overlap.
    const wanted = Object.entries(values).sort(([, a], [, b]) => Number(a) - Number(b));
    for (const [as, active] of wanted) lineOf(as).writeSync(active ? 1 : 0);
  };
  for (const [as, { gpio, initial }] of lines) {
    if (initial !== undefined) continue;
    surviveReading(gpio, (reason) => finish({ reason }));
    gpio.watch((error, value) => {
      if (error) finish({ reason: reasonOf(error) });
      else for (const listener of listeners) listener({ name: as, active: value === 1, at: Number(process.hrtime.bigint()) / 1e6 });
    });
  }
  return {
    kind: 'lines',
    closed: end.closed,
    set,
    get: (as) => lineOf(as).readSync() === 1,
    onEdge: (listener) => void listeners.push(listener),
    close: async () => {
      if (!end.ended) finish(rest(lines));
    },
  };
}

/** What went away cannot be given back; that it went away is what `closed` tells. */
function giveBack(line: Line): void {
  try {
    line.giveBack();
  } catch {
    return;
  }
}

/** onoff reads the line inside its event handler, where an exception would end the daemon. */
function surviveReading(gpio: Gpio, lose: (reason: string) => void): void {
  const read = gpio.readSync.bind(gpio);
  let last = read();
  gpio.readSync = () => {
    try {
      last = read();
    } catch (error) {
      lose(reasonOf(error));
    }
    return last;
  };
}

function rest(lines: ReadonlyMap<string, Line>): LinkLost | undefined {
  try {
    for (const { gpio, initial } of lines.values()) if (initial !== undefined) gpio.writeSync(initial ? 1 : 0);
    return undefined;
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

/** Kernels from 6.2 count from 512, older ones from the top: the number of a line is its chip's base and its offset. */
function baseOf(label: string): number {
  for (const chip of readdirSync(ROOT).filter((entry) => entry.startsWith('gpiochip'))) {
    if (text(chip, 'label') === label) return Number(text(chip, 'base'));
  }
  throw new Error(`no GPIO chip under ${ROOT} has the label ${label}`);
}

const text = (chip: string, file: string): string => readFileSync(join(ROOT, chip, file), 'utf8').trim();

export default { address, open } satisfies Port<Lines, SysfsAddress>;
