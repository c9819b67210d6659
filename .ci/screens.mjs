// Takes the pictures under docs/screens: starts the demo, presents codes, looks at the pages. `npm run screens`; needs chromium.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';

const FOLDER = 'docs/screens';
const PORT = 18_099;
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-sync'];
const url = `http://127.0.0.1:${PORT}`;

const demo = spawn(process.execPath, ['build/src/cli/ankang.js', 'demo', '--port', String(PORT)], { stdio: ['ignore', 'ignore', 'inherit'] });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ARGUMENTS });
try {
  mkdirSync(FOLDER, { recursive: true });
  for (let tries = 0; tries < 100; tries++) {
    if (await fetch(url).then(({ ok }) => ok, () => false)) break;
    await sleep(200);
  }
  const post = (path, body) =>
    fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const lane = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const demoPage = await browser.newPage({ viewport: { width: 1500, height: 1250 } });
  const take = async (page, name, screen) => {
    await page.waitForSelector(`section.${screen}`, { timeout: 10_000 });
    await page.screenshot({ path: `${FOLDER}/${name}.png` });
  };
  await lane.goto(`${url}/?station=main-gate`);
  await demoPage.goto(`${url}/demo`);
  await demoPage.waitForSelector('.presentation img');
  await take(lane, 'lane-waiting', 'waiting');
  await post('/api/present', { name: 'screen' });
  await take(lane, 'lane-admitted', 'admitted');
  await post('/api/walk', { direction: 'in' });
  await post('/api/present', { name: 'ride' });
  await sleep(1500);
  await take(demoPage, 'demo', 'admitted');
  await lane.waitForSelector('section.waiting');
  await post('/api/present', { name: 'expired' });
  await take(lane, 'lane-refused', 'refused');
} finally {
  await browser.close();
  demo.kill('SIGTERM');
}
