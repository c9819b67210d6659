/** How fast the county takes entries in on PostgreSQL: one worker and two, each a process of its own, beside raw inserts of the same rows. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { fastestVerifier } from '../src/crypto/wasm-verifier.js';
import type { Entry } from '../src/messages/entry.js';
import { holdCeremony } from '../src/platform/ceremony.js';
import { createIngest } from '../src/platform/ingest.js';
import { openKeys } from '../src/platform/keys.js';
import { openPostgres } from '../src/platform/postgres.js';
import { NO_POSTGRES, startPostgres } from '../test/postgres.js';
import { newSchema } from '../test/store.js';
import { ENTRIES, loadOf, NOW, PER_MESSAGE, quiet, REGION } from './_load.js';
import { median, print, type Row } from './row.js';

const TERMINALS = ['GATE-1', 'GATE-2'] as const;
const LARGE = 64 * PER_MESSAGE;
/** The first one warms up and does not count. */
const ROUNDS = 4;

/** The same rows into the same table, as arrays, and nothing else. */
async function rawInserts(url: string, entries: readonly Entry[], each: number): Promise<number> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(`CREATE TABLE IF NOT EXISTS raw (journal bigint NOT NULL, seq bigint NOT NULL, earliest bigint NOT NULL, latest bigint, kind text NOT NULL,
    public text NOT NULL, seal bytea, prev bytea NOT NULL, hash bytea NOT NULL, received bigint NOT NULL, PRIMARY KEY (journal, seq))`);
  await client.query('TRUNCATE raw');
  const text =
    'INSERT INTO raw SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::bytea[], $8::bytea[], $9::bytea[], $10::bigint[])';
  const since = performance.now();
  for (let at = 0; at < entries.length; at += each) {
    const rows = entries.slice(at, at + each);
    const column = (of: (entry: Entry) => unknown): unknown[] => rows.map(of);
    const values = [
      column(() => 1),
      column(({ seq }) => seq),
      column(({ earliest }) => earliest),
      column(({ latest }) => latest),
      column(({ kind }) => kind),
      column((entry) => entry.public),
      column(({ seal }) => seal),
      column(({ prev }) => prev),
      column(({ hash }) => hash),
      column(() => NOW),
    ];
    await client.query({ name: 'raw', text, values });
  }
  const rate = entries.length / ((performance.now() - since) / 1000);
  await client.end();
  return rate;
}

interface Work {
  readonly url: string;
  readonly folder: string;
  readonly terminal: string;
}

/** In a process of its own: says when it is ready, begins when it is told, says when all is stored. */
async function worker({ url, folder, terminal }: Work): Promise<void> {
  const keys = openKeys(folder);
  const { messages } = loadOf(keys, terminal);
  const store = await openPostgres(url);
  await store.positions();
  const { sign } = keys.terminal(terminal);
  const verifier = fastestVerifier('wasm', (reason) => console.error(reason));
  const ingest = createIngest({
    region: REGION,
    worker: TERMINALS.findIndex((name) => name === terminal),
    store,
    keyOf: () => sign,
    verify: (point, message, signature) => verifier.verify(point, message, signature, 'kept'),
    platform: keys.platform,
    now: () => NOW,
    acknowledge: () => {},
    raise: async () => {},
    log: quiet,
  });
  process.send?.('ready');
  await once(process, 'message');
  for (const message of messages) await ingest.take(terminal, message);
  await ingest.idle();
  process.send?.('done');
  await ingest.stop();
  await store.close();
  process.disconnect();
}

async function heard(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('a worker ended')));
  ended.catch(() => undefined);
  await Promise.race([once(child, 'message'), ended]);
}

async function workers(server: string, folder: string, terminals: readonly string[]): Promise<number> {
  const url = await newSchema(server);
  const work = (terminal: string): ChildProcess =>
    fork(fileURLToPath(import.meta.url), ['--worker', JSON.stringify({ url, folder, terminal })]);
  const children = terminals.map(work);
  try {
    await Promise.all(children.map(heard));
    const since = performance.now();
    const done = Promise.all(children.map(heard));
    for (const child of children) child.send('go');
    await done;
    const rate = (ENTRIES * terminals.length) / ((performance.now() - since) / 1000);
    await Promise.all(children.map(async (child) => child.exitCode === null && (await once(child, 'exit'))));
    const store = await openPostgres(url);
    const stored = (await store.positions()).reduce((sum, { seq }) => sum + seq, 0);
    await store.close();
    if (stored !== ENTRIES * terminals.length) throw new Error(`stored ${stored}`);
    return rate;
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}

export async function bench(): Promise<Row[]> {
  if (NO_POSTGRES) throw new Error(NO_POSTGRES);
  const folder = mkdtempSync(join(tmpdir(), 'ankang-bench-postgres-'));
  const postgres = await startPostgres('careful');
  try {
    const keys = holdCeremony({ folder: join(folder, 'county'), now: NOW, terminals: [...TERMINALS], seed: 'bench' });
    const { entries } = loadOf(keys, TERMINALS[0]);
    const rates = { small: [] as number[], large: [] as number[], one: [] as number[], two: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      rates.small.push(await rawInserts(postgres.url, entries, PER_MESSAGE));
      rates.large.push(await rawInserts(postgres.url, entries, LARGE));
      rates.one.push(await workers(postgres.url, keys.folder, TERMINALS.slice(0, 1)));
      rates.two.push(await workers(postgres.url, keys.folder, TERMINALS));
    }
    const middle = (of: readonly number[]): number => median(of.slice(1));
    const [small, large, one, two] = [rates.small, rates.large, rates.one, rates.two].map(middle) as [number, number, number, number];
    const raw = (rate: number, each: number): string => `raw inserts of the same rows, ${each} a transaction: ${Math.round(rate)}/s`;
    const cores = `one worker; ${cpus().length} cores for both, the database and the disk`;
    // Two workers and a database want three cores: where there are fewer, the ratio says what the machine is.
    const bar = cpus().length >= 4 ? { must: '≥ 1.7 ×' } : {};
    return [
      {
        what: 'platform ingest on PostgreSQL, one worker',
        value: one,
        unit: '/s',
        ratio: one / small,
        beside: raw(small, PER_MESSAGE),
        must: '≥ 0.5 ×',
      },
      { what: 'platform ingest on PostgreSQL, one worker', value: one, unit: '/s', ratio: one / large, beside: raw(large, LARGE) },
      { what: 'platform ingest on PostgreSQL, two workers', value: two, unit: '/s', ratio: two / one, beside: cores, ...bar },
    ];
  } finally {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[2] === '--worker') await worker(JSON.parse(process.argv[3] ?? '') as Work);
else if (process.argv[1] === fileURLToPath(import.meta.url)) print(await bench());
