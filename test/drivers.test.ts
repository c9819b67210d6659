/** Every driver by its recording under test/recordings: what goes in on the wire, what must come out of the device. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type {
  Bytes,
  Codes,
  Device,
  Direction,
  Driver,
  InputName,
  Lines,
  Link,
  LinkLost,
  Log,
  Medium,
  Picture,
  Reports,
  Signal,
  Sound,
  Sounds,
  Text,
} from '../src/contracts.js';
import { decodeCborMap } from '../src/crypto/cbor.js';
import { driverNames } from '../src/station/devices.js';

const ROOT = resolve(import.meta.dirname, '../..');
const RECORDINGS = join(ROOT, 'test/recordings');

/** One step of a recording. `data` is latin1 text, `hex` is bytes; `wait` in ms; `call` is a method and its arguments. A list is told item by item. */
type Step =
  | { readonly reports: readonly string[] }
  | { readonly lines: readonly string[] }
  /** When each picture came, in ms, and the hex of the code in it. */
  | { readonly pictures: readonly (readonly [number, string | null])[] }
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
  /** What the device answers to what is written to it, in hex: bytes, or reports. */
  readonly replies?: Readonly<Record<string, readonly string[]>>;
  /** Reports that are a frame without an end when they are sent again and again. */
  readonly endless?: readonly string[];
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
  readonly #reports: ((report: Uint8Array) => void)[] = [];
  readonly #text: ((line: string) => void)[] = [];
  readonly #edges: Parameters<Lines['onEdge']>[0][] = [];
  readonly #pictures: ((picture: Picture) => void)[] = [];
  readonly #replies: NonNullable<Recording['replies']>;
  readonly #levels: Map<string, boolean>;
  readonly #closed: Promise<LinkLost | undefined> = new Promise(() => undefined);

  /** How an answer is handed over. */
  cut: (chunk: Buffer) => readonly Buffer[] = (chunk) => [chunk];

  constructor({ levels = {}, replies = {} }: Pick<Recording, 'levels' | 'replies'>) {
    this.#levels = new Map(Object.entries(levels));
    this.#replies = replies;
  }

  get reports(): Reports {
    return {
      kind: 'reports',
      closed: this.#closed,
      onReport: (listener) => void this.#reports.push(listener),
      write: async (report) => {
        for (const answer of this.#written(report)) this.report(answer);
      },
      close: async () => undefined,
    };
  }

  get text(): Text {
    return { kind: 'text', closed: this.#closed, onLine: (listener) => void this.#text.push(listener), close: async () => undefined };
  }

  get codes(): Codes {
    return {
      kind: 'codes',
      closed: this.#closed,
      onPicture: (listener) => void this.#pictures.push(listener),
      close: async () => undefined,
    };
  }

  get bytes(): Bytes {
    return {
      kind: 'bytes',
      closed: this.#closed,
      onData: (listener) => void this.#data.push(listener),
      write: (bytes) => {
        const answers = this.#written(bytes);
        queueMicrotask(() => {
          for (const answer of answers) for (const part of this.cut(answer)) this.arrive(part);
        });
      },
      close: async () => undefined,
    };
  }

  get sounds(): Sounds {
    return {
      kind: 'sounds',
      closed: this.#closed,
      play: (sound) => void this.out.push({ play: sound }),
      quiet: () => void this.out.push({ quiet: true }),
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

  /** Kept, unless it is part of a conversation that the recording knows. */
  #written(bytes: Uint8Array): readonly Buffer[] {
    const hex = Buffer.from(bytes).toString('hex');
    const answers = this.#replies[hex];
    if (!answers) this.out.push({ write: hex });
    return (answers ?? []).map((answer) => Buffer.from(answer, 'hex'));
  }

  report(report: Uint8Array): void {
    for (const listener of this.#reports) listener(report);
  }

  picture(at: number, code: Uint8Array | undefined): void {
    for (const listener of this.#pictures) listener({ at, code });
  }

  line(line: string): void {
    for (const listener of this.#text) listener(line);
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
  const wire = new Wire(recording);
  const device = driver.attach(linkOf(driver.port, wire), driver.settings.parse(recording.settings), log);
  if (device.role === 'scanner') device.onReading((bytes, medium) => wire.out.push(readingOf(bytes, medium)));
  if (device.role === 'place') {
    device.onPlace((stop) => wire.out.push({ place: stop ?? null }));
    device.onRepeat(() => wire.out.push('repeat'));
  }
  if (device.role === 'gate') device.onSense((sense) => wire.out.push({ sense }));
  if (device.role === 'inputs') device.onInput((name, active) => wire.out.push({ input: [name, active] }));
  return { wire, device };
}

function linkOf(port: string, wire: Wire): Link {
  if (port === 'hid') return wire.reports;
  if (port === 'serial-lines') return wire.text;
  if (port === 'camera' || port === 'pictures') return wire.codes;
  if (port === 'audio') return wire.sounds;
  return port === 'serial' || port === 'simulated-bytes' ? wire.bytes : wire.lines;
}

function readingOf(bytes: Uint8Array, medium: Medium): unknown {
  if (medium === 'code') return { reading: Buffer.from(bytes).toString('latin1') };
  return { card: Object.fromEntries(decodeCborMap(bytes) ?? []) };
}

function call(device: Device, [method, ...args]: readonly [string, ...(string | number)[]], out: unknown[]): void {
  if (device.role === 'gate' && method === 'release') device.release(args[0] as Direction);
  else if (device.role === 'gate' && method === 'lock') device.lock();
  else if (device.role === 'gate' && method === 'senses') out.push({ senses: device.senses });
  else if (device.role === 'signal' && method === 'show') device.show(args[0] as Signal, args[1] as number);
  else if (device.role === 'signal' && method === 'say') device.say?.(args[0] as Sound);
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
    else if ('reports' in step) for (const report of step.reports) wire.report(Buffer.from(report, 'hex'));
    else if ('lines' in step) for (const line of step.lines) wire.line(line);
    else if ('pictures' in step)
      for (const [at, code] of step.pictures) wire.picture(at, code === null ? undefined : Buffer.from(code, 'hex'));
    else for (const part of cut(bytesOf(step), i)) wire.arrive(part);
  }
}

const whole = (chunk: Buffer): readonly Buffer[] => [chunk];
const bytewise = (chunk: Buffer): readonly Buffer[] => Array.from(chunk, (_, i) => chunk.subarray(i, i + 1));

/** Everything up to each report or line of the recording: the moments at which its cable is pulled. */
function beginnings(steps: readonly Step[]): readonly (readonly Step[])[] {
  const single = steps.flatMap((step): Step[] => {
    if ('reports' in step) return step.reports.map((report) => ({ reports: [report] }));
    if ('pictures' in step) return step.pictures.map((picture) => ({ pictures: [picture] }));
    return 'lines' in step ? step.lines.map((line) => ({ lines: [line] })) : [];
  });
  return single.map((_, i) => single.slice(0, i + 1));
}

for (const name of driverNames()) {
  t.test(`${name}: its recording gives its readings, whole and cut at every byte`, async (t) => {
    const recording = recordingOf(name);
    const driver = await driverOf(name);
    const benches: { readonly bench: Bench; readonly how: string; readonly cut: (chunk: Buffer, step: number) => readonly Buffer[] }[] = [
      { bench: attach(driver, recording), how: 'whole', cut: whole },
      { bench: attach(driver, recording), how: 'byte by byte', cut: bytewise },
    ];
    for (const [step, { length }] of recording.steps
      .map((one) => ('data' in one || 'hex' in one ? bytesOf(one) : Buffer.alloc(0)))
      .entries()) {
      for (let at = 1; at < length; at++) {
        const cut = (chunk: Buffer, i: number): readonly Buffer[] => (i === step ? [chunk.subarray(0, at), chunk.subarray(at)] : [chunk]);
        benches.push({ bench: attach(driver, recording), how: `step ${step} cut at ${at}`, cut });
      }
    }
    const [, second] = benches;
    if (second) second.bench.wire.cut = bytewise;
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

  t.test(`${name}: unplugged after any report or line, it is as if it were new`, async (t) => {
    const recording = recordingOf(name);
    const driver = await driverOf(name);
    const benches = await Promise.all(
      beginnings(recording.steps).map(async (steps) => {
        const old = attach(driver, recording);
        await play(old, steps, whole);
        old.device.close?.();
        return { old, before: old.wire.out.length, replugged: attach(driver, recording) };
      }),
    );
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
      for (let at = 0; at < noise.length; at += 64) {
        bench.wire.report(noise.subarray(at, at + (at % 128 === 0 ? 64 : 8)));
        bench.wire.line(noise.toString('latin1', at, at + 64));
      }
      bench.wire.line('$'.repeat(32_768));
      bench.wire.picture(i, noise.subarray(0, random() % 8192));
      for (const line of [...Object.keys(recording.levels ?? {}), 'nobody', '__proto__']) bench.wire.move(line, random() % 2 === 0);
      drain();
    }
    for (let i = 0; i < 8192; i++) for (const report of recording.endless ?? []) bench.wire.report(Buffer.from(report, 'hex'));
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
