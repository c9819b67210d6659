/**
 * `npm run soak`: a thousand terminals through a compressed day, with their storm at noon, against PostgreSQL, mosquitto and two
 * workers, each a process as it runs in earnest. Arguments are those of `ankang fleet` (`--terminals 3000 --seconds 300`).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { holdCeremony } from '../src/platform/ceremony.js';
import { freePort, MOSQUITTO, NO_MOSQUITTO } from './mosquitto.js';
import { NO_POSTGRES, startPostgres } from './postgres.js';

const PROGRAM = fileURLToPath(new URL('../src/cli/ankang.js', import.meta.url));
const WORKERS = 2;

const missing = NO_POSTGRES || NO_MOSQUITTO;
if (missing) throw new Error(missing);

/** Ends what was begun, last first. */
const endings: (() => unknown)[] = [];

async function ended(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

async function began(child: ChildProcess, word: string): Promise<void> {
  endings.push(() => ended(child));
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
      if (said.includes(word)) resolve();
    });
    child.once('exit', () => reject(new Error(said)));
  });
}

/** Without certificates: it serves this machine only, and a thousand of them would be made for nothing. */
async function broker(folder: string): Promise<string> {
  const port = await freePort();
  const settings = [`listener ${port} 127.0.0.1`, 'allow_anonymous true', 'max_inflight_messages 100', 'max_queued_messages 100000'];
  writeFileSync(join(folder, 'mosquitto.conf'), `${settings.join('\n')}\n`);
  const child = spawn(MOSQUITTO, ['-c', join(folder, 'mosquitto.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
  await began(child, 'running');
  return `mqtt://127.0.0.1:${port}`;
}

try {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-soak-'));
  endings.push(() => rmSync(folder, { recursive: true, force: true }));
  const postgres = await startPostgres('careful');
  endings.push(() => postgres.stop());
  const county = join(folder, 'county');
  holdCeremony({ folder: county, now: Date.now(), store: postgres.url });
  const url = await broker(folder);
  for (let number = 0; number < WORKERS; number++) {
    const args = ['county', 'run', '-c', county, '--broker', url, '--worker', String(number), '--board', '0'];
    await began(spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'ignore', 'pipe'] }), 'broker-connected');
  }
  const fleet = [
    'fleet',
    '-c',
    county,
    '--broker',
    url,
    '--terminals',
    '1000',
    '--seconds',
    '120',
    '--patience',
    '300',
    ...process.argv.slice(2),
  ];
  const child = spawn(process.execPath, [PROGRAM, ...fleet], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exitCode = code ?? 70;
} finally {
  for (const end of endings.toReversed()) await end();
}
