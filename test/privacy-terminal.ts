/** A terminal as a process of its own, with every scene at one desk and two lanes beside it; what it says, shows and keeps in memory can be looked at. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { stringify } from 'yaml';
import { demoPrinter } from '../src/cli/_demo-printer.js';
import { createWorkbench, type Workbench } from '../src/cli/_workbench.js';
import type { DeskAction } from '../src/contracts.js';
import type { TerminalView } from '../src/page/view.js';
import { writeTerminalKit } from '../src/platform/terminal-kit.js';
import { REGION, type ScriptedCounty, TERMINAL } from './privacy-county.js';

const PROGRAM = join(import.meta.dirname, '../src/cli/ankang.js');
const LOOK = join(import.meta.dirname, 'privacy-look.js');
export const DESK = 'kiosk';

interface Scene {
  readonly scene: string;
  readonly settings: unknown;
}

export interface TerminalProcess {
  readonly bench: Workbench;
  readonly url: string;
  view(): Promise<TerminalView>;
  visit(): Promise<NonNullable<TerminalView['desks'][number]['visit']> | undefined>;
  act(action: DeskAction): Promise<number>;
  /** What the pages and counters show now goes into the transcript. */
  notePages(): Promise<void>;
  /** Every string and every byte that can be reached in the process. */
  memory(): Promise<{ readonly strings: readonly string[]; readonly bytes: Uint8Array }>;
  /** As when the plug is pulled: nothing is tidied up. */
  kill(): Promise<void>;
}

interface Wanted {
  readonly folder: string;
  /** Transcripts of logs and pages go here. */
  readonly seen: string;
  readonly county: ScriptedCounty;
  readonly scenes: readonly Scene[];
}

export async function startTerminalProcess(test: Test, wanted: Wanted): Promise<TerminalProcess> {
  const { folder, seen } = wanted;
  const bench = await createWorkbench(join(folder, 'bench'));
  test.teardown(() => bench.close());
  demoPrinter(bench);
  walkThrough(bench);
  const workstation = startWorkstation(test, join(folder, 'workstation'));
  const look = join(folder, 'look');
  mkdirSync(look);
  mkdirSync(join(folder, 'sheets'));
  const file = join(folder, 'terminal.yaml');
  await workstation;
  writeFileSync(file, stringify(configuration(wanted, bench.path)));
  const flags = ['--import', LOOK, '--heap-snapshot-string-limit=10000000'];
  const child = spawn(process.execPath, [...flags, PROGRAM, 'run', '--config', file], {
    env: { ...process.env, ANKANG_LOOK: look },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  test.teardown(() => child.kill('SIGKILL'));
  const log = join(seen, 'log');
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => appendFileSync(log, chunk));
  const port = await portOf(child, log);
  const url = `http://127.0.0.1:${port}`;
  const view = async (): Promise<TerminalView> => (await (await fetch(`${url}/api/view`)).json()) as TerminalView;
  return {
    bench,
    url,
    view,
    visit: async () => (await view()).desks[0]?.visit ?? undefined,
    async act(action) {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ station: DESK, action }) };
      return (await fetch(`${url}/api/act`, init)).status;
    },
    async notePages() {
      for (const path of ['/api/view', '/metrics', '/healthz']) {
        appendFileSync(join(seen, 'pages'), Buffer.from(await (await fetch(url + path)).arrayBuffer()));
      }
    },
    async memory() {
      rmSync(join(look, 'heap'), { force: true });
      child.kill('SIGUSR2');
      while (!existsSync(join(look, 'heap'))) await sleep(20);
      return { strings: stringsOf(readFileSync(join(look, 'heap'))), bytes: readFileSync(join(look, 'bytes')) };
    },
    async kill() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    },
  };
}

/** The strings of a heap snapshot, which ends with them. */
function stringsOf(snapshot: Buffer): readonly string[] {
  const from = snapshot.lastIndexOf('"strings":');
  return JSON.parse(snapshot.subarray(from + '"strings":'.length, snapshot.lastIndexOf('}')).toString()) as string[];
}

async function portOf(child: ChildProcess, log: string): Promise<number> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the terminal ended: ${readFileSync(log, 'utf8')}`);
    const port = existsSync(log) && /"page":(\d+)/.exec(readFileSync(log, 'utf8'))?.[1];
    if (port) return Number(port);
    await sleep(50);
  }
}

/** Whoever is let in goes through at once. */
function walkThrough(bench: Workbench): void {
  bench.onEvent((event) => {
    if (event.event !== 'line' || event.line !== 'in' || !event.active) return;
    bench.lines(event.name).drive('passedIn', true);
    bench.lines(event.name).drive('passedIn', false);
  });
}

/** A window's computer that takes everything. */
async function startWorkstation(test: Test, device: string): Promise<void> {
  const child = spawn('socat', [`pty,raw,echo=0,link=${device}`, 'STDIO'], { stdio: ['pipe', 'pipe', 'ignore'] });
  test.teardown(() => child.kill());
  let heard = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (heard + chunk.toString()).split('\r\n');
    heard = lines.pop() ?? '';
    for (const line of lines) child.stdin.write(`OK ${(JSON.parse(line) as { readonly line: number }).line}\r\n`);
  });
  while (!existsSync(device)) await sleep(10);
}

const gate = (path: string, name: string) => ({
  driver: 'simulated-gate',
  name,
  address: { path, name, outputs: ['in'], inputs: ['passedIn'] },
  settings: { fails: 'safe', pulseMs: 100, releases: ['in'], sensors: ['passedIn'] },
});
const simulated = (path: string, driver: string, name: string) => ({ driver, name, address: { path, name } });

const configuration = ({ folder, county, scenes }: Wanted, path: string): unknown => ({
  terminal: { id: TERMINAL, region: REGION, checkpoint: 'CP-1', mode: 'test', state: 'state' },
  keys: writeTerminalKit(county.keys, TERMINAL, join(folder, 'kit')),
  clock: { source: 'system' },
  uplink: { url: county.broker.url, ...county.broker.tls(TERMINAL) },
  page: { port: 0 },
  stations: [
    {
      id: DESK,
      kind: 'desk',
      scenes,
      devices: [
        simulated(path, 'simulated-scanner', 'scanner'),
        simulated(path, 'simulated-card-reader', 'cards'),
        simulated(path, 'simulated-printer', 'printer'),
        { driver: 'sheet-folder', name: 'sheets', address: { path: join(folder, 'sheets') }, settings: { takes: ['poster', 'card'] } },
        { driver: 'serial-workstation', name: 'workstation', address: { path: join(folder, 'workstation') }, settings: { withinMs: 3000 } },
      ],
    },
    {
      id: 'gate',
      scene: 'entry',
      settings: { antiPassback: 'off' },
      devices: [
        simulated(path, 'simulated-scanner', 'gate-scanner'),
        simulated(path, 'simulated-card-reader', 'gate-cards'),
        gate(path, 'gate'),
      ],
    },
    {
      id: 'bus',
      scene: 'ride',
      devices: [simulated(path, 'simulated-scanner', 'bus-scanner')],
    },
    {
      id: 'hall',
      scene: 'meeting-door',
      devices: [simulated(path, 'simulated-scanner', 'hall-scanner'), gate(path, 'hall-gate')],
    },
  ],
});
