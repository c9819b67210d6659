/** The county on PostgreSQL does what it does on SQLite; two workers take in what terminals send, also when one of them is killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import mqtt, { type MqttClient } from 'mqtt';
import t from 'tap';
import { Outbox } from '../src/fleet/outbox.js';
import { topicOf } from '../src/messages/topics.js';
import { holdCeremony } from '../src/platform/ceremony.js';
import { openCountyStore } from '../src/platform/open-store.js';
import * as orders from '../src/platform/orders.js';
import { openPostgres } from '../src/platform/postgres.js';
import { recount, sameTallies } from '../src/platform/reconcile.js';
import { createMosquitto, type Mosquitto, NO_MOSQUITTO, pems } from './mosquitto.js';
import { NO_POSTGRES, startPostgres } from './postgres.js';
import { newSchema } from './store.js';

const REGION = '341525';
const PROGRAM = fileURLToPath(new URL('../src/cli/ankang.js', import.meta.url));
const skip = NO_POSTGRES || NO_MOSQUITTO;
// Whole suites, each with the patience it has on SQLite.
t.setTimeout(400_000);

async function until(look: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await look())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** A worker as it runs in earnest: `ankang county run`, a process of its own. */
async function worker(county: string, number: number, broker: Mosquitto): Promise<ChildProcess> {
  const { ca, cert, key } = broker.tls('county');
  const where = [
    '-c',
    county,
    '--broker',
    broker.url,
    '--ca',
    ca,
    '--cert',
    cert,
    '--key',
    key,
    '--worker',
    String(number),
    '--board',
    '0',
  ];
  const child = spawn(process.execPath, [PROGRAM, 'county', 'run', ...where], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
      if (said.includes('broker-connected')) resolve();
    });
    child.once('exit', () => reject(new Error(`worker ${number} ended: ${said}`)));
  });
  return child;
}

t.test('PostgreSQL', { skip }, async (t) => {
  const postgres = await startPostgres('quick');
  t.teardown(() => postgres.stop());

  for (const suite of ['county', 'requests', 'identity', 'stay', 'elder', 'enterprise', 'parts', 'payments', 'settlement'])
    t.spawn(process.execPath, [join(import.meta.dirname, `${suite}.test.js`)], {
      env: { ...process.env, ANKANG_TEST_POSTGRES: postgres.url, TAP_TIMEOUT: '170' },
      name: `${suite}.test with PostgreSQL and mosquitto`,
    });

  await t.test('who comes second when tables are made waits, and a newer schema is refused', async (t) => {
    const url = await newSchema(postgres.url);
    const stores = await Promise.all([1, 2, 3].map(() => openPostgres(url)));
    await Promise.all(stores.map((store) => store.close()));
    const { default: pg } = await import('pg');
    const client = new pg.Client(url);
    await client.connect();
    await client.query('INSERT INTO migration SELECT generate_series(900, 901)');
    await client.end();
    await t.rejects(openPostgres(url), /newer than this program/);
  });

  await t.test('two workers on a shared subscription, one killed in mid-stream: nothing lost, nothing doubled, chains whole', async (t) => {
    const county = join(mkdtempSync(join(tmpdir(), 'ankang-two-')), 'county');
    t.teardown(() => rmSync(join(county, '..'), { recursive: true, force: true }));
    const names = Array.from({ length: 6 }, (_, i) => `GATE-${i + 1}`);
    const now = Date.now();
    const keys = holdCeremony({ folder: county, now, terminals: names, store: await newSchema(postgres.url) });
    const store = await openCountyStore(county);
    t.teardown(() => store.close());
    await orders.setUp(store, keys);
    for (const id of names) {
      const { sign, open } = keys.terminal(id);
      await orders.addTerminal(store, { id, checkpoint: 'HS-HOSPITAL', site: 'HS', sign: sign.spki, open: open.spki, region: false });
    }
    const broker = await createMosquitto({ folder: join(county, '../broker'), region: REGION, terminals: names });
    await broker.start();
    t.teardown(() => broker.stop('SIGKILL'));
    const workers = await Promise.all([0, 1].map((number) => worker(county, number, broker)));
    t.teardown(() => workers.forEach((child) => child.kill('SIGKILL')));

    const outboxes = names.map(
      (terminal) => new Outbox({ terminal, region: REGION, checkpoint: 'HS-HOSPITAL', signer: keys.terminal(terminal).sign }),
    );
    const clients = await Promise.all(names.map((id) => terminalAt(broker, id)));
    const connected = (): boolean => clients.every(({ connected: is }) => is);
    t.teardown(() => clients.forEach((client) => client.end(true)));
    const [EACH, PER_MESSAGE] = [400, 8];
    /** Everything again until the county has it, as a terminal that hears no acknowledgement does. */
    const seqs = async (): Promise<Map<string, number>> => new Map((await store.positions()).map(({ terminal, seq }) => [terminal, seq]));
    const send = async (outbox: Outbox, client: MqttClient, from: number): Promise<void> => {
      const topic = topicOf({ way: 'up', region: REGION, terminal: outbox.terminal, what: 'entries' });
      for (let seq = from; seq <= outbox.last; seq += PER_MESSAGE)
        await client.publishAsync(topic, outbox.message(seq, Math.min(outbox.last, seq + PER_MESSAGE - 1)), { qos: 1 });
    };
    for (const outbox of outboxes) for (let i = 0; i < EACH; i++) outbox.write({ at: now + i, scene: 'entry', verdict: 'admit' });
    const stream = Promise.all(outboxes.map((outbox, i) => send(outbox, clients[i]!, 1)));
    await until(async () => [...(await seqs()).values()].reduce((sum, seq) => sum + seq, 0) > EACH);
    const taken = [...(await seqs()).values()].reduce((sum, seq) => sum + seq, 0);
    workers[1]?.kill('SIGKILL');
    t.ok(taken < EACH * names.length, `killed after ${taken} of ${EACH * names.length} entries`);
    await stream;
    await until(async () => {
      const at = await seqs();
      if (outboxes.every(({ terminal, last }) => at.get(terminal) === last)) return true;
      await Promise.all(outboxes.map((outbox, i) => send(outbox, clients[i]!, (at.get(outbox.terminal) ?? 0) + 1)));
      return false;
    });
    t.ok(connected());
    const journals = await store.journals();
    t.same(
      journals.map(({ seq, ahead, forks }) => [seq, ahead, forks]),
      names.map(() => [EACH, 0, 0]),
    );
    for (const outbox of outboxes) {
      const stored = await store.entries({ terminal: outbox.terminal, journal: outbox.journal, after: 0, limit: EACH + 1 });
      t.same(
        stored.map(({ hash }) => Buffer.from(hash).toString('hex')),
        outbox.hashes.map((hash) => Buffer.from(hash).toString('hex')),
      );
    }
    const tallies = await store.tallies();
    t.equal(
      tallies.reduce((sum, { presented }) => sum + presented, 0),
      EACH * names.length,
    );
    t.ok(sameTallies(tallies, await recount(store, journals)), 'the table is what the entries come to');
  });
});

async function terminalAt(broker: Mosquitto, id: string): Promise<MqttClient> {
  const client = await mqtt.connectAsync(broker.url, { ...pems(broker.tls(id)), protocolVersion: 5, clientId: id, reconnectPeriod: 100 });
  client.on('error', () => undefined);
  return client;
}
