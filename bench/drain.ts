/** How fast a backlog goes out through the uplink to a broker on the loopback, beside mqtt.js alone sending the very same bytes at QoS 1. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import type { Clock, Log } from '../src/contracts.js';
import { generateKey, kidOfPoint, privateKey, type PrivateKey } from '../src/crypto/sm2.js';
import { type Journal, openJournal } from '../src/journal/journal.js';
import { makeAck, type Signer } from '../src/messages/signed.js';
import { topicOf, upFilter } from '../src/messages/topics.js';
import { createSigningThread } from '../src/uplink/signing.js';
import { createUplink } from '../src/uplink/uplink.js';
import { median, print, type Row } from './row.js';

const ENTRIES = 20_000;
const ROUNDS = 5;
const IN_FLIGHT = 8;
/** The county acknowledges every so many messages: at most half the window waits for its word. */
const MESSAGES_PER_ACK = 4;

const [REGION, TERMINAL] = ['341525', 'gate-1'];
const MOSQUITTO = ['/usr/sbin/mosquitto', '/usr/bin/mosquitto'].find(existsSync);
const ackTopicOf = (terminal: string): string => topicOf({ way: 'down', region: REGION, terminal, what: 'ack' });
/** Another terminal's, so that what the county answers does not wait for ours in its session. */
const RAW_TOPIC = topicOf({ way: 'up', region: REGION, terminal: 'raw', what: 'entries' });

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
  const [ours, raw]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push((await drained(stage, `round-${round}`)).perSecond);
    raw.push(await sentRaw(stage, messages));
  }
  const bytes = messages.reduce((sum, message) => sum + message.length, 0) / ENTRIES;
  const beside = `mqtt.js QoS 1, the same ${messages.length} messages (${bytes.toFixed(0)} B an entry), ${median(raw).toFixed(0)}/s`;
  return [{ what: 'backlog drain, signed and acknowledged', value: median(ours), unit: '/s', beside, ratio: median(ours) / median(raw), must: '≥ 0.8', aim: '≥ 1' }];
}

function open(file: string): Journal {
  return openJournal({ file, terminal: TERMINAL, clock, limit: 2 ** 30, keepDays: 30 });
}

function fill(file: string): void {
  const journal = open(file);
  const facts = { checkpoint: 'school-1', clock: 'known', colour: 'green', format: 'person', scene: 'entry', station: 'north', trustAge: 120, verdict: 'admit' };
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
  const spy = name === 'warm-up' ? await subscribed(port, (_topic, message) => seen.push(message)) : undefined;
  const uplink = createUplink({
    config: { url: `mqtt://127.0.0.1:${port}`, region: REGION, terminal: TERMINAL, checkpoint: 'school-1' },
    journal,
    signer: { ...signerOf(key), thread: createSigningThread(() => key.export()) },
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
  await client.publishAsync(ackTopicOf(TERMINAL), '', { qos: 1, retain: true });
  await client.endAsync();
}

async function subscribed(port: number, listener: (topic: string, message: string) => void): Promise<MqttClient> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5 });
  if (client.stream instanceof Socket) client.stream.setNoDelay(true);
  client.on('message', (topic, payload) => listener(topic, payload.toString()));
  await client.subscribeAsync(upFilter(REGION, 'entries'), { qos: 1 });
  return client;
}

/** The county listens here as well, so that the broker has the same to do; only PUBACK is waited for. */
async function sentRaw({ port, county }: Stage, messages: readonly string[]): Promise<number> {
  const done = once(county, 'message');
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5 });
  const start = performance.now();
  await new Promise<void>((resolve, reject) => {
    let [next, confirmed] = [0, 0];
    const send = (): void => {
      const message = messages[next++];
      if (message === undefined) return;
      client.publish(RAW_TOPIC, message, { qos: 1 }, (error) => {
        if (error) return reject(error);
        if (++confirmed === messages.length) resolve();
        else send();
      });
    };
    for (let i = 0; i < IN_FLIGHT; i++) send();
  });
  const seconds = (performance.now() - start) / 1000;
  await done;
  await client.endAsync();
  return ENTRIES / seconds;
}

/** A process that takes every message and acknowledges the last entry of every few: signing is its only real work. */
async function county(port: number, pkcs8: string): Promise<void> {
  const signer = signerOf(privateKey(Buffer.from(pkcs8, 'hex')));
  let messages = 0;
  const client = await subscribed(port, (topic, message) => {
    const end = message.slice(message.lastIndexOf('{"specversion"'));
    const found = /"journal":"(\w+)","seq":(\d+).*"hash":"(\w+)"\}\]/.exec(end);
    const [, journal = '', seqText = '', hash = ''] = found ?? [];
    const seq = Number(seqText);
    if (++messages % MESSAGES_PER_ACK !== 0 && seq !== ENTRIES) return;
    const ack = { terminal: TERMINAL, journal: Buffer.from(journal, 'hex'), seq, hash: Buffer.from(hash, 'hex'), issued: 0 };
    client.publish(ackTopicOf(topic.split('/')[4] ?? TERMINAL), Buffer.from(makeAck(ack, signer)), { qos: 1, retain: true }, () => {
      if (seq === ENTRIES) process.send?.('done');
    });
  });
  process.send?.('ready');
}

async function startBroker(program: string, folder: string, port: number): Promise<ChildProcess> {
  const file = join(folder, 'mosquitto.conf');
  writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\nlog_type information\nlog_dest stderr\n`);
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

if (process.argv[1] === import.meta.filename) {
  const [role, port, key] = process.argv.slice(2);
  if (role === 'county' && port && key) await county(Number(port), key);
  else print(await bench());
}
