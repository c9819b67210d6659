/**
 * Paper: what is sent to printers, what comes out of them, and what is said when nothing does. Printers here hear the bytes that real
 * ones would hear, over a real pseudo-terminal, and are drawn; what they printed is read back the way a camera reads it.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inflateSync } from 'node:zlib';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import type { Clock, Facts, Json, Log, Paper, Words } from '../src/contracts.js';
import { escposReader } from '../src/framing/escpos-reader.js';
import { moduleDots, slipPieces } from '../src/framing/escpos-slip.js';
import { encodeGb18030, isWide } from '../src/framing/gb18030.js';
import { qrModules } from '../src/framing/qr-size.js';
import { wrapped } from '../src/framing/text-lines.js';
import { openJournal } from '../src/journal/journal.js';
import { cborOf } from '../src/messages/plain.js';
import { makeVenueCode } from '../src/messages/venue.js';
import { holdCeremony } from '../src/platform/ceremony.js';
import { setUp } from '../src/platform/orders.js';
import { simulatedPhone, syntheticResident } from '../src/platform/residents.js';
import { openStore } from '../src/platform/sqlite.js';
import pictures from '../src/ports/pictures.js';
import { sheetOf } from '../src/print/pictures.js';
import { qrMatrix } from '../src/print/qr.js';
import { DPI, SHEETS, sheetParts } from '../src/print/sheet.js';
import { createVirtualPrinter, type VirtualPrinter } from '../src/print/virtual-printer.js';
import { createCards } from '../src/station/cards.js';
import { loadDevice } from '../src/station/devices.js';
import { startKiosk } from '../src/station/kiosk.js';
import { isDesk, loadStation } from '../src/station/load.js';
import { createPrinting, type Printing } from '../src/station/printing.js';
import { loadFormats } from '../src/station/read.js';
import { AT, REGION, terminal } from './county.js';
import { trust as countyTrust, meetingsOf, newSealer, screen, silent } from './desk-stand.js';
import { STAFF, STAFF_PIN, STAFF_SUBJECT } from './scripts/_staff.js';

t.setTimeout(600_000);

const NO_SOCAT = spawnSync('socat', ['-V']).error ? 'socat is not here: apt install socat' : false;
const NO_FONT = /Noto Sans/.test(spawnSync('fc-list', [':lang=zh']).stdout?.toString() ?? '')
  ? false
  : 'no Chinese font is here: apt install fonts-noto-cjk';

const NO_CUPS = spawnSync('cupsd', ['-h']).error ? 'CUPS is not here: apt install cups-daemon cups-client' : false;

const words = (zh: string, en: string): Words => ({ zh, en });
const SLIP: Paper = {
  kind: 'slip',
  title: words('药品购买登记', 'Medicine registered'),
  lines: [
    { label: words('药品', 'Medicine'), value: words('复方伪麻黄碱缓释片', 'Compound pseudoephedrine tablets') },
    { label: words('数量', 'Quantity'), value: words('2 盒', '2 boxes') },
    { label: words('登记号', 'Number'), value: 'A1B2-17' },
    { code: 'A1B2-17' },
    { rule: true },
    { words: words('凭此条到收银台付款取药', 'Pay with this slip, and take the medicine at the pharmacy’s till') },
  ],
};
const sheetPaper = (kind: 'poster' | 'card' | 'label', code: string): Exclude<Paper, { kind: 'slip' }> => ({
  kind,
  title: words('请用手机扫码登记', 'Scan with your phone to register'),
  heading: kind === 'card' ? '测******' : '霍山县医院门诊大厅',
  lines: [
    { label: words('扫码后', 'After scanning'), value: words('按手机提示登记，向工作人员出示', 'follow the page, and show it to staff') },
    { label: words('有效期至', 'Valid until'), value: '2026-12-25' },
  ],
  code,
});
const FOOT = { terminal: 'CLINIC-1', at: '2026-11-25 16:20' };
const folder = t.testdir();
const now = AT * 1000;

/** The longest codes that are printed: of a person on paper, of a batch of goods for phones. */
async function longCodes(): Promise<readonly string[]> {
  const keys = holdCeremony({ folder: join(folder, 'county'), now, region: REGION, terminals: ['T-1'] });
  const store = openStore(join(folder, 'county.db'));
  await setUp(store, keys);
  const paper = await simulatedPhone({ store, keys }, await syntheticResident(keys, 7)).paper(now);
  await store.close();
  const dates = { issued: AT, expires: AT + 86_400, codeId: new Uint8Array(8).fill(7) };
  const title = '城关农贸市场 3 号 三文鱼 NO-7 '.repeat(2);
  const venue = makeVenueCode(terminal, 'ankang.example.gov.cn', {
    region: REGION,
    checkpoint: 'CP-MARKET',
    scene: 'market',
    event: 'A1B2-1234',
    title,
    ...dates,
  });
  return [paper, venue];
}
const codes = await longCodes();

const looked = join(folder, 'looked');
mkdirSync(looked);
const camera = await pictures.open({ path: looked, deletes: 'accepted', longest: 2048 });
t.teardown(() => camera.close());
let told: (code: Uint8Array | undefined) => void = () => undefined;
camera.onPicture(({ code }) => told(code));
let seen = 0;

/** What a camera makes of a picture that lies before it: the port itself reads it, as a file that was dropped. */
async function readBack(png: Buffer | Uint8Array): Promise<string | undefined> {
  const answer = new Promise<Uint8Array | undefined>((resolve) => {
    told = resolve;
  });
  writeFileSync(join(looked, `${++seen}.png`), png);
  const code = await answer;
  return code && Buffer.from(code).toString('latin1');
}

/** As a phone held slantwise in poor light sees it. */
const photographed = (png: Uint8Array): Promise<Buffer> =>
  sharp(png)
    .resize({ width: 1100, height: 1100, fit: 'inside' })
    .rotate(7, { background: '#999' })
    .blur(0.8)
    .linear(0.6, 50)
    .png()
    .toBuffer();

t.test('text goes to the printer as GB 18030: every character comes back, and none commands it', (t) => {
  const decoder = new TextDecoder('gb18030');
  const wrong: string[] = [];
  for (let point = 0x20; point < 0x30000; point++) {
    if (point === 0x7f || (point >= 0xd800 && point <= 0xdfff)) continue;
    const character = String.fromCodePoint(point);
    if (decoder.decode(encodeGb18030(character)) !== character) wrong.push(point.toString(16));
  }
  // Private code points that the standard of 2022 gave characters of their own.
  const known = /^(e5e5|e78[d-f]|e79[0-6]|e8[0-9a-f]{2})$/;
  t.ok(wrong.length < 30 && wrong.every((point) => known.test(point)), wrong.join(' '));
  t.same(Buffer.from(encodeGb18030('安康码 A1')).toString('hex'), 'b0b2bfb5c2eb204131');
  t.same(Buffer.from(encodeGb18030('㐂')).toString('hex'), '8139ef31');
  t.same(Buffer.from(encodeGb18030('😀')).toString('hex'), '9439fc36');
  t.same(Buffer.from(encodeGb18030('㐂', 'gbk')).toString('hex'), 'a1fe', 'a printer of GBK gets a mark instead');
  t.same(Buffer.from(encodeGb18030('a\x1b@\x10\n\x7f\ud800b')).toString('latin1'), 'a @   ?b');
  t.end();
});

t.test('a code is as large as the printer will make it', async (t) => {
  for (const length of [1, 10, 25, 60, 90, 120, 180, 240, 300, 420, 600, 900, 1400, 2000])
    for (const text of ['A'.repeat(length), 'a'.repeat(Math.ceil(length / 2))])
      t.equal(qrModules(text), (await qrMatrix(text)).size, `${text.length} of ${text[0] ?? ''}`);
  t.throws(() => qrModules('A'.repeat(5000)), RangeError);
  for (const code of codes) {
    t.ok(moduleDots(code, 384) >= 4, 'half a millimetre on the narrow roll');
    t.ok(moduleDots(code, 576) >= 6);
  }
  t.throws(() => moduleDots('A'.repeat(900), 384), /too large/);
});

t.test('no line of a slip is wider than its paper, whatever somebody typed', (t) => {
  const typed = [
    '三文鱼',
    'Norwegian Atlantic Salmon Fillet 12345678901234567890123456789012345678901234567890',
    '😀👨‍👩‍👧‍👦',
    '',
    ' ',
    '）））',
  ];
  for (const dots of [384, 576]) {
    for (const value of typed) {
      const lines = [{ label: words(value, value), value: words(value, value) }, { words: value }];
      const pieces = slipPieces({ paper: { kind: 'slip', title: words(value, value), lines }, ...FOOT }, { dots, encoding: 'gb18030' });
      let x = 0;
      let how = { font: 0, wide: 1 };
      for (const told of escposReader().push(Buffer.concat(pieces))) {
        if (told.told === 'font') how = { ...how, font: told.to };
        if (told.told === 'size') how = { ...how, wide: told.wide };
        if (told.told === 'column') x = told.dots;
        if (told.told === 'line') x = 0;
        if (told.told === 'text') for (const character of told.text) x += how.wide * (isWide(character) ? 24 : how.font === 1 ? 9 : 12);
        if (x > dots) t.fail(`${value} on ${dots}: ${x}`);
      }
    }
  }
  t.same(
    wrapped('Pay with this slip，凭此条', 10, (text) => text.length),
    ['Pay with', 'this slip，', '凭此条'],
  );
  t.end();
});

t.test('the reader of a printer takes commands cut anywhere, and noise without end', (t) => {
  const bytes = Buffer.concat([...slipPieces({ paper: SLIP, ...FOOT }, { dots: 576, encoding: 'gb18030' })]);
  const textOf = (chunks: readonly Uint8Array[]): string => {
    const reader = escposReader();
    return chunks.flatMap((chunk) => reader.push(chunk).map((told) => (told.told === 'text' ? told.text : `<${told.told}>`))).join('');
  };
  const whole = textOf([bytes]);
  t.match(whole, /药品购买登记<line>.*复方伪麻黄碱缓释片<line>.*<qr>/s);
  t.notMatch(whole, /unknown>.*unknown>/s, 'but for FS &');
  for (let at = 1; at < bytes.length; at++) t.equal(textOf([bytes.subarray(0, at), bytes.subarray(at)]), whole, `cut at ${at}`);
  const reader = escposReader();
  for (let i = 0; i < 20; i++) reader.push(Buffer.from(Array.from({ length: 20_000 }, (_, at) => (at * 7919 + i * 104_729) & 255)));
  t.end();
});

for (const size of ['a4', 'a6', 'id-1', 'label'] as const) {
  t.test(`${size}: the longest codes have modules of half a millimetre at least, and a camera reads them`, { skip: NO_FONT }, async (t) => {
    for (const code of codes) {
      const paper = sheetPaper(size === 'a4' ? 'poster' : size === 'label' ? 'label' : 'card', code);
      const parts = sheetParts({ paper, foot: FOOT, matrix: await qrMatrix(code) }, size).join('');
      const module = Number(/v(\d+)h-/.exec(parts.slice(parts.indexOf('crispEdges')))?.[1]);
      t.ok((module * 25.4) / DPI >= 0.5, `${module} dots`);
      const { png, pdf } = await sheetOf({ paper, ...FOOT }, size);
      t.equal(await readBack(png), code, 'as it is');
      t.equal(await readBack(await photographed(png)), code, 'as a phone sees it');
      const { width, height, density } = await sharp(png).metadata();
      t.match({ density, width: Math.round((width / DPI) * 25.4), height: Math.round((height / DPI) * 25.4) }, { density: DPI });
      t.ok(Math.abs((width / DPI) * 25.4 - SHEETS[size].width) < 0.1, 'in its true size');
      await sameInside(t, pdf, png);
    }
  });
}

/** The page's picture is the PNG, and the table of the file points at its objects. */
async function sameInside(t: Test, pdf: Uint8Array, png: Uint8Array): Promise<void> {
  const file = Buffer.from(pdf);
  const text = file.toString('latin1');
  const table = [...text.matchAll(/^(\d{10}) 00000 n $/gm)].map((match) => Number(match[1]));
  t.equal(table.length, 5);
  for (const [i, offset] of table.entries()) t.equal(text.slice(offset, offset + 7), `${i + 1} 0 obj`);
  t.match(text, /MediaBox \[0 0 595\.276 841\.890\]/, 'a page of A4');
  const start = text.indexOf('stream\n', text.indexOf('/FlateDecode')) + 'stream\n'.length;
  const length = Number(/\/FlateDecode \/Length (\d+)/.exec(text)?.[1]);
  const pixels = inflateSync(file.subarray(start, start + length));
  t.ok(pixels.equals(await sharp(png).greyscale().raw().toBuffer()), 'the same picture');
}

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await sleep(10);
};

interface Ending {
  teardown(clean: () => unknown): void;
}

interface Plugged {
  readonly printer: VirtualPrinter;
  /** What was cut off, as PNG. */
  readonly papers: Buffer[];
  /** What the printer heard. */
  readonly heard: Buffer[];
  unplug(): Promise<void>;
}

/** A virtual printer at the other end of a pseudo-terminal. */
async function plug(test: Ending, path: string, { dots = 576, dumb = false } = {}): Promise<Plugged> {
  const papers: Buffer[] = [];
  const heard: Buffer[] = [];
  const child = spawn('socat', [`PTY,raw,echo=0,link=${path}`, 'STDIO'], { stdio: ['pipe', 'pipe', 'inherit'] });
  test.teardown(() => child.kill('SIGKILL'));
  child.stdin.on('error', () => undefined);
  const answer = (bytes: Uint8Array): void => void (dumb || child.stdin.write(bytes));
  const printer = createVirtualPrinter({ dots, answer, onPaper: (png) => void papers.push(png) });
  child.stdout.on('data', (chunk: Buffer) => {
    heard.push(chunk);
    printer.hear(chunk);
  });
  await until(() => existsSync(path));
  const unplug = async (): Promise<void> => {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  };
  return { printer, papers, heard, unplug };
}

interface Served {
  readonly printing: Printing;
  readonly alarms: Facts[];
  up(): Promise<void>;
  down(): Promise<void>;
}

const clock: Clock = { now: () => ({ earliest: now, latest: now + 50 }), monotonic: () => performance.now() };
type Wanted = { readonly driver: string; readonly address: Record<string, unknown>; readonly settings?: Record<string, unknown> };

/** These printers at a desk, as it holds them. */
async function serve(test: Ending, wanted: readonly Wanted[], { patienceMs = 20_000, log = silent } = {}): Promise<Served> {
  const alarms: Facts[] = [];
  const loaded = await Promise.all(
    wanted.map((one) =>
      loadDevice({ direction: 'in', settings: {}, ...one }, { at: [], fault: (at, zh, en) => `${at.join('.')} ${zh} ${en}` }),
    ),
  );
  const running = loaded.map((one) => one.start(log, () => undefined));
  const printers = running.map((one) => {
    if (one.device.role !== 'printer') throw new Error('not a printer');
    return { name: one.name, state: () => one.state(), device: one.device };
  });
  const printing = createPrinting({
    printers,
    terminal: 'CLINIC-1',
    clock,
    log,
    pictures: () => import('../src/print/pictures.js'),
    alarm: (facts) => void alarms.push(facts),
    changed: () => undefined,
    patienceMs,
  });
  test.teardown(async () => {
    printing.stop();
    await Promise.all(running.map((one) => one.stop()));
  });
  const all = (state: string) => () => until(() => running.every((one) => one.state() === state));
  return { printing, alarms, up: all('up'), down: all('down') };
}

const serial = (path: string, settings: Record<string, unknown> = {}): Wanted => ({
  driver: 'escpos-printer',
  address: { path, baudRate: 115_200 },
  settings: { lookMs: 100, ...settings },
});

t.test('a receipt printer on a serial line', { skip: NO_SOCAT || NO_FONT }, async (t) => {
  const label: Paper = sheetPaper('label', codes[1] ?? '');

  for (const [paper, dots] of [
    ['58', 384],
    ['80', 576],
  ] as const)
    for (const mode of ['text', 'raster'])
      await t.test(`${paper} mm, ${mode}: a slip and the longest codes, read back by a camera`, async (t) => {
        const path = join(t.testdir(), 'printer');
        const bench = await plug(t, path, { dots });
        const { printing, up } = await serve(t, [serial(path, { paper, mode })]);
        await up();
        t.equal(await printing.print(SLIP), 'printed');
        for (const code of codes) t.equal(await printing.print({ ...label, code }), 'printed');
        await bench.printer.drawn();
        t.equal(bench.papers.length, 3);
        const [slip, ...labels] = bench.papers;
        t.equal(slip && (await readBack(slip)), 'A1B2-17');
        for (const [i, png] of labels.entries()) t.equal(await readBack(png), codes[i]);
        t.equal((await sharp(slip).metadata()).width, dots + 80);
        const heard = new TextDecoder('gb18030').decode(Buffer.concat(bench.heard));
        if (mode === 'text') t.match(heard, /药品购买登记.*复方伪麻黄碱缓释片.*A1B2-17.*CLINIC-1.*2026-11-22 12:00/s);
        else t.notMatch(heard, /药/, 'nothing that needs a font');
      });

  await t.test(
    'no paper, an open cover, a jammed knife: said before anything is printed, told once, and once more when mended',
    async (t) => {
      const path = join(t.testdir(), 'printer');
      const { printer, papers, heard } = await plug(t, path);
      const { printing, alarms, up } = await serve(t, [serial(path)]);
      await up();
      printer.set({ cover: 'open' });
      t.equal(await printing.print(SLIP), 'cover-open');
      await sleep(400);
      t.same(alarms, [{ alarm: 'cover-open', device: 'escpos-printer', active: true }], 'looked at again and again, told once');
      t.same(printing.alarms(), ['cover-open']);
      printer.set({ cover: 'shut', paper: 0 });
      await until(() => alarms.length === 3);
      t.same(alarms.slice(1), [
        { alarm: 'cover-open', device: 'escpos-printer', active: false },
        { alarm: 'paper-out', device: 'escpos-printer', active: true },
      ]);
      t.equal(await printing.print(SLIP), 'paper-out');
      printer.set({ paper: 100_000, fault: 'cutter' });
      t.equal(await printing.print(SLIP), 'failed');
      printer.set({ fault: 'none' });
      await until(() => alarms.length === 4 && printing.alarms().length === 0);
      t.notMatch(Buffer.concat(heard).toString('latin1'), 'A1B2-17');
      t.equal(await printing.print(SLIP), 'printed');
      await printer.drawn();
      t.equal(papers.length, 1, 'and what could not be printed then is not printed now');
    },
  );

  await t.test('the paper ends in the middle of a slip: said so, and the next person gets nothing of it', async (t) => {
    const path = join(t.testdir(), 'printer');
    const { printer, papers } = await plug(t, path);
    const { printing, alarms, up } = await serve(t, [serial(path)]);
    await up();
    printer.set({ paper: 150 });
    t.equal(await printing.print(SLIP), 'paper-out');
    printer.set({ paper: 100_000 });
    await until(() => alarms.length === 2);
    t.equal(await printing.print({ kind: 'slip', title: words('下一位', 'Next'), lines: [{ code: 'NEXT' }] }), 'printed');
    await printer.drawn();
    t.equal(papers.length, 1);
    t.equal(papers[0] && (await readBack(papers[0])), 'NEXT');
    t.ok(((await sharp(papers[0]).metadata()).height ?? 0) < 700, 'only the next slip is on it');
  });

  await t.test('a cable that is pulled in the middle is a slip that failed; plugged in again it prints', async (t) => {
    const path = join(t.testdir(), 'printer');
    const first = await plug(t, path);
    const { printing, up, down } = await serve(t, [serial(path)]);
    await up();
    first.printer.set({ paper: 150 });
    const printed = printing.print(SLIP);
    await until(() => Buffer.concat(first.heard).includes('A1B2-17') || Buffer.concat(first.heard).length > 150);
    await first.unplug();
    t.match(await printed, /failed|paper-out/);
    await down();
    t.equal(await printing.print(SLIP), 'failed', 'away');
    rmSync(path, { force: true });
    const second = await plug(t, path);
    await up();
    t.equal(await printing.print(SLIP), 'printed');
    await second.printer.drawn();
    t.equal(second.papers.length, 1);
  });

  await t.test('a printer that says nothing prints nothing, unless it is known to be dumb', async (t) => {
    const path = join(t.testdir(), 'printer');
    const { printer, papers } = await plug(t, path, { dumb: true });
    const asked = await serve(t, [serial(path)]);
    await asked.up();
    t.equal(await asked.printing.print(SLIP), 'failed');
    t.equal(papers.length, 0);
    const other = join(t.testdir(), 'dumb');
    const dumb = await plug(t, other, { dumb: true });
    const blind = await serve(t, [serial(other, { answers: 'never' })]);
    await blind.up();
    t.equal(await blind.printing.print(SLIP), 'printed');
    await until(() => Buffer.concat(dumb.heard).includes(Buffer.from([0x1d, 0x56, 66, 0])));
    await dumb.printer.drawn();
    t.equal(dumb.papers.length, 1);
    await printer.drawn();
  });

  await t.test('a job that takes too long is given up, and the one behind it is printed', async (t) => {
    const path = join(t.testdir(), 'printer');
    const { printer, papers } = await plug(t, path);
    const { printing, up } = await serve(t, [serial(path, { patienceMs: 60_000 })], { patienceMs: 1500 });
    await up();
    printer.set({ fault: 'stuck' });
    const [first, second] = [printing.print(SLIP), printing.print({ ...SLIP, title: words('第二张', 'Second') })];
    t.equal(await first, 'failed');
    printer.set({ fault: 'none' });
    t.equal(await second, 'printed');
    await printer.drawn();
    t.equal(papers.length, 1);
  });

  await t.test('a code that this paper cannot hold is a slip that failed, and says why', async (t) => {
    const path = join(t.testdir(), 'printer');
    await plug(t, path, { dots: 384 });
    const told: string[] = [];
    const log: Log = { ...silent, error: (event, facts) => void told.push(`${event} ${JSON.stringify(facts)}`) };
    const { printing, up } = await serve(t, [serial(path, { paper: '58' })], { log });
    await up();
    t.equal(await printing.print({ ...label, code: 'A'.repeat(900) }), 'failed');
    t.match(told.join(), /too large for 384 dots/);
  });
});

t.test(
  'a receipt printer behind a device file prints; a slow one is waited for, one that is pulled is away',
  { skip: NO_SOCAT || NO_FONT },
  async (t) => {
    const path = join(t.testdir(), 'lp0');
    const bench = await plug(t, path);
    const wanted = { driver: 'escpos-usb-printer', address: { path }, settings: { mode: 'raster', lookMs: 100 } };
    const { printing, alarms, up, down } = await serve(t, [wanted]);
    await up();
    t.equal(await printing.print(sheetPaper('label', codes[1] ?? '')), 'printed');
    await bench.printer.drawn();
    t.equal(bench.papers[0] && (await readBack(bench.papers[0])), codes[1]);
    bench.printer.set({ cover: 'open' });
    await until(() => alarms.length === 1);
    await bench.unplug();
    await down();
    t.equal(await printing.print(SLIP), 'failed');
  },
);

t.test('a receipt printer on the LAN prints over its raw port; one that hangs up is away', { skip: NO_FONT }, async (t) => {
  const papers: Buffer[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    const printer = createVirtualPrinter({
      dots: 576,
      answer: (bytes) => void socket.write(bytes),
      onPaper: (png) => void papers.push(png),
    });
    socket.on('data', (chunk: Buffer) => printer.hear(chunk));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const { printing, up, down } = await serve(t, [{ driver: 'escpos-network-printer', address: { host: '127.0.0.1', port } }]);
  await up();
  t.equal(await printing.print(SLIP), 'printed');
  await until(() => papers.length === 1);
  t.equal(papers[0] && (await readBack(papers[0])), 'A1B2-17');
  server.close();
  for (const socket of sockets) socket.destroy();
  await down();
  t.equal(await printing.print(SLIP), 'failed');
});

t.test('sheets go into a folder as PNG and PDF, whole, until it is full', { skip: NO_FONT }, async (t) => {
  const path = t.testdir();
  const { printing, up } = await serve(t, [{ driver: 'sheet-folder', address: { path, most: 4 } }]);
  await up();
  t.equal(await printing.print(sheetPaper('poster', codes[1] ?? '')), 'printed');
  t.equal(await printing.print(sheetPaper('label', codes[1] ?? '')), 'printed');
  t.same(readdirSync(path).sort(), [
    '202611221200-1-poster.pdf',
    '202611221200-1-poster.png',
    '202611221200-2-label.pdf',
    '202611221200-2-label.png',
  ]);
  t.equal(await readBack(readFileSync(join(path, '202611221200-1-poster.png'))), codes[1]);
  t.equal(await printing.print(sheetPaper('poster', codes[1] ?? '')), 'failed', 'full');
  t.equal(readdirSync(path).length, 4);
  t.equal(await printing.print(SLIP), 'no-printer');
  t.equal(await printing.print(sheetPaper('card', codes[0] ?? '')), 'no-printer', 'somebody’s card is not left lying in a folder unasked');
});

t.test('of two printers the one that can is asked; no printer at all is said', { skip: NO_SOCAT || NO_FONT }, async (t) => {
  const [one, two] = [join(t.testdir(), 'one'), join(t.testdir(), 'two')];
  const first = await plug(t, one);
  const second = await plug(t, two);
  const wanted = [one, two].map((path, i) => ({ ...serial(path), name: `printer-${i + 1}` }));
  const { printing, alarms, up } = await serve(t, wanted);
  await up();
  first.printer.set({ paper: 0 });
  t.equal(await printing.print(SLIP), 'printed', 'before anybody knew of the paper');
  await until(() => alarms.length === 1);
  t.equal(await printing.print(SLIP), 'printed');
  await second.printer.drawn();
  t.same([first.papers.length, second.papers.length], [0, 2]);
  const none = await serve(t, []);
  t.equal(await none.printing.print(SLIP), 'no-printer');
  const absent = await serve(t, [serial(join(t.testdir(), 'absent'))]);
  t.equal(await absent.printing.print(SLIP), 'failed', 'one that was never there may be the one');
});

t.test(
  'at a desk: a poster and a slip from conversations, alarms in the journal and to the county',
  { skip: NO_SOCAT || NO_FONT },
  async (t) => {
    const place = t.testdir({ sheets: {} });
    const clock = { now: () => ({ earliest: AT * 1000, latest: AT * 1000 + 50 }), monotonic: () => performance.now() };
    const path = join(place, 'printer');
    const { printer, papers } = await plug(t, path);
    const loaded = await loadStation(
      {
        id: 'kiosk',
        kind: 'desk',
        scenes: [
          { scene: 'checkpoint', settings: { title: '霍山县医院' } },
          { scene: 'market', settings: { counter: '城关农贸市场 3 号' } },
        ],
        passageSeconds: 5,
        heldOpenSeconds: 5,
        devices: [
          { direction: 'in', ...serial(path), settings: { lookMs: 100 } },
          { driver: 'sheet-folder', direction: 'in', address: { path: join(place, 'sheets') }, settings: { takes: ['poster'] } },
        ],
      },
      [],
      (...told) => String(told),
    );
    if (!isDesk(loaded)) throw new Error('a desk was wanted');
    const trust = { ...countyTrust, data: (name: string) => (name === 'staff' ? cborOf(STAFF) : undefined) };
    const sealer = newSealer();
    const journal = openJournal({ file: join(place, 'journal.db'), terminal: 'DESK-1', clock, limit: 16 << 20, keepDays: 0 });
    const kiosk = startKiosk(loaded, {
      checkpoint: 'CP-1',
      formats: await loadFormats(),
      clock,
      journal,
      deskJournal: journal,
      whenJournalFails: 'refuse',
      trust: () => trust,
      sealer: () => sealer,
      cards: createCards({ region: REGION, regionKeys: () => undefined, log: silent }),
      ask: () => undefined,
      venueCode: async () => ({ text: codes[1] ?? '', picture: 'data:image/svg+xml;base64,' }),
      terminal: 'DESK-1',
      charge: async () => ({ status: 'in-doubt' }),
      draw: async () => '',
      ...meetingsOf(journal, clock, { sealer: () => sealer, trust: () => trust }),
      pictures: () => import('../src/print/pictures.js'),
      changed: () => undefined,
      log: silent,
    });
    t.teardown(async () => {
      await kiosk.stop();
      journal.close();
    });
    const visit = () => kiosk.desk.state().visit;
    const at = async (kind: string): Promise<string> => {
      await until(() => visit()?.prompt.kind === kind);
      return JSON.stringify(visit()?.prompt);
    };
    const answer = (value: Json): boolean =>
      kiosk.desk.act({ do: 'answer', visit: visit()?.id ?? '', step: visit()?.step ?? 0, value }) === true;
    await until(() => kiosk.devices().every(({ state }) => state === 'up'));

    kiosk.desk.act({ do: 'start', scene: 'checkpoint' });
    await at('choose');
    answer('poster');
    await at('identify');
    const reading = { station: 'kiosk', device: 'hand', direction: 'in', at: clock.now(), monotonic: 0, medium: 'code' } as const;
    kiosk.desk.accept({ ...reading, bytes: screen(STAFF_SUBJECT) });
    await at('fill');
    answer({ pin: STAFF_PIN });
    t.match(await at('show'), /已打印，请取走/);
    answer(null);
    const poster = readdirSync(join(place, 'sheets')).find((name) => name.endsWith('.png'));
    t.equal(poster && (await readBack(readFileSync(join(place, 'sheets', poster)))), codes[1]);

    const goods = { product: '三文鱼', origin: '挪威', batch: 'NO-7', certificate: '310120211A01', quantity: '3' };
    const enter = async (): Promise<string> => {
      await until(() => visit() === undefined);
      kiosk.desk.act({ do: 'start', scene: 'market' });
      await at('choose');
      answer('goods');
      await at('fill');
      answer(goods);
      await at('confirm');
      answer(true);
      return at('show');
    };
    t.match(await enter(), /已打印，请取走/);
    answer(null);
    await printer.drawn();
    t.equal(papers[0] && (await readBack(papers[0])), codes[1]);

    printer.set({ paper: 0 });
    t.match(await enter(), /打印机没有纸了/);
    t.ok(answer(null), 'the visit goes on');
    t.same(kiosk.alarms(), ['paper-out']);
    printer.set({ paper: 100_000 });
    await until(() => kiosk.alarms().length === 0);
    const alarms = journal
      .read(1, 100)
      .filter(({ kind }) => kind === 'alarm')
      .map(({ public: text }) => JSON.parse(text) as Facts);
    t.match(alarms, [
      { station: 'kiosk', device: 'escpos-printer', alarm: 'paper-out', active: true },
      { station: 'kiosk', device: 'escpos-printer', alarm: 'paper-out', active: false },
    ]);
    t.equal(alarms.length, 2);
    t.equal(journal.read(1, 100).filter(({ kind }) => kind === 'market-batch').length, 2, 'both batches are entered');
  },
);

t.test('a box without a Chinese font prints no empty boxes: it says what to install', (t) => {
  const fonts = join(t.testdir(), 'fonts.conf');
  writeFileSync(fonts, '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig></fontconfig>');
  const module = new URL('../src/print/pictures.js', import.meta.url).href;
  const paper = JSON.stringify({ ...sheetPaper('poster', 'AK1'), ...FOOT });
  const program = `const { sheetOf, bitmapOf } = await import('${module}'); const job = { paper: ${paper}, terminal: 'T', at: '' };
    for (const draw of [() => sheetOf(job, 'a4'), () => bitmapOf(job, 384)]) await draw().then(() => console.log('drawn'), (e) => console.log(e.message));`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, FONTCONFIG_FILE: fonts },
  });
  t.match(stdout.toString(), /no font with Chinese.*fonts-noto-cjk.*no font with Chinese/s);
  t.end();
});

interface Cups {
  readonly server: string;
  /** What its one printer, called office, was sent. */
  printed(): Buffer | undefined;
  /** Words of the printer's state that go with its next job. */
  says(state: string): void;
  run(...command: readonly string[]): void;
}

/** A CUPS of our own, with a printer whose backend is a script. */
async function startCups(test: Ending): Promise<Cups> {
  const place = mkdtempSync(join(tmpdir(), 'ankang-cups-'));
  chmodSync(place, 0o755);
  for (const name of ['spool', 'cache', 'state', 'root', 'log', 'tmp', 'out']) mkdirSync(join(place, name));
  chmodSync(join(place, 'out'), 0o777);
  mkdirSync(join(place, 'bin'));
  for (const name of readdirSync('/usr/lib/cups'))
    if (name !== 'backend') symlinkSync(join('/usr/lib/cups', name), join(place, 'bin', name));
  mkdirSync(join(place, 'bin/backend'));
  const script = `#!/bin/sh\n[ $# -eq 0 ] && exit 0\ncat "\${6:--}" > ${place}/out/printed.tmp\nmv ${place}/out/printed.tmp ${place}/out/printed\ncat ${place}/out/state >&2 || true\n`;
  writeFileSync(join(place, 'bin/backend/script'), script, { mode: 0o755 });
  writeFileSync(join(place, 'out/state'), '');
  const server = join(place, 'cups.sock');
  const open = '<Limit All>\nOrder deny,allow\n</Limit>';
  const policy = `<Policy default>\nJobPrivateAccess all\nJobPrivateValues none\nSubscriptionPrivateAccess all\nSubscriptionPrivateValues none\n${open}\n</Policy>`;
  writeFileSync(join(place, 'cupsd.conf'), `Listen ${server}\nBrowsing No\nWebInterface No\nDefaultAuthType None\n${policy}\n`);
  const log = `AccessLog ${place}/log/access\nErrorLog ${place}/log/error\nPageLog ${place}/log/page\n`;
  const roots = `ServerRoot ${place}/root\nServerBin ${place}/bin\nRequestRoot ${place}/spool\nCacheDir ${place}/cache\nStateDir ${place}/state\nTempDir ${place}/tmp\n`;
  writeFileSync(join(place, 'cups-files.conf'), `${roots}${log}SystemGroup root\nUser lp\nGroup lp\n`);
  const child = spawn('cupsd', ['-f', '-c', join(place, 'cupsd.conf'), '-s', join(place, 'cups-files.conf')], { stdio: 'ignore' });
  test.teardown(async () => {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
    rmSync(place, { recursive: true, force: true });
  });
  await until(() => existsSync(server));
  const run = (program = '', ...rest: readonly string[]): void => {
    const { status, stderr } = spawnSync(program, ['-h', server, ...rest]);
    if (status !== 0) throw new Error(stderr.toString());
  };
  run('lpadmin', '-p', 'office', '-v', 'script:/', '-E', '-m', 'raw');
  const file = join(place, 'out/printed');
  return {
    server,
    run,
    printed: () => (existsSync(file) ? readFileSync(file) : undefined),
    says: (state) => writeFileSync(join(place, 'out/state'), state),
  };
}

t.test('an office printer behind CUPS gets the page as PDF; what it lacks is said', { skip: NO_CUPS || NO_FONT }, async (t) => {
  const cups = await startCups(t);
  const wanted = { driver: 'sheet-printer', address: { queue: 'office', server: cups.server }, settings: { lookMs: 100 } };
  const { printing, alarms, up, down } = await serve(t, [wanted]);
  await up();
  const poster = sheetPaper('poster', codes[1] ?? '');
  t.equal(await printing.print(poster), 'printed');
  await until(() => cups.printed() !== undefined);
  const { pdf } = await sheetOf({ paper: poster, terminal: 'CLINIC-1', at: '2026-11-22 12:00' }, 'a4');
  t.ok(cups.printed()?.equals(pdf), 'word for word');

  cups.says('STATE: +media-empty-error\n');
  t.equal(await printing.print(poster), 'printed', 'CUPS took it, and keeps it until there is paper');
  await until(() => alarms.length === 1);
  t.same(alarms, [{ alarm: 'paper-out', device: 'sheet-printer', active: true }]);
  t.equal(await printing.print(poster), 'paper-out', 'and takes no more of ours until then');
  cups.says('STATE: -media-empty-error\n');
  cups.run('lp', '-d', 'office', '/etc/hostname');
  await until(() => alarms.length === 2);
  cups.run('cupsdisable', 'office');
  await until(() => printing.alarms().length === 0);
  t.equal(await printing.print(poster), 'failed', 'a queue that is switched off');
  cups.run('cupsenable', 'office');
  t.equal(await printing.print(poster), 'printed');
  cups.run('lpadmin', '-x', 'office');
  await down();
  t.equal(await printing.print(poster), 'failed', 'no such queue any more');
});
