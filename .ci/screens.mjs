// Takes the pictures under docs/screens: every state of a gate's display at every size, the demo, the county's board; and the page that
// shows them all. `npm run screens`; needs chromium.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { servePage } from '../build/src/page/server.js';
import { stationView } from '../build/src/page/views.js';
import { BROWSER, DESKS, SHOWN, SIZES, STATES } from '../build/test/screens.js';

const FOLDER = 'docs/screens';
const PORT = 18_099;
const taken = [];

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
const browser = await chromium.launch(BROWSER);

async function take(tab, group, name) {
  const file = `${group}-${name}.png`;
  await sharp(await tab.screenshot()).png({ palette: true, effort: 10 }).toFile(`${FOLDER}/${file}`);
  taken.push({ group, name, file });
}

async function lanes() {
  let state = {};
  const view = () => ({
    terminal: 'T-1',
    checkpoint: 'CP-HOSPITAL',
    online: state !== STATES.starting,
    trustAge: state === STATES.starting ? null : 125,
    clock: 'known',
    site: null,
    backlog: { entries: 4, hours: 900 },
    stations: [stationView({ ...SHOWN, ...state })],
    desks: [],
  });
  const page = await servePage({ port: 0, view });
  const tab = await browser.newPage();
  await tab.emulateMedia({ reducedMotion: 'reduce' });
  for (const [width, height] of SIZES) {
    await tab.setViewportSize({ width, height });
    await tab.goto(`http://127.0.0.1:${page.port}/`);
    for (const [name, change] of Object.entries(STATES)) {
      state = change;
      page.changed();
      await tab.waitForSelector(`section.${stationView({ ...SHOWN, ...change }).screen.screen}`);
      await sleep(100);
      await take(tab, 'lane', `${name}-${width}x${height}`);
    }
  }
  await page.stop();
  await tab.waitForSelector('body[data-gone]', { timeout: 20_000 });
  await take(tab, 'lane', 'gone-800x480');
  await tab.close();
}

async function desks() {
  let desk = DESKS.menu;
  const view = () => ({
    terminal: 'T-1',
    checkpoint: 'CP-HOSPITAL',
    online: true,
    trustAge: 125,
    clock: 'known',
    site: null,
    backlog: { entries: 0, hours: 900 },
    stations: [],
    desks: [desk],
  });
  const page = await servePage({ port: 0, view });
  const tab = await browser.newPage();
  await tab.emulateMedia({ reducedMotion: 'reduce' });
  for (const [width, height, large] of [...SIZES, [...SIZES[2], true], [...SIZES[1], true]]) {
    await tab.setViewportSize({ width, height });
    await tab.goto(`http://127.0.0.1:${page.port}/`);
    await tab.waitForSelector('.desk');
    if (large) await tab.getByRole('button', { name: /大字/ }).click();
    for (const [name, state] of Object.entries(DESKS)) {
      desk = state;
      page.changed();
      await tab.waitForSelector(`.desk.${state.screen}[data-prompt="${state.visit?.prompt.kind ?? 'menu'}"]`);
      await sleep(100);
      await take(tab, 'desk', `${name}-${width}x${height}${large ? '-large' : ''}`);
    }
  }
  await tab.close();
  await page.stop();
}

async function demo() {
  const url = `http://127.0.0.1:${PORT}`;
  const child = spawn(process.execPath, ['build/src/cli/ankang.js', 'demo', '--port', String(PORT)], { stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    for (let tries = 0; tries < 100; tries++) {
      if (await fetch(url).then(({ ok }) => ok, () => false)) break;
      await sleep(200);
    }
    const post = (path, body) =>
      fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    const tab = await browser.newPage({ viewport: { width: 1500, height: 1250 } });
    await tab.goto(`${url}/demo`);
    await tab.waitForSelector('.presentation img');
    const present = async (name, screen) => {
      await tab.waitForSelector('.waiting[data-station="main-gate"]', { timeout: 10_000 });
      await post('/api/present', { name });
      await tab.waitForSelector(`section.${screen}`);
    };
    await present('screen', 'admitted');
    await sleep(700);
    await take(tab, 'demo', 'admitted');
    await post('/api/walk', { direction: 'in' });
    await present('expired', 'refused');
    await sleep(700);
    await take(tab, 'demo', 'refused');
    const board = await browser.newPage({ viewport: { width: 1280, height: 1400 } });
    const { board: address } = await (await fetch(`${url}/api/seen`)).json();
    await board.goto(address);
    await board.locator('#totals .tile').first().waitFor();
    await sleep(1500);
    await take(board, 'county', 'board');
  } finally {
    child.kill('SIGTERM');
  }
}

try {
  await lanes();
  await desks();
  await demo();
} finally {
  await browser.close();
}
const picture = ({ name, file }) => `### ${name}\n\n![${name}](${file})\n`;
const WORDS = { lane: '通道显示屏 · Display of a gate', desk: '服务台 · Desk', demo: '演示 · Demo', county: '县平台 · County' };
const parts = Object.entries(WORDS).map(([group, words]) => `## ${words}\n\n${taken.filter((one) => one.group === group).map(picture).join('\n')}`);
writeFileSync(`${FOLDER}/README.md`, `# 画面 · Screens\n\n由 \`npm run screens\` 生成。 Made by \`npm run screens\`.\n\n${parts.join('\n')}`);
