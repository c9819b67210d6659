/** A county with a broker, a sandbox provider and terminals, in which as much goes wrong as is wanted: for the tests of payments. */
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import type { Clock, Log } from '../src/contracts.js';
import { privateKeyOf } from '../src/crypto/sm2.js';
import { openJournal } from '../src/journal/journal.js';
import type { Verify } from '../src/messages/signed.js';
import { type Cashier, createCashier } from '../src/platform/cashier.js';
import { holdCeremony } from '../src/platform/ceremony.js';
import { type County, startCounty } from '../src/platform/county.js';
import { grant } from '../src/platform/grant-orders.js';
import type { CountyKeys } from '../src/platform/keys.js';
import { openCountyStore } from '../src/platform/open-store.js';
import { addTerminal, setUp } from '../src/platform/orders.js';
import { openSandbox, SANDBOX_FAULTS, type Sandbox, type SandboxFault, sandboxPath } from '../src/platform/pay-sandbox.js';
import type { CountyStore } from '../src/platform/store.js';
import { createPayments } from '../src/station/payments.js';
import type { AskPlatform } from '../src/station/resolve.js';
import { createUplink } from '../src/uplink/uplink.js';
import { createMosquitto, type Mosquitto, pems } from './mosquitto.js';
import { storeSetting } from './store.js';

export const REGION = '341525';
export const BOXES = ['DESK-1', 'DESK-2', 'DESK-3'];
export const KIOSK = 'KIOSK-1';
export const CODE = '134567890123456789';
export const WHAT = { zh: '门诊费', en: 'Consultation' };
export const SEED = Number(process.env['PAY_SEED'] ?? randomInt(2 ** 31));
const log: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const clock: Clock = { now: () => ({ earliest: Date.now() - 50, latest: Date.now() + 50 }), monotonic: () => performance.now() };

/** mulberry32: from 0 to 1. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
export const random = chance(SEED);
export const within = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));

export interface Place {
  readonly folder: string;
  readonly keys: CountyKeys;
  readonly broker: Mosquitto;
  readonly sandbox: Sandbox;
  /** A look at the county's store from outside; bills are opened by it. */
  readonly store: CountyStore;
  readonly bills: Cashier;
  county: County;
  startCounty(): Promise<County>;
  /** Things go wrong as long as it is on. */
  storm: boolean;
}

export async function newPlace(test: Test): Promise<Place> {
  // Short: a unix socket's path has room for 107 bytes.
  const folder = mkdtempSync(join(tmpdir(), 'ankang-p-'));
  const cleaning: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  test.teardown(async () => {
    for (const clean of cleaning.toReversed()) await clean();
  });
  const terminals = [...BOXES, KIOSK];
  const keys = holdCeremony({
    folder: join(folder, 'county'),
    now: Date.now() - 3_600_000,
    region: REGION,
    terminals,
    ...(await storeSetting()),
  });
  const store = await openCountyStore(keys.folder);
  cleaning.push(() => store.close());
  await setUp(store, keys);
  for (const id of terminals) {
    const { sign, open } = keys.terminal(id);
    await addTerminal(store, { id, checkpoint: 'CP-1', site: 'CP-1', sign: sign.spki, open: open.spki, region: false });
    await grant({ store, terminal: id, words: ['pay/*'], now: Date.now() });
  }
  const broker = await createMosquitto({ folder: join(folder, 'broker'), region: REGION, terminals });
  await broker.start();
  cleaning.push(() => broker.stop('SIGKILL'));
  const fault = (): SandboxFault => (place.storm && random() < 0.35 ? SANDBOX_FAULTS[within(0, SANDBOX_FAULTS.length - 1)] : undefined);
  const sandbox = openSandbox({ file: sandboxPath(keys.folder), now: () => Date.now(), delayMs: 300, fault });
  cleaning.push(() => sandbox.end());
  const begin = (): Promise<County> =>
    startCounty({
      folder: keys.folder,
      broker: { url: broker.url, ...pems(broker.tls('county')) },
      provider: sandbox,
      now: () => Date.now(),
      log,
    });
  const place: Place = {
    folder,
    keys,
    broker,
    sandbox,
    store,
    bills: createCashier({ store, provider: undefined, now: () => Date.now(), paid: () => undefined, log }),
    county: await begin(),
    startCounty: begin,
    storm: true,
  };
  cleaning.push(() => place.county.stop());
  return place;
}

// ── terminals in this process ───────────────────────────────────────────────────────────────────────────────────────

export interface Box {
  readonly id: string;
  readonly file: string;
  charge: ReturnType<typeof createPayments>['charge'];
  settle(): void;
  online(): boolean;
  stop(): Promise<void>;
}

/** The line as the storm leaves it: what is lost is lost on either way, what is doubled is carried out twice. */
const stormy =
  (place: Place, line: AskPlatform): AskPlatform =>
  async (operation, body, options) => {
    const fate = place.storm ? random() : 1;
    if (fate < 0.08) throw Object.assign(new Error('the request is lost'), { code: 'timeout' });
    const answer = line(operation, body, options);
    if (fate < 0.2) {
      // Nobody waits for it, and it is carried out.
      answer.catch(() => undefined);
      await sleep(within(0, 40));
      throw Object.assign(new Error('the answer is lost'), { code: 'timeout' });
    }
    if (fate < 0.3) line(operation, body, options).catch(() => undefined);
    return answer;
  };

export function startBox(place: Place, id: string): Box {
  const { folder, keys, broker } = place;
  const file = join(folder, `${id}.db`);
  const journal = openJournal({ file, terminal: id, clock, limit: 2 ** 28, keepDays: 30 });
  const open = privateKeyOf(keys.platform.d).public;
  const verify: Verify = (kid, typ, message, signature) =>
    keys.platform.types.includes(typ) && Buffer.from(kid).equals(keys.platform.kid) && open.verify(message, signature);
  const uplink = createUplink({
    config: { url: broker.url, tls: () => pems(broker.tls(id)), region: REGION, terminal: id, checkpoint: 'CP-1' },
    journal,
    signer: keys.terminal(id).sign,
    verify,
    clock,
    log,
    state: () => ({ health: 'serving', trustAge: 1, alarms: [], version: '0.1.0' }),
    up: () => payments.settle(),
  });
  const line = stormy(place, uplink.ask);
  const payments = createPayments({ checkpoint: 'CP-1', journal, clock, log, ask: () => line, patienceMs: 5000 });
  const starting = uplink.start();
  let stopped = false;
  return {
    id,
    file,
    charge: payments.charge,
    settle: payments.settle,
    online: () => !stopped && uplink.connected,
    async stop() {
      if (stopped) return;
      stopped = true;
      payments.stop();
      await starting;
      await uplink.stop();
      journal.close();
    },
  };
}
