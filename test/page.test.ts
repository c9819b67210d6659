/** The display at a gate in a real browser: every state at every size, readable by machines, and harmless whatever it is fed. */
import { existsSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page as Tab } from 'playwright-core';
import t from 'tap';
import { REFUSALS } from '../src/contracts.js';
import { type Page, servePage } from '../src/page/server.js';
import type { DeskView, Screen, TerminalView } from '../src/page/view.js';
import { type Shown, stationView } from '../src/page/views.js';
import { startBoard } from '../src/platform/board.js';
import type { Tally } from '../src/platform/counts.js';
import { openStore } from '../src/platform/sqlite.js';
import type { CountyStore } from '../src/platform/store.js';
import { BROWSER, CHROMIUM, DESKS, SHOWN, SIZES, STATES } from './screens.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FOUND = 'axe.run().then((r) => r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html).join(" ")))';
const words = (zh: string, en: string) => ({ zh, en });

t.test('what is shown follows from the state of the station, and every refusal has its number and both languages', (t) => {
  const screen = (change: Partial<Shown>): Screen => stationView({ ...SHOWN, ...change }).screen;
  t.same(
    Object.values(STATES).map((change) => screen(change).screen),
    [
      'waiting',
      'reading',
      'checking',
      'starting',
      'admitted',
      'refused',
      'refused',
      'free',
      'free',
      'out-of-order',
      'out-of-order',
      'out-of-order',
      'waiting',
      'out-of-order',
    ],
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
  let desk: DeskView | undefined;
  const view = (): TerminalView => ({
    terminal: 'T-1',
    checkpoint: 'CP-1',
    online,
    trustAge: 125,
    clock: 'known',
    site: null,
    backlog: { entries: 4, hours: 900 },
    stations: desk ? [] : [stationView({ ...SHOWN, ...state })],
    desks: desk ? [desk] : [],
  });
  const page: Page = await servePage({ port: 0, view });
  const browser: Browser = await chromium.launch(BROWSER);
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
    const wanted = stationView({ ...SHOWN, ...change }).screen.screen;
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
      t.same(await tab.evaluate(FOUND), []);
      t.match(await tab.textContent('main'), /[\u4e00-\u9fff].*[A-Za-z]/s, 'Chinese and English');
    });
  }

  await t.test(
    'every screen of a desk, plain and in large print: axe finds nothing, nothing is cut off sideways, both languages',
    async (t) => {
      await tab.evaluate(AXE);
      for (const large of [false, true]) {
        for (const [name, view] of Object.entries(DESKS)) {
          desk = view;
          page.changed();
          const prompt = view.visit?.prompt.kind ?? 'menu';
          await tab.waitForSelector(`.desk.${view.screen}[data-prompt="${prompt}"]`);
          if (large !== (await tab.evaluate<boolean>('document.documentElement.dataset.size === "large"')))
            await tab.getByRole('button', { name: /大字/ }).click();
          for (const [width, height] of SIZES) {
            await tab.setViewportSize({ width, height });
            t.ok(Number(await tab.evaluate('document.documentElement.scrollWidth - innerWidth')) <= 0, `${name} at ${width}×${height}`);
          }
          t.same(await tab.evaluate(FOUND), [], `${name}${large ? ', large' : ''}`);
          t.match(await tab.textContent('#desks'), /[\u4e00-\u9fff].*[A-Za-z]/s);
          desk = undefined;
          page.changed();
          await tab.waitForSelector('.desk', { state: 'detached' });
        }
      }
      await tab.getByRole('button', { name: /大字/ }).click();
    },
  );

  await t.test('offline and the age of the data are always visible', async (t) => {
    online = false;
    await put({});
    t.match(await tab.textContent('footer'), /离线 offline.*2 min.*4/s);
  });

  await t.test('one language on request, both again when the person has left', async (t) => {
    const visible = async (className: string): Promise<boolean> => tab.locator(`main h1 .${className}`).first().isVisible();
    await put({});
    t.same([await visible('zh'), await visible('en')], [true, true]);
    await tab.getByRole('button', { name: 'English' }).click();
    t.same([await visible('zh'), await visible('en')], [false, true]);
    t.equal(await tab.getAttribute('html', 'lang'), 'en', 'a screen reader reads English');
    await tab.getByRole('button', { name: '中文', exact: true }).press('Enter');
    t.same([await visible('zh'), await visible('en')], [true, false], 'by the keyboard');
    await tab.clock.install();
    await tab.locator('body').press('Shift');
    await tab.clock.fastForward(59_000);
    t.equal(await visible('en'), false);
    await tab.clock.fastForward(2000);
    t.equal(await visible('en'), true);
    await tab.clock.resume();
  });

  await t.test('what changes is read out by a screen reader', async (t) => {
    t.match(await tab.getAttribute('#stations', 'aria-live'), /polite|assertive/);
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
      desks: [],
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

t.test(
  'the county’s board in a browser: reasons in words, nothing that axe finds',
  { skip: !existsSync(CHROMIUM) && 'install chromium: apt-get install chromium' },
  async (t) => {
    const folder = t.testdir();
    const store = openStore(`${folder}/county.db`);
    const square = { day: '2026-11-23', scene: 'entry', checkpoint: 'CP-1', unsure: false };
    const tallies = async (): Promise<readonly Tally[]> => [
      { ...square, refusal: '', readings: 40, presented: 40, verified: 40 },
      { ...square, day: '2026-11-22', refusal: '', readings: 9, presented: 9, verified: 8 },
      { ...square, refusal: 'expired', readings: 3, presented: 3, verified: 3 },
    ];
    const alarms = async () => [{ at: Date.now(), terminal: 'T-1', kind: 'fire', facts: { active: true } }];
    const full: CountyStore = { ...store, tallies, alarms };
    const board = await startBoard({
      port: 0,
      store: full,
      region: '341525',
      now: () => Date.now(),
      subscribe: () => () => undefined,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    });
    const browser = await chromium.launch(BROWSER);
    t.teardown(async () => {
      await browser.close();
      await board.stop();
      store.close();
    });
    const tab = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await tab.goto(board.url);
    await tab.locator('#totals .tile').first().waitFor();
    t.match(await tab.textContent('#totals'), /目标 330,000.*亮码 presented52/s);
    t.match(await tab.textContent('#refusals'), /108.*(已过期|过了|有效期).*3/s, 'a reason has its number and its words');
    await tab.evaluate(AXE);
    t.same(await tab.evaluate(FOUND), []);
  },
);
