/** Every driver by its recording under test/recordings: what goes in on the wire, what must come out of the device. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import type {
  Bytes,
  Codes,
  Device,
  Direction,
  Driver,
  Files,
  InputName,
  Lines,
  Link,
  LinkLost,
  Log,
  Medium,
  Paper,
  Picture,
  PrintJob,
  Reports,
  Signal,
  Sound,
  Sounds,
  Text,
} from '../src/contracts.js';
import { decodeCborMap } from '../src/crypto/cbor.js';
import { decodeCard } from '../src/messages/card.js';
import { linesOf } from '../src/ports/serial-lines.js';
import { driverNames } from '../src/station/devices.js';
import { standIn } from '../src/station/stand-in.js';
import { supervise } from '../src/station/supervise.js';

const ROOT = resolve(import.meta.dirname, '../..');
const RECORDINGS = join(ROOT, 'test/recordings');

/**
 * One step of a recording. `data` is latin1 text, `hex` is bytes, `lines` are bytes with CR LF behind each; `wait` in ms; `call` is a method
 * and its arguments. Reports and pictures are told item by item.
 */
type Step =
  | { readonly reports: readonly string[] }
  | { readonly lines: readonly string[] }
  /** When each picture came, in ms, and the hex of the code in it. */
  | { readonly pictures: readonly (readonly [number, string | null])[] }
  | { readonly data: string }
  | { readonly hex: string }
  | { readonly wait: number }
  | { readonly edge: readonly [string, boolean] }
  /** From now on the device answers so; what it complained of before is over. */
  | { readonly replies: Readonly<Record<string, readonly string[]>>; readonly alerts?: readonly string[] }
  | { readonly print: Paper }
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

t.setTimeout(600_000);

const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

function recordingOf(driver: string): Recording {
  return JSON.parse(readFileSync(join(RECORDINGS, `${driver}.json`), 'utf8')) as Recording;
}

async function driverOf(name: string): Promise<Driver> {
  return ((await import(new URL(`../drivers/${name}.js`, import.meta.url).href)) as { default: Driver }).default;
}

/** What a step puts on a line; empty for steps of other wires. */
function bytesOf(step: Step): Buffer {
  if ('data' in step) return Buffer.from(step.data, 'latin1');
  if ('hex' in step) return Buffer.from(step.hex, 'hex');
  return 'lines' in step ? Buffer.from(step.lines.map((line) => `${line}\r\n`).join(''), 'latin1') : Buffer.alloc(0);
}

/** A wire in memory that keeps what the driver did to it, and can be pulled. */
class Wire {
  /** What the driver did and told, and what was there when the wire was pulled. */
  readonly out: unknown[];
  outWhenPulled = Number.POSITIVE_INFINITY;
  /** Bytes that came in, or reports or pictures. */
  heard = 0;
  #pullAfter = Number.POSITIVE_INFINITY;
  #settle: (lost: LinkLost | undefined) => void = () => undefined;
  readonly #data: ((chunk: Uint8Array) => void)[] = [];
  readonly #reports: ((report: Uint8Array) => void)[] = [];
  readonly #text: ((line: string) => void)[] = [];
  readonly #edges: Parameters<Lines['onEdge']>[0][] = [];
  readonly #pictures: ((picture: Picture) => void)[] = [];
  #replies: NonNullable<Recording['replies']>;
  #alerts: readonly string[] = [];
  readonly #levels: Map<string, boolean>;
  /** Resolves when it is pulled or closed. */
  readonly gone = new Promise<LinkLost | undefined>((settle) => (this.#settle = settle));
  readonly #asLines = linesOf('lf', (line) => {
    if (!this.pulled) for (const listener of this.#text) listener(line);
  });

  /** How an answer is handed over. */
  cut: (chunk: Buffer) => readonly Buffer[] = (chunk) => [chunk];

  constructor({ levels = {}, replies = {} }: Pick<Recording, 'levels' | 'replies'>, out: unknown[] = []) {
    this.out = out;
    this.#levels = new Map(Object.entries(levels));
    this.#replies = replies;
  }

  get pulled(): boolean {
    return Number.isFinite(this.outWhenPulled);
  }

  /** From the next byte, report or picture on which `count` have come in. */
  pullAfter(count: number): void {
    this.#pullAfter = count;
  }

  pull(): void {
    if (!this.pulled) this.outWhenPulled = this.out.length;
    this.#settle({ reason: 'unplugged' });
  }

  #came(count: number): void {
    this.heard += count;
    if (this.heard >= this.#pullAfter) this.pull();
  }

  get reports(): Reports {
    return {
      kind: 'reports',
      closed: this.gone,
      onReport: (listener) => void this.#reports.push(listener),
      write: async (report) => {
        if (this.pulled) throw new Error('unplugged');
        for (const answer of this.#written(report)) this.report(answer);
      },
      close: async () => this.#settle(undefined),
    };
  }

  get text(): Text {
    return {
      kind: 'text',
      closed: this.gone,
      onLine: (listener) => void this.#text.push(listener),
      close: async () => this.#settle(undefined),
    };
  }

  get codes(): Codes {
    return {
      kind: 'codes',
      closed: this.gone,
      onPicture: (listener) => void this.#pictures.push(listener),
      close: async () => this.#settle(undefined),
    };
  }

  get bytes(): Bytes {
    return {
      kind: 'bytes',
      closed: this.gone,
      onData: (listener) => void this.#data.push(listener),
      write: (bytes) => {
        if (this.pulled) return;
        const answers = this.#written(bytes);
        queueMicrotask(() => {
          for (const answer of answers) for (const part of this.cut(answer)) this.arrive(part);
        });
      },
      close: async () => this.#settle(undefined),
    };
  }

  get sounds(): Sounds {
    return {
      kind: 'sounds',
      closed: this.gone,
      play: (sound) => void this.out.push({ play: sound }),
      quiet: () => void this.out.push({ quiet: true }),
      close: async () => this.#settle(undefined),
    };
  }

  get files(): Files {
    return {
      kind: 'files',
      closed: this.gone,
      send: async ({ name, bytes }) => void this.out.push({ sent: name, bytes: Buffer.from(bytes).toString('latin1') }),
      alerts: async () => this.#alerts,
      close: async () => this.#settle(undefined),
    };
  }

  answer(replies: Readonly<Record<string, readonly string[]>>, alerts: readonly string[] = []): void {
    this.#replies = { ...this.#replies, ...replies };
    this.#alerts = alerts;
  }

  get lines(): Lines {
    return {
      kind: 'lines',
      closed: this.gone,
      set: (values) => void this.out.push({ set: values }),
      get: (name) => {
        const level = this.#levels.get(name);
        if (level === undefined) throw new Error(`no line is called ${name}`);
        return level;
      },
      onEdge: (listener) => void this.#edges.push(listener),
      close: async () => this.#settle(undefined),
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
    if (this.pulled) return;
    for (const listener of this.#reports) listener(report);
    this.#came(1);
  }

  picture(at: number, code: Uint8Array | undefined): void {
    if (this.pulled) return;
    for (const listener of this.#pictures) listener({ at, code });
    this.#came(1);
  }

  arrive(chunk: Uint8Array): void {
    const part = chunk.subarray(0, Math.max(0, this.#pullAfter - this.heard));
    if (this.pulled || part.length === 0) return;
    for (const listener of this.#data) listener(part);
    if (this.#text.length > 0) this.#asLines(part);
    this.#came(part.length);
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
  listen(device, wire.out);
  return { wire, device };
}

function listen(device: Device, out: unknown[]): void {
  if (device.role === 'scanner') device.onReading((bytes, medium) => out.push(readingOf(bytes, medium)));
  if (device.role === 'place') {
    device.onPlace((stop) => out.push({ place: stop ?? null }));
    device.onRepeat(() => out.push('repeat'));
  }
  if (device.role === 'gate') device.onSense((sense) => out.push({ sense }));
  if (device.role === 'inputs') device.onInput((name, active) => out.push({ input: [name, active] }));
  if (device.role === 'printer') device.onState((state) => out.push({ printer: state }));
}

function linkOf(port: string, wire: Wire): Link {
  if (port === 'hid') return wire.reports;
  if (port === 'serial-lines') return wire.text;
  if (port === 'camera' || port === 'pictures') return wire.codes;
  if (port === 'audio') return wire.sounds;
  if (port === 'cups' || port === 'folder') return wire.files;
  return ['serial', 'simulated-bytes', 'tcp', 'usblp'].includes(port) ? wire.bytes : wire.lines;
}

/** A job whose pictures are the same every time. */
const jobOf = (paper: Paper): PrintJob => ({
  paper,
  terminal: 'TEST-1',
  at: '2026-11-25 16:20',
  bitmap: async (dots) => ({ width: dots, height: 30, bits: new Uint8Array((dots / 8) * 30).fill(0xaa) }),
  sheet: async (size) => ({ png: Buffer.from(`PNG ${size}`), pdf: Buffer.from(`PDF ${size}`) }),
});

async function print(device: Device, paper: Paper, out: unknown[]): Promise<void> {
  if (device.role !== 'printer') throw new Error(`a ${device.role} prints nothing`);
  out.push({ printed: await device.print(jobOf(paper), new AbortController().signal) });
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
  else if (device.role === 'workstation' && method === 'tell')
    void device.tell({ [args[0] as string]: args[1] as string }).then((has) => out.push({ has }));
  else throw new Error(`a ${device.role} has no ${method}`);
}

/** Plays the steps, as far as the wire is not pulled; `cut` is how a chunk is handed over. */
async function play(
  { wire, device }: Bench,
  steps: readonly Step[],
  cut: (chunk: Buffer, step: number) => readonly Buffer[] = whole,
): Promise<void> {
  for (const [i, step] of steps.entries()) {
    if (wire.pulled) return;
    if ('wait' in step) await Promise.race([sleep(step.wait), wire.gone]);
    else if ('edge' in step) wire.move(...step.edge);
    else if ('replies' in step) wire.answer(step.replies, step.alerts);
    else if ('print' in step) await print(device, step.print, wire.out);
    else if ('call' in step) call(device, step.call, wire.out);
    else if ('reports' in step) for (const report of step.reports) wire.report(Buffer.from(report, 'hex'));
    else if ('pictures' in step)
      for (const [at, code] of step.pictures) wire.picture(at, code === null ? undefined : Buffer.from(code, 'hex'));
    else for (const part of cut(bytesOf(step), i)) wire.arrive(part);
  }
  // Lines come out of their parser a moment after they went in.
  await turn();
}

const whole = (chunk: Buffer): readonly Buffer[] => [chunk];
const bytewise = (chunk: Buffer): readonly Buffer[] => Array.from(chunk, (_, i) => chunk.subarray(i, i + 1));

interface Replugged {
  readonly out: readonly unknown[];
  readonly pulledAt: number;
  readonly pluggedAt: number;
}

/**
 * The device as a lane holds it, supervised, on one wire that is pulled after so many bytes, reports or pictures, and then on another one that is
 * whole: what it told, and how much of that before it was pulled and before it was plugged in again.
 */
async function replugged(driver: Driver, recording: Recording, after: number): Promise<Replugged> {
  const out: unknown[] = [];
  const [first, second] = [new Wire(recording, out), new Wire(recording, out)];
  const { device, behind } = standIn(driver.role, 'reader', quiet);
  listen(device, out);
  const waiting = [first, second];
  let pluggedAt = 0;
  const settings = driver.settings.parse(recording.settings);
  const ups: (() => void)[] = [];
  const up = [new Promise<void>((resolve) => ups.push(resolve)), new Promise<void>((resolve) => ups.push(resolve))];
  const supervised = supervise<Link, Device>({
    open: async () => {
      const wire = waiting.shift();
      if (!wire) throw new Error('away');
      pluggedAt = out.length;
      return linkOf(driver.port, wire);
    },
    attach: (link) => driver.attach(link, settings, quiet),
    onState: (state, _reason, real) => {
      behind(real);
      if (state === 'up') ups.shift()?.();
    },
    log: quiet,
  });
  first.pullAfter(after);
  await up[0];
  await play({ wire: first, device }, recording.steps);
  first.pull();
  await up[1];
  await play({ wire: second, device }, recording.steps);
  const told = [...out];
  await supervised.stop();
  return { out: told, pulledAt: first.outWhenPulled, pluggedAt };
}

const READERS = ['scanner', 'place'];
/** 160 times 64 KiB. */
const NOISE = { rounds: 160, half: 32_768 } as const;

for (const name of driverNames()) {
  t.test(`${name}: its recording gives its readings, whole and cut at every byte`, async (t) => {
    const recording = recordingOf(name);
    const driver = await driverOf(name);
    const benches: { readonly bench: Bench; readonly how: string; readonly cut: (chunk: Buffer, step: number) => readonly Buffer[] }[] = [
      { bench: attach(driver, recording), how: 'whole', cut: whole },
      { bench: attach(driver, recording), how: 'byte by byte', cut: bytewise },
    ];
    for (const [step, { length }] of recording.steps.map(bytesOf).entries()) {
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

  t.test(
    `${name}: pulled at every byte, report and picture, and plugged in again, it tells the whole recording and nothing else`,
    async (t) => {
      const recording = recordingOf(name);
      const driver = await driverOf(name);
      if (!READERS.includes(driver.role)) return;
      const once = attach(driver, recording);
      await play(once, recording.steps);
      once.device.close?.();
      const lives: Replugged[] = [];
      // Those that talk have to be answered in time.
      const atOnce = recording.replies ? 100 : 2000;
      while (lives.length <= once.wire.heard) {
        const next = Array.from({ length: Math.min(atOnce, once.wire.heard + 1 - lives.length) }, (_, i) => lives.length + i);
        lives.push(...(await Promise.all(next.map((after) => replugged(driver, recording, after)))));
      }
      t.ok(lives.length > 5, `${lives.length} times`);
      for (const [after, { out, pulledAt, pluggedAt }] of lives.entries()) {
        // A source that is away knows no place. A card that was read whole may be told a moment later.
        const before =
          driver.role === 'place' ? [...out.slice(0, pulledAt), ...out.slice(pulledAt + 1, pluggedAt)] : out.slice(0, pluggedAt);
        t.same(before, recording.expect.slice(0, before.length), `before it was pulled after ${after}`);
        t.same(out.slice(pluggedAt), recording.expect, `pulled after ${after}`);
      }
    },
  );

  t.test(`${name}: ten megabytes of noise neither throw nor pile up, and nothing is made up of it`, async (t) => {
    const recording = recordingOf(name);
    const driver = await driverOf(name);
    let warnings = 0;
    // Nobody answers what the driver asks, but the noise.
    const bench = attach(driver, { ...recording, replies: {} }, { ...quiet, warn: () => void warnings++ });
    const { wire, device } = bench;
    let longest = 0;
    let invented = 0;
    let recent = Buffer.alloc(0);
    // Of these what is told is what came between two ends, as it came.
    const verbatim = ['serial-scanner', 'simulated-scanner'].includes(name);
    let hearing = true;
    if (device.role === 'scanner')
      device.onReading((bytes, medium) => {
        if (!hearing) return;
        longest = Math.max(longest, bytes.length);
        if (medium === 'card' ? decodeCard(bytes) !== undefined : verbatim && !recent.includes(Buffer.from(bytes))) invented++;
      });
    if (device.role === 'place') device.onPlace((stop) => void (hearing && stop !== undefined && invented++));
    const random = xorshift(20251);
    let sent = 0;
    for (let i = 0; i < NOISE.rounds; i++) {
      const noise = Buffer.from(Uint32Array.from({ length: NOISE.half / 4 }, random).buffer);
      // The second without any end in it: the longest frame that can be.
      for (const half of [noise, Buffer.alloc(NOISE.half, 0x41)]) {
        recent = Buffer.concat([recent.subarray(-NOISE.half), half]);
        wire.arrive(half);
        for (let at = 0, size = 64; at < half.length; at += size, size = 72 - size) wire.report(half.subarray(at, at + size));
        for (let at = 0; at < half.length; at += 8192) wire.picture(i, half.subarray(at, at + 1 + (random() % 8192)));
        sent += half.length;
      }
      for (const line of [...Object.keys(recording.levels ?? {}), 'nobody', '__proto__']) wire.move(line, random() % 2 === 0);
      wire.out.length = 0;
      // A conversation goes on meanwhile.
      await turn();
    }
    for (let i = 0; i < 8192; i++) for (const report of recording.endless ?? []) wire.report(Buffer.from(report, 'hex'));
    hearing = false;
    t.ok(sent > 10_000_000, `${sent} bytes`);
    t.ok(longest <= 4096, `no frame is longer than the bound: ${longest}`);
    t.equal(invented, 0, 'no card, no stop and no code that was not there');
    if (driver.role === 'scanner') t.ok(warnings > 0, 'a frame that is too long is told');
    if (driver.role === 'scanner' && !recording.replies && !recording.steps.some((step) => 'pictures' in step)) {
      // The first frame may be the end of the noise.
      await play(bench, recording.steps);
      await sleep(200);
      wire.out.length = 0;
      await play(bench, recording.steps);
      const read = (out: readonly unknown[]): unknown => out.filter((one) => !Object.hasOwn(one as object, 'write'));
      t.same(read(wire.out), read(recording.expect), 'and it reads on');
    }
    device.close?.();
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
