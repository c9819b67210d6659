/** Serial scanners on real pseudo-terminals: how codes end, what a pulled cable costs, and how soon the scanner is back. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Log } from '../src/contracts.js';
import { loadDevice, type RunningDevice } from '../src/station/devices.js';
import type { DeviceState } from '../src/station/supervise.js';

const missing = spawnSync('socat', ['-V']).error ? 'socat is not here: apt install socat' : false;
const BACK_MS = 2000;

interface Terminal {
  send(bytes: string | Buffer): void;
  unplug(): Promise<void>;
}

/** A pseudo-terminal at `link`: its other side is what the scanner sends. */
async function plug(link: string): Promise<Terminal> {
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  const child: ChildProcess = spawn('socat', [`PTY,raw,echo=0,link=${link}`, 'STDIO'], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  child.stdin?.on('error', () => undefined);
  while (!existsSync(link)) await sleep(5);
  return {
    send: (bytes) => void child.stdin?.write(bytes),
    unplug: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

interface Listening {
  readonly readings: string[];
  readonly states: DeviceState[];
  readonly logged: string[];
  readonly running: RunningDevice;
  reaches(state: DeviceState): Promise<void>;
  reads(count: number): Promise<readonly string[]>;
}

async function listen(path: string, settings: Record<string, unknown> = {}): Promise<Listening> {
  const readings: string[] = [];
  const states: DeviceState[] = [];
  const logged: string[] = [];
  const note = (event: string, facts?: Readonly<Record<string, unknown>>): void => void logged.push(`${event} ${JSON.stringify(facts)}`);
  const log: Log = { info: note, warn: note, error: note };
  const wanted = { driver: 'serial-scanner', name: 'reader', direction: 'in', address: { path, baudRate: 115_200 }, settings } as const;
  const loaded = await loadDevice(wanted, { at: [], fault: (at, zh, en) => `${at.join('.')} ${zh} · ${en}` });
  const running = loaded.start(log, (state) => void states.push(state));
  t.teardown(() => running.stop());
  if (running.device.role !== 'scanner') throw new Error('not a scanner');
  running.device.onReading((bytes) => void readings.push(Buffer.from(bytes).toString('latin1')));
  const until = async (true_: () => boolean): Promise<void> => {
    while (!true_()) await sleep(5);
  };
  return {
    readings,
    states,
    logged,
    running,
    reaches: (state) => until(() => states.at(-1) === state),
    reads: async (count) => {
      await until(() => readings.length >= count);
      return readings;
    },
  };
}

const folder = t.testdir();

t.test('a code ends at CR, LF, CRLF or a pause', { skip: missing }, async (t) => {
  const path = join(folder, 'ends');
  const terminal = await plug(path);
  const scanner = await listen(path);
  await scanner.reaches('up');
  terminal.send('CARRIAGE\rFEED\nBOTH\r\nPAUSE');
  t.same(await scanner.reads(4), ['CARRIAGE', 'FEED', 'BOTH', 'PAUSE']);
  terminal.send('SPLIT');
  await sleep(10);
  terminal.send('TED\r');
  t.same((await scanner.reads(5)).slice(4), ['SPLITTED']);
  await scanner.running.stop();
});

t.test('a binary code with the suffix among its bytes is one code', { skip: missing }, async (t) => {
  const path = join(folder, 'binary');
  const terminal = await plug(path);
  const scanner = await listen(path, { ends: 'gap', suffix: 'cr' });
  await scanner.reaches('up');
  const code = Buffer.from([0x80, 0x0d, 0x0a, 0x00, 0x11, 0x13, 0x03, 0x04, 0xff, 0x0d]);
  terminal.send(Buffer.concat([code, Buffer.from('\r')]));
  t.same(await scanner.reads(1), [code.toString('latin1')]);
  await scanner.running.stop();
});

t.test('what was scanned before the terminal listened opens nothing', { skip: missing }, async (t) => {
  const path = join(folder, 'before');
  const terminal = await plug(path);
  terminal.send('LONG AGO\r');
  await sleep(50);
  const scanner = await listen(path);
  await scanner.reaches('up');
  terminal.send('NOW\r');
  t.same(await scanner.reads(1), ['NOW']);
  await scanner.running.stop();
});

t.test('a scanner that is pulled out three times, also half-way through a code, is back each time', { skip: missing }, async (t) => {
  const path = join(folder, 'by-id/usb-scanner');
  const scanner = await listen(path);
  await scanner.reaches('down');
  for (let round = 1; round <= 3; round++) {
    const terminal = await plug(path);
    await scanner.reaches('up');
    terminal.send(`WHOLE ${round}\r`);
    await scanner.reads(round);
    terminal.send(`HALF ${round}`);
    await sleep(10);
    await terminal.unplug();
    await scanner.reaches('down');
    rmSync(dirname(path), { recursive: true });
  }
  t.same(scanner.readings, ['WHOLE 1', 'WHOLE 2', 'WHOLE 3']);
  t.same(scanner.states, ['down', 'up', 'down', 'up', 'down', 'up', 'down'], 'each change was told once');
  await scanner.running.stop();
});

t.test('one scanner is pulled out and the other goes on', { skip: missing }, async (t) => {
  const [left, right] = [join(folder, 'left'), join(folder, 'right')];
  const terminals = [await plug(left), await plug(right)] as const;
  const scanners = [await listen(left), await listen(right)] as const;
  await Promise.all(scanners.map((scanner) => scanner.reaches('up')));
  terminals[1].send('BEFORE\r');
  await scanners[1].reads(1);
  await terminals[0].unplug();
  await scanners[0].reaches('down');
  terminals[1].send('DURING\r');
  t.same(await scanners[1].reads(2), ['BEFORE', 'DURING']);
  t.same(scanners[1].states, ['up']);
  await Promise.all(scanners.map((scanner) => scanner.running.stop()));
});

t.test('a scanner that is not there at the start is waited for, and told once', { skip: missing }, async (t) => {
  const path = join(folder, 'later');
  const scanner = await listen(path);
  await scanner.reaches('down');
  // Long enough for the waits between the attempts to have grown to their bound.
  await sleep(2 * BACK_MS);
  t.same(scanner.states, ['down']);
  t.equal(scanner.logged.filter((line) => line.startsWith('device-down')).length, 1, scanner.logged.join('\n'));
  const terminal = await plug(path);
  await scanner.reaches('up');
  terminal.send('HERE\r');
  t.same(await scanner.reads(1), ['HERE']);
  await scanner.running.stop();
});

t.test('a line that another program holds is waited for', { skip: missing }, async (t) => {
  const path = join(folder, 'held');
  const terminal = await plug(path);
  const first = await listen(path);
  await first.reaches('up');
  const second = await listen(path);
  await second.reaches('down');
  t.match(second.logged.join(), /lock/i);
  await first.running.stop();
  await second.reaches('up');
  terminal.send('MINE\r');
  t.same(await second.reads(1), ['MINE']);
  t.same(first.readings, []);
  await second.running.stop();
});
