/** The county takes in every entry once, says so with its signature, counts it on the right day, and publishes trust that only goes forward. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import t from 'tap';
import type { Facts, Instant } from '../src/contracts.js';
import { decodeBase64Url } from '../src/crypto/base-n.js';
import { decodeCbor, sameBytes } from '../src/crypto/cbor.js';
import { createOpener, createSealer } from '../src/crypto/seal.js';
import { publicKey } from '../src/crypto/sm2.js';
import { sm3 } from '../src/crypto/sm3.js';
import { openJournal } from '../src/journal/journal.js';
import { openByRoot } from '../src/messages/by-root.js';
import { type Entry, entryHash, GENESIS, toEvent, toMessage } from '../src/messages/entry.js';
import { decodeFares } from '../src/messages/fares.js';
import { isSynthetic, residentId } from '../src/messages/identifiers.js';
import { canonical } from '../src/messages/jcs.js';
import { decodeManifest, type Manifest } from '../src/messages/manifest.js';
import { listKeyName, openSecrets } from '../src/messages/secrets.js';
import { type Ack, makeHead, readAck } from '../src/messages/signed.js';
import { applyDeltaSteps, checkSteps, partsOf, statusList } from '../src/messages/status-list.js';
import { atOnce } from '../src/messages/steps.js';
import { isTestRoot } from '../src/messages/test-root.js';
import { topicOf } from '../src/messages/topics.js';
import { openSealed } from '../src/platform/audit.js';
import type { Board } from '../src/platform/board-view.js';
import { isAllowed } from '../src/platform/broker.js';
import { holdCeremony, makeTerminalKeys } from '../src/platform/ceremony.js';
import { report, tallyOf } from '../src/platform/counts.js';
import { type County, type CountySettings, startCounty } from '../src/platform/county.js';
import { checkMessage, type VerifySm2 } from '../src/platform/ingest.js';
import { type CountyKeys, openKeys } from '../src/platform/keys.js';
import { issueTrust } from '../src/platform/manifest.js';
import { openCountyStore } from '../src/platform/open-store.js';
import * as orders from '../src/platform/orders.js';
import { reconcile } from '../src/platform/reconcile.js';
import { simulatedPhone, syntheticResident } from '../src/platform/residents.js';
import { MIGRATIONS } from '../src/platform/sql-schema.js';
import { openStore } from '../src/platform/sqlite.js';
import type { CountyStore } from '../src/platform/store.js';
import { createMosquitto, type Mosquitto, NO_MOSQUITTO, pems } from './mosquitto.js';
import { POSTGRES, SAME_FOR_ALL, storeSetting } from './store.js';

const REGION = '341525';
const NOON = Date.parse('2026-03-01T04:00:00Z');
const quiet = { info: () => {}, warn: () => {}, error: () => {} };

const FARES = { tariffs: [{ version: 1, from: 0, lines: [{ id: '1', flat: 200 }] }] };

// ── a terminal as the county sees it: a journal and a key ───────────────────────────────────────────────────────────

interface Written {
  readonly entry: Entry;
  readonly event: string;
}

/** What a scanned code leaves in the journal. */
const verdict = (facts: Facts = {}): Facts => ({
  scene: 'entry',
  checkpoint: 'HS-HOSPITAL',
  person: true,
  verified: true,
  verdict: 'admit',
  ...facts,
});

class TestTerminal {
  readonly id: string;
  readonly journal: string;
  readonly #keys: CountyKeys;
  #seq = 0;
  #hash = GENESIS;

  constructor(keys: CountyKeys, id: string, journal = '00112233aabbccdd') {
    this.#keys = keys;
    this.id = id;
    this.journal = journal;
  }

  write(
    facts: Facts,
    at: { earliest?: Instant; latest?: Instant | null; kind?: string; seal?: (context: string) => Uint8Array } = {},
  ): Written {
    const { earliest = NOON, latest = earliest + 1000, kind = 'verdict' } = at;
    const seal = at.seal?.(`entry/${this.id}/${this.journal}/${this.#seq + 1}`);
    const body = { seq: this.#seq + 1, earliest, latest, kind, public: canonical(facts), seal, prev: this.#hash };
    const hash = entryHash({ terminal: this.id, journal: this.journal }, body);
    this.#seq++;
    this.#hash = hash;
    const entry = { ...body, hash };
    return { entry, event: toEvent({ region: REGION, checkpoint: 'HS-HOSPITAL', terminal: this.id, journal: this.journal }, entry) };
  }

  many(count: number, facts: Facts = verdict()): Written[] {
    return Array.from({ length: count }, () => this.write(facts));
  }

  /** The same journal up to here, to go another way from here: what a cloned disk does. */
  twin(): TestTerminal {
    const twin = new TestTerminal(this.#keys, this.id, this.journal);
    twin.#seq = this.#seq;
    twin.#hash = this.#hash;
    return twin;
  }

  message(of: readonly Written[], signer: string = this.id): Buffer {
    const last = of.at(-1)?.entry;
    if (!last) throw new Error('a message has entries');
    const head = { terminal: this.id, journal: Buffer.from(this.journal, 'hex'), seq: last.seq, hash: last.hash };
    return Buffer.from(
      toMessage(
        of.map(({ event }) => event),
        makeHead(head, this.#keys.terminal(signer).sign),
      ),
    );
  }
}

/** Where clean-up is hung: a test. */
interface Ending {
  teardown(clean: () => unknown): void;
}

/** Waits for what has been set going; the test's own time limit is the only one. */
async function until<T>(look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function newFolder(test: Ending): string {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-county-'));
  test.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'county');
}

const SEED = 'county test';
const TERMINALS = ['GATE-1', 'GATE-2', 'BUS-1'];

async function entered(folder: string): Promise<CountyKeys> {
  const keys = holdCeremony({ folder, now: NOON, terminals: TERMINALS, seed: SEED, ...(await storeSetting()) });
  const store = await openCountyStore(folder);
  for (const id of TERMINALS.slice(0, 2)) {
    const { sign, open } = keys.terminal(id);
    await orders.addTerminal(store, {
      id,
      checkpoint: 'HS-HOSPITAL',
      site: 'HS-HOSPITAL',
      sign: sign.spki,
      open: open.spki,
      region: id === 'GATE-1',
    });
  }
  await store.close();
  return keys;
}

type Starting = Partial<Omit<CountySettings, 'folder'>>;

async function started(folder: string, settings: Starting = {}): Promise<County> {
  return startCounty({ folder, broker: EMBEDDED, now: () => NOON, log: quiet, ...settings });
}

const EMBEDDED = { embedded: { port: 0 } };
/** Brokers of counties that have their own. */
const brokers = new WeakMap<County, Mosquitto>();

/** SQLite with the embedded broker; PostgreSQL with mosquitto, unless `settings` name a broker. */
async function newCounty(test: Ending, settings: Starting = {}): Promise<{ folder: string; keys: CountyKeys; county: County }> {
  const folder = newFolder(test);
  const keys = await entered(folder);
  const county = POSTGRES !== undefined && !settings.broker ? await atMosquitto(test, folder, settings) : await started(folder, settings);
  test.teardown(() => county.stop());
  return { folder, keys, county };
}

/** Up and listening: what is sent before would find nobody. */
async function atMosquitto(test: Ending, folder: string, settings: Starting): Promise<County> {
  const broker = await newBroker(test, folder);
  let listening = false;
  const log = { ...quiet, info: (event: string) => void (listening ||= event === 'broker-connected') };
  const county = await started(folder, { broker: { url: broker.url, ...pems(broker.tls('county')) }, log, ...settings });
  brokers.set(county, broker);
  await until(() => listening);
  return county;
}

async function newBroker(test: Ending, folder: string): Promise<Mosquitto> {
  const broker = await createMosquitto({ folder: join(folder, 'broker'), region: REGION, terminals: TERMINALS });
  await broker.start();
  test.teardown(() => broker.stop('SIGKILL'));
  return broker;
}

async function terminalAt(test: Ending, county: County, id: string): Promise<MqttClient> {
  const broker = brokers.get(county);
  const client = await mqtt.connectAsync(broker?.url ?? county.brokerUrl ?? '', {
    ...(broker ? pems(broker.tls(id)) : { username: id, password: county.keys.brokerPassword(id) }),
    protocolVersion: 5,
    clientId: id,
    reconnectPeriod: 0,
  });
  client.on('error', () => {});
  test.teardown(() => client.endAsync(true));
  return client;
}

/** Acknowledgements as they come, checked with the platform's public key. */
async function acksFor(client: MqttClient, county: County, id: string): Promise<Ack[]> {
  const acks: Ack[] = [];
  const key = publicKey(county.keys.platform.point);
  client.on('message', (topic, payload) => {
    if (!topic.endsWith(`/down/${id}/ack`)) return;
    const ack = readAck(
      payload,
      (kid, typ, message, signature) => sameBytes(kid, county.keys.platform.kid) && typ === 'ak/ack' && key.verify(message, signature),
    );
    if (ack) acks.push(ack);
  });
  await client.subscribeAsync(topicOf({ way: 'down', region: REGION, terminal: id, what: 'ack' }), { qos: 1 });
  return acks;
}

/** Why the broker does not let in; '' when it does. */
async function refusal(url: string, options: IClientOptions): Promise<string> {
  const client = mqtt.connect(url, { ...options, protocolVersion: 5, reconnectPeriod: 0, connectTimeout: 5000 });
  const why = await new Promise<string>((resolve) => {
    client.once('connect', () => resolve(''));
    client.once('error', (error) => resolve(error.message || String(error)));
    client.once('close', () => resolve('closed'));
  });
  client.on('error', () => {});
  await client.endAsync(true);
  return why;
}

const verify: VerifySm2 = (point, message, signature) => publicKey(point).verify(message, signature);
const entriesTopic = (id: string): string => topicOf({ way: 'up', region: REGION, terminal: id, what: 'entries' });
const send = (client: MqttClient, id: string, message: Buffer): Promise<unknown> =>
  client.publishAsync(entriesTopic(id), message, { qos: 1 });
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

async function presented(store: CountyStore): Promise<number> {
  return (await store.tallies()).reduce((sum, tally) => sum + tally.presented, 0);
}

async function rejections(store: CountyStore): Promise<Record<string, number>> {
  return Object.fromEntries((await store.rejected()).map(({ terminal, reason, count }) => [`${terminal}:${reason}`, count]));
}

// ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────

t.test(
  'a TEST ceremony says TEST in the folder, in every label and in the root itself, and nobody else may read it',
  { skip: SAME_FOR_ALL },
  async (t) => {
    const folder = newFolder(t);
    const keys = holdCeremony({ folder, now: NOON, terminals: ['GATE-1'], seed: SEED });
    t.ok(keys.test);
    t.ok(isTestRoot(keys.root.kid), 'a terminal can tell from the key alone');
    for (const key of [
      keys.root,
      keys.platform,
      keys.seal,
      keys.mot.ca,
      keys.mot.issuer,
      keys.unionpay.key,
      ...keys.issuers,
      keys.terminal('GATE-1').sign,
    ]) {
      t.match(key.label, /^TEST /);
      t.equal(statSync(join(folder, key.name.includes('/') ? 'terminals/GATE-1.json' : `keys/${key.name}.json`)).mode & 0o777, 0o600);
    }
    t.throws(() => holdCeremony({ folder, now: NOON }), /there is a county already/);
    t.throws(() => makeTerminalKeys({ folder, id: 'GATE-1', now: NOON }), /EEXIST/, 'a key is never written over');
    chmodSync(join(folder, 'keys/root.json'), 0o644);
    t.throws(() => openKeys(folder), /root\.json: readable by others/);
  },
);

t.test('the same phrase gives the same TEST keys, another phrase or none gives others', { skip: SAME_FOR_ALL }, async (t) => {
  const kids = (seed?: string): string[] => {
    const keys = holdCeremony({ folder: newFolder(t), now: NOON, terminals: ['A'], ...(seed === undefined ? {} : { seed }) });
    return [keys.root, keys.seal, keys.terminal('A').open].map(({ kid }) => hex(kid)).concat(keys.regionKeys.map(hex));
  };
  const one = kids('one');
  t.same(one, kids('one'));
  for (const other of [kids('two'), kids()]) t.notOk(one.some((kid) => other.includes(kid)));
});

// ── ingest ──────────────────────────────────────────────────────────────────────────────────────────────────────────

t.test('entries are stored once, counted once, and acknowledged with the hash of the last', async (t) => {
  const { keys, county } = await newCounty(t);
  const client = await terminalAt(t, county, 'GATE-1');
  const acks = await acksFor(client, county, 'GATE-1');
  const terminal = new TestTerminal(keys, 'GATE-1');
  const written = terminal.many(150);
  for (let at = 0; at < written.length; at += 64) await send(client, 'GATE-1', terminal.message(written.slice(at, at + 64)));
  const ack = await until(() => acks.find(({ seq }) => seq === 150));
  t.same(
    { ...ack, hash: hex(ack.hash), journal: hex(ack.journal) },
    { terminal: 'GATE-1', journal: terminal.journal, seq: 150, hash: hex(written.at(-1)!.entry.hash), issued: NOON / 1000 },
  );
  t.equal(await presented(county.store), 150);
  const stored = await county.store.entries({ terminal: 'GATE-1', journal: terminal.journal, after: 0, limit: 1000 });
  t.same(
    stored.map(({ hash }) => hex(hash)),
    written.map(({ entry }) => hex(entry.hash)),
  );
  t.same(await county.store.rejected(), []);

  t.comment('the terminal did not hear the ack and sends everything again, one message three times');
  const again = acks.length;
  for (const message of [written.slice(0, 64), written.slice(100), written.slice(100), written.slice(100)])
    await send(client, 'GATE-1', terminal.message(message));
  await until(() => acks.length > again);
  await county.ingest.idle();
  t.equal(await presented(county.store), 150, 'nothing is counted twice');
  t.equal(acks.at(-1)?.seq, 150, 'and the same acknowledgement is said again');
  t.same(await county.store.alarms(10), []);
});

t.test('what comes after a gap waits, unacknowledged and uncounted, until the gap is filled', async (t) => {
  const { keys, county } = await newCounty(t);
  const client = await terminalAt(t, county, 'GATE-1');
  const acks = await acksFor(client, county, 'GATE-1');
  const terminal = new TestTerminal(keys, 'GATE-1');
  const written = terminal.many(50);
  const part = (from: number, to: number): Promise<unknown> => send(client, 'GATE-1', terminal.message(written.slice(from, to)));
  await part(40, 50);
  await part(20, 30);
  await part(0, 10);
  await until(() => acks.some(({ seq }) => seq === 10));
  await county.ingest.idle();
  t.equal(acks.at(-1)?.seq, 10);
  t.equal(await presented(county.store), 10);
  t.equal((await county.store.journals())[0]?.ahead, 20, 'the county knows that there is a gap');
  await part(10, 25);
  await until(() => acks.some(({ seq }) => seq === 30));
  await part(30, 40);
  await until(() => acks.some(({ seq }) => seq === 50));
  t.equal(await presented(county.store), 50);
  t.match((await county.store.journals())[0], { ahead: 0, forks: 0 });
  t.same(
    acks.map(({ seq }) => seq),
    acks.map(({ seq }) => seq).sort((a, b) => a - b),
    'acknowledgements never go back',
  );
});

t.test('messages in any order, some of them twice, give the same journal and the same counts', async (t) => {
  const { keys, county } = await newCounty(t);
  const client = await terminalAt(t, county, 'GATE-1');
  const acks = await acksFor(client, county, 'GATE-1');
  const terminal = new TestTerminal(keys, 'GATE-1');
  const written = terminal.many(400);
  const messages = Array.from({ length: 40 }, (_, i) => terminal.message(written.slice(i * 10, i * 10 + 10)));
  const shuffled = [...messages, ...messages.slice(0, 20)]
    .map((message, i) => ({ message, at: (i * 7919) % 61 }))
    .sort((a, b) => a.at - b.at);
  for (const { message } of shuffled) await send(client, 'GATE-1', message);
  await until(() => acks.some(({ seq }) => seq === 400));
  t.equal(await presented(county.store), 400);
  t.match((await county.store.journals())[0], { seq: 400, ahead: 0, forks: 0 });
});

t.test('two histories of one journal: the first is kept, the other is alarmed as a fork and never acknowledged', async (t) => {
  const { keys, county } = await newCounty(t);
  const client = await terminalAt(t, county, 'GATE-1');
  const acks = await acksFor(client, county, 'GATE-1');
  const terminal = new TestTerminal(keys, 'GATE-1');
  await send(client, 'GATE-1', terminal.message(terminal.many(5)));
  const twin = terminal.twin();
  const mine = terminal.many(3);
  await send(client, 'GATE-1', terminal.message(mine));
  await until(() => acks.some(({ seq }) => seq === 8));
  const other = twin.many(2, verdict({ verdict: 'refuse', refusal: 'colour' }));
  await send(client, 'GATE-1', twin.message(other));
  await until(async () => (await county.store.alarms(10)).length === 2);
  await county.ingest.idle();
  t.match(await county.store.alarms(10), [
    { terminal: 'GATE-1', kind: 'fork', facts: { seq: 7 } },
    { kind: 'fork', facts: { seq: 6 } },
  ]);
  t.equal((await county.store.journals())[0]?.forks, 2);
  const hashes = new Set(other.map(({ entry }) => hex(entry.hash)));
  t.notOk(acks.some(({ hash }) => hashes.has(hex(hash))));
  t.equal(await presented(county.store), 8, 'a fork is not counted');

  t.comment('the fork that came first, over a gap, does not shut out the true journal');
  const late = terminal.twin();
  const lost = late.many(2, verdict({ scene: 'ride' }));
  const real = terminal.many(3);
  await send(client, 'GATE-1', late.message(lost.slice(1)));
  await send(client, 'GATE-1', terminal.message(real));
  await until(() => acks.some(({ seq, hash }) => seq === 11 && hex(hash) === hex(real[2]!.entry.hash)));
  t.equal((await county.store.journals())[0]?.forks, 3);
  await send(client, 'GATE-1', twin.message(other));
  await county.ingest.idle();
  t.equal((await county.store.alarms(10)).length, 3, 'the same fork is alarmed once');
});

t.test('no message that is not whole, ours and signed is stored, and none stops the county', async (t) => {
  const { keys, county } = await newCounty(t);
  const { store, ingest } = county;
  const terminal = new TestTerminal(keys, 'GATE-1');
  const written = terminal.many(3);
  const good = terminal.message(written);
  const text = good.toString();
  const parsed = JSON.parse(text) as { events: Record<string, unknown>[]; head: string };
  const changed = (change: (message: typeof parsed) => void): Buffer => {
    const copy = structuredClone(parsed);
    change(copy);
    return Buffer.from(JSON.stringify(copy));
  };
  const shorter = JSON.parse(terminal.message(written.slice(0, 2)).toString()) as { head: string };
  const bad: readonly (readonly [string, Buffer, string])[] = [
    ['nothing', Buffer.alloc(0), 'malformed'],
    ['noise', Buffer.from('ff00fe', 'hex'), 'malformed'],
    ['JSON of something else', Buffer.from('[1]'), 'malformed'],
    ['cut off', good.subarray(0, -20), 'malformed'],
    ['a fact changed', changed(({ events }) => (events[1]!['data'] = verdict({ verdict: 'refuse' }))), 'malformed'],
    ['a time changed', changed(({ events }) => (events[0]!['latest'] = String(NOON + 5))), 'malformed'],
    ['an entry left out', changed(({ events }) => events.splice(1, 1)), 'malformed'],
    ['two entries swapped', changed((message) => (message.events = message.events.toReversed())), 'malformed'],
    ['prototype smuggled', Buffer.from(text.replace('"data":{', '"__proto__":{"x":1},"data":{')), 'malformed'],
    ['far too large', Buffer.alloc(600 * 1024, 0x20), 'too-large'],
    ['head of a shorter message', changed((message) => (message.head = shorter.head)), 'forged'],
    ['head with a bit changed', changed((message) => (message.head = flipped(message.head))), 'forged'],
    ['head signed by another terminal', terminal.message(written, 'GATE-2'), 'forged'],
    ['another terminal’s entries', new TestTerminal(keys, 'GATE-2').message(new TestTerminal(keys, 'GATE-2').many(1)), 'foreign'],
  ];
  for (const [, message] of bad) await ingest.take('GATE-1', message);
  await ingest.idle();
  const wanted = (reason: string): number => bad.filter(([, , why]) => why === reason).length;
  t.same(
    await rejections(store),
    Object.fromEntries(['malformed', 'too-large', 'forged', 'foreign'].map((reason) => [`GATE-1:${reason}`, wanted(reason)])),
  );
  for (const [name, message, why] of bad) {
    const { sign } = keys.terminal('GATE-1');
    t.equal(checkMessage(message, { region: REGION, terminal: 'GATE-1', key: sign, verify, received: NOON }), why, name);
  }
  t.equal(await presented(store), 0);

  t.comment('terminals that are not of this county, struck off, or only invented');
  const stranger = new TestTerminal(keys, 'BUS-1');
  await ingest.take('BUS-1', stranger.message(stranger.many(1)));
  for (let i = 0; i < 100; i++) await ingest.take(`INVENTED-${i}`, good);
  await ingest.idle();
  t.equal((await rejections(store))[':foreign'], 101, 'strangers share one line: nobody can fill the table');
  await ingest.take('GATE-1', good);
  await ingest.idle();
  t.equal(await presented(store), 3, 'and the good message is taken after all that');
});

function flipped(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  bytes[bytes.length - 1]! ^= 1;
  return bytes.toString('base64');
}

t.test('a terminal that is struck off is not heard any more, at once, though another process struck it', async (t) => {
  const { folder, keys, county } = await newCounty(t, { broker: EMBEDDED });
  const terminal = new TestTerminal(keys, 'GATE-2');
  const before = county.keys.siteKey('HS-HOSPITAL', await county.store.epoch('site'));
  await county.ingest.take('GATE-2', terminal.message(terminal.many(1)));
  const official = await openCountyStore(folder);
  await orders.strikeTerminal(official, 'GATE-2', NOON);
  await issueTrust({ store: official, keys, now: NOON });
  await official.close();
  await until(async () => {
    await county.ingest.take('GATE-2', terminal.message(terminal.many(1)));
    await county.ingest.idle();
    return ((await rejections(county.store))[':foreign'] ?? 0) > 0;
  });
  t.match(
    await refusal(county.brokerUrl ?? '', { username: 'GATE-2', password: keys.brokerPassword('GATE-2') }),
    /Not authorized|Bad User/i,
  );
  t.not(
    hex(before),
    hex(county.keys.siteKey('HS-HOSPITAL', await county.store.epoch('site'))),
    'what it knew of its site is worth nothing',
  );
  await t.rejects(orders.strikeTerminal(county.store, 'GATE-2', NOON), /no terminal in service/);
});

t.test('after a kill the county knows where it was: what was acknowledged is there, what was not is taken again', async (t) => {
  const folder = newFolder(t);
  const keys = await entered(folder);
  const terminal = new TestTerminal(keys, 'GATE-1');
  const written = terminal.many(20);
  const first = await started(folder);
  await first.ingest.take('GATE-1', terminal.message(written.slice(0, 12)));
  await first.ingest.idle();
  await first.stop();
  const second = await started(folder);
  t.teardown(() => second.stop());
  const client = await terminalAt(t, second, 'GATE-1');
  const acks = await acksFor(client, second, 'GATE-1');
  await until(() => acks.some(({ seq }) => seq === 12));
  await send(client, 'GATE-1', terminal.message(written));
  await until(() => acks.some(({ seq }) => seq === 20));
  t.equal(await presented(second.store), 20);
});

t.test('two workers on one store split a journal between them and count it once', async (t) => {
  const folder = newFolder(t);
  const keys = await entered(folder);
  const [a, b] = [await openCountyStore(folder), await openCountyStore(folder)];
  t.teardown(() => Promise.all([a.close(), b.close()]));
  const terminal = new TestTerminal(keys, 'GATE-1');
  const { sign } = keys.terminal('GATE-1');
  const written = terminal.many(60);
  for (let i = 0; i < 6; i++) {
    const delivery = checkMessage(terminal.message(written.slice(i * 10, i * 10 + 10)), {
      region: REGION,
      terminal: 'GATE-1',
      key: sign,
      verify,
      received: NOON,
    });
    if (typeof delivery === 'string') throw new Error(delivery);
    await (i % 2 === 0 ? b : a).keep([delivery], NOON);
    if (i === 3) await b.keep([delivery], NOON);
  }
  t.match((await a.journals())[0], { seq: 60, ahead: 0, forks: 0 });
  t.equal(await presented(a), 60);
});

// ── counts ──────────────────────────────────────────────────────────────────────────────────────────────────────────

t.test(
  'a day is a day of Shanghai by the entry’s earliest time; an unsure clock counts on the day of receipt and is flagged',
  async (t) => {
    const countable = (earliest: string, latest: string | null) => ({
      kind: 'verdict',
      earliest: Date.parse(earliest),
      latest: latest === null ? null : Date.parse(latest),
    });
    const day = (earliest: string, latest: string | null) => {
      const tally = tallyOf(countable(earliest, latest), verdict(), Date.parse('2026-03-20T12:00:00Z'));
      return [tally?.day, tally?.unsure];
    };
    t.same(day('2026-02-28T15:59:59.999Z', '2026-02-28T16:00:01Z'), ['2026-02-28', false]);
    t.same(day('2026-02-28T16:00:00.000Z', '2026-02-28T16:00:01Z'), ['2026-03-01', false]);
    t.same(day('2026-02-28T15:30:00Z', '2026-02-28T16:30:00Z'), ['2026-02-28', false], 'an hour is still sure');
    t.same(day('2026-02-28T15:30:00Z', '2026-02-28T16:30:00.001Z'), ['2026-03-20', true]);
    t.same(day('1970-01-01T00:00:00Z', null), ['2026-03-20', true]);
    t.equal(
      tallyOf({ ...countable('2026-03-01T00:00:00Z', null), kind: 'passage' }, verdict(), NOON),
      undefined,
      'a passage is not a presentation',
    );
  },
);

t.test('presented is every reading of a person’s code, verified those whose signature held; refusals are counted by word', async (t) => {
  const { keys, county } = await newCounty(t);
  const terminal = new TestTerminal(keys, 'GATE-1');
  const written = [
    terminal.write(verdict()),
    terminal.write(verdict({ verdict: 'refuse', refusal: 'forged', verified: false })),
    terminal.write(verdict({ verdict: 'refuse', refusal: 'expired' })),
    terminal.write({
      scene: 'entry',
      checkpoint: 'HS-HOSPITAL',
      verdict: 'refuse',
      refusal: 'unknown-format',
      person: false,
      verified: false,
    }),
    terminal.write(verdict({ scene: 'ride', checkpoint: 'BUS-7' })),
    terminal.write(verdict({ scene: 'ride', checkpoint: 'BUS-7', verdict: 'refuse', refusal: 'no such word' })),
    terminal.write({ scene: 'entry', checkpoint: 'HS-HOSPITAL', passage: 'passed' }, { kind: 'passage' }),
    terminal.write(verdict(), { earliest: 5, latest: null }),
  ];
  await county.ingest.take('GATE-1', terminal.message(written));
  await county.ingest.idle();
  const tallies = await county.store.tallies();
  t.same(report(tallies, 'scene'), [
    {
      by: 'entry',
      readings: 5,
      presented: 4,
      verified: 3,
      admitted: 2,
      refused: { forged: 1, expired: 1, 'unknown-format': 1 },
      unsure: 1,
    },
    { by: 'ride', readings: 2, presented: 2, verified: 2, admitted: 1, refused: { '?': 1 }, unsure: 0 },
  ]);
  t.same(
    report(tallies, 'checkpoint').map(({ by, presented: n }) => [by, n]),
    [
      ['BUS-7', 2],
      ['HS-HOSPITAL', 4],
    ],
  );
  t.same(
    report(tallies, 'day').map(({ by }) => by),
    ['2026-03-01'],
  );

  t.comment('and it reconciles with the terminal’s journal, entry by entry');
  const waiting = terminal.write(verdict());
  const lines = [...written, waiting].map(({ event }) => event);
  t.match(await reconcile(county.store, lines), {
    matched: 8,
    waiting: 1,
    different: [],
    unknown: [],
    unreadable: 0,
    tableHolds: true,
    holds: true,
  });
  const shorter = await reconcile(county.store, lines.slice(0, 5));
  t.match(
    shorter,
    { matched: 5, unknown: [6, 7, 8].map((seq) => `GATE-1/${terminal.journal}/${seq}`), holds: false },
    'entries that the terminal never wrote are named',
  );
  const twin = new TestTerminal(keys, 'GATE-1');
  const other = [twin.write(verdict()), ...twin.many(7, verdict({ scene: 'ride' }))].map(({ event }) => event);
  t.match(await reconcile(county.store, other), { matched: 1, holds: false });
  t.equal((await reconcile(county.store, other)).different.length, 7);
  t.match(await reconcile(county.store, ['{"half":']), { unreadable: 1, holds: false });
  t.match(await reconcile(county.store, []), { entries: 0, holds: false }, 'nothing is not reconciled with anything');
});

t.test('a seal is stored as it came, opened only for a stated purpose, and that is written down', async (t) => {
  const { keys, county } = await newCounty(t);
  const terminal = new TestTerminal(keys, 'GATE-1');
  const sealer = createSealer(keys.seal.point, keys.seal.kid);
  const secret = Buffer.from('999999193708170075');
  const sealed = terminal.write(verdict(), { seal: (context) => sealer.seal(secret, context) });
  const plain = terminal.write(verdict());
  await county.ingest.take('GATE-1', terminal.message([sealed, plain]));
  await county.ingest.idle();
  const opening = { store: county.store, keys, id: `GATE-1/${terminal.journal}/1`, now: NOON };
  await t.rejects(openSealed({ ...opening, purpose: ' ' }), /who asks/);
  t.same(Buffer.from(await openSealed({ ...opening, purpose: 'officer TEST, case 12' })), secret);
  t.match(await county.store.alarms(5), [{ kind: 'seal-opened', facts: { id: opening.id, purpose: 'officer TEST, case 12' } }]);
  t.match(await county.store.audit(5), [{ kind: 'seal-opened', terminal: 'GATE-1', facts: { purpose: 'officer TEST, case 12' } }]);
  await t.rejects(openSealed({ ...opening, id: `GATE-1/${terminal.journal}/2`, purpose: 'nothing there' }), /nothing sealed/);
  await t.rejects(openSealed({ ...opening, id: `GATE-1/${terminal.journal}/9`, purpose: 'nothing there' }), /no entry/);
});

// ── trust ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What a broker retains of trust, as a terminal fetches it. */
class Fetched {
  readonly topics = new Map<string, Uint8Array>();
  readonly seqs: number[] = [];
  #manifest: Manifest | undefined;

  constructor(client: MqttClient, keys: CountyKeys) {
    client.on('message', (topic, payload) => {
      if (payload.length === 0) this.topics.delete(topic);
      else this.topics.set(topic, payload);
      if (!topic.endsWith('/trust/manifest')) return;
      const opened = openByRoot(payload, 'ak/trust', [keys.root.point]);
      const read = 'payload' in opened ? decodeManifest(opened.payload) : opened;
      if (!('manifest' in read)) throw new Error(`manifest: ${read.error}`);
      this.#manifest = read.manifest;
      this.seqs.push(read.manifest.seq);
    });
  }

  get manifest(): Manifest {
    if (!this.#manifest) throw new Error('no manifest yet');
    return this.#manifest;
  }

  at(seq: number): Manifest | undefined {
    return this.#manifest?.seq === seq ? this.#manifest : undefined;
  }

  datum(name: string) {
    const datum = [...this.manifest.lists, ...this.manifest.data].find((one) => one.name === name);
    if (!datum) throw new Error(`the manifest names no ${name}`);
    return datum;
  }

  bytes(name: string, from?: number): Uint8Array {
    const { version, size, sm3: hash, delta } = this.datum(name);
    const length = from === undefined ? size : (delta?.size ?? 0);
    const parts = Array.from({ length: partsOf(length) }, (_, part) => {
      const topic = topicOf({ way: 'trust', region: REGION, what: 'part', name, version, part, ...(from === undefined ? {} : { from }) });
      return this.topics.get(topic) ?? new Uint8Array(0);
    });
    const bytes = Buffer.concat(parts);
    if (!sameBytes(sm3(bytes), from === undefined ? hash : (delta?.sm3 ?? hash)))
      throw new Error(`${name}: what was fetched is not what the manifest names`);
    return bytes;
  }
}

async function fetching(test: Ending, county: County, id = 'GATE-1'): Promise<Fetched> {
  const client = await terminalAt(test, county, id);
  const fetched = new Fetched(client, county.keys);
  await client.subscribeAsync([`ankang/v1/${REGION}/trust/#`, topicOf({ way: 'down', region: REGION, terminal: id, what: 'secrets' })], {
    qos: 1,
  });
  await until(() => fetched.seqs.length > 0);
  return fetched;
}

const latestSeq = async (county: County): Promise<number> => (await county.store.manifest())?.seq ?? 0;

t.test(
  'each order becomes a manifest with a higher seq, published by the running county though another process gave the order',
  async (t) => {
    const { folder, keys, county } = await newCounty(t);
    const fetched = await fetching(t, county);
    const subject = 'AAAAAAAAAAAAAAAAAAAAAA';
    const token = decodeBase64Url(subject)!;
    t.same(
      fetched.manifest.lists.map(({ name, size }) => [name, size]),
      ['colour.grey', 'colour.red', 'colour.yellow', 'revoked.card', 'revoked.code'].map((name) => [name, 0]),
    );
    t.same(
      fetched.manifest.transit.map(({ system, index }) => [system, index]),
      [
        ['mot', 1],
        ['unionpay', 1],
      ],
    );

    const order = async (give: (store: CountyStore) => Promise<unknown>): Promise<Manifest> => {
      const store = await openCountyStore(folder);
      const before = (await store.manifest())?.seq ?? 0;
      await give(store);
      const { seq } = await issueTrust({ store, keys: openKeys(folder), now: NOON + 1000 });
      await store.close();
      t.equal(seq, before + 1);
      return until(() => fetched.at(seq));
    };
    const hits = (name: string): boolean => {
      const bytes = fetched.bytes(name);
      if (!atOnce(checkSteps(bytes))) throw new Error(`${name} is not a list`);
      return statusList(secretsOf(fetched, keys).get(listKeyName(name, fetched.datum(name).version))!, bytes).listed(token);
    };

    await order((store) => orders.setColour(store, subject, 'red'));
    t.ok(hits('colour.red'));
    await order((store) => orders.setColour(store, subject, 'yellow'));
    t.same([hits('colour.red'), hits('colour.yellow')], [false, true], 'one colour at a time');
    await order((store) => orders.putOnList(store, 'concession.65', [subject]));
    t.ok(hits('concession.65'));
    await order((store) => orders.revokeCode(store, 'code', '0102030405060708'));
    const ruled = await order((store) => orders.setRule(store, 'entry', { colours: ['green'], maxAgeLists: 86_400, stale: 'flag' }));
    t.same(ruled.rules['entry'], { colours: ['green'], maxAgeLists: 86_400, stale: 'flag' });
    await order((store) => orders.setData(store, 'fares', FARES));
    t.same(decodeFares(fetched.bytes('fares'))?.tariffs[0]?.lines, [{ id: '1', flat: 200 }]);
    t.same([...(decodeCbor(fetched.bytes('terminals')) as Map<string, unknown>).keys()], ['GATE-1', 'GATE-2']);

    const rotated = await order((store) => orders.rotateIssuer({ store, keys, now: NOON, lead: 3_600_000, overlap: 86_400_000 }));
    const issuers = rotated.keys.filter(({ types }) => types.includes('ak/person'));
    t.equal(issuers.length, 2, 'the new key is in the manifest before the old one ends');
    const old = issuers.find(({ kid }) => sameBytes(kid, keys.issuers[0]!.kid));
    const next = issuers.find((key) => key !== old);
    t.ok(old && next && next.validFrom === NOON + 3_600_000 && old.validUntil === NOON + 3_600_000 + 86_400_000);
    const signs = async (now: number): Promise<string> => (await orders.signingIssuer(county.store, openKeys(folder), now)).name;
    t.equal(await signs(NOON), 'issuer-1', 'until terminals had time to hear of the new key');
    t.equal(await signs(NOON + 3_600_000), 'issuer-2');

    const revoked = await order((store) => orders.revokeKey(store, 'issuer-1', NOON + 1000));
    t.equal(revoked.keys.find(({ kid }) => sameBytes(kid, keys.issuers[0]!.kid))?.revokedAt, NOON + 1000);
    await order(async (store) => {
      await orders.revokeKey(store, 'issuer-1', NOON + 9_000_000);
      await orders.setColour(store, subject, 'green');
    });
    t.equal(
      fetched.manifest.keys.find(({ kid }) => sameBytes(kid, keys.issuers[0]!.kid))?.revokedAt,
      NOON + 1000,
      'a revocation is never moved to later',
    );
    t.same(
      fetched.seqs,
      [...fetched.seqs].sort((a, b) => a - b),
      'the seq never falls',
    );
  },
);

/** The list keys that this terminal, and only it, can open. */
function secretsOf(fetched: Fetched, keys: CountyKeys, id = 'GATE-1'): ReadonlyMap<string, Uint8Array> {
  const opened = openedSecrets(fetched, keys, id);
  if (!('secrets' in opened)) throw new Error(opened.error);
  return opened.secrets.listKeys;
}

function openedSecrets(fetched: Fetched, keys: CountyKeys, id: string) {
  const bytes = fetched.topics.get(topicOf({ way: 'down', region: REGION, terminal: id, what: 'secrets' })) ?? new Uint8Array(0);
  const { d, kid } = keys.terminal(id).open;
  return openSecrets({ bytes, terminal: id, roots: [keys.root.point], opener: createOpener(d, kid) });
}

t.test('secrets are sealed to one terminal, and the region key only where it is granted', async (t) => {
  const { keys, county } = await newCounty(t);
  const secretsTopic = (id: string): string => topicOf({ way: 'down', region: REGION, terminal: id, what: 'secrets' });
  const fetchedByOne = await fetching(t, county, 'GATE-1');
  const fetchedByTwo = await fetching(t, county, 'GATE-2');
  await until(() => fetchedByOne.topics.has(secretsTopic('GATE-1')) && fetchedByTwo.topics.has(secretsTopic('GATE-2')));
  const one = openedSecrets(fetchedByOne, keys, 'GATE-1');
  const two = openedSecrets(fetchedByTwo, keys, 'GATE-2');
  if (!('secrets' in one) || !('secrets' in two)) throw new Error('secrets could not be opened');
  t.same([...one.secrets.regionKeys], [[0, keys.regionKeys[0]]]);
  t.same([...two.secrets.regionKeys], []);
  t.same(one.secrets.siteKey, two.secrets.siteKey);
  const notForTwo = fetchedByTwo.topics.get(secretsTopic('GATE-2'))!;
  const { d, kid } = keys.terminal('GATE-1').open;
  t.match(openSecrets({ bytes: notForTwo, terminal: 'GATE-2', roots: [keys.root.point], opener: createOpener(d, kid) }), {
    error: 'sealed',
  });
});

t.test('a large list travels in parts, its next version as a small delta, and versions nobody needs leave the broker', async (t) => {
  const { keys, county } = await newCounty(t);
  const fetched = await fetching(t, county);
  const subjects = Array.from({ length: 20_000 }, (_, i) =>
    Buffer.from(sm3(Buffer.from(String(i))))
      .subarray(0, 16)
      .toString('base64url'),
  );
  const step = async (give: Promise<unknown>): Promise<void> => {
    await give;
    const seq = await county.publish();
    await until(() => fetched.at(seq));
  };
  await step(orders.putOnList(county.store, 'event.spring', subjects));
  const first = fetched.bytes('event.spring');
  t.equal(first.length, 160_000);
  const more = Buffer.alloc(16, 7).toString('base64url');
  await step(
    orders
      .putOnList(county.store, 'event.spring', [more])
      .then(() => orders.takeOffList(county.store, 'event.spring', subjects.slice(0, 2))),
  );
  t.same(fetched.datum('event.spring').delta?.from, 1);
  t.ok((fetched.datum('event.spring').delta?.size ?? 0) < 100);
  const built = atOnce(applyDeltaSteps(first, fetched.bytes('event.spring', 1)));
  t.ok(built && sameBytes(built, fetched.bytes('event.spring')), 'the delta leads from the old list to the new one');
  await step(orders.takeOffList(county.store, 'event.spring', [more]));
  const held = (version: string): boolean => [...fetched.topics.keys()].some((topic) => topic.includes(`/event.spring/${version}/`));
  await until(() => !held('1'));
  t.same([held('1'), held('2'), held('3')], [false, true, true], 'the version before the newest stays for who is half-way through it');

  t.comment('when a terminal is lost the list key moves on: a new version, without a delta that would tie it to the old');
  const before = secretsOf(fetched, keys).get(listKeyName('event.spring', 3));
  await step(orders.strikeTerminal(county.store, 'GATE-2', NOON));
  t.equal(fetched.datum('event.spring').delta, undefined);
  await until(() => !sameBytes(secretsOf(fetched, keys).get(listKeyName('event.spring', fetched.datum('event.spring').version))!, before!));
  t.ok(fetched.bytes('event.spring').length > 0);
});

t.test('after a restart, and on a broker that lost everything, the same trust is published again with the same seq', async (t) => {
  const folder = newFolder(t);
  await entered(folder);
  const first = await started(folder);
  await orders.putOnList(first.store, 'concession.70', ['AAAAAAAAAAAAAAAAAAAAAA']);
  const seq = await first.publish();
  const bytes = (await first.store.manifest())?.bytes;
  await first.stop();
  const second = await started(folder);
  t.teardown(() => second.stop());
  const fetched = await fetching(t, second);
  t.equal(fetched.manifest.seq, seq);
  t.ok(bytes && sameBytes(fetched.topics.get(topicOf({ way: 'trust', region: REGION, what: 'manifest' }))!, bytes));
  t.equal(fetched.bytes('concession.70').length, 8);
  t.match(
    await issueTrust({ store: second.store, keys: second.keys, now: NOON }),
    { seq, fresh: false },
    'nothing changed, nothing is issued',
  );
  t.match(
    await issueTrust({ store: second.store, keys: second.keys, now: NOON + 7 * 3_600_000, refresh: 6 * 3_600_000 }),
    { seq: seq + 1, fresh: true },
    'but its age is renewed',
  );
  await t.rejects(issueTrust({ store: second.store, keys: second.keys, now: NOON, refresh: 0 }), /clock is behind/);
  const manifest = await second.store.manifest();
  await t.rejects(second.store.keepIssue({ manifest: manifest!, data: [], secrets: [] }), /not above/);
  t.equal(await latestSeq(second), seq + 1);
});

t.test('an order that cannot be is refused in words and changes nothing', async (t) => {
  const { county, keys } = await newCounty(t);
  const { store } = county;
  const seq = await latestSeq(county);
  const { sign } = keys.terminal('BUS-1');
  const terminal = { id: 'X', checkpoint: 'C', site: 'S', sign: sign.spki, open: sign.spki, region: false };
  for (const order of [
    () => orders.setColour(store, 'not a subject', 'red'),
    () => orders.putOnList(store, 'No List', ['AAAAAAAAAAAAAAAAAAAAAA']),
    () => orders.revokeCode(store, 'code', 'xyz'),
    () => orders.revokeKey(store, 'no-such-key', NOON),
    () => orders.setRule(store, 'entry', { colours: ['purple'] }),
    () => orders.setRule(store, 'entry', { maxAge: 5 }),
    () => orders.setData(store, 'terminals', {}),
    () => orders.setData(store, 'fares', { price: 1.5 }),
    () => orders.setData(store, 'fares', { tariffs: [] }),
    () => orders.addTerminal(store, { ...terminal, id: 'county' }),
    () => orders.addTerminal(store, { ...terminal, id: 'a/b' }),
    () => orders.addTerminal(store, { ...terminal, id: 'GATE-1' }),
    () => orders.addTerminal(store, { ...terminal, sign: Buffer.alloc(91) }),
  ]) {
    await t.rejects(async () => void (await order()), { name: 'OrderError' });
  }
  await issueTrust({ store, keys, now: NOON });
  t.equal(await latestSeq(county), seq);
});

// ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────

t.test('synthetic residents have numbers of nobody, the same subject each time, and a phone that shows three kinds of code', async (t) => {
  const { county, keys } = await newCounty(t);
  const [one, again, two] = [await syntheticResident(keys, 1), await syntheticResident(keys, 1), await syntheticResident(keys, 2)];
  t.same(one, again);
  t.not(one.subject, two.subject);
  t.equal(residentId(one.id), one.id);
  t.ok(isSynthetic(one.id));
  const phone = simulatedPhone(county, one);
  const codes = [await phone.screen(NOON), await phone.moment(NOON), await phone.moment(NOON), await phone.paper(NOON)];
  t.same(
    codes.map((code) => code.slice(0, 4)),
    ['AK1:', 'AK2:', 'AK2:', 'AK1:'],
  );
  t.equal(new Set(codes).size, 4);
  t.equal(await county.store.holders(), 1, 'one person holds a code, however often it is shown');
});

// ── board, brokers, command line ────────────────────────────────────────────────────────────────────────────────────

t.test('the board shows counts, terminals and alarms as they change, to this machine only', async (t) => {
  const { keys, county } = await newCounty(t, { board: { port: 0 } });
  const url = county.boardUrl ?? '';
  const board = async (): Promise<Board> => (await (await fetch(`${url}api/board`)).json()) as Board;
  t.match(await board(), {
    region: REGION,
    holders: 0,
    total: { presented: 0 },
    terminals: [{ id: 'GATE-1', state: null }, { id: 'GATE-2' }],
  });
  const events = await fetch(`${url}api/events`);
  const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader();
  let seen = '';
  const saw = (what: string): Promise<true> =>
    until(async () => {
      if (seen.includes(what)) return true;
      seen += (await reader.read()).value ?? '';
      return seen.includes(what) && true;
    });
  await saw('"presented":0');
  const terminal = new TestTerminal(keys, 'GATE-1');
  await county.ingest.take('GATE-1', terminal.message(terminal.many(7)));
  await saw('"presented":7');
  const client = await terminalAt(t, county, 'GATE-1');
  const state = {
    session: '00112233aabbccdd',
    journal: terminal.journal,
    since: NOON,
    health: 'serving',
    trustAge: 60,
    backlog: { entries: 3, bytes: 900, hours: null },
    clock: { earliest: NOON, latest: null },
    alarms: [],
    version: '0.1.0',
  };
  const stateTopic = topicOf({ way: 'up', region: REGION, terminal: 'GATE-1', what: 'state' });
  await client.publishAsync(stateTopic, JSON.stringify(state), { qos: 1, retain: true });
  await until(async () => ((await board()).terminals[0]?.state as typeof state | null)?.backlog.entries === 3);
  await client.publishAsync(stateTopic, '{"health":"<script>"}', { qos: 1, retain: true });
  await until(async () => (await rejections(county.store))['GATE-1:state'] === 1);
  t.match((await board()).terminals[0], { state: { health: 'serving' }, journals: [{ stored: 7, ahead: 0, forks: 0 }] });
  const page = await fetch(url);
  t.match(page.headers.get('content-security-policy'), /default-src 'none'/);
  t.notMatch(await page.text(), /https?:\/\//, 'no outside asset');
  await reader.cancel();
  const { status } = await new Promise<{ status: number | undefined }>((resolve, reject) => {
    void import('node:http').then(({ get }) =>
      get(url, { headers: { host: 'evil.example' } }, (answer) => (answer.resume(), resolve({ status: answer.statusCode }))).on(
        'error',
        reject,
      ),
    );
  });
  t.equal(status, 421, 'a name that was made to point here is not served');
});

t.test(
  'at the embedded broker a terminal writes its own words and reads its own, and a stranger does not get in',
  { skip: SAME_FOR_ALL },
  async (t) => {
    const { county } = await newCounty(t, { broker: EMBEDDED });
    const client = await terminalAt(t, county, 'GATE-1');
    const denied = (topic: string): Promise<string> =>
      client.publishAsync(topic, 'x', { qos: 1 }).then(
        () => 'taken',
        (error: Error) => error.message,
      );
    t.match(await denied(entriesTopic('GATE-2')), /Not authorized/i);
    t.match(await denied(topicOf({ way: 'trust', region: REGION, what: 'manifest' })), /Not authorized/i);
    for (const filter of [
      '#',
      `ankang/v1/${REGION}/down/+/ack`,
      `ankang/v1/${REGION}/down/GATE-2/secrets`,
      `ankang/v1/${REGION}/up/GATE-2/entries`,
    ]) {
      const refused = await client.subscribeAsync(filter, { qos: 1 }).then(
        (granted) => granted.every(({ qos }) => qos >= 128),
        () => true,
      );
      t.ok(refused, filter);
    }
    for (const [username, password] of [
      ['GATE-1', 'wrong'],
      ['nobody', county.keys.brokerPassword('nobody')],
      ['county', county.keys.brokerPassword('GATE-1')],
    ]) {
      t.not(await refusal(county.brokerUrl ?? '', { username: username!, password: password! }), '', username!);
    }
    t.ok(isAllowed({ user: 'A', region: REGION, topic: `ankang/v1/${REGION}/down/A/+`, way: 'read' }));
    t.notOk(isAllowed({ user: 'A', region: REGION, topic: `ankang/v1/${REGION}/down/AB/ack`, way: 'read' }));
  },
);

t.test(
  'over mosquitto with TLS, certificates and its ACL: entries in, signed acks out, trust retained, also when the broker dies',
  { skip: NO_MOSQUITTO },
  async (t) => {
    const folder = newFolder(t);
    const keys = await entered(folder);
    const broker = await createMosquitto({ folder: join(folder, 'broker'), region: REGION, terminals: ['GATE-1', 'GATE-2'] });
    await broker.start();
    t.teardown(() => broker.stop('SIGKILL'));
    const { url } = broker;
    const tls = (name: string) => pems(broker.tls(name));
    const county = await started(folder, { broker: { url, ...tls('county') } });
    const client = await mqtt.connectAsync(url, { ...tls('GATE-1'), protocolVersion: 5, clientId: 'GATE-1', reconnectPeriod: 50 });
    client.on('error', () => {});
    t.teardown(() => client.endAsync(true));
    const acks = await acksFor(client, county, 'GATE-1');
    const fetched = new Fetched(client, keys);
    await client.subscribeAsync([`ankang/v1/${REGION}/trust/#`, `ankang/v1/${REGION}/down/GATE-1/secrets`], { qos: 1 });
    await until(() => fetched.seqs.length > 0);
    t.equal(fetched.datum('colour.red').size, 0);

    const terminal = new TestTerminal(keys, 'GATE-1');
    const written = terminal.many(640);
    const messages = Array.from({ length: 10 }, (_, i) => terminal.message(written.slice(i * 64, i * 64 + 64)));
    await Promise.all(messages.slice(0, 5).map((message) => send(client, 'GATE-1', message)));
    await until(() => acks.some(({ seq }) => seq === 320));
    await t.rejects(send(client, 'GATE-2', messages[0]!), /Not authorized/, 'the broker keeps terminals apart');
    t.not(await refusal(url, { ca: tls('GATE-1').ca }), '', 'nobody comes in without a certificate');

    t.comment('the broker is killed with messages under way and comes back empty');
    const underWay = messages.slice(5).map((message) => send(client, 'GATE-1', message).catch(() => undefined));
    await broker.stop('SIGKILL');
    fetched.topics.clear();
    await broker.start();
    await until(() => fetched.topics.has(`ankang/v1/${REGION}/trust/manifest`));
    await Promise.all(underWay);
    for (const message of messages) await send(client, 'GATE-1', message);
    await until(() => acks.some(({ seq }) => seq === 640));
    t.equal(await presented(county.store), 640);
    t.match((await county.store.journals())[0], { seq: 640, ahead: 0, forks: 0 });

    t.comment('two workers on a shared subscription take turns');
    await county.stop();
    const workers = [0, 1].map((worker) => started(folder, { worker, broker: { url, ...tls('county') } }));
    const [one, two] = (await Promise.all(workers)) as [County, County];
    t.teardown(() => Promise.all([one.stop(), two.stop()]));
    const more = Array.from({ length: 40 }, () => terminal.message(terminal.many(8)));
    await until(async () => {
      for (const message of more) await send(client, 'GATE-1', message);
      return acks.some(({ seq }) => seq === 960);
    });
    t.equal(await presented(one.store), 960);
    t.match((await two.store.journals())[0], { seq: 960, ahead: 0, forks: 0 });
  },
);

const PROGRAM = join(import.meta.dirname, '../src/cli/ankang.js');
const ankang = (...args: string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } =>
  spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8', timeout: 15_000 });

t.test('the command line makes a county, gives it orders while it runs, and reports', async (t) => {
  const folder = newFolder(t);
  const said = (...args: string[]): Record<string, unknown> => {
    const { status, stdout, stderr } = ankang(...args, '-c', folder);
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const { store } = await storeSetting();
  t.match(said('county', 'init', '-t', 'GATE-9', ...(store === undefined ? [] : ['--store', store])), {
    test: true,
    region: REGION,
    seq: 1,
  });
  t.match(said('county', 'terminal', 'add', 'GATE-9', '--checkpoint', 'HS-1', '--test-keys', '--kit', join(folder, 'kit')), { seq: 2 });
  const running = spawn(process.execPath, [PROGRAM, 'county', 'run', '-c', folder, '--port', '0', '--board', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => running.kill('SIGKILL'));
  const { board } = JSON.parse(String((await once(running.stdout, 'data'))[0])) as { board: string };
  const { subject } = said('county', 'resident', '3');
  t.ok(
    Number(said('county', 'colour', String(subject), 'red')['seq']) > 2,
    'issued, by this order or by the running county that saw it first',
  );

  running.kill('SIGTERM');
  t.same(await once(running, 'exit'), [0, null]);
  t.ok(board.startsWith('http://127.0.0.1:'));
  t.match(ankang('report', '-c', folder, '--json').stdout, /"by":"total"/);
  t.match(ankang('report', '-c', folder, '--csv').stdout, /^scene,presented,verified/);
  t.equal(ankang('county', 'rule', 'entry', '{', '-c', folder).status, 2);
  t.equal(ankang('report', '-c', join(folder, 'nowhere')).status, 2);
});

t.test('who may ask what is given and taken on the command line, listed, and written down', { skip: SAME_FOR_ALL }, async (t) => {
  const { folder, county } = await newCounty(t);
  const at = ['-c', folder];
  const grants = (terminal: string): unknown =>
    (JSON.parse(ankang('county', 'grants', '--json', ...at).stdout) as { terminal: string; grants: unknown }[]).find(
      (line) => line.terminal === terminal,
    )?.grants;
  t.same(grants('GATE-1'), ['command/state', 'credential/resolve'], 'what lanes ask');
  const given = ankang('county', 'grant', 'GATE-1', 'identity/weather@stay:name,idNumber', 'pharmacy/*', ...at);
  t.match(given, { status: 0, stderr: /没有此服务.*serves no identity\/weather; .*credential\/resolve/ });
  t.notMatch(given.stderr, /pharmacy\/\*/, 'that one is served');
  const now = ['command/state', 'credential/resolve', 'identity/weather@stay:idNumber,name', 'pharmacy/*'];
  t.same((JSON.parse(given.stdout) as { grants: unknown }).grants, now);
  t.same(grants('GATE-1'), now);
  t.match(ankang('county', 'ungrant', 'GATE-1', 'credential/resolve', 'identity/weather@stay:name', ...at), { status: 0 });
  t.match(
    ankang('county', 'grants', ...at).stdout,
    /^GATE-1 \(HS-HOSPITAL\)\n {2}command\/state\n {2}identity\/weather@stay:idNumber\n {2}pharmacy\/\*\nGATE-2/,
  );
  t.match(await county.store.grants('GATE-1'), { length: 4 }, 'the running county knows it');
  const audit = ankang('county', 'audit', '--limit', '4', ...at)
    .stdout.trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Facts);
  t.match(audit, [
    { terminal: 'GATE-1', kind: 'ungranted', facts: { request: 'identity/weather', scene: 'stay', fields: ['name'] } },
    { kind: 'ungranted', facts: { request: 'credential/resolve', scene: null, fields: [] } },
    { kind: 'granted', facts: { request: 'pharmacy/*' } },
    { kind: 'granted', facts: { fields: ['name', 'idNumber'] }, at: /^\d{4}-/ },
  ]);
});

t.test('a store from before there were grants keeps its terminals asking what they asked', { skip: SAME_FOR_ALL }, async (t) => {
  const path = join(t.testdir(), 'county.sqlite');
  const before = new Database(path);
  const BEFORE_GRANTS = 4;
  for (const migration of MIGRATIONS.slice(0, BEFORE_GRANTS)) before.exec(migration);
  before.pragma(`user_version = ${BEFORE_GRANTS}`);
  before.exec("INSERT INTO terminal VALUES ('GATE-1', 'CP-1', 'S', x'01', x'02', 0, 0), ('GATE-2', 'CP-1', 'S', x'03', x'04', 0, 0)");
  before.close();
  const store = openStore(path);
  const kinds = async (terminal: string) => (await store.grants(terminal)).map(({ kind }) => kind);
  for (const id of ['GATE-1', 'GATE-2']) t.same(await kinds(id), ['command/state', 'credential/resolve', 'pharmacy/bought']);
  t.same(await kinds('BUS-1'), []);
  await store.close();
});

t.test(
  'what a terminal exports of its journal reconciles with the county, and a changed line does not',
  { skip: SAME_FOR_ALL },
  async (t) => {
    const { folder, keys, county } = await newCounty(t);
    const clock = { now: () => ({ earliest: NOON, latest: NOON }), monotonic: () => 0 };
    const file = join(folder, 'journal.db');
    const journal = openJournal({ file, terminal: 'GATE-1', clock, limit: 2 ** 26, keepDays: 30 });
    const sealer = createSealer(keys.seal.point, keys.seal.kid);
    const written = journal.transaction((tx) =>
      ['安 1', 'b'].map((said) =>
        tx.append({
          kind: 'verdict',
          at: clock.now(),
          facts: verdict({ said }),
          seal: (context) => sealer.seal(Buffer.from(said), context),
        }),
      ),
    );
    const origin = { region: REGION, checkpoint: 'HS-HOSPITAL', terminal: 'GATE-1', journal: journal.journal };
    const last = written.at(-1)!;
    const head = { terminal: 'GATE-1', journal: Buffer.from(journal.journal, 'hex'), seq: last.seq, hash: last.hash };
    const events = written.map((entry) => toEvent(origin, entry));
    await county.ingest.take('GATE-1', Buffer.from(toMessage(events, makeHead(head, keys.terminal('GATE-1').sign))));
    await county.ingest.idle();
    journal.transaction((tx) => tx.append({ kind: 'alarm', at: clock.now(), facts: { n: 1 } }));
    journal.close();
    const exported = ankang('journal', 'export', '--journal', file).stdout;
    const reconciled = (text: string): ReturnType<typeof ankang> => {
      writeFileSync(join(folder, 'export.jsonl'), text);
      return ankang('report', '-c', folder, '--json', '--reconcile', join(folder, 'export.jsonl'));
    };
    const whole = reconciled(exported);
    t.match(JSON.parse(whole.stdout), { entries: 3, matched: 2, waiting: 1, unreadable: 0, holds: true });
    t.equal(whole.status, 0);
    t.match(JSON.parse(reconciled(exported + events.join('\n')).stdout), { entries: 5, holds: true }, 'events are read as well');
    t.match(JSON.parse(reconciled(exported.replace('admit', 'refuse')).stdout), { unreadable: 1, holds: false });
    t.match(JSON.parse(reconciled(exported.slice(exported.indexOf('\n') + 1)).stdout), { unreadable: 3 }, 'no header: nobody’s');
    t.equal(reconciled('').status, 1);
    t.match(ankang('report', '-c', folder, '--reconcile', join(folder, 'export.jsonl')).stdout, /没有条目可对 · there are no entries/);
  },
);

/** As `ankang`, beside others. */
async function asked(...args: string[]): Promise<{ readonly status: number | null; readonly stderr: string }> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'ignore', 'pipe'], timeout: 30_000 });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stderr };
}

t.test('what was asked wrongly is said in one sentence, in Chinese and English, without a stack', { skip: SAME_FOR_ALL }, async (t) => {
  const { folder } = await newCounty(t);
  const away = join(folder, 'nowhere');
  const file = join(folder, 'file.json');
  writeFileSync(file, '{"tariffs":[{"version":1,"from":0,"lines":[{"id":"1","flat":2.5}]}]}');
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.teardown(() => taken.close());
  const port = String((taken.address() as AddressInfo).port);
  const at = ['-c', folder];
  const wrong: readonly (readonly [call: readonly string[], names: RegExp])[] = [
    [['county', 'init', ...at], /there is a county already/],
    [['county', 'init', '-c', file], /not a folder/],
    [['county', 'init', '-t', 'a/b', '-c', away], /a\/b/],
    [['county', 'publish', '-c', away], /there is no county here/],
    [['county', 'publish', '-c', file], /there is no county here/],
    [['county', 'resident', '0', ...at], /must be 1 to 999/],
    [['county', 'resident', '1000', ...at], /must be 1 to 999/],
    [['county', 'data', 'fares', away, ...at], /cannot read/],
    [['county', 'data', 'fares', folder, ...at], /cannot read/],
    [['county', 'data', 'fares', file, ...at], /tariffs\[0\]\.lines\[0\]\.flat/],
    [['county', 'rule', 'entry', '{"colours":["purple"]}', ...at], /colours\[0\]/],
    [['county', 'run', '--port', port, '--board', '0', ...at], new RegExp(`in use: ${port}`)],
    [['county', 'run', '--port', '0', '--board', port, ...at], new RegExp(`in use: ${port}`)],
    [['county', 'run', '--port', '99999', ...at], /must be 0 to 65535/],
    [['county', 'run', '--broker', 'foo', ...at], /--broker/],
    [['county', 'revoke', 'person', 'x', ...at], /key \| code \| card/],
    [['county', 'revoke', 'code', 'x', ...at], /16 hex digits/],
    [['county', 'open', `GATE-1/${'0'.repeat(16)}/1`, '--purpose', 'x', ...at], /at least 4/],
    [['county', 'open', 'GATE-1', '--purpose', 'officer TEST', ...at], /GATE-1/],
    [['county', 'grant', 'GATE-9', 'clinic/*', ...at], /GATE-9/],
    [['county', 'grant', 'GATE-1', 'clinic', ...at], /service\/operation/],
    [['county', 'ungrant', 'GATE-1', 'clinic/*', ...at], /not given clinic/],
    [['county', 'init', '-c', away, '--store', 'mysql://x'], /postgres:\/\//],
    [['county', 'init', '-c', away, '--store', 'postgres://127.0.0.1:1/x'], /database cannot be reached/],
    [['report', '-c', 'http://127.0.0.1:1/'], /cannot be reached/],
    [['report', '--reconcile', away, ...at], /cannot read/],
    [['report', '--reconcile', folder, ...at], /a folder/],
    [['report', '--day', '2026-13-45', ...at], /2026-13-45/],
    [['report', '--json', '--csv', ...at], /not both/],
  ];
  const answers = await Promise.all(wrong.map(([call]) => asked(...call)));
  for (const [i, [call, names]] of wrong.entries()) {
    const { status, stderr } = answers[i]!;
    const [sentence = ''] = stderr.split('\n').filter((line) => !line.startsWith('{'));
    t.equal(status, 2, call.join(' '));
    t.match(sentence, names, call.join(' '));
    t.match(sentence, /[\u4e00-\u9fff].* · .*[a-z]/, call.join(' '));
    t.notMatch(stderr, /^ +at /m, call.join(' '));
  }
  t.match(ankang('county', 'rule', 'entrance', '{}', ...at), { status: 0, stderr: /no scene entrance.*entry/ });
  writeFileSync(file, JSON.stringify(FARES));
  t.match(ankang('county', 'data', 'fare', file, ...at), { status: 0, stderr: /called fare;.*fares/ });
  const out = join(folder, 'manifest.cose');
  const { rootKey } = JSON.parse(ankang('county', 'publish', '--out', out, ...at).stdout) as { rootKey: string };
  const unix = String(Math.floor(Date.now() / 1000));
  const verified = spawnSync(process.execPath, [PROGRAM, 'verify', '--trust', out, '--root', rootKey, '--at', unix], { input: 'x\n' });
  t.equal(verified.status, 0, String(verified.stderr));
});

t.test('an order of the command line and the running county issue at the same moment: both come to pass', async (t) => {
  const folder = t.testdir();
  const keys = holdCeremony({ folder, now: Date.now(), ...(await storeSetting()) });
  const [one, other] = [await openCountyStore(folder), await openCountyStore(folder)];
  t.teardown(() => Promise.all([one.close(), other.close()]));
  await orders.setUp(one, keys);
  const issued = await Promise.all([one, other, one, other].map((store) => issueTrust({ store, keys, now: Date.now(), refresh: 0 })));
  t.equal(new Set(issued.map(({ seq }) => seq)).size, 4, 'each under a seq of its own');
});

t.test(
  'a broker that hangs in the middle of publishing keeps no county from stopping',
  { skip: SAME_FOR_ALL || NO_MOSQUITTO, timeout: 30_000 },
  async (t) => {
    const folder = newFolder(t);
    await entered(folder);
    const broker = await createMosquitto({ folder: join(folder, 'broker'), region: REGION, terminals: ['GATE-1'] });
    await broker.start();
    t.teardown(() => broker.stop('SIGKILL'));
    let published = false;
    const log = { ...quiet, info: (event: string) => void (published ||= event === 'trust-published') };
    const county = await started(folder, { broker: { url: broker.url, ...pems(broker.tls('county')) }, now: () => Date.now(), log });
    await until(() => published);
    broker.freeze();
    await orders.setColour(county.store, (await syntheticResident(county.keys, 7)).subject, 'red');
    const publishing = county.publish().then(
      () => 'published',
      () => 'not published',
    );
    await county.stop();
    t.equal(await publishing, 'not published');
  },
);
