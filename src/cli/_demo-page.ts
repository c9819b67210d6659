/** The demo's own routes on the terminal's page: the hand, the switches, and what the county has counted. */
import { readFileSync } from 'node:fs';
import type { Hono } from 'hono';
import type { Facts, Refusal, Words } from '../contracts.js';
import type { Terminal } from '../main.js';
import { localTime } from '../messages/calendar.js';
import { REFUSAL_WORDS } from '../messages/refusals.js';
import { reportLine } from '../platform/counts.js';
import type { County } from '../platform/county.js';
import { drawQr } from '../print/qr.js';
import type { DemoBroker } from './_demo-broker.js';
import type { DemoCode } from './_demo-codes.js';
import type { DemoPrinter } from './_demo-printer.js';
import type { Workbench } from './_workbench.js';

export interface Hand {
  readonly codes: readonly DemoCode[];
  present(scanner: string, bytes: Uint8Array): void;
  readonly bench: Workbench;
  readonly county: County;
  readonly broker: DemoBroker;
  readonly scanner: DemoScanner;
  readonly printer: DemoPrinter;
  terminal(): Terminal;
}

/** The scanner at the way in. */
export interface DemoScanner {
  /** Where it is a serial one: the terminal's end, and the end that codes are typed into. */
  readonly pty: { readonly device: string; readonly wire: string } | undefined;
  pull(): void;
  plug(): Promise<void>;
}

interface Switch {
  readonly name: string;
  readonly words: Words;
  /** Turns it; absent state is off. */
  turn(hand: Hand, on: boolean): void | Promise<void>;
}

const SWITCHES: readonly Switch[] = [
  // Normally closed: the alarm is the open contact.
  { name: 'fire', words: { zh: '火警', en: 'fire' }, turn: ({ bench }, on) => bench.lines('inputs').drive('fire', !on) },
  {
    name: 'staff-free',
    words: { zh: '钥匙开关：常开', en: 'staff key: free' },
    turn: ({ bench }, on) => bench.lines('inputs').drive('staff-free', on),
  },
  {
    name: 'scanner',
    words: { zh: '拔掉扫码器', en: 'scanner unplugged' },
    async turn({ bench, scanner }, on) {
      if (!scanner.pty) (on ? bench.unplug : bench.plug)('scanner-in');
      else if (on) scanner.pull();
      else await scanner.plug();
    },
  },
  {
    name: 'broker',
    words: { zh: '断开网络（代理停止）', en: 'network away (broker stopped)' },
    turn: ({ broker }, on) => broker.turn(!on),
  },
  {
    name: 'gate',
    words: { zh: '拔掉闸机', en: 'gate unplugged' },
    turn: ({ bench }, on) => (on ? bench.unplug('gate') : bench.plug('gate')),
  },
  {
    name: 'paper',
    words: { zh: '打印机缺纸', en: 'printer out of paper' },
    turn: ({ printer }, on) => printer.paper(on ? 'out' : 'in'),
  },
];

const LAST = 6;

export function demoRoutes(app: Hono, hand: Hand): void {
  const turned = new Set<string>();
  // Only this page may press its buttons: a form of another site cannot send JSON without asking first.
  app.use('/api/*', async (c, next) => {
    if (c.req.method === 'POST' && !(c.req.header('content-type') ?? '').startsWith('application/json')) return c.text('JSON only', 415);
    return next();
  });
  app.get('/demo', (c) => c.html(readFileSync(new URL('../page/assets/demo.html', import.meta.url), 'utf8')));
  app.get('/demo/slip.png', (c) => {
    const { last } = hand.printer.papers;
    return last ? c.body(Uint8Array.from(last), 200, { 'content-type': 'image/png' }) : c.text('nothing was printed yet', 404);
  });
  app.get('/api/hand', async (c) => c.json({ presentations: await Promise.all(hand.codes.map(pictured)) }));
  app.get('/api/seen', async (c) => c.json(await seen(hand, turned)));
  app.post('/api/present', async (c) => {
    // `at`: another scanner or reader than the one that it is meant for.
    const { name, at } = await c.req.json<{ name?: unknown; at?: unknown }>();
    const code = hand.codes.find((one) => one.name === name);
    if (!code) return c.text('no such code', 404);
    const scanner = at ?? code.scanner ?? 'scanner-in';
    if (typeof scanner !== 'string' || !(scanner === 'scanner-in' || hand.bench.isOpen(scanner))) return c.text('no such scanner', 404);
    hand.present(scanner, await code.make());
    return c.json({ held: code.name });
  });
  app.post('/api/walk', async (c) => {
    const { direction } = await c.req.json<{ direction?: unknown }>();
    if (direction !== 'in' && direction !== 'out') return c.text('in or out', 400);
    const sensor = direction === 'in' ? 'passedIn' : 'passedOut';
    hand.bench.lines('gate').drive(sensor, true);
    hand.bench.lines('gate').drive(sensor, false);
    return c.json({ walked: direction });
  });
  app.post('/api/switch', async (c) => {
    const { name, on } = await c.req.json<{ name?: unknown; on?: unknown }>();
    const found = SWITCHES.find((one) => one.name === name);
    if (!found || typeof on !== 'boolean') return c.text('no such switch', 404);
    if (on) turned.add(found.name);
    else turned.delete(found.name);
    await found.turn(hand, on);
    return c.json({ [found.name]: on });
  });
}

async function pictured({ name, words, scanner, drawn, make }: DemoCode): Promise<object> {
  const shown = { name, words, at: PLACES[scanner ?? 'scanner-in'] };
  if (!drawn) return shown;
  const { picture } = await drawQr(Buffer.from(await make()).toString('latin1'));
  return { ...shown, picture };
}

const GATE: Words = { zh: '大门', en: 'at the gate' };
const HALL: Words = { zh: '办事大厅', en: 'at the county hall' };
/** Where each reader stands. */
const PLACES: Readonly<Record<NonNullable<DemoCode['scanner']> | 'scanner-in', Words>> = {
  'scanner-in': GATE,
  'scanner-out': GATE,
  'card-reader': GATE,
  'bus-scanner': { zh: '公交车门', en: 'at the bus door' },
  'kiosk-scanner': { zh: '自助机', en: 'at the kiosk' },
  'window-scanner': { zh: '药房窗口', en: 'at the pharmacy’s window' },
  'hall-scanner': HALL,
  'hall-card-reader': HALL,
  'hotel-scanner': { zh: '酒店前台', en: 'at the hotel' },
};

async function seen(hand: Hand, turned: ReadonlySet<string>): Promise<object> {
  const { journal } = hand.terminal();
  const total = reportLine('total', await hand.county.store.tallies());
  const entries = journal.read(Math.max(1, journal.last - 40), 41).filter(({ kind }) => kind === 'verdict');
  return {
    last: entries
      .slice(-LAST)
      .toReversed()
      .map(({ earliest, public: facts }) => line(earliest, JSON.parse(facts) as Facts)),
    county: {
      presented: total.presented,
      verified: total.verified,
      refused: Object.values(total.refused).reduce((sum, n) => sum + n, 0),
      entries: journal.acked,
    },
    switches: SWITCHES.map(({ name, words }) => ({ name, words, on: turned.has(name) })),
    serial: hand.scanner.pty?.wire ?? null,
    gate: gateOf(hand.bench, turned.has('fire')),
    lamps: lampsOf(hand.bench),
    board: hand.county.boardUrl ?? null,
    desks: DESKS,
    printed: hand.printer.papers.count,
  };
}

const DESKS = [
  { href: '/?station=kiosk', words: { zh: '打开自助机', en: 'open the kiosk' } },
  { href: '/?station=pharmacy-window', words: { zh: '打开药房窗口', en: 'open the pharmacy’s window' } },
  { href: '/?station=hall', words: { zh: '打开办事大厅（企业、长者）', en: 'open the hall: enterprises, the elderly' } },
  { href: '/?station=front-desk', words: { zh: '打开酒店前台', en: 'open the hotel’s front desk' } },
  { href: '/?station=ward', words: { zh: '打开住院处自助机', en: 'open the inpatients’ kiosk' } },
  { href: '/?station=shop', words: { zh: '打开药店、市场柜台', en: 'open the counter of a shop' } },
];

/** In a fire the panel frees it by a wire of its own, whatever the terminal does and whether it is plugged in. */
function gateOf(bench: Workbench, fire: boolean): 'in' | 'out' | 'shut' | 'away' | 'free' {
  if (fire) return 'free';
  if (!bench.isOpen('gate')) return 'away';
  const { read } = bench.lines('gate');
  if (read('in')) return 'in';
  return read('out') ? 'out' : 'shut';
}

function lampsOf(bench: Workbench): Readonly<Record<string, boolean>> {
  const { read } = bench.lines('lamps');
  return { green: read('green'), red: read('red'), buzzer: read('buzzer') };
}

function line(at: number, facts: Facts): object {
  const { day, minute } = localTime(at);
  const clock = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  const admitted: Words = { zh: '放行', en: 'admitted' };
  const words = facts['verdict'] === 'admit' ? admitted : REFUSAL_WORDS[facts['refusal'] as Refusal].visitor;
  return { at: `${day.slice(5)} ${clock}`, verdict: facts['verdict'], words, scene: facts['scene'] };
}
