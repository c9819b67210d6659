/** The county's board of all scenes (OPS-01): the same figures on the page, in the report and in the journals; readable, bilingual, and for this machine only. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { chromium, type Page as Tab } from 'playwright-core';
import t from 'tap';
import { sceneTitles } from '../src/cli/_scene-titles.js';
import type { Facts, Instant } from '../src/contracts.js';
import { encodeCbor } from '../src/crypto/cbor.js';
import { createSealer } from '../src/crypto/seal.js';
import { openJournal } from '../src/journal/journal.js';
import { toEvent, toMessage } from '../src/messages/entry.js';
import { makeHead } from '../src/messages/signed.js';
import type { State } from '../src/messages/state.js';
import type { Board } from '../src/platform/board-view.js';
import { holdCeremony } from '../src/platform/ceremony.js';
import { type County, startCounty, storePath } from '../src/platform/county.js';
import * as orders from '../src/platform/orders.js';
import { openStore } from '../src/platform/sqlite.js';
import { TOWNSHIPS, townshipOf } from '../src/platform/townships.js';
import { BROWSER, CHROMIUM, SIZES } from './screens.js';

const PROGRAM = join(import.meta.dirname, '../src/cli/ankang.js');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FOUND = 'axe.run().then((r) => r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html).join(" ")))';
const NOON = Date.parse('2026-03-02T04:00:00Z');
const DAY = 86_400_000;
const quiet = { info: () => {}, warn: () => {}, error: () => {} };

t.setTimeout(150_000);

const ankang = (...args: string[]) => spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8', timeout: 60_000 });

// ── a county with a day and a bit of every scene ────────────────────────────────────────────────────────────────────

/** Terminal → its checkpoint, and where that lies; null: nobody said. */
const WHERE: readonly (readonly [terminal: string, checkpoint: string, township: string | null, title: string | null])[] = [
  ['CLINIC-1', 'HS-HOSPITAL', '衡山', '县人民医院'],
  ['HALL-1', 'HS-HALL', 'hengshan', '政务服务中心'],
  ['BUS-1', 'BUS-12', '诸佛庵镇', null],
  ['SHOP-1', 'YR-MARKET', "Yu'erjie", '与儿街超市'],
  ['INN-1', 'DHP-INN', '大化坪镇', '茶园旅馆'],
  ['GATE-9', 'SCHOOL-9', null, null],
];

type Happened = readonly [kind: string, facts: Facts, count: number, daysAgo?: number];

const presented = (scene: string, facts: Facts = {}): Facts => ({ scene, person: true, verified: true, verdict: 'admit', ...facts });
const refused = (scene: string, refusal: string, verified = true): Facts => presented(scene, { verdict: 'refuse', refusal, verified });

const LIVES: Readonly<Record<string, readonly Happened[]>> = {
  'CLINIC-1': [
    ['verdict', presented('clinic/register'), 41],
    ['verdict', presented('clinic/pay'), 17, 1],
    ['verdict', presented('pharmacy'), 9],
    ['verdict', refused('clinic/reports', 'not-entitled'), 2],
    ['drug-sale', { scene: 'pharmacy', quantity: 1 }, 9],
    ['payment', { scene: 'clinic/pay', status: 'paid' }, 4, 1],
    ['survey-answer', { scene: 'survey' }, 6],
  ],
  'HALL-1': [
    ['verdict', presented('affairs'), 12],
    ['verdict', presented('enterprise', { person: false }), 3],
    ['verdict', refused('affairs', 'expired'), 4],
    ['affair', { scene: 'affairs' }, 8],
    ['elder-application', { scene: 'elder' }, 2],
    ['enterprise-application', { scene: 'enterprise' }, 1],
    ['meeting', { scene: 'meeting' }, 1],
    ['meeting-event', { scene: 'meeting-door', does: 'in' }, 5],
  ],
  'BUS-1': [
    ['verdict', presented('ride'), 60, 1],
    ['verdict', presented('ride'), 55],
    ['verdict', refused('ride', 'already-used'), 5],
    ['verdict', refused('ride', 'forged', false), 1],
  ],
  'SHOP-1': [
    ['verdict', presented('market'), 6],
    ['market-sale', { scene: 'market', quantity: 2 }, 6],
  ],
  'INN-1': [
    ['verdict', presented('stay'), 3],
    ['stay-guest', { scene: 'stay' }, 3],
  ],
  'GATE-9': [['verdict', presented('entry'), 20]],
};

const printers = (state: NonNullable<State['printers']>[number]['state']) => [{ name: 'slips', state }];
const saying = (change: Partial<State>): Facts =>
  ({
    session: '00112233aabbccdd',
    journal: '00112233aabbccdd',
    since: NOON,
    health: 'serving',
    trustAge: 5400,
    backlog: { entries: 0, bytes: 0, hours: null },
    clock: { earliest: NOON, latest: NOON + 1 },
    alarms: [],
    version: '0.1.0',
    ...change,
  }) as Facts;

/** Entries of one message. */
const PAGE = 50;

/** What a submission seals, of nobody. */
const NOBODY = encodeCbor([1, null, null, null, null]);

/** What terminals wrote, in real journals, sent as they send it; `exports`: those journals as `ankang journal export` gives them. */
async function lived(county: County, folder: string): Promise<string> {
  let exports = '';
  for (const [terminal, checkpoint] of WHERE) {
    let at: Instant = NOON;
    const clock = { now: () => ({ earliest: at, latest: at + 1000 }), monotonic: () => 0 };
    const file = join(folder, `${terminal}.db`);
    const journal = openJournal({ file, terminal, clock, limit: 2 ** 26, keepDays: 30 });
    const sealer = createSealer(county.keys.seal.point, county.keys.seal.kid);
    const entries = (LIVES[terminal] ?? []).flatMap(([kind, facts, count, daysAgo = 0]) => {
      at = NOON - daysAgo * DAY;
      const seal = (context: string) => sealer.seal(NOBODY, context);
      const one = { kind, at: clock.now(), facts: { ...facts, checkpoint }, ...(kind === 'verdict' ? {} : { seal }) };
      return journal.transaction((tx) => Array.from({ length: count }, () => tx.append(one)));
    });
    const origin = { region: county.keys.region, checkpoint, terminal, journal: journal.journal };
    for (let from = 0; from < entries.length; from += PAGE) {
      const page = entries.slice(from, from + PAGE);
      const { seq, hash } = page.at(-1)!;
      const head = makeHead({ terminal, journal: Buffer.from(journal.journal, 'hex'), seq, hash }, county.keys.terminal(terminal).sign);
      const events = page.map((entry) => toEvent(origin, entry));
      await county.ingest.take(terminal, Buffer.from(toMessage(events, head)));
    }
    journal.close();
    exports += ankang('journal', 'export', '--journal', file).stdout;
  }
  await county.ingest.idle();
  return exports;
}

const folder = mkdtempSync(join(tmpdir(), 'ankang-board-'));
const at = ['-c', join(folder, 'county')];
let county: County;
let url = '';
let exported = '';

t.before(async () => {
  const keys = holdCeremony({ folder: join(folder, 'county'), now: NOON, terminals: WHERE.map(([terminal]) => terminal), seed: 'board' });
  const store = openStore(storePath(join(folder, 'county')));
  for (const [id, checkpoint] of WHERE) {
    const { sign, open } = keys.terminal(id);
    await orders.addTerminal(store, { id, checkpoint, site: checkpoint, sign: sign.spki, open: open.spki, region: false });
  }
  await store.close();
  county = await startCounty({
    folder: join(folder, 'county'),
    broker: { embedded: { port: 0 } },
    board: { port: 0, titles: await sceneTitles() },
    now: () => NOON,
    log: quiet,
  });
  url = county.boardUrl ?? '';
  exported = await lived(county, folder);
  await county.store.noteState({
    terminal: 'CLINIC-1',
    at: NOON,
    state: saying({ printers: printers('paper-out'), alarms: ['paper-out'] }),
  });
  await county.store.noteState({ terminal: 'HALL-1', at: NOON, state: saying({ printers: printers('ready') }) });
  const backlog = { entries: 72, bytes: 30_000, hours: 900 };
  await county.store.noteState({ terminal: 'BUS-1', at: NOON, state: saying({ backlog, health: 'offline', trustAge: 100_000 }) });
  await county.store.noteState({ terminal: 'SHOP-1', at: NOON, state: saying({}) });
  await county.store.raise({ at: NOON, terminal: 'INN-1', kind: 'twin', facts: { sessions: 2 } });
});

t.after(async () => {
  await county.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** On a connection of its own: commands that are waited for let kept ones grow old. */
const fetched = (path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => get(new URL(path, url), { headers, agent: false }, resolve).on('error', reject));

const board = async (): Promise<Board> => JSON.parse(await text(await fetched('/api/board'))) as Board;

interface Line {
  readonly by: string;
  readonly presented: number;
  readonly verified: number;
  readonly title?: { readonly zh: string };
}
interface Report {
  readonly lines: readonly Line[];
  readonly holders: number;
  readonly submissions: readonly { readonly kind: string; readonly total: number; readonly today: number }[];
}
const report = (...args: string[]): Report => JSON.parse(ankang('report', ...args, '--format', 'json').stdout) as Report;

/** By the board's address; beside this process, which answers there. */
async function fetchedReport(by: string): Promise<Report> {
  const child = spawn(process.execPath, [PROGRAM, 'report', '--by', by, '-c', url, '--format', 'json'], { timeout: 30_000 });
  return JSON.parse(await text(child.stdout)) as Report;
}

// ── places ──────────────────────────────────────────────────────────────────────────────────────────────────────────

t.test('tiles of the townships lie beside each other, and a township is found by each of its names', (t) => {
  t.equal(new Set(TOWNSHIPS.map(({ column, row }) => `${column}/${row}`)).size, TOWNSHIPS.length);
  t.equal(new Set(TOWNSHIPS.flatMap(({ zh, en }) => [zh, en])).size, 2 * TOWNSHIPS.length);
  for (const one of TOWNSHIPS) for (const name of [one.zh, one.en, one.en.toUpperCase()]) t.equal(townshipOf(name), one);
  t.equal(townshipOf('太阳')?.zh, '太阳乡');
  t.equal(townshipOf('天堂寨镇'), undefined, 'of the next county');
  t.end();
});

t.test('a checkpoint is given its township and its name on the command line, while the county runs', async (t) => {
  for (const [, checkpoint, township, title] of WHERE) {
    if (township === null) continue;
    const given = ankang('county', 'checkpoint', checkpoint, '--township', township, ...(title ? ['--title', title] : []), ...at);
    t.match(given, { status: 0, stderr: '' });
  }
  t.match(JSON.parse(ankang('county', 'checkpoint', 'BUS-12', '--title', '12 路', ...at).stdout), { township: '诸佛庵镇', title: '12 路' });
  const listed = ankang('county', 'checkpoints', ...at)
    .stdout.trim()
    .split('\n');
  t.same(
    listed.map((line) => (JSON.parse(line) as { name: string }).name),
    ['BUS-12', 'DHP-INN', 'HS-HALL', 'HS-HOSPITAL', 'YR-MARKET'],
  );
  t.match(ankang('county', 'checkpoint', 'NOWHERE', '--township', '太阳乡', ...at), {
    status: 0,
    stderr: /no terminal belongs to NOWHERE/,
  });
  t.match(ankang('county', 'checkpoint', 'NOWHERE', '--township', '未定', ...at), { status: 0 });
  const wrong: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [['HS-HALL', '--township', '天堂寨镇'], /there is no township 天堂寨镇; .*衡山镇/],
    [['HS-HALL'], /give --township or --title/],
    [['a/b', '--title', 'x'], /not the name of a checkpoint/],
    [['HS-HALL', '--title', '字'.repeat(41)], /at most|1 to 40/],
    [['HS-HALL', '--title', 'a\u0007b'], /no control characters/],
  ];
  for (const [args, says] of wrong) t.match(ankang('county', 'checkpoint', ...args, ...at), { status: 2, stderr: says });
});

// ── figures ─────────────────────────────────────────────────────────────────────────────────────────────────────────

t.test('the board counts by scene, checkpoint, township and day what was presented, as the report does', async (t) => {
  const shown = await board();
  for (const [by, lines] of [
    ['scene', shown.scenes],
    ['checkpoint', shown.checkpoints],
    ['township', shown.townships],
    ['day', shown.days],
  ] as const) {
    const { lines: said } = report('--by', by, ...at);
    t.match(said, [...lines, shown.total], `by ${by}`);
    t.equal(said.length, lines.length + 1);
    t.equal(
      lines.reduce((sum, line) => sum + line.presented, 0),
      shown.total.presented,
    );
  }
  t.same((await fetchedReport('township')).lines, report('--by', 'township', ...at).lines, 'the same from the board’s address');
  t.match(shown.total, { presented: 235, verified: 234, refused: { expired: 4, forged: 1, 'already-used': 5, 'not-entitled': 2 } });
  t.same(
    shown.townships.map(({ by, presented: n }) => [by, n]),
    [
      ['与儿街镇', 6],
      ['大化坪镇', 3],
      ['未定', 20],
      ['衡山镇', 85],
      ['诸佛庵镇', 121],
    ],
  );
  t.match(shown.titles, { 'clinic/register': { zh: '门诊挂号' }, stay: { en: 'Hotel registration' } });
  t.equal(report('--by', 'scene', ...at).lines.find(({ by }) => by === 'ride')?.title?.zh, '扫码乘车');
});

t.test('several things are counted together, in each form', (t) => {
  const { lines } = report('--by', 'township,day', ...at);
  t.match(
    lines.find(({ by }) => by === '诸佛庵镇 / 2026-03-01'),
    { presented: 60, township: '诸佛庵镇', day: '2026-03-01' },
  );
  const csv = ankang('report', '--by', 'township,scene', '--format', 'csv', ...at).stdout;
  t.match(csv, /^township,scene,presented,verified,admitted,refused,unsure,refusals,title\r\n/);
  t.match(csv, /\r\n大化坪镇,stay,3,3,3,0,0,,住宿登记 Hotel registration\r\n/);
  t.match(csv, /\r\ntotal,,235,234,/);
  const table = ankang('report', '--by', 'scene', ...at).stdout;
  t.match(table, /ride 扫码乘车 +121 +120 +115 +6 /);
  t.match(table, /目标 targets: 申领 holders 0\/330000, 亮码 presented 8300000, 核验 verified 6640000/);
  t.match(ankang('report', '--by', 'scene,village', ...at), { status: 2, stderr: /scene,checkpoint,township,day/ });
  t.match(ankang('report', '--by', 'scene,scene', ...at), { status: 2 });
  t.match(ankang('report', '--format', 'xml', ...at), { status: 2, stderr: /table \| csv \| json/ });
  t.match(ankang('report', '--format', 'csv', '--json', ...at), { status: 2, stderr: /not both/ });
  t.end();
});

t.test('what desks handed in is counted by service, and nothing of it is told but how many', async (t) => {
  const { submissions } = await board();
  const counted = Object.fromEntries(submissions.filter(({ total }) => total > 0).map(({ kind, total, today }) => [kind, [total, today]]));
  t.match(counted, {
    affair: [8, 8],
    'drug-sale': [9, 9],
    payment: [4, 0],
    'survey-answer': [6, 6],
    'elder-application': [2, 2],
    'enterprise-application': [1, 1],
    meeting: [1, 1],
    'meeting-event': [5, 5],
    'market-sale': [6, 6],
    'stay-guest': [3, 3],
  });
  t.same(submissions, report('--day', '2026-03-02', ...at).submissions, 'the same in the report');
});

t.test('board and report reconcile with the journals, entry and record', async (t) => {
  const file = join(folder, 'journals.jsonl');
  writeFileSync(file, exported);
  const reconciled = () => JSON.parse(ankang('report', '--format', 'json', '--reconcile', file, ...at).stdout) as Facts;
  const entries = Object.values(LIVES).flatMap((life) => life.map(([, , count]) => count));
  const written = entries.reduce((sum, count) => sum + count, 0);
  t.match(reconciled(), { entries: written, matched: written, waiting: 0, tableHolds: true, recordsHold: true, holds: true });
  const { default: Database } = await import('better-sqlite3');
  const db = new Database(storePath(join(folder, 'county')));
  const taken = db.prepare("SELECT * FROM record WHERE kind = 'drug-sale' LIMIT 1").get() as Record<string, unknown>;
  db.prepare('DELETE FROM record WHERE terminal = ? AND seq = ?').run(taken['terminal'], taken['seq']);
  t.match(reconciled(), { tableHolds: true, recordsHold: false, holds: false }, 'a record that is gone is noticed');
  db.prepare(
    `INSERT INTO record VALUES (${Object.keys(taken)
      .map(() => '?')
      .join(', ')})`,
  ).run(...Object.values(taken));
  db.close();
  t.match(reconciled(), { holds: true });
});

// ── the page ────────────────────────────────────────────────────────────────────────────────────────────────────────

t.test('nobody but a browser of this machine that looks at the board itself is answered', async (t) => {
  const ask = async (path: string, headers: Record<string, string>): Promise<number> => {
    const answer = await fetched(path, headers);
    answer.resume();
    return answer.statusCode ?? 0;
  };
  t.equal(await ask('/', { host: 'board.example' }), 421);
  t.equal(await ask('/api/report', { host: 'board.example:8090' }), 421);
  t.equal(await ask('/api/board', { 'sec-fetch-site': 'cross-site' }), 403);
  t.equal(await ask('/api/board', { 'sec-fetch-site': 'same-origin' }), 200);
  t.equal(await ask('/../../etc/passwd', {}), 404);
  const { headers } = await fetched('/');
  t.match(headers['content-security-policy'], /default-src 'none'.*frame-ancestors 'none'/);
  for (const [name, value] of [
    ['x-frame-options', 'DENY'],
    ['x-content-type-options', 'nosniff'],
    ['referrer-policy', 'no-referrer'],
    ['cross-origin-resource-policy', 'same-origin'],
  ] as const)
    t.equal(headers[name], value);
});

t.test('in a browser', { skip: !existsSync(CHROMIUM) && 'install chromium: apt-get install chromium', timeout: 110_000 }, async (t) => {
  const browser = await chromium.launch(BROWSER);
  t.teardown(() => browser.close());
  const tab = await browser.newPage();
  tab.setDefaultTimeout(5000);
  const faults: string[] = [];
  tab.on('pageerror', (error) => faults.push(error.message));
  tab.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  const opened = async ([width, height]: readonly [number, number]): Promise<void> => {
    await tab.setViewportSize({ width, height });
    await tab.goto(url);
    await tab.locator('#map svg').waitFor();
  };

  await t.test('it says what the report says', async (t) => {
    await opened(SIZES[1]);
    const { lines } = report('--by', 'township', ...at);
    for (const { by, presented: n } of lines.slice(0, -1)) {
      t.equal(await tab.locator(`#map g[data-township="${by}"] .count`).textContent(), String(n));
      t.match(await rowOf(tab, 'townships', by), new RegExp(`${n}`));
    }
    t.equal(await tab.locator('#map g').count(), TOWNSHIPS.length + 1);
    t.equal(await tab.locator('#map g[data-township="太阳乡"] .count').textContent(), '0');
    t.match(await rowOf(tab, 'scenes', '扫码乘车'), /Bus ride.*ride.*121.*120.*115.*6/);
    t.match(await rowOf(tab, 'checkpoints', '县人民医院'), /HS-HOSPITAL · 衡山镇.*69/);
    t.match(await rowOf(tab, 'checkpoints', 'SCHOOL-9'), /未定.*20/);
    t.match(await rowOf(tab, 'submissions', '药店'), /Pharmacies.*sales.*9.*9/);
    t.match(await tab.textContent('#totals'), /目标 8,300,000.*目标 6,640,000/s);
  });

  await t.test('terminals: state, printers, alarms, age of trust, backlog; the map shows where to look', async (t) => {
    await opened(SIZES[1]);
    t.match(await rowOf(tab, 'terminals', 'CLINIC-1'), /服务中 serving.*缺纸 no paper.*slips.*缺纸.*1\.5/);
    t.match(await rowOf(tab, 'terminals', 'HALL-1'), /正常 ready/);
    t.match(await rowOf(tab, 'terminals', 'BUS-1'), /离线 offline.*27\.8.*72.*900/);
    t.match(await rowOf(tab, 'terminals', 'GATE-9'), /未上报 not heard/);
    const dots = (township: string): Promise<number> => tab.locator(`#map g[data-township="${township}"] circle`).count();
    t.same([await dots('衡山镇'), await dots('诸佛庵镇'), await dots('与儿街镇')], [1, 1, 0]);
  });

  await t.test('at every size: nothing that axe finds, nothing wider than the page, everything in both languages', async (t) => {
    for (const size of SIZES) {
      await opened(size);
      await tab.evaluate(AXE);
      t.same(await tab.evaluate(FOUND), [], size.join('×'));
      t.equal(await tab.evaluate('document.documentElement.scrollWidth'), size[0]);
    }
    const untold = await tab.evaluate(
      `[...document.querySelectorAll('h1, h2, th')].filter((head) => !head.querySelector('[lang=en]')).map((head) => head.textContent)`,
    );
    t.same(untold, []);
  });

  await t.test('what a checkpoint is called is text, whatever it says', async (t) => {
    const evil = '<img src=x onerror=alert(1)>';
    ankang('county', 'checkpoint', 'SCHOOL-9', '--title', evil, ...at);
    await opened(SIZES[1]);
    t.match(await tab.textContent('#checkpoints'), new RegExp(evil.replace(/[()]/g, '\\$&')));
    t.equal(await tab.locator('img').count(), 0);
  });
  t.same(faults, []);
});

const rowOf = async (tab: Tab, table: string, of: string): Promise<string> =>
  (await tab.locator(`#${table} tr`, { hasText: of }).first().textContent()) ?? '';

t.end();
