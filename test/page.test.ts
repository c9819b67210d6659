/** The display at a gate in a real browser: every state at every size, readable by machines, and harmless whatever it is fed. */
import { existsSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page as Tab } from 'playwright-core';
import t from 'tap';
import { REFUSALS } from '../src/contracts.js';
import { type Page, servePage } from '../src/page/server.js';
import type { Screen, TerminalView } from '../src/page/view.js';
import { type Shown, stationView } from '../src/page/views.js';

const CHROMIUM = '/usr/bin/chromium';
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SIZES = [
  [1080, 1920],
  [1280, 800],
  [800, 480],
] as const;

const words = (zh: string, en: string) => ({ zh, en });
const scene = { title: words('进出核验', 'Entry and exit'), words: { inside: words('您已在内', 'You are already inside') } };
const shown: Shown = {
  id: 'gate',
  scene,
  mode: 'normal',
  reading: false,
  journalFailed: false,
  gate: 'locked',
  inside: 3,
  result: undefined,
};

const STATES: Readonly<Record<string, Partial<Shown>>> = {
  waiting: {},
  reading: { reading: true },
  admitted: { gate: 'released', result: { admit: true, direction: 'in', note: undefined } },
  refused: { result: { admit: false, refusal: 'expired', note: undefined } },
  inside: { result: { admit: false, refusal: 'already-used', note: { why: 'inside' } } },
  fire: { mode: 'fire', gate: 'free' },
  locked: { mode: 'locked' },
  'journal failed': { journalFailed: true },
  'gate away': { gate: 'down' },
};

t.test('what is shown follows from the state of the station, and every refusal has its number and both languages', (t) => {
  const screen = (change: Partial<Shown>): Screen => stationView({ ...shown, ...change }).screen;
  t.same(
    Object.values(STATES).map((change) => screen(change).screen),
    ['waiting', 'reading', 'admitted', 'refused', 'refused', 'free', 'out-of-order', 'out-of-order', 'out-of-order'],
  );
  for (const [i, refusal] of REFUSALS.entries()) {
    const said = screen({ result: { admit: false, refusal, note: undefined } });
    t.match(said, { screen: 'refused', refusal, number: 101 + i });
  }
  t.match(screen(STATES['inside'] ?? {}), { next: { en: 'You are already inside' } }, 'the scene says why in its own words');
  t.end();
});

t.test('in a browser', { skip: !existsSync(CHROMIUM) && 'install chromium: apt-get install chromium' }, async (t) => {
  let state: Partial<Shown> = {};
  let online = true;
  const view = (): TerminalView => ({
    terminal: 'T-1',
    checkpoint: 'CP-1',
    online,
    trustAge: 125,
    clock: 'known',
    site: null,
    backlog: { entries: 4, hours: 900 },
    stations: [stationView({ ...shown, ...state })],
  });
  const page: Page = await servePage({ port: 0, view });
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  t.teardown(async () => {
    await browser.close();
    await page.stop();
  });
  const url = `http://127.0.0.1:${page.port}/`;
  const tab: Tab = await browser.newPage();
  const faults: string[] = [];
  tab.on('pageerror', (error) => faults.push(error.message));
  tab.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  await tab.goto(url);

  const put = async (change: Partial<Shown>): Promise<void> => {
    state = change;
    page.changed();
    const wanted = stationView({ ...shown, ...change }).screen.screen;
    await tab.waitForSelector(`section.${wanted}`);
  };

  for (const [name, change] of Object.entries(STATES)) {
    await t.test(`${name}: fits every screen and passes axe`, async (t) => {
      for (const [width, height] of SIZES) {
        await tab.setViewportSize({ width, height });
        await put(change);
        const overflow = await tab.evaluate('document.documentElement.scrollWidth - window.innerWidth');
        const below = await tab.evaluate('document.documentElement.scrollHeight - window.innerHeight');
        t.ok(Number(overflow) <= 0, `${width}×${height} does not scroll sideways`);
        t.ok(Number(below) <= 0, `${width}×${height} shows all of it at once`);
      }
      await tab.evaluate(AXE);
      const found = (await tab.evaluate(
        'axe.run().then((r) => r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html).join(" ")))',
      )) as string[];
      t.same(found, []);
      t.match(await tab.textContent('main'), /[\u4e00-\u9fff].*[A-Za-z]/s, 'Chinese and English');
    });
  }

  await t.test('offline and the age of the data are always visible', async (t) => {
    online = false;
    await put({});
    t.match(await tab.textContent('footer'), /离线 offline.*2 min.*4/s);
  });

  await t.test('text that comes from a code stays text', async (t) => {
    const evil = '<img src=x onerror="document.title=1">';
    state = { scene: { title: words(evil, evil), words: {} } };
    page.changed();
    // Not waitForFunction: it polls by eval, which the page's own policy forbids.
    await tab.locator('.title', { hasText: '<img' }).first().waitFor();
    t.equal(await tab.evaluate('document.images.length'), 0);
  });

  await t.test('a terminal that goes silent is shown as out of order', async (t) => {
    await put({});
    await page.stop();
    await tab.waitForSelector('body[data-gone]', { timeout: 20_000 });
    t.match(await tab.textContent('main'), /本机暂停使用/);
  });
  t.same(
    faults.filter((fault) => !fault.includes('ERR_')),
    [],
    'no fault in the page',
  );
});

t.test('only this box gets the page, and only what is there', async (t) => {
  const page = await servePage({
    port: 0,
    view: () => ({
      terminal: 'T',
      checkpoint: 'C',
      online: false,
      trustAge: null,
      clock: 'unsure',
      site: null,
      backlog: { entries: 0, hours: null },
      stations: [],
    }),
  });
  t.teardown(() => page.stop());
  const ask = (path: string, host: string): Promise<number> =>
    new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port: page.port, path, headers: { host } }, (answer) => {
        resolve(answer.statusCode ?? 0);
        answer.destroy();
      }).on('error', reject);
    });
  t.equal(await ask('/', `127.0.0.1:${page.port}`), 200);
  t.equal(await ask('/', 'evil.example'), 403, 'a foreign name that resolves to this box');
  t.equal(await ask('/assets/../../main.js', 'localhost'), 404);
  t.equal(await ask('/assets/view.js', 'localhost'), 404);
  const { headers } = await fetch(`http://127.0.0.1:${page.port}/`);
  t.match(headers.get('content-security-policy'), /default-src 'self'.*frame-ancestors 'none'/);
});
