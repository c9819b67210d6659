/**
 * A box that is nobody yet: its scanners are open, its gates are not, its page asks for the ticket. Whoever holds the county's ticket before one of
 * its scanners makes it a terminal.
 */

import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Loaded } from './configuration.js';
import type { Log, Scanner, Words } from './contracts.js';
import { createEnding } from './ending.js';
import { enrolBox } from './enrol/enrol.js';
import { EnrolError } from './enrol/error.js';
import { isEnrolled } from './enrol/identity.js';
import type { Probe } from './page/probe.js';
import { servePage } from './page/server.js';
import type { StationView, TerminalView } from './page/view.js';
import { loadStations, titleOf } from './station/load.js';

const words = (zh: string, en: string): Words => ({ zh, en });
const WAITING = words('本机等待登记', 'This box waits to be enrolled');
const SCAN = words('请把县平台开具的登记码放到扫码口', 'Hold the county’s ticket before the scanner');
const WORKING = words('正在登记，请稍候', 'Enrolling, please wait');
const DONE = words('登记成功', 'Enrolled');
/** How long an outcome stays on the page. */
const SHOWN_MS = 10_000;
const DONE_MS = 1500;

/** The kiosk's browser waits for /healthz: it is to show that a ticket is wanted. */
const PROBE: Probe = {
  works: () => true,
  readiness: () => ({ stations: false, journal: false, trust: false }),
  vitals: () => undefined,
};
/** How often to look whether `ankang enrol` handed a ticket in meanwhile. */
const LOOK_MS = 1000;

export interface Awaiting {
  readonly loaded: Loaded;
  readonly log: Log;
  /** The program ends. */
  readonly signal: AbortSignal;
}

/** True: enrolled, read the configuration again; false: the program ends first. @throws ConfigurationError */
export async function awaitEnrolment({ loaded, log, signal }: Awaiting): Promise<boolean> {
  const { configuration } = loaded;
  const state = loaded.resolve(configuration.terminal.state);
  const stations = await loadStations(loaded);
  const ending = createEnding(log);
  let said: { readonly words: Words; readonly next: Words } = { words: WAITING, next: SCAN };
  let working = false;
  let again: NodeJS.Timeout | undefined;
  const view = (): TerminalView => ({
    terminal: configuration.terminal.id,
    checkpoint: configuration.terminal.checkpoint,
    online: false,
    trustAge: null,
    clock: 'unsure',
    site: null,
    backlog: { entries: 0, hours: null },
    desks: [],
    stations: stations.map((station): StationView => {
      const { id } = station.configuration;
      return { station: id, title: titleOf(station), screen: { screen: 'enrol', ...said }, gate: 'none', readers: 'all', inside: null };
    }),
  });
  const page = configuration.page && (await servePage({ port: configuration.page.port, view, probe: PROBE }));
  ending.add('page', () => page?.stop());
  const say = (now: typeof said): void => {
    clearTimeout(again);
    said = now;
    page?.changed();
  };

  const enrolled = new Promise<boolean>((resolve) => {
    const take = async (bytes: Uint8Array): Promise<void> => {
      if (working) return;
      working = true;
      say({ words: WORKING, next: SCAN });
      try {
        const earliest = statSync(import.meta.filename).mtimeMs;
        const { terminal, checkpoint } = await enrolBox({ ticket: bytes, state, mode: configuration.terminal.mode, earliest });
        log.info('enrolled', { terminal, checkpoint });
        say({ words: DONE, next: words(`${terminal} · ${checkpoint}`, `${terminal} · ${checkpoint}`) });
        await sleep(DONE_MS, undefined, { ref: false });
        resolve(true);
      } catch (error) {
        log.warn('not-enrolled', { error: error instanceof Error ? error.message : String(error) });
        const why = error instanceof EnrolError ? error.words : words('本机无法保存登记结果', 'This box cannot keep what it was given');
        say({ words: why, next: SCAN });
        again = setTimeout(() => say({ words: WAITING, next: SCAN }), SHOWN_MS).unref();
        working = false;
      }
    };
    for (const { devices } of stations) {
      for (const { loaded: device } of devices.filter((one) => one.loaded.role === 'scanner')) {
        const running = device.start(log, () => undefined);
        ending.add(device.name, () => running.stop());
        (running.device as Scanner).onReading((bytes, medium) => {
          if (medium === 'code') void take(Uint8Array.from(bytes));
        });
      }
    }
    const look = setInterval(() => {
      if (!working && isEnrolled(state)) resolve(true);
    }, LOOK_MS);
    ending.add('look', () => clearInterval(look));
    if (signal.aborted) resolve(false);
    signal.addEventListener('abort', () => resolve(false), { once: true });
  });
  log.info('awaiting-enrolment', { page: page?.port });
  try {
    return await enrolled;
  } finally {
    clearTimeout(again);
    await ending.end();
  }
}
