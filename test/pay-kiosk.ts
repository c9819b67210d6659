/** A kiosk as a process of its own where people pay bills while it is killed with SIGKILL: for the tests of payments. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { stringify } from 'yaml';
import { createWorkbench, type Workbench } from '../src/cli/_workbench.js';
import type { Json } from '../src/contracts.js';
import type { TerminalView } from '../src/page/view.js';
import { writeTerminalKit } from '../src/platform/terminal-kit.js';
import { CODE, KIOSK, type Place, REGION, random, WHAT, within } from './pay-place.js';

const PROGRAM = join(import.meta.dirname, '../src/cli/ankang.js');

interface Daemon {
  readonly child: ChildProcess;
  page(): number | undefined;
  end(): Promise<void>;
}

export function runDaemon(test: Test, file: string): Daemon {
  const child = spawn(process.execPath, [PROGRAM, 'run', '--config', file], { stdio: ['ignore', 'pipe', 'inherit'] });
  test.teardown(() => child.kill('SIGKILL'));
  let out = '';
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  return {
    child,
    page: () => Number(/"page":(\d+).*"event":"serving"/.exec(out)?.[1]) || undefined,
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

export interface Kiosk {
  readonly file: string;
  readonly bench: Workbench;
  readonly config: string;
}

export async function newKiosk(test: Test, { folder, keys, broker }: Place): Promise<Kiosk> {
  const bench = await createWorkbench(join(folder, 'bench'));
  test.teardown(() => bench.close());
  const config = join(folder, 'kiosk.yaml');
  writeFileSync(
    config,
    stringify({
      terminal: { id: KIOSK, region: REGION, checkpoint: 'CP-1', mode: 'test', state: 'state' },
      keys: writeTerminalKit(keys, KIOSK, join(folder, 'kit')),
      clock: { source: 'system' },
      uplink: { url: broker.url, ...broker.tls(KIOSK) },
      page: { port: 0 },
      stations: [
        {
          id: 'kiosk',
          kind: 'desk',
          scenes: [{ scene: 'bill' }],
          devices: [{ driver: 'simulated-scanner', name: 'scanner', address: { path: bench.path, name: 'scanner' } }],
        },
      ],
    }),
  );
  return { file: join(folder, 'state', 'journal.db'), bench, config };
}

export interface Played {
  /** Bills that somebody began to pay, and how often the daemon was killed with SIGKILL. */
  readonly bills: Set<string>;
  kills: number;
  paidOnPage: number;
}

/** People at the kiosk, one after the other; sooner or later after a payment code was shown somebody pulls the plug. */
export async function kioskDay(
  test: Test,
  { place, kiosk, played }: { readonly place: Place; readonly kiosk: Kiosk; readonly played: Played },
  over: () => boolean,
): Promise<void> {
  let n = 0;
  let number = '';
  const next = async (): Promise<void> => {
    number = await place.bills.open({
      service: 'window',
      reference: `kiosk/${++n}`,
      amount: within(1, 9999),
      subject: null,
      terminal: KIOSK,
      what: WHAT,
    });
  };
  await next();
  while (!over()) {
    const daemon = runDaemon(test, kiosk.config);
    const act = async (action: Json): Promise<unknown> =>
      fetch(`http://127.0.0.1:${daemon.page()}/api/act`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ station: 'kiosk', action }),
      }).catch(() => undefined); // looked at anew
    let dueToDie = Number.POSITIVE_INFINITY;
    let showed = 0;
    let asked = '';
    let again = 0;
    while (!over() && performance.now() < dueToDie) {
      await sleep(15);
      if (daemon.page() === undefined) continue;
      const view = await viewOf(daemon);
      if (!view) continue;
      const visit = view.desks[0]?.visit;
      if (!visit) {
        if (view.online) await act({ do: 'start', scene: 'bill' });
        continue;
      }
      const here = `${visit.id}/${visit.step}`;
      // Once for each step, and again where nothing came of it: the scanner was not open yet.
      if (here === asked && performance.now() < again) continue;
      asked = here;
      again = performance.now() + 1000;
      const answer = (value: Json): Promise<unknown> => act({ do: 'answer', visit: visit.id, step: visit.step, value });
      if (visit.prompt.kind === 'scan') kiosk.bench.scanner('scanner').send(Buffer.from(`${number}\r`));
      else if (visit.prompt.kind === 'confirm') await answer(true);
      else if (visit.prompt.kind === 'pay' && showed++ < 3) {
        played.bills.add(number);
        kiosk.bench.scanner('scanner').send(Buffer.from(`${CODE}\r`));
        if (random() < 0.6) dueToDie = Math.min(dueToDie, performance.now() + within(0, 250));
        else dueToDie = Math.min(dueToDie, performance.now() + 3000);
      } else if (visit.prompt.kind === 'pay') await answer(null);
      else if (visit.prompt.kind === 'show') {
        if (visit.prompt.say.zh === '付款成功') played.paidOnPage++;
        if (visit.prompt.say.zh === '付款成功' || visit.prompt.say.zh === '此单已付款') await next();
        await answer(null);
      }
    }
    await daemon.end();
    if (!over()) played.kills++;
  }
}

/** undefined: not now. @throws when the daemon ended by itself */
async function viewOf({ child, page }: Daemon): Promise<TerminalView | undefined> {
  if (child.exitCode !== null) throw new Error(`the daemon ended with ${child.exitCode}`);
  const answer = await fetch(`http://127.0.0.1:${page()}/api/view`).catch(() => undefined); // a connection that it had closed
  return answer && ((await answer.json()) as TerminalView);
}
