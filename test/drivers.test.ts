/** Every driver by its recording under test/recordings: what goes in on the wire, what must come out of the device. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Bytes, Device, Direction, Driver, InputName, Lines, Link, LinkLost, Log, Signal } from '../src/contracts.js';
import { driverNames } from '../src/station/devices.js';

const ROOT = resolve(import.meta.dirname, '../..');
const RECORDINGS = join(ROOT, 'test/recordings');

/** One step of a recording. `data` is latin1 text, `hex` is bytes; `wait` in ms; `call` is a method and its arguments. */
type Step =
  | { readonly data: string }
  | { readonly hex: string }
  | { readonly wait: number }
  | { readonly edge: readonly [string, boolean] }
  | { readonly call: readonly [string, ...(string | number)[]] };

interface Recording {
  readonly settings: unknown;
  /** Wrong settings that the driver must refuse, each with a word of the reason. */
  readonly refused?: readonly { readonly settings: unknown; readonly word: string }[];
  /** Where inputs stand at the opening. */
  readonly levels?: Readonly<Record<string, boolean>>;
  readonly steps: readonly Step[];
  readonly expect: readonly unknown[];
}

const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

function recordingOf(driver: string): Recording {
  return JSON.parse(readFileSync(join(RECORDINGS, `${driver}.json`), 'utf8')) as Recording;
}

async function driverOf(name: string): Promise<Driver> {
  return ((await import(new URL(`../drivers/${name}.js`, import.meta.url).href)) as { default: Driver }).default;
}

const bytesOf = (step: { readonly data: string } | { readonly hex: string }): Buffer =>
  'data' in step ? Buffer.from(step.data, 'latin1') : Buffer.from(step.hex, 'hex');

/** A wire in memory that keeps what the driver did to it. */
class Wire {
  readonly out: unknown[] = [];
  readonly #data: ((chunk: Uint8Array) => void)[] = [];
  readonly #edges: Parameters<Lines['onEdge']>[0][] = [];
  readonly #levels: Map<string, boolean>;
  readonly #closed: Promise<LinkLost | undefined> = new Promise(() => undefined);

  constructor(levels: Readonly<Record<string, boolean>> = {}) {
    this.#levels = new Map(Object.entries(levels));
  }

  get bytes(): Bytes {
    return {
      kind: 'bytes',
      closed: this.#closed,
      onData: (listener) => void this.#data.push(listener),
      write: (bytes) => void this.out.push({ write: Buffer.from(bytes).toString('latin1') }),
      close: async () => undefined,
    };
  }

  get lines(): Lines {
    return {
      kind: 'lines',
      closed: this.#closed,
      set: (values) => void this.out.push({ set: values }),
      get: (name) => {
        const level = this.#levels.get(name);
        if (level === undefined) throw new Error(`no line is called ${name}`);
        return level;
      },
      onEdge: (listener) => void this.#edges.push(listener),
      close: async () => undefined,
    };
  }

  arrive(chunk: Uint8Array): void {
    for (const listener of this.#data) listener(chunk);
  }

  move(name: string, active: boolean): void {
    if (this.#levels.has(name)) this.#levels.set(name, active);
    for (const listener of this.#edges) listener({ name, active, at: 0 });
  }
}

interface Bench {
  readonly wire: Wire;
  readonly device: Device;
}

function attach(driver: Driver, recording: Recording, log = quiet): Bench {
  const wire = new Wire(recording.levels);
  const link: Link = driver.role === 'scanner' ? wire.bytes : wire.lines;
  const device = driver.attach(link, driver.settings.parse(recording.settings), log);
  if (device.role === 'scanner') device.onReading((bytes) => wire.out.push({ reading: Buffer.from(bytes).toString('latin1') }));
  if (device.role === 'gate') device.onSense((sense) => wire.out.push({ sense }));
  if (device.role === 'inputs') device.onInput((name, active) => wire.out.push({ input: [name, active] }));
  return { wire, device };
}

function call(device: Device, [method, ...args]: readonly [string, ...(string | number)[]], out: unknown[]): void {
  if (device.role === 'gate' && method === 'release') device.release(args[0] as Direction);
  else if (device.role === 'gate' && method === 'lock') device.lock();
  else if (device.role === 'gate' && method === 'senses') out.push({ senses: device.senses });
  else if (device.role === 'signal' && method === 'show') device.show(args[0] as Signal, args[1] as number);
  else if (device.role === 'inputs' && method === 'state') out.push({ state: device.state(args[0] as InputName) });
  else throw new Error(`a ${device.role} has no ${method}`);
}

/** Plays the steps; `cut` is how a chunk is handed over. */
async function play(
  { wire, device }: Bench,
  steps: readonly Step[],
  cut: (chunk: Buffer, step: number) => readonly Buffer[],
): Promise<void> {
  for (const [i, step] of steps.entries()) {
    if ('wait' in step) await sleep(step.wait);
    else if ('edge' in step) wire.move(...step.edge);
    else if ('call' in step) call(device, step.call, wire.out);
    else for (const part of cut(bytesOf(step), i)) wire.arrive(part);
  }
}

const whole = (chunk: Buffer): readonly Buffer[] => [chunk];

for (const name of driverNames()) {
  t.test(`${name}: its recording gives its readings, whole and cut at every byte`, async (t) => {
    const recording = recordingOf(name);
    const driver = await driverOf(name);
    const benches: { readonly bench: Bench; readonly how: string; readonly cut: (chunk: Buffer, step: number) => readonly Buffer[] }[] = [
      { bench: attach(driver, recording), how: 'whole', cut: whole },
      { bench: attach(driver, recording), how: 'byte by byte', cut: (chunk) => Array.from(chunk, (_, i) => chunk.subarray(i, i + 1)) },
    ];
    for (const [step, { length }] of recording.steps
      .map((one) => ('data' in one || 'hex' in one ? bytesOf(one) : Buffer.alloc(0)))
      .entries()) {
      for (let at = 1; at < length; at++) {
        const cut = (chunk: Buffer, i: number): readonly Buffer[] => (i === step ? [chunk.subarray(0, at), chunk.subarray(at)] : [chunk]);
        benches.push({ bench: attach(driver, recording), how: `step ${step} cut at ${at}`, cut });
      }
    }
    await Promise.all(benches.map(({ bench, cut }) => play(bench, recording.steps, cut)));
    for (const { bench, how } of benches) {
      bench.device.close?.();
      t.same(bench.wire.out, recording.expect, how);
    }
  });

  t.test(`${name}: settings that must not be, are refused by a word`, async (t) => {
    const driver = await driverOf(name);
    t.equal(driver.settings.safeParse({ unheardOf: 1 }).success, false);
    for (const { settings, word } of recordingOf(name).refused ?? []) {
      const { error } = driver.settings.safeParse(settings);
      t.match(error?.message ?? 'accepted', word);
    }
  });

  t.test(`${name}: unplugged half-way, it loses only the half frame`, async (t) => {
    const recording = recordingOf(name);
    const driver = await driverOf(name);
    const first = recording.steps.find((step) => 'data' in step || 'hex' in step);
    if (!first || !('data' in first || 'hex' in first)) return;
    const chunk = bytesOf(first);
    const benches = Array.from({ length: chunk.length - 1 }, (_, i) => {
      const old = attach(driver, recording);
      old.wire.arrive(chunk.subarray(0, i + 1));
      old.device.close?.();
      const before = old.wire.out.length;
      return { old, before, replugged: attach(driver, recording) };
    });
    await Promise.all(benches.map(({ replugged }) => play(replugged, recording.steps, whole)));
    for (const { old, before, replugged } of benches) {
      replugged.device.close?.();
      t.same(replugged.wire.out, recording.expect);
      t.equal(old.wire.out.length, before, 'nothing comes from a cable that was pulled');
    }
  });

  t.test(`${name}: megabytes of noise neither throw nor pile up`, async (t) => {
    const recording = recordingOf(name);
    const driver = await driverOf(name);
    let warnings = 0;
    const bench = attach(driver, recording, { ...quiet, warn: () => void warnings++ });
    let longest = 0;
    if (bench.device.role === 'scanner') bench.device.onReading((bytes) => (longest = Math.max(longest, bytes.length)));
    const drain = (): void => void (bench.wire.out.length = 0);
    const random = xorshift(20251);
    for (let i = 0; i < 64; i++) {
      const noise = Buffer.from(Uint32Array.from({ length: 8192 }, random).buffer);
      bench.wire.arrive(noise);
      // Without any end in it: the longest frame that can be.
      bench.wire.arrive(Buffer.alloc(32_768, 0x41));
      for (const line of [...Object.keys(recording.levels ?? {}), 'nobody', '__proto__']) bench.wire.move(line, random() % 2 === 0);
      drain();
    }
    bench.device.close?.();
    t.ok(longest <= 4096, `no frame is longer than the bound: ${longest}`);
    if (driver.role === 'scanner') t.ok(warnings > 0, 'a frame that is too long is told');
  });
}

t.test('every recording has its driver', (t) => {
  for (const name of driverNames()) t.ok(recordingOf(name).expect.length > 0, name);
  t.end();
});

t.test('a frame that is too long is told once, skipped to its end, and the next one is whole', async (t) => {
  const driver = await driverOf('serial-scanner');
  let warnings = 0;
  const bench = attach(driver, { settings: { maxBytes: 64 }, steps: [], expect: [] }, { ...quiet, warn: () => void warnings++ });
  bench.wire.arrive(Buffer.alloc(50, 0x41));
  bench.wire.arrive(Buffer.alloc(50, 0x42));
  bench.wire.arrive(Buffer.alloc(5000, 0x43));
  bench.wire.arrive(Buffer.from('tail\rnext\r'));
  bench.device.close?.();
  t.same(bench.wire.out, [{ reading: 'next' }]);
  t.equal(warnings, 1);
});

t.test('the first byte of a code is told before its last', async (t) => {
  const bench = attach(await driverOf('serial-scanner'), { settings: {}, steps: [], expect: [] });
  if (bench.device.role !== 'scanner') throw new Error('not a scanner');
  bench.device.onStart(() => bench.wire.out.push('start'));
  for (const part of ['A', 'B', '\r', '\n', '\r\n', 'C\r\n']) bench.wire.arrive(Buffer.from(part));
  bench.device.close?.();
  t.same(bench.wire.out, ['start', { reading: 'AB' }, 'start', { reading: 'C' }]);
});

t.test('a scanner that sends hex, Base64 or TAB at the end is understood, and what is neither is handed on as it came', async (t) => {
  const driver = await driverOf('serial-scanner');
  const read = (settings: unknown, text: string): unknown[] => {
    const bench = attach(driver, { settings, steps: [], expect: [] });
    bench.wire.arrive(Buffer.from(text));
    bench.device.close?.();
    return bench.wire.out;
  };
  t.same(read({ armour: 'hex' }, '000Dff\r000Df\rAK1:\r'), [{ reading: '\0\rÿ' }, { reading: '000Df' }, { reading: 'AK1:' }]);
  t.same(read({ armour: 'base64' }, 'AA3/\rAA0=\rA===\rAK1:\r'), [
    { reading: '\0\rÿ' },
    { reading: '\0\r' },
    { reading: 'A===' },
    { reading: 'AK1:' },
  ]);
  t.same(read({ ends: 'tab' }, 'ONE\tTWO\r\t'), [{ reading: 'ONE' }, { reading: 'TWO\r' }]);
});

t.test('the blueprint that drivers are copied from is a whole driver', async (t) => {
  const bench = attach(await driverOf('_blueprint'), { settings: {}, steps: [], expect: [] });
  for (const part of ['AK1:AB', 'C\r', '\nAK1:D\r\n']) bench.wire.arrive(Buffer.from(part));
  t.same(bench.wire.out, [{ reading: 'AK1:ABC' }, { reading: 'AK1:D' }]);
});

t.test('a busy moment of the daemon does not cut a frame in two', async (t) => {
  const bench = attach(await driverOf('serial-scanner'), { settings: { ends: 'gap', gapMs: 20 }, steps: [], expect: [] });
  bench.wire.arrive(Buffer.from('first half '));
  // The rest is waiting to be read when the daemon comes back after more than the gap, as a socket's would be.
  setImmediate(() => bench.wire.arrive(Buffer.from('second half')));
  const until = performance.now() + 60;
  while (performance.now() < until);
  await sleep(100);
  bench.device.close?.();
  t.same(bench.wire.out, [{ reading: 'first half second half' }]);
});

function xorshift(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
