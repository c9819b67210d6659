/** From starting `ankang run` to the first served scan (the gate's line rises), beside a Node that does nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Lane, setUpLane } from './_lane.js';
import { median, print, type Row } from './row.js';

const ROUNDS = 11;
/** A person with a code stands there already and tries so often. */
const EVERY_MS = 4;
const MOST_TRIES = 500;

export async function bench(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-bench-'));
  try {
    const lane = await setUpLane(folder);
    const took: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      bare.push(await bareNode());
      took.push(await start(lane));
      bare.push(await bareNode());
    }
    await lane.close();
    const beside = median(bare);
    return [
      {
        what: `start to first served scan (${lane.scanner} scanner, page, uplink)`,
        value: median(took),
        unit: 'ms',
        beside: `node -e 0 ${beside.toFixed(0)} ms`,
        ratio: median(took) / beside,
        must: '≤ 8',
        aim: '≤ 5',
      },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function bareNode(): Promise<number> {
  const begin = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
  return performance.now() - begin;
}

async function start(lane: Lane): Promise<number> {
  const codes = lane.codes(MOST_TRIES);
  const begin = performance.now();
  const running = lane.run();
  let took: number | undefined;
  const opened = lane.opened().then(() => {
    took = performance.now() - begin;
  });
  for (const code of codes) {
    if (took !== undefined) break;
    // Another code each time: the same one again would be taken for a bounce.
    lane.show(code);
    await Promise.race([opened, sleep(EVERY_MS)]);
  }
  await opened;
  await running.stop();
  return took ?? Number.NaN;
}

if (process.argv[1] === import.meta.filename) print(await bench());
