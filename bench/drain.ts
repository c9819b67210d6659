/**
 * How fast a backlog goes out through the uplink to a broker on the loopback, read from disk, signed and acknowledged by a county; beside
 * mqtt.js alone sending the same bytes at QoS 1: each entry as a message, and as the uplink's own ready-made messages.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import type { Clock, Log } from '../src/contracts.js';
import { generateKey, kidOfPoint, type PrivateKey, privateKey } from '../src/crypto/sm2.js';
import { type Journal, openJournal } from '../src/journal/journal.js';
import { makeAck, type Signer } from '../src/messages/signed.js';
import { topicOf, upFilter } from '../src/messages/topics.js';
import { createUplink } from '../src/uplink/uplink.js';
import { freePort } from '../test/mosquitto.js';
import { median, print, type Row } from './row.js';

const ENTRIES = 20_000;
const ROUNDS = 5;
const IN_FLIGHT = 8;
const SINGLY_IN_FLIGHT = 100;
/** The county acknowledges every so many messages: at most half the window waits for its word. */
const MESSAGES_PER_ACK = 4;

const [REGION, TERMINAL] = ['341525', 'gate-1'];
const MOSQUITTO = ['/usr/sbin/mosquitto', '/usr/bin/mosquitto'].find(existsSync);
const ACK_TOPIC = topicOf({ way: 'down', region: REGION, terminal: TERMINAL, what: 'ack' });

const clock: Clock = { now: () => ({ earliest: Date.now(), latest: Date.now() }), monotonic: () => performance.now() };
const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const signerOf = (key: PrivateKey): Signer => ({ kid: kidOfPoint(key.public.point), sign: key.sign });

export async function bench(): Promise<Row[]> {
  if (!MOSQUITTO) throw new Error('install mosquitto (apt install mosquitto)');
  const folder = mkdtempSync(join(import.meta.dirname, 'drain-'));
  const key = generateKey();
  const port = await freePort();
  const broker = await startBroker(MOSQUITTO, folder, port);
  const county = fork(import.meta.filename, ['county', String(port), Buffer.from(key.export()).toString('hex')]);
  try {
    await once(county, 'message');
    return await measure({ folder, port, key, county });
  } finally {
    county.kill();
    broker.kill();
    rmSync(folder, { recursive: true });
  }
}

interface Stage {
  readonly folder: string;
  readonly port: number;
  readonly key: PrivateKey;
  readonly county: ChildProcess;
}

async function measure(stage: Stage): Promise<Row[]> {
  fill(join(stage.folder, 'full.db'));
  const messages = await drained(stage, 'warm-up').then(({ seen }) => seen);
  const singly = messages.flatMap(eventsOf);
  const [ours, single, batched]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push((await drained(stage, `round-${round}`)).perSecond);
    single.push(await sentRaw(stage.port, singly, SINGLY_IN_FLIGHT));
    batched.push(await sentRaw(stage.port, messages, IN_FLIGHT));
  }
  const row = { what: 'backlog drain, signed and acknowledged', value: median(ours), unit: '/s' };
  const beside = (what: string, raw: readonly number[]) => ({
    beside: `mqtt.js QoS 1, ${what}, ${median(raw).toFixed(0)}/s`,
    ratio: median(ours) / median(raw),
  });
  return [
    { ...row, ...beside('an entry a message', single), must: '≥ 0.8', aim: '≥ 1' },
    { ...row, ...beside(`the same ${messages.length} messages ready-made`, batched) },
  ];
}

const eventsOf = (message: string): readonly string[] =>
  (JSON.parse(message) as { readonly events: readonly unknown[] }).events.map((event) => JSON.stringify(event));

function open(file: string): Journal {
  return openJournal({ file, terminal: TERMINAL, clock, limit: 2 ** 30, keepDays: 30 });
}

function fill(file: string): void {
  const journal = open(file);
  const facts = {
    checkpoint: 'school-1',
    clock: 'known',
    colour: 'green',
    format: 'person',
    scene: 'entry',
    station: 'north',
    trustAge: 120,
    verdict: 'admit',
  };
  journal.transaction((transaction) => {
    for (let i = 0; i < ENTRIES; i++) transaction.append({ kind: 'verdict', at: clock.now(), facts, seal: () => Buffer.alloc(380, i) });
  });
  journal.close();
}

/** One backlog sent and acknowledged to the last entry; `seen`: the messages it made. */
async function drained({ folder, port, key, county }: Stage, name: string): Promise<{ perSecond: number; seen: readonly string[] }> {
  const file = join(folder, `${name}.db`);
  copyFileSync(join(folder, 'full.db'), file);
  const journal = open(file);
  await forgetAck(port);
  const seen: string[] = [];
  const spy = name === 'warm-up' ? await subscribed(port, (message) => seen.push(message)) : undefined;
  const uplink = createUplink({
    config: { url: `mqtt://127.0.0.1:${port}`, region: REGION, terminal: TERMINAL, checkpoint: 'school-1' },
    journal,
    signer: signerOf(key),
    verify: (_kid, _typ, message, signature) => key.public.verify(message, signature),
    clock,
    log: quiet,
    state: () => ({ health: 'serving', trustAge: 60, alarms: [], version: '0' }),
  });
  const done = once(county, 'message');
  await uplink.start();
  while (!uplink.connected) await sleep(1);
  const start = performance.now();
  while (journal.acked < ENTRIES) await sleep(1);
  const seconds = (performance.now() - start) / 1000;
  await done;
  while (spy && seen.length < uplink.metrics.sent.messages) await sleep(10);
  await uplink.stop();
  spy?.end(true);
  journal.close();
  return { perSecond: ENTRIES / seconds, seen };
}

/** The broker retains the last acknowledgement, which would be true of this copy of the journal too. */
async function forgetAck(port: number): Promise<void> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5 });
  await client.publishAsync(ACK_TOPIC, '', { qos: 1, retain: true });
  await client.endAsync();
}

async function subscribed(port: number, listener: (message: string) => void): Promise<MqttClient> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5 });
  if (client.stream instanceof Socket) client.stream.setNoDelay(true);
  client.on('message', (_topic, payload) => listener(payload.toString()));
  await client.subscribeAsync(upFilter(REGION, 'entries'), { qos: 1 });
  return client;
}

/** Nobody listens to this topic: the broker has less to do than for us. */
async function sentRaw(port: number, messages: readonly string[], inFlight: number): Promise<number> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5 });
  const start = performance.now();
  await new Promise<void>((resolve, reject) => {
    let [next, confirmed] = [0, 0];
    const send = (): void => {
      const message = messages[next++];
      if (message === undefined) return;
      client.publish('raw', message, { qos: 1 }, (error) => {
        if (error) return reject(error);
        if (++confirmed === messages.length) resolve();
        else send();
      });
    };
    for (let i = 0; i < inFlight; i++) send();
  });
  const seconds = (performance.now() - start) / 1000;
  await client.endAsync();
  return ENTRIES / seconds;
}

/** A process that takes every message and acknowledges the last entry of every few: signing is its only real work. */
async function county(port: number, pkcs8: string): Promise<void> {
  const signer = signerOf(privateKey(Buffer.from(pkcs8, 'hex')));
  let messages = 0;
  const client = await subscribed(port, (message) => {
    const end = message.slice(message.lastIndexOf('{"specversion"'));
    const found = /"journal":"(\w+)","seq":(\d+).*"hash":"(\w+)"\}\]/.exec(end);
    const [, journal = '', seqText = '', hash = ''] = found ?? [];
    const seq = Number(seqText);
    if (++messages % MESSAGES_PER_ACK !== 0 && seq !== ENTRIES) return;
    const ack = { terminal: TERMINAL, journal: Buffer.from(journal, 'hex'), seq, hash: Buffer.from(hash, 'hex'), issued: 0 };
    client.publish(ACK_TOPIC, Buffer.from(makeAck(ack, signer)), { qos: 1, retain: true }, () => {
      if (seq === ENTRIES) process.send?.('done');
    });
  });
  process.send?.('ready');
}

/** Without `set_tcp_nodelay` the broker's small words wait up to 40 ms for our kernel's ACK: a county's broker has it set. */
async function startBroker(program: string, folder: string, port: number): Promise<ChildProcess> {
  const file = join(folder, 'mosquitto.conf');
  writeFileSync(
    file,
    `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\nlog_type information\nlog_dest stderr\n`,
  );
  const child = spawn(program, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  await new Promise<void>((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('running')) resolve();
    });
    child.once('exit', () => reject(new Error(said)));
  });
  return child;
}

if (process.argv[1] === import.meta.filename) {
  const [role, port, key] = process.argv.slice(2);
  if (role === 'county' && port && key) await county(Number(port), key);
  else print(await bench());
}
