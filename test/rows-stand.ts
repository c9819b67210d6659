/** The demo as `npm start` runs it, a browser before its desks, and the network's plug. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Browser, chromium, type Page as Tab } from 'playwright-core';
import type { TerminalView } from '../src/page/view.js';
import { freePort } from './mosquitto.js';
import type { DeskName, Hands, Play, Step } from './rows-play.js';
import { BROWSER } from './screens.js';

const SCANNERS: Readonly<Record<DeskName, readonly [scanner: string, cards: string]>> = {
  kiosk: ['kiosk-scanner', 'kiosk-card-reader'],
  ward: ['ward-scanner', 'ward-card-reader'],
  'pharmacy-window': ['window-scanner', ''],
  hall: ['hall-scanner', 'hall-card-reader'],
  'front-desk': ['hotel-scanner', 'hotel-card-reader'],
  shop: ['shop-scanner', 'shop-card-reader'],
};

/** Generous: nothing here waits for time to pass, and machines may be busy. */
const PATIENCE_MS = 120_000;
const LOOK_MS = 20;
const SHOWN = `(() => { const { prompt, step } = document.querySelector('.desk')?.dataset ?? {}; return prompt + ' ' + step; })()`;

export interface Stand {
  /** Somebody comes to the desk, does all of it, and the menu is there again. */
  play(play: Play): Promise<void>;
  /** Begins, and stands at the step after the last. */
  begin(play: Play): Promise<void>;
  go(desk: DeskName, steps: readonly Step[]): Promise<void>;
  network(there: boolean): Promise<void>;
  /** What the pages threw. */
  readonly faults: readonly string[];
}

export async function until<T>(look: () => T | Promise<T>, what: string): Promise<NonNullable<T>> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await sleep(LOOK_MS);
  }
}

type Test = { teardown(clean: () => unknown): void };

/** Its address. It is told to end, and waited for: killed at once it would leave its pseudo-terminal behind. */
async function startDemo(program: string, folder: string, test: Test): Promise<string> {
  const port = await freePort();
  const child = spawn(process.execPath, [program, 'demo', '--port', String(port), '--folder', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  test.teardown(async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  await until(() => out.includes('Ctrl-C'), 'the demo to start');
  return `http://127.0.0.1:${port}`;
}

async function post(url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url} ${JSON.stringify(body)}: ${answer.status} ${await answer.text()}`);
}

/** Does it, and waits for what is asked next. */
async function next(tab: Tab, deed: () => Promise<void>): Promise<void> {
  const before = await tab.evaluate(SHOWN);
  await deed();
  await until(
    async () => {
      const now = String(await tab.evaluate(SHOWN));
      return now !== before && !now.startsWith('busy');
    },
    `something new after ${String(before)}`,
  );
}

const promptAt = (tab: Tab): Promise<string | null> => tab.getAttribute('.desk', 'data-prompt');

async function assertAt(tab: Tab, { at, reads }: Step, where: string): Promise<void> {
  const prompt = await promptAt(tab);
  const text = (await tab.innerText('#desks')).replaceAll('\n', ' ');
  if (prompt !== at || (reads && !reads.test(text))) throw new Error(`${where} is ${at} ${reads ?? ''}, the page shows ${prompt}: ${text}`);
}

export async function startStand(program: string, folder: string, test: Test): Promise<Stand> {
  const url = await startDemo(program, folder, test);
  const browser: Browser = await chromium.launch(BROWSER);
  test.teardown(() => browser.close());
  const view = async (): Promise<TerminalView> => (await (await fetch(`${url}/api/view`)).json()) as TerminalView;
  const faults: string[] = [];
  const tabs = new Map<DeskName, Tab>();
  const tabOf = async (desk: DeskName): Promise<Tab> => {
    const open = tabs.get(desk);
    if (open) return open;
    const tab = await browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
    tab.setDefaultTimeout(PATIENCE_MS);
    tab.on('pageerror', (error) => faults.push(`${desk}: ${error.message}`));
    tabs.set(desk, tab);
    await tab.goto(`${url}/?station=${desk}`);
    await tab.waitForSelector('[data-prompt="menu"]');
    return tab;
  };
  const hold = (desk: DeskName, name: string): Promise<void> => {
    const [scanner, cards] = SCANNERS[desk];
    return post(`${url}/api/present`, { name, at: name === 'card' ? cards : scanner });
  };
  const go = async (desk: DeskName, steps: readonly Step[]): Promise<void> => {
    const tab = await tabOf(desk);
    const hands = handsAt(tab, (code) => hold(desk, code));
    for (const [n, step] of steps.entries()) {
      await assertAt(tab, step, `step ${n + 1}`);
      await next(tab, () => step.deed(hands));
    }
  };
  const begin = async ({ desk, scene, steps }: Play): Promise<void> => {
    const tab = await tabOf(desk);
    // Whatever went wrong before.
    if ((await promptAt(tab)) !== 'menu') await tab.reload();
    await tab.waitForSelector('[data-prompt="menu"]');
    await next(tab, () => tab.locator('#desks').getByRole('button', { name: scene }).first().click());
    await go(desk, steps);
  };
  return {
    faults,
    go,
    begin,
    async play(play) {
      await begin(play);
      const tab = await tabOf(play.desk);
      const left = await promptAt(tab);
      if (left !== 'menu') throw new Error(`not the end: ${left} ${await tab.innerText('#desks')}`);
    },
    async network(there) {
      await post(`${url}/api/switch`, { name: 'broker', on: !there });
      await until(
        async () => {
          const { online, backlog } = await view();
          return online === there && (!there || backlog.entries === 0);
        },
        `the network to be ${there ? 'there' : 'away'}`,
      );
    },
  };
}

function handsAt(tab: Tab, hold: (code: string) => Promise<void>): Hands {
  const desk = tab.locator('#desks');
  const touch = (name: RegExp): Promise<void> => desk.getByRole('button', { name }).first().click();
  return {
    hold,
    touch,
    touchFirst: () => desk.locator('.choices button').first().click(),
    async fill(blanks, picked) {
      for (const [label, text] of blanks) await desk.getByLabel(label).first().fill(text);
      for (const words of picked) await desk.getByText(words).first().click();
      await touch(/下一步/);
    },
    async seek(text) {
      await desk.getByRole('combobox').fill(text);
      await tab.waitForSelector(`#found[data-typed="${text}"]`);
      await tab.locator('#found li').first().click();
    },
  };
}
