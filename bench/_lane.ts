/** A lane terminal as a county would set it up, run by `ankang run` in a process of its own, with its trust from an earlier run. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, closeSync, constants, existsSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { openPtyPair } from '../src/cli/_pty.js';
import { createWorkbench } from '../src/cli/_workbench.js';
import type { Log } from '../src/contracts.js';
import { FORM } from '../src/messages/claims.js';
import { holdCeremony } from '../src/platform/ceremony.js';
import { startCounty, storePath } from '../src/platform/county.js';
import { personCode, type SigningKey } from '../src/platform/issue.js';
import { addTerminal, setUp } from '../src/platform/orders.js';
import { openStore } from '../src/platform/sqlite.js';
import { writeTerminalKit } from '../src/platform/terminal-kit.js';

const TERMINAL = 'BENCH-1';
const CHECKPOINT = 'CP-BENCH';
const COMMAND = new URL('../src/cli/ankang.js', import.meta.url).pathname;
const PATIENCE_MS = 30_000;

const quiet: Log = { info: () => undefined, warn: () => undefined, error: (event, facts) => console.error(event, facts) };

export interface Lane {
  /** A serial line made of pseudo-terminals, or, where socat is not installed, a simulated scanner. */
  readonly scanner: 'serial' | 'simulated';
  /** Starts `ankang run`. */
  run(): Running;
  /** Holds a code before the scanner. */
  show(code: Uint8Array): void;
  /** Distinct codes, good for some minutes. */
  codes(count: number): readonly Uint8Array[];
  /** Called at each rise of the line that opens the gate; the person goes through at once. */
  onOpened(listener: () => void): void;
  /** Rejects after half a minute. */
  opened(): Promise<void>;
  close(): Promise<void>;
}

export interface Running {
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/** `folder`: an empty one. The uplink of the terminal leads to a port that was the county's and is closed now. */
export async function setUpLane(folder: string): Promise<Lane> {
  const countyFolder = join(folder, 'county');
  const keys = holdCeremony({ folder: countyFolder, now: Date.now(), terminals: [TERMINAL] });
  const [issuer] = keys.issuers;
  if (!issuer) throw new Error('the county has no issuer');
  const store = openStore(storePath(countyFolder));
  await setUp(store, keys);
  const { sign, open } = keys.terminal(TERMINAL);
  await addTerminal(store, { id: TERMINAL, checkpoint: CHECKPOINT, site: CHECKPOINT, sign: sign.spki, open: open.spki, region: false });
  await store.close();
  const kit = writeTerminalKit(keys, TERMINAL, join(folder, 'keys'));

  const bench = await createWorkbench(join(folder, 'bench.sock'));
  const pty = await openPtyPair(join(folder, 'ttySCAN'), join(folder, 'wire'));
  const wire = pty && openSync(pty.wire, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  const lines = bench.lines('gate');
  const listeners = new Set<() => void>();
  bench.onEvent((event) => {
    if (event.event !== 'line' || event.line !== 'in' || !event.active) return;
    lines.drive('passedIn', true);
    lines.drive('passedIn', false);
    for (const listener of listeners) listener();
  });

  const county = await startCounty({ folder: countyFolder, broker: { embedded: { port: 0 } }, now: () => Date.now(), log: quiet });
  const url = new URL(county.brokerUrl ?? '');
  url.username = TERMINAL;
  url.password = keys.brokerPassword(TERMINAL);
  const scanner = pty
    ? { driver: 'serial-scanner', name: 'scanner', address: { path: pty.device } }
    : { driver: 'simulated-scanner', name: 'scanner', address: { path: bench.path, name: 'scanner' } };
  const file = join(folder, 'terminal.yaml');
  mkdirSync(join(folder, 'state'), { mode: 0o700 });
  writeFileSync(
    file,
    stringify({
      terminal: { id: TERMINAL, region: keys.region, checkpoint: CHECKPOINT, mode: 'test', state: 'state' },
      keys: kit,
      clock: { source: 'system' },
      uplink: { url: url.href },
      page: { port: 0 },
      stations: [
        {
          id: 'gate',
          scene: 'entry',
          settings: { antiPassback: 'soft' },
          devices: [
            scanner,
            {
              driver: 'simulated-gate',
              name: 'gate',
              address: { path: bench.path, name: 'gate', outputs: ['in'], inputs: ['passedIn'] },
              settings: { fails: 'safe', releases: ['in'], sensors: ['passedIn'] },
            },
          ],
        },
      ],
    }),
    { mode: 0o600 },
  );

  const lane: Lane = {
    scanner: pty ? 'serial' : 'simulated',
    run: () => runTerminal(file, folder),
    show(code) {
      const frame = Buffer.concat([code, Uint8Array.of(13)]);
      if (wire !== undefined) type(wire, frame);
      else bench.scanner('scanner').send(frame);
    },
    codes: (count) => Array.from({ length: count }, () => newCode(issuer, keys.region)),
    onOpened: (listener) => void listeners.add(listener),
    opened: () =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`the gate does not open; ${tail(folder)}`)), PATIENCE_MS);
        const done = (): void => {
          clearTimeout(late);
          listeners.delete(done);
          resolve();
        };
        listeners.add(done);
      }),
    async close() {
      if (wire !== undefined) closeSync(wire);
      pty?.stop();
      await bench.close();
    },
  };
  await enrol(lane, folder);
  await county.stop();
  return lane;
}

/** What a full line does not take is lost, as on a real one that nobody reads. */
function type(wire: number, frame: Uint8Array): void {
  try {
    writeSync(wire, frame);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  }
}

/** The earlier run: until the terminal has its trust, and has opened the gate once. */
async function enrol(lane: Lane, folder: string): Promise<void> {
  const running = lane.run();
  const opened = lane.opened();
  let waiting = true;
  const settled = opened.finally(() => (waiting = false));
  while (waiting) {
    for (const code of lane.codes(1)) lane.show(code);
    await Promise.race([settled, sleep(200)]);
  }
  await settled;
  await running.stop();
  if (!existsSync(join(folder, 'state', 'journal.db'))) throw new Error('the earlier run left no journal');
}

/** As systemd starts it, with its log kept in a file. */
function runTerminal(config: string, folder: string): Running {
  const child = spawn(process.execPath, [COMMAND, 'run', '--config', config, '--log-level', 'warn'], { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Uint8Array) => appendFileSync(join(folder, 'log'), chunk));
  const ended = once(child, 'exit');
  const killed = (): void => void child.kill('SIGKILL');
  process.once('exit', killed);
  void ended.then(() => process.off('exit', killed));
  return {
    process: child,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function tail(folder: string): string {
  const log = join(folder, 'log');
  return existsSync(log) ? readFileSync(log, 'utf8').slice(-500) : 'no log';
}

function newCode(issuer: SigningKey, region: string): Uint8Array {
  const now = Math.floor(Date.now() / 1000);
  const subject = randomBytes(16).toString('base64url');
  const claims = {
    region,
    subject,
    issued: now - 5,
    expires: now + 290,
    codeId: randomBytes(8),
    form: FORM.screen,
    colour: 'green',
  } as const;
  return Buffer.from(personCode(issuer, claims), 'latin1');
}
