/** A fleet of terminals through a compressed day, with everything that goes wrong, reconciles to the entry; a county that lost one does not. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import type { Account } from '../src/fleet/account.js';
import { chanceOf } from '../src/fleet/chance.js';
import { comings, PLACES, placesOf } from '../src/fleet/days.js';
import { holdCeremony } from '../src/platform/ceremony.js';
import { startCounty } from '../src/platform/county.js';

const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const HOUR = 3_600_000;
const PROGRAM = fileURLToPath(new URL('../src/cli/ankang.js', import.meta.url));

t.test(
  'days are as they are: mornings at the hospital, two peaks on the bus, evenings at the hotel, and the same from the same seed',
  (t) => {
    const day = (kind: string, seed: string): readonly number[] => {
      const place = PLACES.find((one) => one.kind === kind);
      if (!place) throw new Error(kind);
      const chance = chanceOf(seed);
      return Array.from({ length: 20 }, () => comings(place, chance)).flat();
    };
    const part = (of: readonly number[], from: number, to: number): number =>
      of.filter((at) => at >= from * HOUR && at < to * HOUR).length / of.length;
    const [hospital, bus, hotel] = [day('HOSPITAL', 'a'), day('BUS', 'a'), day('HOTEL', 'a')];
    t.ok(Math.abs(hospital.length / 20 - 400) < 20, 'so many people');
    t.ok(part(hospital, 6, 10) > 0.4);
    t.ok(part(bus, 7, 9) + part(bus, 17, 19) > 0.5);
    t.equal(part(bus, 21, 24) + part(bus, 0, 6), 0);
    t.ok(part(hotel, 19, 24) + part(hotel, 0, 2) > 0.6);
    t.same(day('BUS', 'a'), bus);
    t.not(day('BUS', 'b').length, bus.length);
    t.equal(placesOf(1000).length, 1000);
    t.equal(placesOf(50).filter(({ kind }) => kind === 'BUS').length, 20);
    t.end();
  },
);

t.test('fifty terminals, one day', { timeout: 120_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-fleet-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const keys = holdCeremony({ folder: join(folder, 'county'), now: Date.now() });
  const county = await startCounty({ folder: keys.folder, broker: { embedded: { port: 0 } }, now: () => Date.now(), log: quiet });
  t.teardown(() => county.stop());
  const { code, account, said } = await fleet(keys.folder, county.brokerUrl ?? '', '--terminals', '50', '--seconds', '6', '--seed', 'test');
  t.equal(code, 0, said);
  t.match(account, { lost: 0, doubled: 0, holds: true });
  t.ok(account.sent > 2000, `${account.sent} entries`);
  t.equal(account.acknowledged, account.sent);
  for (const [name, scene] of Object.entries(account.scenes)) t.equal(scene.counted, scene.sent, name);
  for (const [name, times] of Object.entries(account.faults)) t.ok(times > 0, `${name}: ${times}`);
  t.ok(account.forks.sent > 0);
  t.ok(account.ackMs.p50 > 0 && account.ackMs.p99 >= account.ackMs.p50);
  t.equal((await county.store.alarms(1000)).filter(({ kind }) => kind === 'fork').length, account.forks.kept);
});

t.test('a county that does not take in what is sent does not reconcile', { timeout: 60_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-fleet-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const keys = holdCeremony({ folder: join(folder, 'county'), now: Date.now() });
  const county = await startCounty({ folder: keys.folder, broker: { embedded: { port: 0 } }, now: () => Date.now(), log: quiet });
  t.teardown(() => county.stop());
  await county.ingest.stop();
  const { code, account } = await fleet(keys.folder, county.brokerUrl ?? '', '--terminals', '2', '--seconds', '1', '--patience', '2');
  t.equal(code, 1);
  t.match(account, { acknowledged: 0, holds: false });
  t.equal(account.lost, account.sent);
});

async function fleet(county: string, broker: string, ...rest: string[]): Promise<{ code: number | null; account: Account; said: string }> {
  const child = spawn(process.execPath, [PROGRAM, 'fleet', '-c', county, '--broker', broker, '--json', ...rest]);
  let [out, said] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (out === '') throw new Error(said);
  return { code, account: JSON.parse(out) as Account, said };
}
