/** Item search at the page (GOV-01): from a key to the painted list of what was found, in a real browser at the demo's kiosk. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { searchOf } from '../src/messages/search.js';
import { demoItems } from '../src/platform/affairs/catalogue.js';
import { print, quantile, type Row } from './row.js';

const PROGRAM = join(import.meta.dirname, '../src/cli/ankang.js');
const CHROMIUM = '/usr/bin/chromium';
/** As people type: initials, pinyin, Chinese, numbers, a slip; each letter is a key. */
const TYPED = ['sfzbb', 'jiehun', 'gjj', 'yanglao', 'shebaoka', 'dbsl', '000109', 'food', 'vvvv', '公积金', '身份证', '低保'];
const ROUNDS = 3;

/** Within the page: how long (ms) from each key to the frame that shows its answer; and of a key that asks nothing, to the frame after it. */
const WATCH = `
  window.painted = (then) => requestAnimationFrame(() => { const { port1, port2 } = new MessageChannel(); port1.onmessage = then; port2.postMessage(0); });
  window.answered = []; window.bare = []; window.since = 0;
  document.addEventListener('input', (event) => {
    const { timeStamp, target } = event;
    if (target.id === 'bare') painted(() => bare.push(performance.now() - timeStamp));
    if (target.id === 'search') since = timeStamp;
  }, true);
  new MutationObserver(() => {
    const at = since;
    const told = document.querySelector('.sought')?.dataset.typed;
    if (at > 0 && told === document.querySelector('#search')?.value) { since = 0; painted(() => answered.push(performance.now() - at)); }
  }).observe(document.querySelector('#desks'), { subtree: true, childList: true, attributes: true, characterData: true });
  const box = document.createElement('input'); box.id = 'bare'; document.querySelector('footer').append(box);`;

export async function bench(): Promise<readonly Row[]> {
  const index = indexRow();
  const folder = mkdtempSync(join(tmpdir(), 'ankang-bench-'));
  const port = await freePort();
  const demo = spawn(process.execPath, [PROGRAM, 'demo', '--port', String(port), '--folder', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    for await (const chunk of demo.stdout) if (String(chunk).includes('Ctrl-C')) break;
    const { answered, bare } = await atPage(`http://127.0.0.1:${port}/?station=kiosk`);
    const row = (name: string, at: number, bars: Pick<Row, 'must' | 'aim'>): Row => {
      const value = quantile(answered, at);
      const frame = quantile(bare, at);
      const beside = `a key that asks nothing, to its frame (${frame.toFixed(1)} ms)`;
      return { what: `item search, 1,172 items: key to painted, ${name}`, value, unit: 'ms', beside, ratio: value / frame, ...bars };
    };
    return [index, row('p50', 0.5, { aim: '< 16 ms' }), row('p99', 0.99, { must: '< 100 ms', aim: '< 16 ms' })];
  } finally {
    demo.kill('SIGINT');
    if (demo.exitCode === null) await once(demo, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function atPage(url: string): Promise<{ readonly answered: readonly number[]; readonly bare: readonly number[] }> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const tab = await browser.newPage({ viewport: { width: 1080, height: 1920 } });
    await tab.goto(url);
    await tab.getByRole('button', { name: /政务服务/ }).click();
    await tab.getByRole('button', { name: /按名称找事项/ }).click();
    await tab.waitForSelector('#search');
    await tab.evaluate(WATCH);
    for (let round = 0; round < ROUNDS; round++) for (const text of TYPED) await type(tab, '#search', text);
    for (let round = 0; round < ROUNDS; round++) await type(tab, '#bare', 'shenfenzheng');
    await sleep(100);
    return (await tab.evaluate('({ answered, bare })')) as { answered: number[]; bare: number[] };
  } finally {
    await browser.close();
  }
}

/** One key after the other, as fast as somebody who types well. */
async function type(tab: Page, box: string, text: string): Promise<void> {
  await tab.fill(box, '');
  for (const letter of text) {
    await tab.locator(box).pressSequentially(letter);
    await sleep(60);
  }
}

/** The search itself, without the page. */
function indexRow(): Row {
  const search = searchOf(demoItems());
  const keys = TYPED.flatMap((text) => [...text].map((_, at) => text.slice(0, at + 1)));
  const once = (): number[] =>
    keys.map((typed) => {
      const start = performance.now();
      search.find(typed);
      return performance.now() - start;
    });
  for (let warm = 0; warm < 20; warm++) once();
  const times = Array.from({ length: 20 }, once).flat();
  const limit = 2;
  return {
    what: 'item search, 1,172 items: the search alone, p99',
    value: quantile(times, 0.99),
    unit: 'ms',
    beside: '2 ms',
    ratio: quantile(times, 0.99) / limit,
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) print(await bench());
