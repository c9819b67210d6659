/** What a lane terminal holds of memory after 10,000 scans, and whether it grew since the 2,000th; beside a Node that does nothing. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Lane, setUpLane } from './_lane.js';
import { print, type Row } from './row.js';

const EARLY = 2000;
const SCANS = 10_000;
/** Codes are made in batches, as each is good for some minutes only. */
const BATCH = 500;
/** After so long without an opened gate the next code is shown: a scan that came too early is lost, as at any gate. */
const PATIENCE_MS = 500;

export async function bench(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-bench-'));
  try {
    const lane = await setUpLane(folder);
    const bare = await bareNode();
    const running = lane.run();
    const pid = running.process.pid ?? 0;
    await scans(lane, EARLY);
    const early = rss(pid);
    await scans(lane, SCANS - EARLY);
    const late = rss(pid);
    await running.stop();
    await lane.close();
    return [
      {
        what: `RSS over bare Node after ${SCANS} scans (${lane.scanner} scanner)`,
        value: late - bare,
        unit: 'MB',
        beside: `bare Node ${bare.toFixed(1)} MB; × is of the 45 MB allowed`,
        ratio: (late - bare) / 45,
        must: '≤ 45 MB',
        aim: '≤ 25 MB',
      },
      {
        what: `RSS after ${SCANS} scans`,
        value: late,
        unit: 'MB',
        beside: `after ${EARLY} scans ${early.toFixed(1)} MB`,
        ratio: late / early,
        must: '≤ 1.05',
      },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Until the gate has opened so many times. */
async function scans(lane: Lane, count: number): Promise<void> {
  let opened = 0;
  let wake = (): void => undefined;
  lane.onOpened(() => {
    opened++;
    wake();
  });
  while (opened < count) {
    for (const code of lane.codes(Math.min(BATCH, count - opened))) {
      const gate = new Promise<void>((resolve) => (wake = resolve));
      lane.show(code);
      await Promise.race([gate, sleep(PATIENCE_MS)]);
    }
  }
}

async function bareNode(): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
  await sleep(500);
  const found = rss(child.pid ?? 0);
  child.kill();
  return found;
}

/** In MB of 1,000,000 bytes. */
function rss(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (!found) throw new Error(`process ${pid} is not there`);
  return (Number(found) * 1024) / 1e6;
}

if (process.argv[1] === import.meta.filename) print(await bench());
