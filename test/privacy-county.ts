/** A county for a day of synthetic life: keys, trust and books are real; what it says to a question is what the script of the visit says. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import type { Test } from 'tap';
import type { Json, Log } from '../src/contracts.js';
import { fastestVerifier } from '../src/crypto/wasm-verifier.js';
import { CHARGE, PAY_STATE } from '../src/messages/payment.js';
import { cborOf } from '../src/messages/plain.js';
import { parseTopic, topicOf, upFilter } from '../src/messages/topics.js';
import { createCashier } from '../src/platform/cashier.js';
import { holdCeremony } from '../src/platform/ceremony.js';
import { startCounty, storePath } from '../src/platform/county.js';
import type { CountyKeys } from '../src/platform/keys.js';
import { knownTerminals } from '../src/platform/known-terminals.js';
import { openLink } from '../src/platform/link.js';
import { addTerminal, setData, setUp } from '../src/platform/orders.js';
import { createRequests, loadServices } from '../src/platform/requests.js';
import type { Operation, Outcome } from '../src/platform/services/_service.js';
import { openStore } from '../src/platform/sqlite.js';
import { addStaff } from '../src/platform/staff.js';
import type { CountyStore } from '../src/platform/store.js';
import { createMosquitto, type Mosquitto, pems } from './mosquitto.js';
import type { Script } from './scripts/_script.js';
import { STAFF_PIN, STAFF_SUBJECT } from './scripts/_staff.js';

export const REGION = '341525';
export const TERMINAL = 'DAY-1';
const log: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const now = (): number => Date.now();

export interface ScriptedCounty {
  readonly keys: CountyKeys;
  readonly store: CountyStore;
  readonly broker: Mosquitto;
  /** What it says from now on, in order, and what comes of bills that are paid. */
  says(script: Pick<Script, 'answers' | 'charges'>): void;
  /** How often it was asked since. */
  readonly asked: number;
}

/** `data`: signed data of the scenes by name; `seen`: the file that everything the broker carried is appended to. */
export async function scriptedCounty(
  test: Test,
  { folder, data, seen }: { readonly folder: string; readonly data: Readonly<Record<string, unknown>>; readonly seen: string },
): Promise<ScriptedCounty> {
  const keys = holdCeremony({ folder: join(folder, 'county'), now: now() - 3_600_000, region: REGION, terminals: [TERMINAL] });
  const store = openStore(storePath(keys.folder));
  await setUp(store, keys);
  for (const [name, value] of Object.entries(data)) await setData(store, name, value);
  await addStaff(store, { subject: STAFF_SUBJECT, roles: ['organiser', 'clerk'], pin: STAFF_PIN });
  const { sign, open } = keys.terminal(TERMINAL);
  await addTerminal(store, { id: TERMINAL, checkpoint: 'CP-1', site: 'CP-1', sign: sign.spki, open: open.spki, region: true });
  const broker = await createMosquitto({ folder: join(folder, 'broker'), region: REGION, terminals: [TERMINAL] });
  await broker.start();
  test.teardown(() => broker.stop('SIGKILL'));
  const address = { url: broker.url, ...pems(broker.tls('county')) };
  await overhear(test, address, seen);

  // The whole county publishes trust, which the broker keeps; afterwards a worker of it keeps the books.
  const first = await startCounty({ folder: keys.folder, broker: address, now, log });
  while (!readFileSync(seen, 'latin1').includes(topicOf({ way: 'trust', region: REGION, what: 'manifest' }))) await sleep(50);
  await first.publish();
  await first.stop();
  const county = await startCounty({ folder: keys.folder, broker: address, worker: 1, now, log });
  test.teardown(() => county.stop());
  const answering = await answerer(store, keys, address);
  test.teardown(async () => {
    await answering.stop();
    await store.close();
  });
  return {
    keys,
    store,
    broker,
    says: answering.says,
    get asked() {
      return answering.asked;
    },
  };
}

type Address = Parameters<typeof openLink>[0]['broker'];

/** Everything that goes over the broker: topic, properties, payload. */
async function overhear(test: Test, { url, ...tls }: Address, file: string): Promise<void> {
  writeFileSync(file, '');
  const client = await mqtt.connectAsync(url, { ...tls, protocolVersion: 5, clientId: 'listener' });
  client.on('message', (topic, payload, packet) => {
    const { properties = {} } = packet;
    const parts = Object.values({ ...properties, ...properties.userProperties }).map((one) =>
      one instanceof Uint8Array ? one : Buffer.from(JSON.stringify(one)),
    );
    appendFileSync(file, Buffer.concat([topic, '\n', ...parts, '\n', payload, '\n'].map((one) => Buffer.from(one))));
  });
  await client.subscribeAsync('#', { qos: 1 });
  test.teardown(() => client.endAsync(true));
}

interface Answerer {
  readonly says: ScriptedCounty['says'];
  readonly asked: number;
  stop(): Promise<void>;
}

/** The county's own way from a question to a sealed answer; only what is answered is the script's. */
async function answerer(store: CountyStore, keys: CountyKeys, address: Address): Promise<Answerer> {
  const terminals = await knownTerminals(store);
  const verifier = fastestVerifier('wasm', () => undefined);
  const cashier = createCashier({ store, provider: undefined, now, paid: () => undefined, log });
  let script: Pick<Script, 'answers' | 'charges'> = {};
  let asked = 0;
  let charged = 0;
  const told = (): Outcome | undefined => {
    const answer = script.answers?.[asked++];
    return answer === undefined || answer === 'silent' ? undefined : { status: answer.status, body: cborOf(answer.body) };
  };
  const paid = (): Outcome => ({ status: 'ok', body: cborOf(saidOf(script.charges?.[charged++])) });
  const scripted = (name: string): Operation => ({
    handle: async (_, { signal }) => {
      if (BACKGROUND.test(name)) return { status: 'unknown' };
      const outcome = name === CHARGE || name === PAY_STATE ? paid() : told();
      if (outcome) return outcome;
      if (script.answers === undefined || script.answers[asked - 1] === undefined) return { status: 'fault' };
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return { status: 'fault' };
    },
  });
  const { operations } = await loadServices();
  const requests = createRequests({
    store,
    keys,
    gateway: undefined,
    trustedIdentity: undefined,
    bills: cashier,
    cashier,
    operations: new Map([...operations.keys()].map((name) => [name, scripted(name)])),
    terminalOf: terminals.known,
    verify: (point, message, signature) => verifier.verify(point, message, signature, 'once'),
    platform: keys.platform,
    granted: () => Promise.resolve(true),
    now,
    send: (terminal, answer, id) => link.send(topicOf({ way: 'down', region: REGION, terminal, what: 'answer' }), answer, id),
    log,
  });
  const ready = resolvers();
  const link = openLink({
    broker: address,
    clientId: 'answerer',
    away: 'kept',
    filters: [upFilter(REGION, 'request')],
    onMessage: async (topic, payload) => {
      const from = parseTopic(topic);
      if (from?.way === 'up') requests.take(from.terminal, payload);
    },
    onReady: () => ready.resolve(),
    log,
  });
  await ready.promise;
  return {
    says(next) {
      script = next;
      asked = 0;
      charged = 0;
    },
    get asked() {
      return asked;
    },
    async stop() {
      await requests.stop();
      await link.end();
    },
  };
}

/** Asked by the terminal itself, not by a visit. */
const BACKGROUND = /^(meeting|command|credential)\//;

let receipts = 0;

function saidOf(charge: NonNullable<Script['charges']>[number] | undefined): Json {
  if (charge?.status === 'refused') return { state: 'not-charged', reason: 'insufficient' };
  if (charge?.status === 'in-doubt') return { state: 'charging' };
  return { state: 'paid', receipt: `R-${++receipts}` };
}

function resolvers(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve: () => resolve() };
}
