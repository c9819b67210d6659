/** Every row of the programme that has a desk, played in a browser at the demo: the network there, gone half-way, and away; docs/rows.md is its table. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { localTime } from '../src/messages/calendar.js';
import { openBooks } from './rows-books.js';
import { CLINIC } from './rows-clinic.js';
import { HALL } from './rows-hall.js';
import type { Row } from './rows-play.js';
import { SHOP } from './rows-shop.js';
import { startStand, until } from './rows-stand.js';
import { lastReads, readTable } from './rows-table.js';
import { CHROMIUM } from './screens.js';

const PROGRAM = join(import.meta.dirname, '../src/cli/ankang.js');
const ROWS: readonly Row[] = [...CLINIC, ...HALL, ...SHOP];
/** MED-03 once; MED-05 and MED-09 once each, and once each after the network was away. */
const PAYMENTS = 5;
const OUTAGES = [1, 2, 3] as const;

t.setTimeout(900_000);

/** Appointments are of a day, and one checks in for today’s: the last half hour has none. */
const tooLate = (id: string): string | false =>
  id === 'MED-04' &&
  localTime(Date.now()).minute >= 23 * 60 + 20 &&
  'no appointment is left today: play it after midnight in Asia/Shanghai';

/** Lanes, meetings, and what is no desk’s: played elsewhere. */
const ELSEWHERE = ['MED-01', 'MED-13', 'RIDE-01', 'RIDE-02', 'RIDE-03', 'MEET-01', 'MEET-02', 'MEET-03', 'MEET-04', 'ELD-04', 'EDU-01'];
const COUNTY = ['SEC-06', 'OPS-01'];

t.test('docs/rows.md is the table of all rows, and quotes what is looked for on the page', (t) => {
  const table = readTable();
  const sorted = (ids: readonly string[]): readonly string[] => [...ids].sort();
  t.same(sorted(table.map(({ id }) => id)), sorted([...ROWS.map(({ id }) => id), ...ELSEWHERE, ...COUNTY]));
  for (const { id, up, down, half, file } of table) {
    const row = ROWS.find((one) => one.id === id);
    t.ok(existsSync(join(import.meta.dirname, '..', `${file}.js`)), `${id}: ${file}`);
    t.equal(file === 'test/rows.test', row !== undefined, id);
    if (!row) continue;
    t.match(up, lastReads(row.up.steps), `${id} with the network`);
    t.match(down, lastReads(row.down.steps), `${id} without it`);
    if (row.half) t.match(half, lastReads(row.half.after), `${id} half-way`);
    else t.equal(half, '–', id);
  }
  t.end();
});

t.test('at the desks', { skip: !existsSync(CHROMIUM) && 'install chromium: apt-get install chromium' }, async (t) => {
  const folder = t.testdir();
  const stand = await startStand(PROGRAM, folder, t);
  const books = await openBooks(folder);
  t.teardown(() => books.close());
  const after = new Map<string, number>();

  for (const row of ROWS)
    await t.test(`${row.id}: played to its last page, and the county has its record`, { skip: tooLate(row.id) }, async (t) => {
      const before = await row.count(books);
      if (row.id === 'MED-03') books.freeNextSlot(Date.now());
      await stand.play(row.up);
      await until(async () => (await row.count(books)) >= before + row.adds, `the record of ${row.id}`);
      t.equal(await row.count(books), before + row.adds);
    });
  for (const row of ROWS) after.set(row.id, await row.count(books));

  for (const outage of OUTAGES)
    await t.test(`the network goes half-way, ${outage}`, async (t) => {
      const cut = ROWS.flatMap(({ id, half, again }) => (half?.outage === outage ? [{ id, half, again }] : []));
      for (const { half } of cut) await stand.begin({ ...half, steps: half.before });
      await stand.network(false);
      for (const { id, half } of cut) await t.test(`${id} says what became of it`, () => stand.go(half.desk, half.after));
      if (outage === OUTAGES.at(-1))
        for (const { id, down } of ROWS) await t.test(`${id} without the network from the beginning`, () => stand.play(down));
      await stand.network(true);
      for (const { id, again } of cut) if (again) await t.test(`${id} once more, with the network`, () => stand.play(again));
    });

  for (const row of ROWS)
    await t.test(`${row.id}: what was kept has arrived, each once`, async (t) => {
      const wanted = (after.get(row.id) ?? 0) + row.later;
      await until(async () => (await row.count(books)) >= wanted, `${wanted} of ${row.id}, there are ${await row.count(books)}`);
      t.equal(await row.count(books), wanted);
    });
  const { county, hospital } = await books.money();
  t.same(hospital, county, 'the hospital’s book and the county’s agree to the fen');
  t.equal(county.length, PAYMENTS);
  t.same(stand.faults, [], 'no fault in the pages');
});
