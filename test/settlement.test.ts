/** RIDE-03: rides are settled once with their operator, whose own program reads, checks and confirms them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Facts } from '../src/contracts.js';
import { encodeCbor } from '../src/crypto/cbor.js';
import { createSealer } from '../src/crypto/seal.js';
import { publicKey } from '../src/crypto/sm2.js';
import { openJournal } from '../src/journal/journal.js';
import { encodeKnownCard } from '../src/messages/card.js';
import { readBatch } from '../src/messages/settlement.js';
import { holdCeremony } from '../src/platform/ceremony.js';
import { startCounty } from '../src/platform/county.js';
import { openCountyStore } from '../src/platform/open-store.js';
import { addTerminal, setUp } from '../src/platform/orders.js';
import { simulatedPhone, syntheticResident } from '../src/platform/residents.js';
import { riderOf } from '../src/platform/rider.js';
import { closed, type RideEntry, ridesOf } from '../src/platform/rides.js';
import { settle } from '../src/platform/settle.js';
import { createMosquitto, NO_MOSQUITTO, pems } from './mosquitto.js';
import { newStore, storeSetting } from './store.js';

const REGION = '341525';
const DAY = 86_400_000;
const NOON = Date.parse('2026-11-20T12:00:00+08:00');
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

let seq = 0;
function entry(facts: Facts, more: Partial<RideEntry> = {}): RideEntry {
  seq++;
  return {
    id: `BUS-1/j/${seq}`,
    seq,
    kind: 'verdict',
    at: NOON,
    received: NOON,
    rider: 'a',
    facts: { checkpoint: 'BUS-1', ...facts },
    ...more,
  };
}
const ride = (note: Facts, more: Partial<RideEntry> = {}): RideEntry => entry({ scene: 'ride', verdict: 'admit', note }, more);

t.test('what is due of a day: boardings, tap-offs in their place, what the gate took back', (t) => {
  seq = 0;
  const on = ride({ fare: 400, ride: 1, tap: 'on', line: '8', stop: 'yishi', version: 7 });
  const companion = ride({ fare: 400, ride: 1, repeat: 2 });
  const off = ride({ fare: 300, ride: 1, tap: 'off', riders: 2, stop: 'nanyue' });
  const other = ride({ fare: 400, ride: 1, tap: 'on' }, { rider: 'b' });
  const lost = ride({ fare: 200, ride: 5, tap: 'off' }, { rider: 'c' });
  const unmatched = ride({ fare: 400, ride: 1, tap: 'off', unmatched: true }, { rider: 'd' });
  const unpriced = ride({ unpriced: 'no-fares' }, { rider: 'e' });
  const back = ride({ fare: 200, ride: 2, concession: 'free' }, { rider: 'f' });
  const passage = entry({ scene: 'ride', of: back.seq, passage: 'not-taken' }, { kind: 'passage' });
  const reduced = ride({ fare: 100, ride: 3, concession: 'reduced' }, { rider: 'f' });
  const refused = entry({ scene: 'ride', verdict: 'refuse' });
  const elsewhere = entry({ scene: 'entry', verdict: 'admit' });
  const rides = ridesOf([on, companion, off, other, lost, unmatched, unpriced, back, passage, reduced, refused, elsewhere]);
  t.same(
    rides.map(({ id, fare }) => [id, fare]),
    [on, companion, off, other, lost, unmatched, unpriced, reduced].map((one) => [
      one.id,
      Number((one.facts['note'] as Facts)['fare'] ?? 0),
    ]),
  );
  t.match(rides[0], { day: '2026-11-20', line: '8', stop: 'yishi', version: 7, riders: 1, at: '2026-11-20T04:00:00.000Z' });
  t.match(rides[2], { replaces: [on.id, companion.id], riders: 2 });
  t.match(rides[4], { unpaired: true });
  t.notOk(rides[5]?.unpaired, 'the terminal charged the highest fare already');
  t.match(rides[6], { unpriced: true, fare: 0 });
  t.match(rides[7], { reduced: true });
  t.notMatch(JSON.stringify(rides), /concession|free/, 'which one it was is not told');
  t.end();
});

t.test('a day is over when its journal goes on to the next, or says nothing for three days', (t) => {
  const late = NOON + DAY;
  const night = Date.parse('2026-11-21T03:59:00+08:00');
  const entries = [ride({}), ride({}, { at: night }), ride({}, { at: late, received: late })];
  t.equal(closed(entries, late), 2, 'the day of service ends at 04:00');
  t.equal(closed(entries.slice(0, 2), NOON + 2 * DAY), 0, 'more may come');
  t.equal(closed(entries.slice(0, 2), NOON + 3 * DAY), 2);
  t.equal(closed([], NOON), 0);
  t.match(ridesOf([ride({ fare: 1 }, { at: night })]), [{ day: '2026-11-20' }]);
  t.end();
});

t.test('one rider is told from another by what was sealed', async (t) => {
  const keys = holdCeremony({ folder: join(t.testdir(), 'county'), now: Date.now() - 3_600_000, region: REGION, terminals: [] });
  const store = await newStore();
  t.teardown(() => store.close());
  await setUp(store, keys);
  const resident = await syntheticResident(keys, 51);
  const phone = simulatedPhone({ store, keys }, resident);
  const sealed = (bytes: Uint8Array, medium = 'code') => riderOf(encodeCbor([1, medium, bytes]));
  const code = async (of: Promise<string>) => Uint8Array.from(Buffer.from(await of));
  t.equal(sealed(await code(phone.screen(Date.now()))), resident.subject);
  t.equal(sealed(await code(phone.moment(Date.now()))), resident.subject);
  const holder = { subject: resident.subject, epoch: 0 };
  t.equal(sealed(encodeKnownCard({ code: '0'.repeat(32), number: undefined, validUntil: undefined, holder }), 'card'), resident.subject);
  const mot = Uint8Array.from({ length: 300 }, (_, i) => (i === 0 ? 0x81 : i % 251));
  t.match(sealed(mot), /^mot\/[0-9a-f]{52}$/);
  for (const nothing of ['AK1:', 'AK2:x', 'hello', '']) t.equal(sealed(Uint8Array.from(Buffer.from(nothing))), undefined, nothing);
  t.equal(riderOf(Uint8Array.of(1)), undefined);
});

t.test(
  'an operator’s own program reads, checks and confirms its batches through the broker',
  { skip: NO_MOSQUITTO, timeout: 240_000 },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'ankang-s-'));
    const cleaning: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
    t.teardown(async () => {
      for (const clean of cleaning.toReversed()) await clean();
    });
    const keys = holdCeremony({
      folder: join(folder, 'county'),
      now: NOON - DAY,
      region: REGION,
      terminals: ['BUS-1'],
      ...(await storeSetting()),
    });
    const store = await openCountyStore(keys.folder);
    await setUp(store, keys);
    const { sign, open } = keys.terminal('BUS-1');
    await addTerminal(store, { id: 'BUS-1', checkpoint: 'LINE-8', site: 'LINE-8', sign: sign.spki, open: open.spki, region: true });
    await store.putOperator({ id: 'huoshan-bus', name: '霍山公交（测试）', checkpoints: ['LINE-8'] });

    // A day on the bus, as its journal has it.
    let now = NOON;
    const clock = { now: () => ({ earliest: now, latest: now }), monotonic: () => 0 };
    const journal = openJournal({ file: join(folder, 'journal.db'), terminal: 'BUS-1', clock, limit: 2 ** 26, keepDays: 30 });
    cleaning.push(() => journal.close());
    const sealer = createSealer(keys.seal.point, keys.seal.kid);
    const tap = (rider: string, note: Facts): void =>
      void journal.transaction((tx) =>
        tx.append({
          kind: 'verdict',
          at: clock.now(),
          facts: { scene: 'ride', checkpoint: 'LINE-8', station: 'door', verdict: 'admit', person: true, verified: true, note },
          seal: (context) =>
            sealer.seal(
              encodeCbor([
                1,
                'card',
                encodeKnownCard({ code: '0'.repeat(32), number: undefined, validUntil: undefined, holder: { subject: rider, epoch: 0 } }),
              ]),
              context,
            ),
        }),
      );
    const [a, b] = [randomBytes(16).toString('base64url'), randomBytes(16).toString('base64url')];
    tap(a, { fare: 400, ride: 1, tap: 'on', line: '8', stop: 'yishi', version: 7 });
    tap(b, { fare: 200, ride: 1, line: '8', version: 7 });
    tap(a, { fare: 300, ride: 1, tap: 'off', line: '8', stop: 'nanyue', version: 7 });
    now += DAY;
    tap(b, { fare: 200, ride: 1, line: '8', version: 7 });
    const entries = journal.read(1, 100);
    await store.keep([{ terminal: 'BUS-1', journal: journal.journal, entries, tallies: entries.map(() => undefined) }], now);
    t.same(await settle({ store, keys, now }), { rides: 3, batches: 1 }, 'the day that is over');
    t.same(await settle({ store, keys, now }), { rides: 0, batches: 0 }, 'once');
    const first = await store.lastBatch('huoshan-bus');
    const read =
      first && readBatch(first.bytes, (_kid, _typ, message, signature) => publicKey(keys.platform.point).verify(message, signature));
    t.equal(read?.batch.fen, 500, 'the tap-off in the place of the boarding');
    await store.close();

    const broker = await createMosquitto({
      folder: join(folder, 'broker'),
      region: REGION,
      terminals: ['BUS-1', 'huoshan-bus', 'other-bus'],
    });
    await broker.start();
    cleaning.push(() => broker.stop('SIGKILL'));
    const county = await startCounty({
      folder: keys.folder,
      broker: { url: broker.url, ...pems(broker.tls('county')) },
      now: () => now,
      log: silent,
    });
    cleaning.push(() => county.stop());
    const platform = join(folder, 'platform.spki');
    writeFileSync(platform, keys.platform.spki);
    const program = (user: string): { child: ChildProcess; lines(): string } => {
      const { ca, cert, key } = broker.tls(user);
      const of = [
        '--ca',
        ca,
        '--cert',
        cert,
        '--key',
        key,
        '--region',
        REGION,
        '--operator',
        'huoshan-bus',
        '--platform',
        platform,
        '--once',
      ];
      const child = spawn(
        process.execPath,
        [resolve(import.meta.dirname, '../../docs/examples/operator.mjs'), '--broker', broker.url, ...of],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      let out = '';
      child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
      return { child, lines: () => out };
    };

    const stranger = program('other-bus');
    const own = program('huoshan-bus');
    await once(own.child, 'exit');
    const id = (n: number): string => `BUS-1/${journal.journal}/${n}`;
    t.equal(own.lines(), [1, 2, 3].map((n) => `1,${id(n)},2026-11-20,8,${[400, 200, 300][n - 1]}\n`).join(''));

    while ((await county.store.unconfirmed()).length > 0) await sleep(20);
    t.equal(stranger.lines(), '', 'another company sees nothing of it');
    cleaning.push(() => stranger.child.kill());

    // The next day, after three days without a word; the batch names the one before.
    now += 3 * DAY;
    t.same(await settle({ store: county.store, keys, now }), { rides: 1, batches: 1 });
    const second = await county.store.lastBatch('huoshan-bus');
    t.equal(second?.number, 2);
    const next =
      second && readBatch(second.bytes, (_kid, _typ, message, signature) => publicKey(keys.platform.point).verify(message, signature));
    t.equal(next?.batch.prev, first?.sm3);
  },
);
