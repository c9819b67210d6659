/** What a terminal asks the county and what the county orders it to do, over a real mosquitto; and everything that only looks like an answer or an order. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import mqtt, { type MqttClient } from 'mqtt';
import t, { type Test } from 'tap';
import { stringify } from 'yaml';
import { createWorkbench, type Workbench } from '../src/cli/_workbench.js';
import { loadConfiguration } from '../src/configuration.js';
import type { Clock, Facts, Log } from '../src/contracts.js';
import { type Cbor, decodeCborMap } from '../src/crypto/cbor.js';
import { parseSign1 } from '../src/crypto/cose.js';
import { createOpener } from '../src/crypto/seal.js';
import { generateKey, kidOfPoint, privateKeyOf, publicKey } from '../src/crypto/sm2.js';
import { sm3 } from '../src/crypto/sm3.js';
import { inspectJournal } from '../src/journal/inspect.js';
import { type Journal, openJournal } from '../src/journal/journal.js';
import { startTerminal, type Terminal } from '../src/main.js';
import { type Answer, makeAnswer, openBody, readAnswer, replyKid } from '../src/messages/answer.js';
import { type Command, makeCommand, readCommand } from '../src/messages/command.js';
import { decodeResolved, decodeResolveRefusal, encodeResolve, RESOLVE } from '../src/messages/credential.js';
import { makeRequest, type ReadRequest, type Request, readRequest } from '../src/messages/request.js';
import { makeAck, type Signer, type Verify } from '../src/messages/signed.js';
import { topicOf } from '../src/messages/topics.js';
import { createCashier } from '../src/platform/cashier.js';
import { holdCeremony } from '../src/platform/ceremony.js';
import { orderCommand } from '../src/platform/commands.js';
import { type County, type CountySettings, startCounty } from '../src/platform/county.js';
import { type SimulatedGateway, startGateway } from '../src/platform/gateway.js';
import { grant, ungrant } from '../src/platform/grant-orders.js';
import { permits, writtenGrants } from '../src/platform/grants.js';
import type { CountyKey, CountyKeys } from '../src/platform/keys.js';
import { openCountyStore } from '../src/platform/open-store.js';
import { addTerminal, setUp, strikeTerminal } from '../src/platform/orders.js';
import { createRequests } from '../src/platform/requests.js';
import { type Resident, syntheticResident } from '../src/platform/residents.js';
import type { Operation } from '../src/platform/services/_service.js';
import { writeTerminalKit } from '../src/platform/terminal-kit.js';
import { boxClocks, openClock } from '../src/trust/clock.js';
import { askTime } from '../src/uplink/ask-time.js';
import { type Commanded, createCommands } from '../src/uplink/commands.js';
import { RequestError } from '../src/uplink/requests.js';
import { createUplink, type Uplink, type UplinkSettings } from '../src/uplink/uplink.js';
import { createMosquitto, type Mosquitto, NO_MOSQUITTO, pems } from './mosquitto.js';
import { newStore, storeSetting } from './store.js';

const REGION = '341525';
/** `GATE-2` has a certificate for the broker, and the county knows nothing of it. */
const NAMES = ['GATE-1', 'GATE-2'] as const;
const HOUR = 3600;
const CLI = join(import.meta.dirname, '../src/cli/ankang.js');
const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const clock: Clock = { now: () => ({ earliest: Date.now() - 50, latest: Date.now() + 50 }), monotonic: () => performance.now() };
const seconds = (): number => Math.floor(Date.now() / 1000);

const stranger = generateKey();
const forger: Signer = { kid: kidOfPoint(stranger.public.point), sign: stranger.sign };

/** Waits until it is so; the test's own time limit is the limit. */
async function until<T>(look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    await sleep(5);
  }
}

const verifierOf = (key: CountyKey): Verify => {
  const open = privateKeyOf(key.d).public;
  return (kid, typ, message, signature) => key.types.includes(typ) && Buffer.from(kid).equals(key.kid) && open.verify(message, signature);
};

// ── a county with a gateway, a broker, and one who sits on the broker ───────────────────────────────────────────────

interface Place {
  readonly folder: string;
  readonly keys: CountyKeys;
  readonly broker: Mosquitto;
  readonly gateway: SimulatedGateway;
  readonly resident: Resident;
  county: County;
  startCounty(change?: Partial<CountySettings>): Promise<County>;
  /** May read and write everything, as whoever has taken the broker. */
  readonly tap: MqttClient;
}

async function newPlace(test: Test): Promise<Place> {
  // Short: a unix socket's path has room for 107 bytes.
  const folder = mkdtempSync(join(tmpdir(), 'ankang-r-'));
  const cleaning: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  test.teardown(async () => {
    for (const clean of cleaning.toReversed()) await clean();
  });
  const keys = holdCeremony({
    folder: join(folder, 'county'),
    now: Date.now() - HOUR * 1000,
    region: REGION,
    terminals: [...NAMES],
    ...(await storeSetting()),
  });
  const store = await openCountyStore(keys.folder);
  await setUp(store, keys);
  const { sign, open } = keys.terminal('GATE-1');
  await addTerminal(store, { id: 'GATE-1', checkpoint: 'CP-1', site: 'CP-1', sign: sign.spki, open: open.spki, region: false });
  await store.close();
  const broker = await createMosquitto({ folder: join(folder, 'broker'), region: REGION, terminals: NAMES });
  await broker.start();
  cleaning.push(() => broker.stop('SIGKILL'));
  const gateway = await startGateway({ port: 0, now: () => Date.now() });
  cleaning.push(() => gateway.stop());
  const tap = await connect(broker, 'county');
  cleaning.push(() => tap.end(true));
  const begin = (change: Partial<CountySettings> = {}): Promise<County> =>
    startCounty({
      folder: keys.folder,
      broker: { url: broker.url, ...pems(broker.tls('county')) },
      gateway: gateway.url,
      now: () => Date.now(),
      log: quiet,
      ...change,
    });
  const place: Place = {
    folder,
    keys,
    broker,
    gateway,
    tap,
    resident: await syntheticResident(keys, 7),
    county: await begin(),
    startCounty: begin,
  };
  cleaning.push(() => place.county.stop());
  await listening(tap);
  return place;
}

/** A county that has published has subscribed before. */
async function listening(tap: MqttClient): Promise<void> {
  const topic = topicOf({ way: 'trust', region: REGION, what: 'manifest' });
  const published = new Promise<void>((resolve) => tap.on('message', (on) => void (on === topic && resolve())));
  await tap.subscribeAsync(topic, { qos: 1 });
  await published;
}

async function connect(broker: Mosquitto, name: string): Promise<MqttClient> {
  const clientId = `tap-${randomBytes(4).toString('hex')}`;
  const client = await mqtt.connectAsync(broker.url, {
    protocolVersion: 5,
    reconnectPeriod: 100,
    timerVariant: 'native',
    clientId,
    ...pems(broker.tls(name)),
  });
  client.on('error', () => undefined);
  return client;
}

function uplinkOf(
  test: Test,
  { folder, keys, broker }: Place,
  terminal: string,
  change: Partial<UplinkSettings> = {},
): { readonly uplink: Uplink; readonly journal: Journal; leave(): Promise<void> } {
  const journal = openJournal({ file: join(folder, `${terminal}.db`), terminal, clock, limit: 2 ** 26, keepDays: 30 });
  const uplink = createUplink({
    config: { url: broker.url, tls: () => pems(broker.tls(terminal)), region: REGION, terminal, checkpoint: 'CP-1' },
    journal,
    signer: keys.terminal(terminal).sign,
    verify: verifierOf(keys.platform),
    clock,
    log: quiet,
    state: () => ({ health: 'serving', trustAge: 1, alarms: [], version: '0.1.0' }),
    ...change,
  });
  let left = false;
  const leave = async (): Promise<void> => {
    if (left) return;
    left = true;
    await uplink.stop();
    journal.close();
  };
  test.teardown(leave);
  return { uplink, journal, leave };
}

const resolveBody = (code: string) => encodeResolve({ code, scene: 'entry' });
const fault =
  (code: RequestError['code']) =>
  (error: unknown): boolean =>
    error instanceof RequestError && error.code === code;

async function failsAs(test: Test, code: RequestError['code'], asked: Promise<unknown>): Promise<void> {
  const error = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  test.ok(fault(code)(error), `${code}: ${String(error)}`);
}

t.setTimeout(600_000);

t.test('what a terminal asks, and what comes back', { skip: NO_MOSQUITTO }, async (t) => {
  const place = await newPlace(t);
  const { gateway, resident, keys, tap } = place;
  const show = (lifeMs?: number): string =>
    gateway.show({ id: resident.id, name: resident.name, colour: 'yellow', ...(lifeMs !== undefined && { lifeMs }) });

  await t.test('the platform says whose code it is, sealed to the one who asked; and says why when it cannot', async (t) => {
    const { uplink, leave } = uplinkOf(t, place, 'GATE-1');
    await failsAs(t, 'offline', uplink.ask(RESOLVE, resolveBody(show()), { deadlineMs: 2000, sealed: true }));
    await uplink.start();
    await until(() => uplink.connected);
    const ask = (code: string, deadlineMs = 5000) => uplink.ask(RESOLVE, resolveBody(code), { deadlineMs, sealed: true });
    const good = await ask(show());
    t.equal(good.status, 'ok');
    t.match(decodeResolved(good.body), { subject: resident.subject, colour: 'yellow' });
    const expired = await ask(show(-1));
    t.equal(expired.status, 'refused');
    t.equal(decodeResolveRefusal(expired.body), 'expired');
    t.match(await ask(show().replace(/qrcode:.{32}/, `qrcode:${'0'.repeat(32)}`)), { status: 'unknown', body: null });
    t.match(await uplink.ask('credential/steal', null, { deadlineMs: 5000 }), { status: 'unknown' }, 'no such operation');
    t.match(await uplink.ask(RESOLVE, 'nonsense', { deadlineMs: 5000 }), { status: 'refused' });
    for (const broken of ['down', 'wrong-envelope'] as const) {
      gateway.fault(broken);
      t.match(await ask(show()), { status: 'fault' }, broken);
    }
    gateway.fault('slow');
    await failsAs(t, 'timeout', ask(show(), 200));
    await until(() => uplink.metrics.answers.late === 1);
    gateway.fault(undefined);
    t.match(await ask(show()), { status: 'ok' }, 'and works again');

    t.comment('no more wait at once than may; all are told when the program ends');
    gateway.fault('slow');
    const waiting = Array.from({ length: 32 }, () => ask(show(), 60_000));
    const ended = Promise.allSettled(waiting);
    await failsAs(t, 'crowded', ask(show()));
    await leave();
    t.ok((await ended).every((one) => one.status === 'rejected' && fault('closed')(one.reason)));
    await failsAs(t, 'closed', ask(show()));
    gateway.fault(undefined);
  });

  await t.test(
    'an answer that is forged, of another, to nothing, replayed, late or early is dropped and counted by its name',
    async (t) => {
      const { uplink, journal } = uplinkOf(t, place, 'GATE-2');
      await uplink.start();
      await until(() => uplink.connected);
      const requests: ReadRequest[] = [];
      const verify = verifierOf(keys.terminal('GATE-2').sign);
      tap.on('message', (topic, payload) => {
        const request = topic.endsWith('GATE-2/request') ? readRequest(payload, verify) : undefined;
        if (typeof request === 'object') requests.push(request);
      });
      await tap.subscribeAsync(topicOf({ way: 'up', region: REGION, terminal: 'GATE-2', what: 'request' }), { qos: 1 });
      const down = topicOf({ way: 'down', region: REGION, terminal: 'GATE-2', what: 'answer' });
      const counts = uplink.metrics.answers;

      const asked = uplink.ask('credential/resolve', resolveBody('x'), { deadlineMs: 60_000, sealed: true });
      const request = await until(() => requests[0]);
      const truth: Answer = { terminal: 'GATE-2', id: request.id, digest: request.digest, status: 'ok', body: 'yes', issued: seconds() };
      interface By {
        readonly signer?: Signer;
        /** null: not sealed. */
        readonly key?: Uint8Array | null | undefined;
      }
      const say = async (change: Partial<Answer> = {}, { signer = keys.platform, key = request.replyKey }: By = {}): Promise<void> =>
        void (await tap.publishAsync(down, Buffer.from(makeAnswer({ ...truth, ...change }, signer, key ?? undefined)), { qos: 1 }));
      const other = Buffer.concat([Uint8Array.of(4), stranger.public.point]);
      await tap.publishAsync(down, 'rubbish', { qos: 1 });
      await say({}, { signer: forger });
      await say({ terminal: 'GATE-1' });
      await say({ id: randomBytes(16) });
      await say({ digest: randomBytes(32) });
      await say({ issued: seconds() + HOUR });
      await say({}, { key: null });
      await say({}, { key: other });
      await until(() => counts.unopened === 2);
      t.match(counts, { taken: 0, forged: 2, foreign: 1, unasked: 1, mismatch: 1, early: 1, unopened: 2, replayed: 0, late: 0 });
      await say();
      t.match(await asked, { status: 'ok', body: 'yes' });
      await say();
      await until(() => counts.replayed === 1);

      await failsAs(t, 'timeout', uplink.ask('credential/resolve', null, { deadlineMs: 30 }));
      const second = await until(() => requests[1]);
      await say({ id: second.id, digest: second.digest }, { key: null });
      await until(() => counts.late === 1);
      t.match(counts, { taken: 1 });
      // The county does not know who asked.
      await until(async () => (await place.county.store.rejected()).find(({ reason }) => reason === 'request-foreign')?.count === 2);

      t.comment('acknowledgements alike');
      journal.transaction((tx) => tx.append({ kind: 'verdict', at: clock.now(), facts: {} }));
      const [entry] = journal.read(1, 1);
      const ackTopic = topicOf({ way: 'down', region: REGION, terminal: 'GATE-2', what: 'ack' });
      const ack = {
        terminal: 'GATE-2',
        journal: Buffer.from(journal.journal, 'hex'),
        seq: 1,
        hash: entry?.hash ?? Buffer.alloc(32),
        issued: seconds(),
      };
      const acks = [
        makeAck(ack, forger),
        makeAck({ ...ack, terminal: 'GATE-1' }, keys.platform),
        makeAck({ ...ack, seq: 9 }, keys.platform),
        makeAck({ ...ack, hash: randomBytes(32) }, keys.platform),
        makeAck(ack, keys.platform),
        makeAck(ack, keys.platform),
      ];
      const told = uplink.metrics.down;
      const sum = (): number => told.forged + told.foreign + told.unpublished + told.mismatch + told.taken + told.lower;
      await until(() => uplink.metrics.sent.entries > 0);
      for (const [i, bytes] of acks.entries()) {
        await tap.publishAsync(ackTopic, Buffer.from(bytes), { qos: 1 });
        await until(() => sum() === i + 1);
      }
      t.match(told, { forged: 1, foreign: 1, unpublished: 1, mismatch: 1, taken: 1, lower: 1 });
    },
  );

  await t.test('the same request again has the first result, also after a restart of the county; another body is a conflict', async (t) => {
    const gate = await connect(place.broker, 'GATE-1');
    t.teardown(() => gate.end(true));
    const answers: Answer[] = [];
    gate.on('message', (_topic, payload) => {
      const answer = readAnswer(payload, verifierOf(keys.platform));
      if (answer) answers.push(answer);
    });
    await gate.subscribeAsync(topicOf({ way: 'down', region: REGION, terminal: 'GATE-1', what: 'answer' }), { qos: 1 });
    const up = topicOf({ way: 'up', region: REGION, terminal: 'GATE-1', what: 'request' });
    const given = (digest: Uint8Array) => answers.find((answer) => Buffer.from(answer.digest).equals(digest));
    const ask = async (request: Request, signer: Signer = keys.terminal('GATE-1').sign): Promise<Uint8Array> => {
      const { bytes, digest } = makeRequest(request, signer);
      await gate.publishAsync(up, Buffer.from(bytes), { qos: 1 });
      return digest;
    };
    const answerTo = async (request: Request): Promise<Answer> => {
      const digest = await ask(request);
      return until(() => given(digest));
    };
    const sealedTo = () => {
      const key = generateKey();
      const replyKey = Buffer.concat([Uint8Array.of(4), key.public.point]);
      return { replyKey, open: (answer: Answer) => openBody(answer, createOpener(key.scalar(), replyKid(replyKey))) };
    };
    const id = randomBytes(16);
    const [first, second, third] = [sealedTo(), sealedTo(), sealedTo()];
    const request: Request = {
      terminal: 'GATE-1',
      id,
      operation: RESOLVE,
      deadline: seconds() + 30,
      body: resolveBody(show()),
      replyKey: first.replyKey,
    };
    const before = gateway.asked;
    const once = await answerTo(request);
    t.match(decodeResolved(first.open(once) ?? null), { subject: resident.subject });
    const twice = await answerTo({ ...request, deadline: seconds() + 40, replyKey: second.replyKey });
    t.equal(first.open(twice), undefined, 'sealed anew');
    t.same(second.open(twice), first.open(once));
    t.match(await answerTo({ ...request, body: resolveBody(show()) }), { status: 'conflict', body: null });
    await place.county.stop();
    place.county = await place.startCounty();
    const thrice = await answerTo({ ...request, replyKey: third.replyKey });
    t.same(third.open(thrice), first.open(once));
    t.equal(gateway.asked, before + 1, 'the gateway was asked once');

    t.comment('what it was not given is refused, counted and written down, from the next request on');
    const { store } = place.county;
    const granting = { store, terminal: 'GATE-1', words: [RESOLVE], now: Date.now() };
    t.same(await ungrant(granting), ['command/state']);
    t.match(await answerTo({ ...request, id: randomBytes(16) }), { status: 'refused', body: null }, 'not granted');
    t.same(await grant({ ...granting, words: [`${RESOLVE}@ride`] }), ['command/state', `${RESOLVE}@ride`]);
    t.match(await answerTo({ ...request, id: randomBytes(16) }), { status: 'refused' }, 'for another scene');
    await grant({ ...granting, words: [`${RESOLVE}@entry`] });
    t.match(await answerTo({ ...request, id: randomBytes(16), body: resolveBody(show()) }), { status: 'ok' });
    t.equal((await store.rejected()).find(({ reason }) => reason === 'request-ungranted')?.count, 2);
    t.match(await store.audit(9), [
      { kind: 'granted', facts: { request: RESOLVE, scene: 'entry', fields: [] } },
      { kind: 'request-refused', terminal: 'GATE-1', facts: { request: RESOLVE, scene: 'entry' } },
      { kind: 'granted', facts: { request: RESOLVE, scene: 'ride' } },
      { kind: 'request-refused', facts: { request: RESOLVE, scene: 'entry' } },
      { kind: 'ungranted', facts: { request: RESOLVE, scene: null } },
    ]);

    t.match(await answerTo({ ...request, id: randomBytes(16), deadline: seconds() - 1 }), { status: 'late' });
    t.match(await answerTo({ ...request, id: randomBytes(16), deadline: seconds() + HOUR }), { status: 'refused' });
    const wrong = [
      await ask({ ...request, id: randomBytes(16) }, forger),
      await ask({ ...request, id: randomBytes(16), terminal: 'GATE-2' }),
      await ask({ ...request, id: randomBytes(16), replyKey: Buffer.alloc(65, 4) }),
    ];
    const rejected = await until(async () => {
      const lines = (await place.county.store.rejected()).filter(({ terminal }) => terminal === 'GATE-1');
      return lines.length === 4 && lines;
    });
    t.same(
      rejected.map(({ reason, count }) => [reason, count]),
      [
        ['request-foreign', 1],
        ['request-forged', 1],
        ['request-ungranted', 2],
        ['request-unreadable', 1],
      ],
    );
    t.notOk(wrong.some(given), 'to none of these an answer');
  });
});

// ── the whole terminal ──────────────────────────────────────────────────────────────────────────────────────────────

interface Lane {
  terminal: Terminal;
  readonly bench: Workbench;
  /** How often the gate was told to open. */
  readonly rises: () => number;
  restart(): Promise<void>;
  show(code: string, scanner?: string): void;
  entries(kind: string): (Facts & { readonly seq: number })[];
  verdictOn(code: string, scanner?: string): Promise<Facts>;
}

async function newLane(test: Test, { folder, keys, broker }: Place): Promise<Lane> {
  const bench = await createWorkbench(join(folder, 'bench'));
  test.teardown(() => bench.close());
  let rises = 0;
  bench.onEvent((event) => {
    if (event.event !== 'line' || event.line !== 'in' || !event.active) return;
    rises++;
    bench.lines('gate').drive('passedIn', true);
    bench.lines('gate').drive('passedIn', false);
  });
  bench.lines('inputs').drive('fire', true);
  const file = join(folder, 'terminal.yaml');
  const device = (driver: string, name: string, rest: object = {}, settings: object = {}) => ({
    driver,
    name,
    address: { path: bench.path, name, ...rest },
    settings,
  });
  writeFileSync(
    file,
    stringify({
      terminal: { id: 'GATE-1', region: REGION, checkpoint: 'CP-1', mode: 'test', state: 'state' },
      keys: writeTerminalKit(keys, 'GATE-1', join(folder, 'kit')),
      clock: { source: 'system' },
      uplink: { url: broker.url, ...broker.tls('GATE-1') },
      stations: [
        {
          id: 'gate',
          scene: 'entry',
          settings: { antiPassback: 'off' },
          devices: [
            device('simulated-scanner', 'left'),
            device('simulated-scanner', 'right'),
            device(
              'simulated-gate',
              'gate',
              { outputs: ['in'], inputs: ['passedIn'] },
              { fails: 'safe', releases: ['in'], sensors: ['passedIn'], pulseMs: 100 },
            ),
            device(
              'simulated-inputs',
              'inputs',
              { inputs: ['fire', 'staff-free'] },
              { contacts: { fire: 'normally-closed', 'staff-free': 'normally-open' } },
            ),
          ],
        },
      ],
    }),
  );
  const start = async (): Promise<Terminal> => {
    const terminal = await startTerminal({ loaded: loadConfiguration(file), log: quiet });
    await until(
      () =>
        terminal.trust() !== undefined && terminal.view().online && ['left', 'right', 'gate', 'inputs'].every((name) => bench.isOpen(name)),
    );
    return terminal;
  };
  const lane: Lane = {
    terminal: await start(),
    bench,
    rises: () => rises,
    async restart() {
      await lane.terminal.stop();
      lane.terminal = await start();
    },
    show: (code, scanner = 'left') => void bench.scanner(scanner).send(Buffer.from(`${code}\r`)),
    entries(kind) {
      const journal = inspectJournal(join(folder, 'state', 'journal.db'));
      try {
        return [...journal.entries()]
          .filter((entry) => entry.kind === kind)
          .map(({ seq, public: text }) => ({ ...(JSON.parse(text) as Facts), seq }));
      } finally {
        journal.close();
      }
    },
    async verdictOn(code, scanner) {
      const before = lane.entries('verdict').length;
      lane.show(code, scanner);
      const verdict = await until(() => lane.entries('verdict')[before]);
      await until(() => !lane.terminal.stations[0]?.lane.state().busy);
      return verdict;
    },
  };
  test.teardown(() => lane.terminal.stop());
  return lane;
}

t.test('a lane that asks the platform, and does what the county orders', { skip: NO_MOSQUITTO }, async (t) => {
  const place = await newPlace(t);
  const { gateway, resident, keys, tap, broker } = place;
  const lane = await newLane(t, place);
  const show = (colour: 'green' | 'red' = 'green', lifeMs = 60_000): string =>
    gateway.show({ id: resident.id, name: resident.name, colour, lifeMs });
  const stationOf = () => lane.terminal.view().stations[0];

  await t.test('today’s code opens the gate once the platform said whose it is; the same showing does so once', async (t) => {
    const code = show();
    t.match(await lane.verdictOn(code), { verdict: 'admit', format: 'ankang-today', form: 'screen', person: true, verified: true });
    t.equal(lane.rises(), 1);
    t.match(await lane.verdictOn(code, 'right'), { refusal: 'already-used', verified: true });
    t.match(await lane.verdictOn(show('red')), { refusal: 'colour' });
    t.match(await lane.verdictOn(show('green', -1)), { refusal: 'expired' });
    t.match(await lane.verdictOn(show().replace(/qrcode:.{32}/, `qrcode:${'0'.repeat(32)}`)), { refusal: 'forged', verified: false });
    gateway.fault('down');
    t.match(await lane.verdictOn(show()), { refusal: 'needs-network', person: true, verified: false });
    t.equal(lane.rises(), 1);
    await until(async () => (await place.county.store.tallies()).reduce((sum, { presented }) => sum + presented, 0) === 6);
    t.equal(
      (await place.county.store.tallies()).reduce((sum, { verified }) => sum + verified, 0),
      3,
      'admitted, used and red were resolved',
    );
  });

  await t.test('while the gateway is slow the lane says that it asks, and after two seconds that it needs the network', async (t) => {
    gateway.fault('slow');
    const verdict = lane.verdictOn(show());
    await until(() => stationOf()?.screen.screen === 'checking' && lane.terminal.stations[0]?.lane.state().asking);
    t.match(await verdict, { refusal: 'needs-network' });
    t.match(stationOf()?.screen, { screen: 'refused', refusal: 'needs-network' });
    gateway.fault(undefined);
  });

  // ── orders ────────────────────────────────────────────────────────────────────────────────────────────────────────

  const down = topicOf({ way: 'down', region: REGION, terminal: 'GATE-1', what: 'command' });
  const sent: Buffer[] = [];
  tap.on('message', (topic, payload) => void (topic === down && sent.push(payload)));
  await tap.subscribeAsync(down, { qos: 1 });
  const outcomes = (): Facts[] => lane.entries('command');
  const outcomeOf = async (give: () => Promise<unknown>): Promise<Facts & { readonly seq?: number }> => {
    const before = outcomes().length;
    await give();
    return until(() => outcomes()[before]);
  };
  const order = (...args: readonly string[]): Promise<unknown> =>
    promisify(execFile)(process.execPath, [CLI, 'county', 'command', '-c', keys.folder, '-t', 'GATE-1', ...args]);
  const tell = async (change: Partial<Command> = {}, signer: Signer = keys.platform): Promise<void> => {
    const command = {
      terminal: 'GATE-1',
      station: 'gate',
      counter: Date.now(),
      issued: seconds(),
      notAfter: seconds() + 60,
      order: { verb: 'release', direction: 'in' } as const,
      ...change,
    };
    await tap.publishAsync(down, Buffer.from(makeCommand(command, signer)), { qos: 1 });
  };

  await t.test('an order at the keyboard releases the gate once, and the journal says what came of it', async (t) => {
    const before = lane.rises();
    const done = await outcomeOf(() => order('-s', 'gate', '--verb', 'release', '--direction', 'in'));
    t.match(done, {
      scene: 'entry',
      checkpoint: 'CP-1',
      station: 'gate',
      command: 'release',
      direction: 'in',
      outcome: 'done',
      trustSeq: Number,
    });
    const passage = await until(() => lane.entries('passage').find((entry) => entry['of'] === done.seq));
    t.match(passage, { passage: 'passed', direction: 'in' });
    t.equal(lane.rises(), before + 1);
    const replayed = await outcomeOf(async () => tap.publishAsync(down, await until(() => sent[0]), { qos: 1 }));
    t.match(replayed, { outcome: 'dropped', reason: 'replayed' });
    await place.county.publish();
    t.equal(lane.rises(), before + 1, 'sent once, done once');
    await t.rejects(order('-s', 'gate', '--verb', 'explode'));
    await t.rejects(order('-s', 'gate', '--verb', 'free'), 'nothing is free without an end');
    await t.rejects(
      orderCommand(place.county.store, { terminal: 'GATE-9', station: 'gate', order: { verb: 'lock' } }, Date.now()),
      /GATE-9/,
    );
  });

  await t.test('an order that is forged, for another, late, early, too long or not understood moves nothing', async (t) => {
    const before = lane.rises();
    t.match(await outcomeOf(() => tell({}, forger)), { outcome: 'dropped', reason: 'forged' });
    t.match(await outcomeOf(() => tell({ terminal: 'GATE-2' })), { outcome: 'dropped', reason: 'foreign' });
    await tell({}, forger);
    await tell({ terminal: 'GATE-2' });
    const refused = async (change: Partial<Command>): Promise<unknown> => {
      const outcome = await outcomeOf(() => tell(change));
      return outcome['outcome'] === 'refused' && outcome['reason'];
    };
    t.equal(await refused({ issued: seconds() - 100, notAfter: seconds() - 50 }), 'late', 'and a flood of wrong ones has one entry a kind');
    t.equal(await refused({ issued: seconds() + 200, notAfter: seconds() + 260 }), 'early');
    t.equal(await refused({ notAfter: seconds() + 400 }), 'overlong');
    t.equal(await refused({ station: 'back-door' }), 'unknown-station');
    t.equal(await refused({ order: { verb: 'explode' } as unknown as Command['order'] }), 'unknown-verb');
    t.equal(await refused({ order: { verb: 'free', until: Date.now() - 5000 } }), 'ended');
    t.equal(await refused({ order: { verb: 'free', until: Date.now() + 3 * 86_400_000 } }), 'overlong');
    t.equal(lane.rises(), before);
  });

  await t.test('free has an end; locked lets nobody in, also after a restart, until it is normal again', async (t) => {
    t.match(await outcomeOf(() => tell({ order: { verb: 'free', until: 1000 * (seconds() + 3) } })), { command: 'free', outcome: 'done' });
    await until(() => lane.terminal.stations[0]?.lane.state().mode === 'free');
    t.match(await outcomeOf(() => tell()), { outcome: 'refused', reason: 'free' });
    t.match(await outcomeOf(async () => undefined), { command: 'free', outcome: 'ended' });
    t.equal(lane.terminal.stations[0]?.lane.state().mode, 'normal');

    t.match(await outcomeOf(() => tell({ order: { verb: 'lock' } })), { command: 'lock', outcome: 'done' });
    t.match(await lane.verdictOn(show()), { refusal: 'out-of-order', note: { why: 'locked' } });
    await lane.restart();
    t.equal(lane.terminal.stations[0]?.lane.state().mode, 'locked');
    t.match(await outcomeOf(() => tell({ counter: 1 })), { outcome: 'dropped', reason: 'replayed' }, 'the counter outlives the restart');
    t.match(await outcomeOf(() => tell({ order: { verb: 'normal' } })), { command: 'normal', outcome: 'done' });
    t.match(await lane.verdictOn(show()), { verdict: 'admit' });
  });

  await t.test('fire and the staff key win over the county', async (t) => {
    const mode = () => lane.terminal.stations[0]?.lane.state().mode;
    lane.bench.lines('inputs').drive('fire', false);
    await until(() => mode() === 'fire');
    t.match(await outcomeOf(() => tell({ order: { verb: 'lock' } })), { outcome: 'refused', reason: 'fire' });
    lane.bench.lines('inputs').drive('fire', true);
    await until(() => mode() === 'normal');
    t.match(await outcomeOf(() => tell({ order: { verb: 'lock' } })), { outcome: 'done' });
    lane.bench.lines('inputs').drive('staff-free', true);
    await until(() => mode() === 'free');
    t.match(await outcomeOf(() => tell({ order: { verb: 'normal' } })), { outcome: 'refused', reason: 'staff-key' });
    lane.bench.lines('inputs').drive('staff-free', false);
    await until(() => mode() === 'locked');
    t.match(await outcomeOf(() => tell({ order: { verb: 'normal' } })), { outcome: 'done' });
  });

  await t.test('without a line today’s code is refused at once', async (t) => {
    await broker.stop('SIGKILL');
    await until(() => !lane.terminal.view().online);
    const before = performance.now();
    t.match(await lane.verdictOn(show()), { refusal: 'needs-network' });
    t.comment(`after ${Math.round(performance.now() - before)} ms`);
  });
});

t.test('requests, answers and orders are what wire.md says, and one wrong byte makes them nothing', (t) => {
  const key = generateKey();
  const signer: Signer = { kid: kidOfPoint(key.public.point), sign: key.sign };
  const verify: Verify = (kid, _typ, message, signature) => Buffer.from(kid).equals(signer.kid) && key.public.verify(message, signature);
  const id = Uint8Array.from(randomBytes(16));
  const replyKey = Buffer.concat([Uint8Array.of(4), key.public.point]);
  const request = makeRequest({ terminal: 'GATE-1', id, operation: 'pay/state', deadline: 99, body: null, replyKey }, signer);
  const digest = request.digest;
  const answer = makeAnswer({ terminal: 'GATE-1', id, digest, status: 'ok', body: 7, issued: 98 }, signer, undefined);
  const order = { verb: 'free', until: 500_000 } as const;
  const command = makeCommand({ terminal: 'GATE-1', station: 's', counter: 3, issued: 97, notAfter: 157, order }, signer);
  const hex = (value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value);
  const payloadOf = (bytes: Uint8Array) => parseSign1(bytes)?.payload ?? new Uint8Array(0);
  const fields = (bytes: Uint8Array) =>
    Object.fromEntries([...(decodeCborMap(payloadOf(bytes)) ?? [])].map(([label, value]) => [label, hex(value)]));
  t.same(fields(request.bytes), { 1: 'GATE-1', 2: hex(id), 3: 'pay/state', 4: 99, 5: null, 6: hex(replyKey) });
  t.same(fields(answer), { 1: 'GATE-1', 2: hex(id), 3: hex(digest), 4: 'ok', 5: 7, 6: 98 });
  t.same(fields(command), { 1: 'GATE-1', 2: 's', 3: 3, 4: 97, 5: 157, 6: 'free', 7: new Map([[1, 500]]) });
  t.equal(hex(sm3(payloadOf(request.bytes))), hex(digest));
  t.match(readCommand(command, verify), { verb: 'free', order: { verb: 'free', until: 500_000 } });
  const readers = [
    [request.bytes, (bytes: Uint8Array) => typeof readRequest(bytes, verify) === 'object'],
    [answer, (bytes: Uint8Array) => readAnswer(bytes, verify) !== undefined],
    [command, (bytes: Uint8Array) => typeof readCommand(bytes, verify) === 'object'],
  ] as const;
  for (const [bytes, reads] of readers) {
    t.ok(reads(bytes));
    for (let at = 0; at < bytes.length; at++) {
      const flipped = Uint8Array.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      if (reads(flipped) || reads(bytes.subarray(0, at))) t.fail(`byte ${at}`);
    }
  }
  t.end();
});

t.test('fields are told only where each of them was given, and what was asked beyond is written down', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-r-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const keys = holdCeremony({ folder: join(folder, 'county'), now: Date.now() - HOUR * 1000, region: REGION, terminals: ['DESK-1'] });
  const store = await newStore();
  t.teardown(() => store.close());
  const { sign, open } = keys.terminal('DESK-1');
  await addTerminal(store, { id: 'DESK-1', checkpoint: 'CP-1', site: 'CP-1', sign: sign.spki, open: open.spki, region: false });
  const [terminal] = await store.terminals();
  if (!terminal) throw new Error('no terminal');
  const answers: Answer[] = [];
  const asks = (body: Cbor) => {
    const [scene, ...fields] = Array.isArray(body) ? body.filter((one) => typeof one === 'string') : [];
    return { scene, fields };
  };
  const given: Cbor[] = [];
  const release: Operation = {
    asks,
    handle: async (body) => {
      given.push(body);
      return { status: 'ok' };
    },
  };
  const cashier = createCashier({ store, provider: undefined, now: () => Date.now(), paid: () => undefined, log: quiet });
  const requests = createRequests({
    store,
    keys,
    gateway: undefined,
    trustedIdentity: undefined,
    bills: cashier,
    cashier,
    operations: new Map([
      ['identity/release', release],
      ['clinic/slots', { handle: release.handle }],
    ]),
    terminalOf: () => ({ terminal, key: { kid: sign.kid, point: sign.point } }),
    verify: (point, message, signature) => publicKey(point).verify(message, signature),
    platform: keys.platform,
    granted: async ({ id }, operation, asked) => permits(await store.grants(id), operation, asked),
    now: () => Date.now(),
    send: async (_terminal, bytes) => {
      const answer = readAnswer(bytes, verifierOf(keys.platform));
      if (answer) answers.push(answer);
    },
    log: quiet,
  });
  const statusOf = async (operation: string, body: Cbor): Promise<string | undefined> => {
    const request = { terminal: 'DESK-1', id: randomBytes(16), operation, deadline: seconds() + 30, body, replyKey: undefined };
    requests.take('DESK-1', makeRequest(request, sign).bytes);
    await requests.idle();
    return answers.at(-1)?.status;
  };
  const granting = { store, terminal: 'DESK-1', now: Date.now() };
  const RELEASE = 'identity/release';
  t.equal(await statusOf(RELEASE, ['stay']), 'refused', 'nothing but what lanes need is given at first');
  await grant({ ...granting, words: [`${RELEASE}@stay:name,idNumber`, 'clinic/*'] });
  t.equal(await statusOf(RELEASE, ['stay', 'name']), 'ok');
  t.equal(await statusOf(RELEASE, ['stay', 'idNumber', 'name']), 'ok');
  t.equal(await statusOf(RELEASE, ['stay', 'name', 'phone']), 'refused', 'one field too many');
  t.equal(await statusOf(RELEASE, ['clinic', 'name']), 'refused', 'for another scene');
  t.equal(await statusOf(RELEASE, null), 'refused', 'for no scene');
  t.equal(await statusOf('clinic/slots', null), 'ok', 'all of a service');
  t.same(await ungrant({ ...granting, words: [`${RELEASE}@stay:idNumber`] }), [
    'clinic/*',
    'command/state',
    'credential/resolve',
    `${RELEASE}@stay:name`,
  ]);
  t.equal(await statusOf(RELEASE, ['stay', 'idNumber']), 'refused');
  t.equal(await statusOf(RELEASE, ['stay', 'name']), 'ok');
  await ungrant({ ...granting, words: [`${RELEASE}@stay`] });
  t.equal(await statusOf(RELEASE, ['stay']), 'refused', 'with the kind its fields are gone');
  t.same(given.length, 4);
  const refused = (await store.audit(100)).filter(({ kind }) => kind === 'request-refused');
  t.same(
    refused.map(({ facts }) => [facts['scene'], facts['fields']]),
    [
      ['stay', []],
      ['stay', ['idNumber']],
      [null, []],
      ['clinic', ['name']],
      ['stay', ['name', 'phone']],
      ['stay', []],
    ],
  );

  await t.rejects(grant({ ...granting, terminal: 'DESK-9', words: ['clinic/*'] }), /DESK-9/);
  for (const wrong of ['clinic', 'clinic/', '*/x', 'Clinic/x', 'clinic/x:', 'clinic/x@', 'clinic/x:a,,b', 'clinic/x:a b'])
    await t.rejects(grant({ ...granting, words: ['clinic/y', wrong] }), /service\/operation/, wrong);
  await t.rejects(ungrant({ ...granting, words: ['clinic/*:name'] }), /was not given clinic\/\*:name/);
  t.notOk(
    (await store.grants()).some(({ kind }) => kind === 'clinic/y'),
    'all of an order or nothing',
  );
  await strikeTerminal(store, 'DESK-1', Date.now());
  await addTerminal(store, { ...terminal, region: false });
  t.same(writtenGrants(await store.grants('DESK-1')), ['command/state', 'credential/resolve'], 'a new box of that name begins anew');
});

t.test('a terminal that lost the time learns it from the signed answer to its own question', { skip: NO_MOSQUITTO }, async (t) => {
  const place = await newPlace(t);
  const kept = new Map<string, string>();
  const lost = openClock({
    settings: { source: 'none', rtc: false, driftPpm: 100 },
    built: Date.now() - 30 * 86_400_000,
    clocks: { ...boxClocks(), kernel: undefined },
    keep: { kept: (name) => kept.get(name), keep: (name, value) => void kept.set(name, value) },
    log: quiet,
    lowered: () => undefined,
  });
  t.teardown(() => lost.close());
  t.equal(lost.now().latest, Number.POSITIVE_INFINITY);
  const { uplink } = uplinkOf(t, place, 'GATE-1', {
    clock: lost,
    up: () => askTime({ ask: uplink.ask, clock: lost, log: quiet }),
    answered: (issued, asked) => void lost.answered(issued * 1000, asked),
  });
  await uplink.start();
  await until(() => lost.now().latest - lost.now().earliest < 10_000);
  t.ok(Math.abs(lost.now().latest - Date.now()) < 10_000, 'within seconds of the county’s');
  t.match(await uplink.ask('command/state', null, { deadlineMs: 5000 }), { status: 'ok', body: new Map([[1, 0]]) });
  const again = (): Promise<never> => Promise.reject(new Error(`asked again: ${t.fail('asked again')}`));
  askTime({ ask: again, clock: lost, log: quiet });
});

t.test('a terminal that is not sure of the time takes no order, and an order that cannot be journaled is not carried out', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-r-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const keys = holdCeremony({ folder: join(folder, 'county'), now: Date.now() - HOUR * 1000, region: REGION, terminals: [] });
  const unsure: Clock = { now: () => ({ earliest: Date.now(), latest: Number.POSITIVE_INFINITY }), monotonic: () => performance.now() };
  const journal = openJournal({ file: join(folder, 'journal.db'), terminal: 'GATE-1', clock: unsure, limit: 2 ** 24, keepDays: 30 });
  const acted: string[] = [];
  const gate: Commanded = { id: 'gate', scene: 'entry', command: ({ verb }) => ({ act: () => void acted.push(verb) }) };
  const common = {
    terminal: 'GATE-1',
    checkpoint: 'CP-1',
    journal,
    stations: [gate],
    verify: verifierOf(keys.platform),
    circumstances: () => ({}),
    log: quiet,
  };
  const command = (counter: number): Uint8Array =>
    makeCommand(
      { terminal: 'GATE-1', station: 'gate', counter, issued: seconds(), notAfter: seconds() + 60, order: { verb: 'lock' } },
      keys.platform,
    );

  const doubting = createCommands({ ...common, clock: unsure });
  doubting.take(command(1));
  t.match(doubting.counts, { refused: 1, done: 0 });
  t.match(JSON.parse(journal.read(1, 1)[0]?.public ?? '{}'), { outcome: 'refused', reason: 'clock-uncertain' });
  const sure = createCommands({ ...common, clock });
  sure.take(command(1));
  sure.take(command(2));
  t.match(sure.counts, { replayed: 1, done: 1 }, 'each order is tried once');
  t.same(acted, ['lock']);
  journal.close();
  t.throws(() => sure.take(command(3)), 'a closed journal is no fault of the disk');
  t.same(acted, ['lock']);
  t.end();
});
