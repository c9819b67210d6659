/** The line to the county, over a real mosquitto with TLS, client certificates and an ACL; the county here only counts and acknowledges. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import t, { type Test } from 'tap';
import type { Clock, Log } from '../src/contracts.js';
import { generateKey, kidOfPoint, type PrivateKey } from '../src/crypto/sm2.js';
import { type Journal, openJournal } from '../src/journal/journal.js';
import { type Entry, fromMessage } from '../src/messages/entry.js';
import { type Ack, makeAck, readHead, type Signer, type Verify } from '../src/messages/signed.js';
import { parseState, type State } from '../src/messages/state.js';
import { topicOf, upFilter } from '../src/messages/topics.js';
import { createBackoff, PACE, TWIN } from '../src/uplink/backoff.js';
import { createCourier } from '../src/uplink/courier.js';
import { createUplink, type Uplink } from '../src/uplink/uplink.js';
import { createMosquitto, type Mosquitto, NO_MOSQUITTO, pems } from './mosquitto.js';

const REGION = '341525';

const clock: Clock = { now: () => ({ earliest: Date.now(), latest: Date.now() + 50 }), monotonic: () => performance.now() };
const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

const keys = { terminal: generateKey(), county: generateKey(), stranger: generateKey() };
const signerOf = (key: PrivateKey): Signer => ({ kid: kidOfPoint(key.public.point), sign: key.sign });
const verifierOf = (key: PrivateKey): Verify => {
  const kid = Buffer.from(kidOfPoint(key.public.point));
  return (named, _typ, message, signature) => kid.equals(named) && key.public.verify(message, signature);
};

/** Waits until it is so; the test's own time limit is the limit. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(10);
}

const folder = t.testdir();

async function mosquitto(t: Test): Promise<Mosquitto> {
  const terminals = ['gate-1', 'gate-2', 'gate-3', 'gate-4', 'gate-5', 'gate-6', 'gate-7'];
  const broker = await createMosquitto({ folder: mkdtempSync(join(folder, 'broker-')), region: REGION, terminals });
  t.teardown(() => broker.stop('SIGKILL'));
  return broker;
}

async function client(t: Test, broker: Mosquitto, name: string, options: IClientOptions = {}): Promise<MqttClient> {
  const connected = await mqtt.connectAsync(broker.url, {
    protocolVersion: 5,
    reconnectPeriod: 100,
    timerVariant: 'native',
    ...pems(broker.tls(name)),
    clientId: name,
    ...options,
  });
  connected.on('error', () => undefined);
  t.teardown(() => connected.end(true));
  return connected;
}

/** Counts every entry once, checks every head, acknowledges what is contiguous, and remembers the states. */
interface County {
  readonly entries: Map<string, Entry>;
  readonly states: State[];
  readonly mqtt: MqttClient;
  doubles: number;
  faults: string[];
  acknowledging: boolean;
  acknowledge(of: Pick<Ack, 'terminal' | 'journal' | 'seq' | 'hash'>, signer?: Signer): void;
}

async function county(t: Test, broker: Mosquitto): Promise<County> {
  const connection = await client(t, broker, 'county', { clean: false, properties: { sessionExpiryInterval: 60 } });
  const verify = verifierOf(keys.terminal);
  const contiguous = new Map<string, number>();
  const self: County = {
    entries: new Map(),
    states: [],
    mqtt: connection,
    doubles: 0,
    faults: [],
    acknowledging: true,
    acknowledge(of, signer = signerOf(keys.county)) {
      const topic = topicOf({ way: 'down', region: REGION, terminal: of.terminal, what: 'ack' });
      const ack = makeAck({ ...of, issued: Math.floor(Date.now() / 1000) }, signer);
      connection.publish(topic, Buffer.from(ack), { qos: 1, retain: true });
    },
  };
  connection.on('message', (topic, payload) => {
    if (topic.endsWith('/state')) {
      take(parseState(payload.toString()));
      return;
    }
    const message = fromMessage(payload);
    const head = message && readHead(message.head, verify);
    const last = message?.arrivals.at(-1);
    if (!message || !last || head?.seq !== last.entry.seq) return void self.faults.push('a message that is none');
    for (const { origin, entry } of message.arrivals) keep(origin.journal, entry);
    const { terminal, journal } = last.origin;
    let seq = contiguous.get(journal) ?? 0;
    while (self.entries.has(`${journal}/${seq + 1}`)) seq++;
    contiguous.set(journal, seq);
    const entry = self.entries.get(`${journal}/${seq}`);
    if (entry && self.acknowledging) self.acknowledge({ terminal, journal: Buffer.from(journal, 'hex'), seq, hash: entry.hash });
  });
  const keep = (journal: string, entry: Entry): void => {
    const known = self.entries.get(`${journal}/${entry.seq}`);
    if (known) self.doubles++;
    if (known && !Buffer.from(known.hash).equals(entry.hash)) self.faults.push(`fork at ${entry.seq}`);
    self.entries.set(`${journal}/${entry.seq}`, entry);
  };
  const take = (state: State | undefined): void => {
    if (state) self.states.push(state);
    else self.faults.push('a state that is none');
  };
  await connection.subscribeAsync([upFilter(REGION, 'entries'), upFilter(REGION, 'state')], { qos: 1 });
  return self;
}

interface Terminal {
  readonly journal: Journal;
  readonly uplink: Uplink;
  append(count: number): void;
  leave(): Promise<void>;
}

function terminal(t: Test, broker: Mosquitto, name: string): Terminal {
  const journal = openJournal({ file: join(folder, `${name}.db`), terminal: name, clock, limit: 2 ** 28, keepDays: 30 });
  const uplink = createUplink({
    config: { url: broker.url, tls: () => pems(broker.tls(name)), region: REGION, terminal: name, checkpoint: 'school-1' },
    journal,
    signer: signerOf(keys.terminal),
    verify: verifierOf(keys.county),
    clock,
    log: quiet,
    state: () => ({ health: 'serving', trustAge: 60, alarms: [], version: '0.1.0' }),
  });
  let open = true;
  const leave = async (): Promise<void> => {
    if (!open) return;
    open = false;
    await uplink.stop();
    journal.close();
  };
  t.teardown(leave);
  return {
    journal,
    uplink,
    leave,
    append(count) {
      journal.transaction((transaction) => {
        for (let i = 0; i < count; i++) transaction.append({ kind: 'verdict', at: clock.now(), facts: { verdict: 'admit', i } });
      });
    },
  };
}

t.test('the line to the county', { skip: NO_MOSQUITTO, timeout: 240_000 }, async (t) => {
  // Ten seconds pass before the broker speaks the will: the others are tested meanwhile.
  const dying = await killedTerminal(t);

  await t.test('with the broker away the whole time and started afterwards, every entry arrives once and is acknowledged', async (t) => {
    const broker = await mosquitto(t);
    const gate = terminal(t, broker, 'gate-1');
    await gate.uplink.start();
    gate.append(2000);
    await until(() => !gate.uplink.metrics.connected);
    await broker.start();
    const office = await county(t, broker);
    await until(() => gate.journal.acked === 2000);
    t.equal(office.entries.size, 2000);
    gate.append(1);
    await until(() => gate.journal.acked === 2001);
    t.same(office.faults, []);
    t.match(office.states.at(-1), { health: 'serving', journal: gate.journal.journal, trustAge: 60 });
    t.equal(gate.journal.backlog(clock.now()).entries, 0);

    await t.test('restarted, it goes on after the last acknowledgement and sends nothing twice', async (t) => {
      const { doubles } = office;
      await gate.leave();
      await until(() => office.states.at(-1)?.health === 'offline');
      const again = terminal(t, broker, 'gate-1');
      t.equal(again.journal.acked, 2001);
      again.append(10);
      await again.uplink.start();
      await until(() => again.journal.acked === 2011);
      t.equal(office.entries.size, 2011);
      t.equal(office.doubles, doubles);
      t.same(office.faults, []);
    });
  });

  await t.test('the broker is killed in the middle of a backlog: counted once, in order, none lost', async (t) => {
    const broker = await mosquitto(t);
    await broker.start();
    const office = await county(t, broker);
    const gate = terminal(t, broker, 'gate-2');
    gate.append(6000);
    await gate.uplink.start();
    await until(() => office.entries.size > 1000);
    await broker.stop('SIGKILL');
    await until(() => !gate.uplink.connected);
    t.ok(gate.journal.acked < 6000, `killed at ${gate.journal.acked}`);
    gate.append(10);
    await broker.start();
    await until(() => gate.journal.acked === 6010);
    t.equal(office.entries.size, 6010);
    t.same(office.faults, []);
    t.ok(gate.uplink.metrics.connects >= 2);
    t.match(gate.journal.verify(), { ok: true, entries: 6010 });
  });

  await t.test('a broker that is restarted again and again, and keeps its sessions, is not taken for a second box', async (t) => {
    const broker = await mosquitto(t);
    await broker.start();
    const gate = terminal(t, broker, 'gate-7');
    await gate.uplink.start();
    for (let restart = 0; restart < 5; restart++) {
      await until(() => gate.uplink.connected);
      await broker.stop(restart % 2 === 0 ? 'SIGTERM' : 'SIGKILL');
      await until(() => !gate.uplink.connected);
      // A broker takes so long to come back, and the terminal looks at once whether it is there.
      await sleep(300);
      await broker.start();
    }
    await until(() => gate.uplink.connected);
    t.match(gate.uplink.metrics, { kicks: 0, twin: false, connects: 6 });
    await gate.leave();
  });

  await t.test('what nobody listened to is sent again soon, long before patience ends', { timeout: 25_000 }, async (t) => {
    const broker = await mosquitto(t);
    await broker.start();
    const gate = terminal(t, broker, 'gate-6');
    gate.append(3);
    await gate.uplink.start();
    await until(() => gate.uplink.metrics.sent.restarts >= 1);
    const office = await county(t, broker);
    await until(() => gate.journal.acked === 3);
    t.equal(office.entries.size, 3);
    t.same(office.faults, []);
  });

  await t.test('no more than 512 entries are under way, and only an honest acknowledgement moves on', async (t) => {
    const broker = await mosquitto(t);
    await broker.start();
    const office = await county(t, broker);
    office.acknowledging = false;
    const gate = terminal(t, broker, 'gate-3');
    gate.append(2000);
    await gate.uplink.start();
    await until(() => office.entries.size >= 512);
    await sleep(200);
    t.equal(office.entries.size, 512);
    const { journal: id } = gate.journal;
    const [hundredth] = gate.journal.read(100, 1);
    const [unsent] = gate.journal.read(600, 1);
    if (!hundredth || !unsent) throw new Error('no such entries');
    const honest = { terminal: 'gate-3', journal: Buffer.from(id, 'hex'), seq: 100, hash: hundredth.hash };
    const heard = (): number => Object.values(gate.uplink.metrics.down).reduce((sum, n) => sum + n, 0);
    const tell = async (ack: typeof honest, signer?: Signer): Promise<void> => {
      const before = heard();
      office.acknowledge(ack, signer);
      await until(() => heard() > before);
    };
    await tell(honest, signerOf(keys.stranger));
    await tell(honest, { kid: kidOfPoint(keys.county.public.point), sign: keys.stranger.sign });
    await tell({ ...honest, journal: randomBytes(8) });
    await tell({ ...honest, hash: randomBytes(32) });
    await tell({ ...honest, seq: 5000 });
    await tell({ ...honest, seq: 2001 });
    t.match(gate.uplink.metrics.down, { forged: 2, foreign: 1, mismatch: 1, unpublished: 2, taken: 0 });
    t.equal(gate.journal.acked, 0);
    await tell(honest);
    t.equal(gate.journal.acked, 100);
    await until(() => office.entries.size > 512);
    office.acknowledging = true;
    await tell({ ...honest, seq: 512, hash: gate.journal.read(512, 1)[0]?.hash ?? randomBytes(32) });
    await until(() => gate.journal.acked === 2000);
    t.same(office.faults, []);
  });

  await t.test('a terminal may speak only for itself and hear only what is for it; trust topics reach who asked', async (t) => {
    const broker = await mosquitto(t);
    await broker.start();
    const office = await county(t, broker);
    const intruder = await client(t, broker, 'gate-4');
    await t.rejects(
      intruder.publishAsync(topicOf({ way: 'up', region: REGION, terminal: 'gate-5', what: 'entries' }), 'x', { qos: 1 }),
      /uthori/,
    );
    await t.rejects(intruder.publishAsync(topicOf({ way: 'trust', region: REGION, what: 'manifest' }), 'x', { qos: 1 }), /uthori/);
    await t.rejects(
      mqtt.connectAsync(broker.url, { ca: pems(broker.tls('gate-4')).ca, reconnectPeriod: 0 }, false),
      'no certificate, no connection',
    );

    const gate = terminal(t, broker, 'gate-5');
    const heard: string[] = [];
    const manifest = { way: 'trust', region: REGION, what: 'manifest' } as const;
    const part = { way: 'trust', region: REGION, what: 'part', name: 'fares', version: 2, part: 0 } as const;
    const command = { way: 'down', region: REGION, terminal: 'gate-5', what: 'command' } as const;
    gate.uplink.subscribe(manifest, (bytes) => heard.push(`manifest ${Buffer.from(bytes).toString()}`));
    gate.uplink.subscribe(command, (bytes) => heard.push(`command ${Buffer.from(bytes).toString()}`));
    await office.mqtt.publishAsync(topicOf(manifest), 'one', { qos: 1, retain: true });
    await office.mqtt.publishAsync(topicOf(part), 'fares', { qos: 1, retain: true });
    await gate.uplink.start();
    await until(() => heard.includes('manifest one'));
    gate.uplink.subscribe(part, (bytes) => heard.push(`part ${Buffer.from(bytes).toString()}`));
    await until(() => heard.includes('part fares'));
    await office.mqtt.publishAsync(topicOf({ ...command, terminal: 'gate-4' }), 'not for me', { qos: 1 });
    await office.mqtt.publishAsync(topicOf({ ...command, what: 'notice' }), 'nobody listens', { qos: 1 });
    await office.mqtt.publishAsync(topicOf(command), 'open', { qos: 1 });
    await until(() => heard.includes('command open'));
    gate.uplink.unsubscribe(part);
    t.same(heard, ['manifest one', 'part fares', 'command open']);
    t.equal(gate.uplink.metrics.down.unrouted, 1);
  });

  await t.test('two boxes with one name: after three takeovers this one steps back and says twin', async (t) => {
    const broker = await mosquitto(t);
    await broker.start();
    const office = await county(t, broker);
    const gate = terminal(t, broker, 'gate-4');
    await gate.uplink.start();
    for (let connects = 1; connects <= 4; connects++) {
      await until(() => gate.uplink.metrics.connects === connects && gate.uplink.connected);
      t.equal(gate.uplink.metrics.twin, connects === 4, `connection ${connects}`);
      if (connects === 4) await until(() => office.states.at(-1)?.alarms.includes('twin') === true);
      const twin = await client(t, broker, 'gate-4', { clean: false, reconnectPeriod: 0, properties: { sessionExpiryInterval: 60 } });
      await until(() => gate.uplink.metrics.connects > connects || !gate.uplink.connected);
      await twin.endAsync(true);
    }
    t.equal(gate.uplink.metrics.twin, true);
    await sleep(1500);
    t.equal(gate.uplink.connected, false, 'it leaves the name alone for minutes');
  });

  await t.test('a terminal that dies is reported by the broker after ten seconds', async (t) => {
    await until(() => dying.states.at(-1)?.health === 'offline');
    t.equal(dying.entries.size, 1);
    t.same(dying.faults, []);
  });
});

t.test('the time to the next attempt doubles, is spread, has a cap, and is short again only after a steady connection', async (t) => {
  const backoff = createBackoff();
  const most = Array.from({ length: 12 }, () => backoff.failed(0, 1) - PACE.least);
  t.same(most.slice(0, 4), [500, 1000, 2000, 4000]);
  t.equal(most.at(-1), PACE.cap);
  t.equal(backoff.failed(0, 0), PACE.least);
  t.equal(backoff.failed(PACE.steady - 1, 1), PACE.cap + PACE.least, 'a short life resets nothing');
  t.equal(backoff.failed(PACE.steady, 1), PACE.first + PACE.least);
  for (const at of [0, 1000, TWIN.within + 2000]) backoff.kicked(at);
  t.equal(backoff.twin(TWIN.within + 2000), false, 'three, but not within ten minutes');
  backoff.kicked(TWIN.within + 3000);
  backoff.kicked(TWIN.within + 4000);
  t.equal(backoff.twin(TWIN.within + 4000), true);
  t.ok(backoff.failed(0, 0) >= TWIN.wait);
  t.ok(backoff.failed(0, 1) <= PACE.cap + PACE.least, 'one long wait, then as before');
});

t.test('when nothing is acknowledged for a while, sending starts over after the last acknowledged entry', async (t) => {
  const journal = openJournal({ file: join(folder, 'courier.db'), terminal: 'gate-1', clock, limit: 2 ** 28, keepDays: 30 });
  t.teardown(() => journal.close());
  const firsts: number[] = [];
  const courier = createCourier({
    journal,
    origin: { region: REGION, checkpoint: 'school-1', terminal: 'gate-1', journal: journal.journal },
    signer: signerOf(keys.terminal),
    log: quiet,
    patience: 30,
    publish(message, answered) {
      firsts.push(fromMessage(Buffer.from(message))?.arrivals[0]?.entry.seq ?? 0);
      setImmediate(() => answered(undefined));
    },
  });
  t.teardown(() => courier.stop());
  journal.onAppend(courier.wake);
  courier.up();
  journal.transaction((transaction) => {
    for (let i = 0; i < 100; i++) transaction.append({ kind: 'verdict', at: clock.now(), facts: { x: 'y'.repeat(5000) } });
  });
  await until(() => courier.metrics.restarts >= 2);
  t.equal(firsts[0], 1);
  t.ok(firsts.filter((first) => first === 1).length >= 2);
  t.ok(firsts.length > 4, 'large entries make smaller messages');
});

t.test('while nobody listens, sending starts over after a second, then ever later', async (t) => {
  const journal = openJournal({ file: join(folder, 'unheard.db'), terminal: 'gate-1', clock, limit: 2 ** 28, keepDays: 30 });
  t.teardown(() => journal.close());
  const sent: number[] = [];
  const courier = createCourier({
    journal,
    origin: { region: REGION, checkpoint: 'school-1', terminal: 'gate-1', journal: journal.journal },
    signer: signerOf(keys.terminal),
    log: quiet,
    patience: 3_600_000,
    publish(_, answered) {
      sent.push(performance.now());
      setImmediate(() => {
        courier.unheard();
        courier.unheard();
        answered(undefined);
      });
    },
  });
  t.teardown(() => courier.stop());
  courier.unheard();
  courier.up();
  courier.unheard();
  journal.transaction((transaction) => transaction.append({ kind: 'verdict', at: clock.now(), facts: {} }));
  courier.wake();
  await until(() => sent.length === 3);
  const [first = 0, second = 0, third = 0] = sent;
  t.ok(second - first >= 999, 'not at once');
  t.ok(third - second >= 1999, 'then twice as long');
  t.equal(courier.metrics.restarts, 2);
});

/** A county that has just seen a terminal come up, send one entry and be killed. */
async function killedTerminal(t: Test): Promise<County> {
  const broker = await mosquitto(t);
  await broker.start();
  const office = await county(t, broker);
  const child = spawn(process.execPath, ['--input-type=module', '-e', program(broker)], { stdio: 'inherit' });
  t.teardown(() => child.kill('SIGKILL'));
  await until(() => office.states.some(({ health }) => health === 'serving') && office.entries.size === 1);
  child.kill('SIGKILL');
  return office;
}

/** A terminal in a process of its own, that can be killed. */
function program(broker: Mosquitto): string {
  const from = (file: string): string => JSON.stringify(resolve(import.meta.dirname, '../src', file));
  const name = 'gate-1';
  return `
    import { readFileSync } from 'node:fs';
    import { openJournal } from ${from('journal/journal.js')};
    import { createUplink } from ${from('uplink/uplink.js')};
    import { privateKey, kidOfPoint } from ${from('crypto/sm2.js')};
    const key = privateKey(Buffer.from('${Buffer.from(keys.terminal.export()).toString('hex')}', 'hex'));
    const clock = { now: () => ({ earliest: Date.now(), latest: Date.now() }), monotonic: () => performance.now() };
    const journal = openJournal({ file: ${JSON.stringify(join(folder, 'dying.db'))}, terminal: '${name}', clock, limit: 2 ** 28, keepDays: 30 });
    const { ca, cert, key: tlsKey } = ${JSON.stringify(broker.tls(name))};
    const log = { info() {}, warn() {}, error() {} };
    const uplink = createUplink({
      config: { url: '${broker.url}', tls: () => ({ ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(tlsKey) }), region: '${REGION}', terminal: '${name}', checkpoint: 'school-1' },
      journal, signer: { kid: kidOfPoint(key.public.point), sign: key.sign }, verify: () => false, clock, log,
      state: () => ({ health: 'serving', trustAge: null, alarms: [], version: '0.1.0' }),
    });
    await uplink.start();
    journal.transaction((transaction) => transaction.append({ kind: 'verdict', at: clock.now(), facts: {} }));`;
}
