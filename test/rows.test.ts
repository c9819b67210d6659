/** Every row of the programme that has a desk, played in a browser at the demo: the network there, gone half-way, and away; docs/rows.md is its table. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openBooks } from './rows-books.js';
import { CLINIC } from './rows-clinic.js';
import { HALL } from './rows-hall.js';
import type { Row } from './rows-play.js';
import { SHOP } from './rows-shop.js';
import { startStand, until } from './rows-stand.js';
import { CHROMIUM } from './screens.js';

const PROGRAM = join(import.meta.dirname, '../src/cli/ankang.js');
const ROWS: readonly Row[] = [...CLINIC, ...HALL, ...SHOP];
const OUTAGES = [1, 2, 3] as const;

t.setTimeout(900_000);

t.test('at the desks', { skip: !existsSync(CHROMIUM) && 'install chromium: apt-get install chromium' }, async (t) => {
  const folder = t.testdir();
  const stand = await startStand(PROGRAM, folder, t);
  const books = await openBooks(folder);
  t.teardown(() => books.close());
  const after = new Map<string, number>();

  for (const row of ROWS)
    await t.test(`${row.id}: played to its last page, and the county has its record`, async (t) => {
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
  t.same(stand.faults, [], 'no fault in the pages');
});
