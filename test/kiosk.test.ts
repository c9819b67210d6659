/** A desk of the demo in a real browser: a person finishes what they came for, whatever else happens; nothing of them stays on the page. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Browser, chromium, type Page as Tab } from 'playwright-core';
import t from 'tap';
import type { TerminalView } from '../src/page/view.js';
import { openStore } from '../src/platform/sqlite.js';
import { freePort } from './mosquitto.js';
import { BROWSER, CHROMIUM, SIZES } from './screens.js';

const PROGRAM = join(import.meta.dirname, '../src/cli/ankang.js');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FOUND = 'axe.run().then((r) => r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html).join(" ")))';
/** WCAG 2.2, 1.4.6: 7:1 in large print. */
const CONTRAST = `axe.run({ runOnly: ['color-contrast-enhanced'], rules: { 'color-contrast-enhanced': { enabled: true } } })
  .then((r) => r.violations.map((v) => v.nodes.map((n) => n.html + n.failureSummary).join(' ')))`;
/** Words and buttons that are too small for old eyes and hands, in CSS pixels. */
const SMALL = `[...document.querySelectorAll('#desks *, footer *')]
  .filter((e) => e.checkVisibility() && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim() !== ''))
  .filter((e) => parseFloat(getComputedStyle(e).fontSize) < 32).map((e) => e.outerHTML.slice(0, 80))
  .concat([...document.querySelectorAll('#desks button, footer button')].filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 88).map((e) => 'low ' + e.outerHTML.slice(0, 80)))`;

t.setTimeout(600_000);

t.test('a desk', { skip: !existsSync(CHROMIUM) && 'install chromium: apt-get install chromium' }, async (t) => {
  const folder = t.testdir();
  const port = await freePort();
  const child = spawn(process.execPath, [PROGRAM, 'demo', '--port', String(port), '--folder', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // Not killed at once: it would leave the other end of its scanner's line behind.
  t.teardown(async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  while (!out.includes('Ctrl-C')) await sleep(50);
  const browser: Browser = await chromium.launch(BROWSER);
  t.teardown(() => browser.close());
  const url = `http://127.0.0.1:${port}`;
  const post = async (path: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<number> =>
    (await fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }))
      .status;
  const present = (name: string): Promise<number> => post('/api/present', { name });
  const desk = async (): Promise<TerminalView['desks'][number] | undefined> =>
    ((await (await fetch(`${url}/api/view`)).json()) as TerminalView).desks[0];

  const tab: Tab = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const faults: string[] = [];
  tab.on('pageerror', (error) => faults.push(error.message));
  const at = (prompt: string) => tab.waitForSelector(`[data-prompt="${prompt}"]`);
  const touch = (name: RegExp) => tab.getByRole('button', { name }).first().click();
  await tab.goto(`${url}/?station=kiosk`);
  await at('menu');

  /** Every screen on the way of a purchase, in this order; `look` is called at each. */
  const buy = async (look: (prompt: string) => Promise<void>): Promise<void> => {
    await look('menu');
    await touch(/药品购买登记/);
    await at('scan');
    await look('scan');
    await present('medicine');
    await at('identify');
    await look('identify');
    await present('at-kiosk');
    await at('fill');
    await look('fill');
    await tab.getByRole('button', { name: '1', exact: true }).click();
    await tab.getByText('本人使用').click();
    await touch(/下一步/);
    await at('confirm');
    await look('confirm');
    await touch(/确认/);
    await at('show');
    await look('show');
    await touch(/好的/);
    await at('menu');
  };

  await t.test('medicine is bought under a name: every screen passes axe, fits, and the county has the record once', async (t) => {
    await tab.evaluate(AXE);
    await buy(async (prompt) => {
      t.same(await tab.evaluate(FOUND), [], prompt);
      for (const [width, height] of SIZES) {
        await tab.setViewportSize({ width, height });
        const sideways = await tab.evaluate('document.documentElement.scrollWidth - innerWidth');
        t.ok(Number(sideways) <= 0, `${prompt} does not scroll sideways at ${width}×${height}`);
      }
      t.match(await tab.textContent('#desks h1'), /[\u4e00-\u9fff].*[A-Za-z]/s, `${prompt}: Chinese and English`);
    });
    await tab.setViewportSize({ width: 1280, height: 800 });
    const store = openStore(join(folder, 'county/county.sqlite'));
    t.teardown(() => store.close());
    let sales = await store.recorded({ kind: 'drug-sale' });
    for (let tries = 0; sales.length === 0 && tries < 200; tries++) {
      await sleep(25);
      sales = await store.recorded({ kind: 'drug-sale' });
    }
    t.match(sales, [
      { facts: { class: 'ephedrine', quantity: 1 }, personal: { medicine: '6900000000014', purpose: 'self' }, subject: /^[\w-]{22}$/ },
    ]);
    t.equal(sales.length, 1);
    let slip = await fetch(`${url}/demo/slip.png`);
    for (let tries = 0; !slip.ok && tries < 200; tries++) {
      await sleep(25);
      slip = await fetch(`${url}/demo/slip.png`);
    }
    t.equal(slip.headers.get('content-type'), 'image/png');
    t.ok((await slip.arrayBuffer()).byteLength > 2000, 'and its slip lies in the tray');
  });

  await t.test('the limit of the period is the county’s word: what was bought before counts', async (t) => {
    await buy(async (prompt) => {
      if (prompt === 'confirm') t.match(await tab.textContent('.lines'), /还可购买.*1 盒/s);
    });
    await touch(/药品购买登记/);
    await at('scan');
    await present('medicine');
    await at('identify');
    await present('at-kiosk');
    await at('show');
    t.match(await tab.textContent('#desks'), /已到限购数量.*7 天内 2 盒/s);
    await touch(/好的/);
    await at('menu');
  });

  await t.test('large print: no word under 32 px, no button under 88, contrast 7:1', async (t) => {
    t.not(String(await tab.evaluate(SMALL)), '', 'in plain print there is smaller text: the check can fail');
    await touch(/大字/);
    for (const [width, height] of SIZES) {
      await tab.setViewportSize({ width, height });
      t.same(await tab.evaluate(SMALL), [], `menu at ${width}×${height}`);
    }
    t.same(await tab.evaluate(CONTRAST), []);
    await touch(/药品购买登记/);
    await at('scan');
    t.same(await tab.evaluate(SMALL), []);
    t.same(await tab.evaluate(CONTRAST), []);
    await touch(/没有码/);
    await at('choose');
    t.same(await tab.evaluate(SMALL), []);
    t.same(await tab.evaluate(CONTRAST), []);
    await touch(/退出/);
    await at('menu');
    await touch(/大字/);
    await tab.setViewportSize({ width: 1280, height: 800 });
  });

  await t.test('what is wrong is said at its place, and by the keyboard alone it can be put right', async (t) => {
    await touch(/药品购买登记/);
    await at('scan');
    await touch(/没有码/);
    await at('choose');
    await touch(/含麻黄碱/);
    await at('identify');
    await present('at-kiosk');
    // Nothing is left for this person: the county says so.
    await at('show');
    await touch(/好的/);
    await at('menu');
    await touch(/药品购买登记/);
    await at('scan');
    await touch(/没有码/);
    await at('choose');
    await touch(/退热药/);
    await at('identify');
    await present('at-kiosk');
    await at('fill');
    await tab.getByLabel(/数量/).fill('9');
    await tab.keyboard.press('Enter');
    await tab.waitForSelector('.fault');
    t.match(await tab.textContent('.fault'), /1 到 3/);
    t.equal(await tab.getByLabel(/数量/).getAttribute('aria-invalid'), 'true');
    await tab.getByLabel(/数量/).fill('3');
    await tab.keyboard.press('Enter');
    await at('confirm');
    await touch(/不对/);
    await at('fill');
    await touch(/退出/);
    await at('menu');
  });

  await t.test('a code that is refused is explained, and another may be tried', async (t) => {
    await touch(/药品购买登记/);
    await at('scan');
    await present('medicine');
    await at('identify');
    // A bar code is no code of a person.
    await present('medicine');
    await tab.waitForSelector('.notice.bad');
    t.match(await tab.textContent('.notice.bad'), /编号 102/);
    await present('at-kiosk');
    await at('show');
    await touch(/退出/);
    await at('menu');
  });

  await t.test('the page opened anew, or left in the middle: whoever began is gone; staff can be called', async (t) => {
    const begin = async (): Promise<void> => {
      await at('menu');
      await touch(/药品购买登记/);
      await at('scan');
    };
    await begin();
    await tab.reload();
    await at('menu');
    await begin();
    t.equal((await desk())?.visit?.prompt.kind, 'scan');
    await touch(/呼叫工作人员/);
    await tab.waitForSelector('.notice');
    t.match(await tab.textContent('.notice'), /已呼叫工作人员/);
    await touch(/退出/);
    await at('menu');
    t.equal((await desk())?.visit, null);
  });

  await t.test('with the broker away a sale is registered on this box and says so; it arrives when the broker is back', async (t) => {
    await post('/api/switch', { name: 'broker', on: true });
    await touch(/药品购买登记/);
    await at('scan');
    await touch(/没有码/);
    await at('choose');
    await touch(/止咳药/);
    await at('identify');
    await present('at-kiosk');
    await at('fill');
    await tab.getByLabel(/数量/).fill('1');
    await tab.keyboard.press('Enter');
    await at('confirm');
    await touch(/确认/);
    await at('show');
    t.match(await tab.textContent('#desks'), /登记已保存，联网后上报/);
    await touch(/好的/);
    await post('/api/switch', { name: 'broker', on: false });
    const store = openStore(join(folder, 'county/county.sqlite'));
    t.teardown(() => store.close());
    for (;;) {
      const [sale] = (await store.recorded({ kind: 'drug-sale' })).filter(({ facts }) => facts['class'] === 'cough');
      if (sale) {
        t.match(sale.facts, { quantity: 1, unasked: true });
        break;
      }
      await sleep(50);
    }
  });

  await t.test('a batch of frozen food gets a sales code that proves itself; who bought of it only the county can tell', async (t) => {
    await touch(/冷链食品/);
    await at('choose');
    await touch(/登记新到的货/);
    await at('fill');
    for (const [label, value] of [
      [/品名/, '三文鱼'],
      [/原产地/, '挪威'],
      [/生产批号/, 'NO-7'],
      [/证明编号/, '310120211A01'],
      [/数量/, '3'],
    ] as const)
      await tab.getByLabel(label).fill(value);
    await tab.keyboard.press('Enter');
    await at('confirm');
    await touch(/确认/);
    await at('show');
    t.match(await tab.getAttribute('.picture', 'src'), /^data:image\/svg/);
    await touch(/好的/);
    await at('menu');
    await touch(/冷链食品/);
    await at('choose');
    await touch(/登记购买/);
    await touch(/三文鱼 NO-7/);
    await at('identify');
    await present('at-kiosk');
    await at('fill');
    await tab.getByLabel(/数量/).fill('2');
    await tab.keyboard.press('Enter');
    await at('show');
    await touch(/好的/);
    await at('menu');
    const store = openStore(join(folder, 'county/county.sqlite'));
    t.teardown(() => store.close());
    let sales = await store.recorded({ kind: 'market-sale' });
    while (sales.length === 0) {
      await sleep(25);
      sales = await store.recorded({ kind: 'market-sale' });
    }
    const batch = sales[0]?.facts['batch'];
    if (typeof batch !== 'string') throw new Error('a sale without its batch');
    const recall = (...args: readonly string[]) =>
      spawnSync(process.execPath, [PROGRAM, 'county', 'recall', '-c', join(folder, 'county'), ...args], { encoding: 'utf8' });
    const { stdout } = recall('DEMO-1', batch, '--purpose', 'test of a recall');
    t.match(JSON.parse(stdout), { subject: /^[\w-]{22}$/, quantity: 2 });
    t.match((await store.alarms(5))[0], { kind: 'recall', facts: { batch, purpose: 'test of a recall' } }, 'that it was asked is recorded');
    t.match(recall('DEMO-1', 'FFFF-1', '--purpose', 'test of a recall'), { status: 2, stderr: /没有这个批次/ });
    t.match(recall('DEMO-1', batch, '--purpose', 'x'), { status: 2 });
  });

  await t.test('the survey knows nobody', async (t) => {
    await touch(/满意度评价/);
    for (let question = 0; question < 3; question++) {
      await at('choose');
      const step = (await desk())?.visit?.step;
      await touch(/很满意/);
      while ((await desk())?.visit?.step === step) await sleep(10);
    }
    await at('show');
    await touch(/好的/);
    const store = openStore(join(folder, 'county/county.sqlite'));
    t.teardown(() => store.close());
    let answers = await store.recorded({ kind: 'survey-answer' });
    while (answers.length === 0) {
      await sleep(25);
      answers = await store.recorded({ kind: 'survey-answer' });
    }
    t.match(answers, [{ subject: null, personal: null, facts: { answers: { service: '5', waiting: '5', terminal: '5' } } }]);
  });

  await t.test('only our own page may touch anything, and only what stands there', async (t) => {
    const start = { station: 'kiosk', action: { do: 'start', scene: 'pharmacy' } };
    t.equal(await post('/api/act', start, { origin: 'http://evil.example' }), 403);
    t.equal(await post('/api/act', start, { 'sec-fetch-site': 'cross-site' }), 403);
    t.equal(await post('/api/act', start, { 'content-type': 'text/plain' }), 415);
    t.equal(await post('/api/act', { station: 'kiosk', action: { do: 'dance' } }), 400);
    t.equal(await post('/api/act', { ...start, more: 'x'.repeat(20_000) }), 413);
    t.equal(await post('/api/act', { station: 'nowhere', action: { do: 'opened' } }), 404);
    t.equal(await post('/api/act', { station: 'kiosk', action: { do: 'start', scene: 'entry' } }), 409);
    t.equal(await post('/api/act', { station: 'kiosk', action: { do: 'leave', visit: 'another' } }), 409);
    t.equal((await desk())?.visit, null);
  });
  t.same(faults, [], 'no fault in the page');
});
