/** How fast the county takes entries in: the ingest alone, and through the embedded broker, beside raw inserts of the same rows. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import mqtt from 'mqtt';
import { fastestVerifier } from '../src/crypto/wasm-verifier.js';
import type { Entry } from '../src/messages/entry.js';
import { topicOf } from '../src/messages/topics.js';
import { holdCeremony } from '../src/platform/ceremony.js';
import { startCounty, storePath } from '../src/platform/county.js';
import { createIngest } from '../src/platform/ingest.js';
import type { CountyKeys } from '../src/platform/keys.js';
import { addTerminal } from '../src/platform/orders.js';
import { openStore } from '../src/platform/sqlite.js';
import { ENTRIES, type Load, loadOf, NOW, PER_MESSAGE, quiet, REGION } from './_load.js';
import { median, print, type Row } from './row.js';

/** What one transaction of the ingest takes at most: 64 messages. And a message by itself. */
const LARGE = 64 * PER_MESSAGE;
const SMALL = PER_MESSAGE;
/** The first one warms up and does not count. */
const ROUNDS = 4;

const perSecond = (since: number): number => ENTRIES / ((performance.now() - since) / 1000);

/** The same rows into the same table with the same settings, and nothing else. */
function rawInserts(path: string, { entries }: Load, each: number): number {
  const db = new Database(path);
  for (const pragma of ['journal_mode = WAL', 'synchronous = FULL']) db.pragma(pragma);
  db.exec(`CREATE TABLE entry (journal INTEGER NOT NULL, seq INTEGER NOT NULL, earliest INTEGER NOT NULL, latest INTEGER, kind TEXT NOT NULL, public TEXT NOT NULL,
    seal BLOB, prev BLOB NOT NULL, hash BLOB NOT NULL, received INTEGER NOT NULL, PRIMARY KEY (journal, seq)) STRICT, WITHOUT ROWID`);
  const insert = db.prepare('INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const batch = db.transaction((rows: readonly Entry[]) => {
    for (const { seq, earliest, latest, kind, public: facts, seal, prev, hash } of rows)
      insert.run(1, seq, earliest, latest, kind, facts, seal, prev, hash, NOW);
  });
  const since = performance.now();
  for (let at = 0; at < entries.length; at += each) batch.immediate(entries.slice(at, at + each));
  const rate = perSecond(since);
  db.close();
  return rate;
}

async function ingestAlone(path: string, keys: CountyKeys, { messages }: Load): Promise<number> {
  const store = openStore(path);
  const { sign } = keys.terminal('GATE-1');
  const verifier = fastestVerifier('wasm', (reason) => console.error(reason));
  const ingest = createIngest({
    region: REGION,
    store,
    keyOf: () => sign,
    verify: (point, message, signature) => verifier.verify(point, message, signature, 'kept'),
    platform: keys.platform,
    now: () => NOW,
    acknowledge: () => {},
    raise: async () => {},
    log: quiet,
  });
  const since = performance.now();
  for (const message of messages) await ingest.take('GATE-1', message);
  await ingest.idle();
  const rate = perSecond(since);
  await ingest.stop();
  if ((await store.positions())[0]?.seq !== ENTRIES) throw new Error('not everything was taken');
  await store.close();
  return rate;
}

/** One process holds terminal, broker and county: what a single core carries, not what a county with its own broker does. */
async function throughBroker(folder: string, keys: CountyKeys, { messages }: Load): Promise<number> {
  const store = openStore(storePath(folder));
  const { sign, open } = keys.terminal('GATE-1');
  await addTerminal(store, {
    id: 'GATE-1',
    checkpoint: 'HS-HOSPITAL',
    site: 'HS-HOSPITAL',
    sign: sign.spki,
    open: open.spki,
    region: false,
  });
  await store.close();
  const county = await startCounty({ folder, broker: { embedded: { port: 0 } }, now: () => NOW, log: quiet });
  const client = await mqtt.connectAsync(county.brokerUrl ?? '', {
    username: 'GATE-1',
    password: keys.brokerPassword('GATE-1'),
    protocolVersion: 5,
  });
  const topic = topicOf({ way: 'up', region: REGION, terminal: 'GATE-1', what: 'entries' });
  await client.publishAsync(topic, 'warm up', { qos: 1 });
  const since = performance.now();
  const window = 8; // 512 entries unacknowledged, wire.md 4
  for (let at = 0; at < messages.length; at += window)
    await Promise.all(messages.slice(at, at + window).map((message) => client.publishAsync(topic, message, { qos: 1 })));
  while ((await county.store.positions())[0]?.seq !== ENTRIES) await new Promise((resolve) => setTimeout(resolve, 2));
  const rate = perSecond(since);
  await client.endAsync();
  await county.stop();
  return rate;
}

export async function bench(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-bench-ingest-'));
  try {
    const keys = holdCeremony({ folder: join(folder, 'county-0'), now: NOW, terminals: ['GATE-1'], seed: 'bench' });
    const load = loadOf(keys, 'GATE-1');
    const rates = { large: [] as number[], small: [] as number[], alone: [] as number[], broker: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      const county = join(folder, `county-${round}`);
      const its = round === 0 ? keys : holdCeremony({ folder: county, now: NOW, terminals: ['GATE-1'], seed: 'bench' });
      rates.large.push(rawInserts(join(folder, `large-${round}`), load, LARGE));
      rates.small.push(rawInserts(join(folder, `small-${round}`), load, SMALL));
      rates.alone.push(await ingestAlone(join(folder, `alone-${round}`), its, load));
      rates.broker.push(await throughBroker(county, its, load));
    }
    const [alone, broker, small, large] = [rates.alone, rates.broker, rates.small, rates.large].map((of) => median(of.slice(1))) as [
      number,
      number,
      number,
      number,
    ];
    const raw = (rate: number, each: number): string => `raw inserts of the same rows, ${each} a transaction: ${Math.round(rate)}/s`;
    const bySmall = { unit: '/s', beside: raw(small, SMALL), must: '≥ 0.5 ×' };
    return [
      { what: 'platform ingest, one worker', value: alone, ratio: alone / small, ...bySmall },
      { what: 'platform ingest, one worker', value: alone, unit: '/s', ratio: alone / large, beside: raw(large, LARGE) },
      { what: 'the same through the embedded broker, one process', value: broker, ratio: broker / small, ...bySmall },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) print(await bench());
