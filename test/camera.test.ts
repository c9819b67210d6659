/** QR codes in pictures: degraded ones are read, live cameras and dropped pictures become readings, and nothing of a picture is kept. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import sharp, { type Sharp } from 'sharp';
import t from 'tap';
import { prepareZXingModule, writeBarcode } from 'zxing-wasm/writer';
import type { DeviceConfiguration } from '../src/configuration.js';
import type { Log } from '../src/contracts.js';
import { cameraAddress, programOf } from '../src/ports/_camera-program.js';
import { openDecoder } from '../src/ports/_decoder.js';
import { type Grey, Pyramid } from '../src/ports/_grey.js';
import { LADDER, rotation, stagesFor } from '../src/ports/_qr-ladder.js';
import { openQrReader } from '../src/ports/_qr-reader.js';
import { frameCutter } from '../src/ports/_raw-frames.js';
import camera from '../src/ports/camera.js';
import pictures from '../src/ports/pictures.js';
import { loadDevice, type RunningDevice } from '../src/station/devices.js';

const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const fault = (at: readonly PropertyKey[], zh: string, en: string): string => `${at.join('.')} ${zh} · ${en}`;
const folder = t.testdir();

const BASE45 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
/** As long as a person's code is on the wire (wire.md 1). */
const CODE = `AK1:${Array.from({ length: 200 }, (_, i) => BASE45[(i * i * 7 + i * 13 + 5) % 43]).join('')}`;
/** Every byte there is, the scanner's favourite ends first. */
const BINARY = Uint8Array.from([13, 10, 9, 0, 26, ...Array.from({ length: 256 }, (_, i) => i)]);

async function prepareWriter(): Promise<void> {
  const wasm = readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/writer/zxing_writer.wasm'));
  await prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(wasm).buffer }, fireImmediately: true });
}

type Size = readonly [width: number, height: number];

/** The code with its quiet zone, so many pixels a module. */
async function drawn(content: string | Uint8Array, scale = 6): Promise<Sharp> {
  const { symbol, error } = await writeBarcode(content, { format: 'QRCode', options: 'ecLevel=M' });
  if (error) throw new Error(error);
  const { width, height, data } = symbol;
  const quiet = { top: 4, bottom: 4, left: 4, right: 4, background: '#fff' };
  const small = await sharp(Buffer.from(data), { raw: { width, height, channels: 1 } })
    .extend(quiet)
    .png()
    .toBuffer();
  return sharp(
    await sharp(small)
      .resize({ width: (width + 8) * scale, kernel: 'nearest' })
      .png()
      .toBuffer(),
  );
}

/** The code somewhere in a camera's picture. */
async function seen(code: Sharp, [width, height]: Size = [640, 480]): Promise<Sharp> {
  const { data, info } = await code.png().toBuffer({ resolveWithObject: true });
  const at = { left: Math.floor((width - info.width) * 0.7), top: Math.floor((height - info.height) * 0.3) };
  const scene = sharp({ create: { width, height, channels: 3, background: '#767b80' } }).composite([{ input: data, ...at }]);
  return sharp(await scene.png().toBuffer());
}

async function grey(picture: Sharp): Promise<Grey> {
  const { data, info } = await picture.flatten({ background: '#767b80' }).greyscale().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, pixels: new Uint8Array(data) };
}

function each({ width, height, pixels }: Grey, change: (value: number, x: number, y: number) => number): Grey {
  const out = Uint8ClampedArray.from(pixels, (value, at) => change(value, at % width, Math.floor(at / width)));
  return { width, height, pixels: new Uint8Array(out.buffer) };
}

function noisy(picture: Grey, by: number): Grey {
  const random = xorshift(41);
  return each(picture, (value) => value + ((random() % 1000) / 500 - 1) * by);
}

/** As a code on a table is seen by someone who stands before it: what is far away is small. */
function tilted(picture: Grey, by: number): Grey {
  const { width, height, pixels } = picture;
  return each(picture, (_, x, y) => {
    const near = 1 + by * (0.5 - y / height);
    const from = [(x - width / 2) * near + width / 2, (y - height / 2) * near + height / 2].map(Math.round) as [number, number];
    return from[0] < 0 || from[0] >= width || from[1] < 0 || from[1] >= height ? 120 : (pixels[from[1] * width + from[0]] ?? 120);
  });
}

/** Worn print: every third pixel of what is dark is missing. */
function worn(picture: Grey): Grey {
  const random = xorshift(43);
  return each(picture, (value) => (value < 100 && random() % 4 === 0 ? 235 : value));
}

function glare(picture: Grey): Grey {
  const [cx, cy, r] = [picture.width * 0.62, picture.height * 0.42, picture.width * 0.12];
  return each(picture, (value, x, y) => value * 0.45 + 190 * Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * r * r)));
}

function shadow(picture: Grey): Grey {
  return each(picture, (value, x, y) => (x + y < (picture.width + picture.height) * 0.52 ? value * 0.25 : value));
}

function xorshift(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

const text = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString();
const all = ({ width, height }: Grey): ReturnType<typeof stagesFor> => stagesFor(Math.max(width, height));

await prepareWriter();
const reader = await openQrReader();
const codeIn = (picture: Grey): Uint8Array | undefined => reader.read(picture, all(picture))?.bytes;

t.test('a code is read blurred, noisy, turned, tilted, pale, dark, inverted, small, worn, in shadow and in glare', async (t) => {
  const plain = await seen(await drawn(CODE, 5));
  const turned = async (degrees: number): Promise<Sharp> =>
    seen(sharp(await (await drawn(CODE, 4)).rotate(degrees, { background: '#fff' }).png().toBuffer()));
  const ways: Readonly<Record<string, Grey>> = {
    'as it is': await grey(plain),
    blurred: await grey(plain.clone().blur(2)),
    noisy: noisy(await grey(plain), 90),
    'blurred and noisy': noisy(await grey(plain.clone().blur(1.2)), 40),
    'turned by 17°': await grey(await turned(17)),
    'turned by 45°': await grey(await turned(45)),
    'turned by 160°': await grey(await turned(160)),
    mirrored: await grey(plain.clone().flop()),
    tilted: tilted(await grey(plain), 0.5),
    pale: each(await grey(plain), (value) => 200 + value / 12),
    dark: each(await grey(plain), (value) => value / 9),
    inverted: await grey(plain.clone().negate({ alpha: false })),
    small: await grey(await seen(await drawn(CODE, 2), [1280, 720])),
    large: await grey(await seen(await drawn(CODE, 10), [720, 720])),
    'worn print': worn(await grey(plain)),
    'half in shadow': shadow(await grey(plain)),
    'in glare': glare(await grey(plain)),
  };
  for (const [way, picture] of Object.entries(ways)) t.equal(text(codeIn(picture)), CODE, way);
});

t.test('a binary code keeps every byte of it', async (t) => {
  t.same(codeIn(await grey(await seen(await drawn(BINARY, 5)))), BINARY);
  t.same(codeIn(await grey(await seen(await drawn(Uint8Array.of(0)), [320, 240]))), Uint8Array.of(0));
});

t.test('noise, stripes and an empty room give nothing', async (t) => {
  const flat = (value: number, [width, height]: Size = [640, 480]): Grey => ({
    width,
    height,
    pixels: new Uint8Array(width * height).fill(value),
  });
  for (let i = 0; i < 8; i++) {
    const random = xorshift(100 + i);
    t.equal(codeIn(each(flat(128, [320, 240]), () => random() % 256)), undefined);
  }
  t.equal(codeIn(each(flat(0), (_, x) => (x % 16 < 8 ? 20 : 230))), undefined);
  t.equal(codeIn(each(flat(0), (_, x, y) => (((x >> 3) + (y >> 3)) % 2 === 0 ? 20 : 230))), undefined);
  for (const value of [0, 128, 255]) t.equal(codeIn(flat(value)), undefined);
  for (const size of [
    [1, 1],
    [1, 400],
    [400, 1],
    [3, 2],
  ] as const satisfies readonly Size[])
    t.equal(codeIn(flat(0, size)), undefined, size.join(' × '));
});

const PHOTOGRAPHS = join(import.meta.dirname, '../../test/photographs');
interface Photograph {
  readonly file: string;
  /** null: there is no code in it. */
  readonly text: string | null;
}

t.test('photographs of real codes are read, and photographs without a code give nothing', async (t) => {
  const { photographs } = JSON.parse(readFileSync(join(PHOTOGRAPHS, 'photographs.json'), 'utf8')) as { photographs: Photograph[] };
  for (const { file, text: expected } of photographs) {
    const read = text(codeIn(await grey(sharp(join(PHOTOGRAPHS, file)).autoOrient())));
    t.equal(read?.trim() ?? null, expected, file);
  }
});

t.test('a picture is made smaller the same way wherever it lies in memory, and its mean stays', (t) => {
  const random = xorshift(47);
  for (const [width, height] of [
    [8, 6],
    [640, 480],
    [1280, 721],
    [30, 22],
  ] as const) {
    const memory = new Uint8Array(width * height + 1).map(() => random());
    const half = (pixels: Uint8Array): Grey => new Pyramid({ width, height, pixels }).at(width / 2);
    const [even, odd] = [half(memory.slice(1)), half(memory.subarray(1))];
    t.same(even, odd, `${width} × ${height}`);
    t.same([even.width, even.height], [width / 2, Math.floor(height / 2)]);
  }
  const plain = new Uint8Array(1000 * 700).fill(77);
  for (const longest of [999, 640, 333, 1]) {
    t.ok(
      new Pyramid({ width: 1000, height: 700, pixels: plain }).at(longest).pixels.every((value) => value === 77),
      `${longest}`,
    );
  }
  t.end();
});

t.test('cheap stages look at every picture of a camera, hard ones take turns, and what helped last comes first', (t) => {
  const turns = rotation();
  const rounds = Array.from({ length: LADDER.length }, () => turns.next(2000));
  const [first] = rounds;
  t.ok((first?.length ?? 0) < LADDER.length / 2, 'a glance is not the whole ladder');
  for (const round of rounds) t.same(round.slice(0, 2), LADDER.slice(0, 2), 'the cheap ones, in their order');
  t.same(new Set(rounds.flat()), new Set(LADDER), 'everyone had a turn');
  const hard = LADDER.at(-1);
  if (!hard) throw new Error('an empty ladder');
  turns.found(hard);
  t.equal(turns.next(2000)[0], hard);
  t.equal(turns.next(2000)[0], hard);
  t.ok(stagesFor(320).length < LADDER.length, 'a small picture has fewer sizes to look at');
  t.ok(rotation().next(1).length > 0);
  t.end();
});

t.test('a stream of pictures cut anywhere gives the same pictures, without their colour', (t) => {
  const shape = { grey: 8, whole: 12 };
  const stream = Buffer.from(Array.from({ length: 3 * shape.whole }, (_, i) => i));
  const wanted = [0, 12, 24].map((at) => stream.subarray(at, at + 8).toString('hex'));
  for (let size = 1; size <= stream.length; size++) {
    const got: string[] = [];
    const cut = frameCutter(shape, (full) => {
      got.push(Buffer.from(full).toString('hex'));
      return new Uint8Array(shape.grey);
    });
    for (let at = 0; at < stream.length; at += size) cut(stream.subarray(at, at + size));
    cut(Buffer.of(1, 2, 3));
    t.same(got, wanted, `${size} bytes at a time`);
  }
  t.end();
});

t.test('addresses of cameras say what is wrong with them, and become the right command line', (t) => {
  const wrong = [
    { command: 'gstreamer' },
    { command: 'rpicam-vid', width: 650 },
    { command: 'rpicam-vid', path: '/dev/video0' },
    { command: 'ffmpeg', width: 100_000 },
    { command: 'custom', run: [] },
    { command: 'custom', run: ['/bin/cat\0'] },
  ];
  for (const address of wrong) t.equal(camera.address.safeParse(address).success, false, JSON.stringify(address));
  const pi = programOf(cameraAddress.parse({ command: 'rpicam-vid', camera: 1 }));
  t.match(pi.args.join(' '), '--codec yuv420 --width 640 --height 480 --framerate 15 --camera 1');
  t.same(pi.shape, { grey: 307_200, whole: 460_800 });
  const usb = programOf(cameraAddress.parse({ command: 'ffmpeg', path: '/dev/v4l/by-id/usb-x', width: 800, height: 600 }));
  t.match(usb.args.join(' '), '-video_size 800x600 -i /dev/v4l/by-id/usb-x -vf scale=800:600,format=gray -f rawvideo');
  t.same(usb.shape, { grey: 480_000, whole: 480_000 });
  t.end();
});

/** Shows the file `frame` again and again, after as many pictures of noise as it is told, as fast as they are taken. */
const CAMERA = `
import { readFileSync, writeFileSync } from 'node:fs';
const [folder, noise, bytes] = process.argv.slice(2);
writeFileSync(folder + '/pid', String(process.pid));
let left = Number(noise);
const snow = Buffer.from(Uint32Array.from({ length: Number(bytes) / 4 }, (_, i) => Math.imul(i + 7, 2654435761) >>> 0).buffer);
const next = () => {
  if (left > 0) left--, process.stdout.write(snow, next);
  else process.stdout.write(readFileSync(folder + '/frame'), () => setTimeout(next, 15));
};
next();
`;

interface Test {
  teardown(undo: () => unknown): void;
}

interface Stage {
  readonly running: RunningDevice;
  readonly readings: readonly string[];
  readonly events: readonly string[];
  show(picture: Grey): Promise<void>;
  pid(): number;
}

const EMPTY: Grey = { width: 320, height: 240, pixels: new Uint8Array(320 * 240).fill(110) };

async function stage(t: Test, name: string, { noise = 0, awayMs = 300 } = {}): Promise<Stage> {
  const home = join(folder, name);
  await mkdir(home);
  writeFileSync(join(home, 'camera.mjs'), CAMERA);
  const show = async ({ pixels }: Grey): Promise<void> => {
    await writeFile(join(home, 'next'), pixels);
    await rename(join(home, 'next'), join(home, 'frame'));
  };
  await show(EMPTY);
  const run = [process.execPath, join(home, 'camera.mjs'), home, `${noise}`, `${EMPTY.pixels.length}`];
  const address = { command: 'custom', run, width: EMPTY.width, height: EMPTY.height };
  return {
    ...(await started(t, { driver: 'camera-scanner', address, settings: { awayMs } })),
    show,
    pid: () => Number(readFileSync(join(home, 'pid'), 'utf8')),
  };
}

async function started(
  t: Test,
  wanted: Pick<DeviceConfiguration, 'driver' | 'address' | 'settings'>,
): Promise<Pick<Stage, 'running' | 'readings' | 'events'>> {
  const loaded = await loadDevice({ direction: 'in', ...wanted }, { at: ['devices', 0], fault });
  const readings: string[] = [];
  const events: string[] = [];
  const running = loaded.start(quiet, (state, reason) => void events.push(`${state} ${reason}`));
  t.teardown(() => running.stop());
  const { device } = running;
  if (device.role !== 'scanner') throw new Error('not a scanner');
  device.onReading((bytes) => void readings.push(Buffer.from(bytes).toString('latin1')));
  return { running, readings, events };
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await sleep(5);
}

const held = async (content: string | Uint8Array): Promise<Grey> => grey(await seen(await drawn(content, 4), [320, 240]));

t.test('a code held before a camera is one reading, and another one when it was away', async (t) => {
  const lane = await stage(t, 'held');
  await until(() => lane.running.state() === 'up');
  await lane.show(await held('AK1:FIRST'));
  await until(() => lane.readings.length > 0);
  await sleep(600);
  await lane.show(await held(Uint8Array.of(0, 13, 255)));
  await until(() => lane.readings.length > 1);
  await lane.show(EMPTY);
  await sleep(600);
  await lane.show(await held('AK1:FIRST'));
  await until(() => lane.readings.length > 2);
  t.same(lane.readings, ['AK1:FIRST', '\0\rÿ', 'AK1:FIRST']);
  await lane.running.stop();
  t.throws(() => process.kill(lane.pid(), 0), 'the program of the camera is gone with it');
});

t.test('a camera whose cable is pulled, or that hangs, is back by itself', async (t) => {
  const lane = await stage(t, 'pulled');
  const up = (): number => lane.events.filter((event) => event === 'up opened').length;
  await until(() => up() === 1);
  process.kill(lane.pid(), 'SIGKILL');
  await until(() => up() === 2);
  process.kill(lane.pid(), 'SIGSTOP');
  await until(() => up() === 3);
  await lane.show(await held('AK1:BACK'));
  await until(() => lane.readings.length > 0);
  t.same(lane.readings, ['AK1:BACK']);
  t.match(lane.events[1], /^down .* ended \(SIGKILL\)$/);
  t.equal(lane.events[3], 'down no picture for 3 s');
});

t.test('thousands of pictures are dropped, not queued and not kept, and none is written anywhere', async (t) => {
  const NOISE = 6000;
  const lane = await stage(t, 'flood', { noise: NOISE });
  const code = await held('AK1:AT LAST');
  await lane.show(code);
  await until(() => lane.running.state() === 'up');
  const before = { ...process.memoryUsage(), written: written() };
  let most = 0;
  const watching = setInterval(() => (most = Math.max(most, process.memoryUsage().arrayBuffers)), 10);
  await until(() => lane.readings.length > 0);
  clearInterval(watching);
  const passed = NOISE * code.pixels.length;
  t.same(lane.readings, ['AK1:AT LAST']);
  t.ok(most - before.arrayBuffers < passed / 8, `${(most - before.arrayBuffers) >> 20} MB held at most of ${passed >> 20} MB`);
  const wrote = written() - before.written;
  t.ok(wrote < 20 * code.pixels.length, `${wrote} bytes written of ${passed}: what wakes threads, and no pictures`);
});

/** Bytes that this process wrote, to whatever it was. */
function written(): number {
  return Number(/^wchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
}

t.test('a camera says why it is away: its program is not installed, or what its last words were', async (t) => {
  const opening = (run: readonly string[]) => camera.open(cameraAddress.parse({ command: 'custom', run }));
  await t.rejects(opening(['/nowhere/rpicam-vid']), /ENOENT/);
  const words = 'console.error("starting"); console.error("no cameras available"); process.exitCode = 3';
  await t.rejects(opening([process.execPath, '-e', words]), /ended \(3\): no cameras available$/);
  await t.rejects(opening([process.execPath, '-e', 'process.stdout.write("half a picture")']), /ended \(0\)$/);
});

t.test('a decoder that crashes costs one camera a moment, and the daemon nothing', async (t) => {
  const threads = decoders(t);
  const lane = await stage(t, 'crash');
  await until(() => threads.length === 1);
  await threads[0]?.terminate();
  await until(() => lane.events.filter((event) => event === 'up opened').length === 2);
  await lane.show(await held('AK1:AGAIN'));
  await until(() => lane.readings.length > 0);
  t.same(lane.readings, ['AK1:AGAIN']);
  t.equal(lane.events[1], 'down the decoder ended (1)');

  const decoder = await openDecoder();
  void decoder.look({ width: 2 ** 30, height: 2 ** 30, pixels: new Uint8Array(4) }, 'thorough');
  t.match(await decoder.lost, /^the decoder failed: /);
  await decoder.close();
});

/** The threads that are given something to look at. */
function decoders(t: Test): readonly Worker[] {
  const found: Worker[] = [];
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (this: Worker, ...args: Parameters<Worker['postMessage']>) {
    // Not the thread in which Node runs a test runner's loader.
    if (this.constructor === Worker && !found.includes(this)) found.push(this);
    post.apply(this, args);
  };
  t.teardown(() => (Worker.prototype.postMessage = post));
  return found;
}

t.test('pictures dropped into a folder are read once, whole, the right way up, and deleted', async (t) => {
  const drop = join(folder, 'drop');
  await mkdir(drop);
  const photograph = async (content: string): Promise<Sharp> => seen(await drawn(content, 5), [1600, 1200]);
  await (await photograph('AK1:BEFORE')).jpeg().toFile(join(drop, 'before.jpg'));
  writeFileSync(join(drop, 'notes.txt'), 'stays');
  const lane = await started(t, { driver: 'picture-scanner', address: { path: drop, deletes: 'accepted' }, settings: {} });
  await until(() => lane.running.state() === 'up');

  const lying = await (await photograph(CODE)).jpeg({ quality: 80 }).withMetadata({ orientation: 6 }).toBuffer();
  writeFileSync(join(drop, 'half.jpg'), lying.subarray(0, lying.length / 2));
  await sleep(30);
  writeFileSync(join(drop, 'half.jpg'), lying);
  await until(() => lane.readings.length === 1);

  writeFileSync(join(drop, 'broken.jpg'), lying.subarray(0, lying.length / 3));
  writeFileSync(join(drop, 'drawing.png'), '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
  writeFileSync(join(drop, 'empty.webp'), '');
  await until(() => readdirSync(drop).length === 1);
  for (const format of ['png', 'webp'] as const)
    await (await photograph(`AK1:${format}`)).toFormat(format).toFile(join(folder, `whole.${format}`));
  for (const format of ['png', 'webp']) await rename(join(folder, `whole.${format}`), join(drop, `whole.${format}`));
  await until(() => lane.readings.length === 3);
  t.same(lane.readings, [CODE, 'AK1:png', 'AK1:webp']);
  await lane.running.stop();
  t.same(await readdir(drop), ['notes.txt']);
});

t.test('a folder of pictures must be given up to the terminal in so many words, and is waited for', async (t) => {
  t.equal(pictures.address.safeParse({ path: folder }).success, false);
  const lane = await started(t, { driver: 'picture-scanner', address: { path: join(folder, 'later'), deletes: 'accepted' }, settings: {} });
  await sleep(50);
  t.equal(lane.running.state(), 'down');
  await mkdir(join(folder, 'later'));
  await until(() => lane.running.state() === 'up');
  await rename(join(folder, 'later'), join(folder, 'taken away'));
  await until(() => lane.running.state() === 'down');
});
