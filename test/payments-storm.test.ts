/**
 * A thousand payments while everything fails: the network is cut, answers are lost and doubled, the provider loses and repeats, the county and
 * the terminals are stopped, one of them killed as a process. Afterwards three books agree to the fen, and nobody paid twice.
 *
 * PAY_SEED repeats a run as far as chance goes; ANKANG_SOAK=5000 plays so many instead (npm run soak).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Facts } from '../src/contracts.js';
import { inspectJournal } from '../src/journal/inspect.js';
import { balance } from '../src/platform/pay-books.js';
import { NO_MOSQUITTO } from './mosquitto.js';
import { kioskDay, newKiosk, type Played, runDaemon } from './pay-kiosk.js';
import { BOXES, type Box, CODE, newPlace, type Place, random, SEED, startBox, WHAT, within } from './pay-place.js';

const STATIONS = Array.from({ length: 4 }, (_, i) => `desk-${i}`);
const SOAK = Number(process.env['ANKANG_SOAK'] ?? 0);
const PAYMENTS = SOAK || 1000;
/** After it no new payment is begun; what is begun is settled. */
const BOX_MS = SOAK ? SOAK * 250 : 18_000;

t.setTimeout(BOX_MS * 2 + 600_000);

async function until(what: string, look: () => boolean | Promise<boolean>, ms = 60_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await look())) {
    if (performance.now() > end) throw new Error(`never: ${what}`);
    await sleep(50);
  }
}

interface Told {
  readonly number: string;
  readonly amount: number;
  /** The last word that the person heard; `gone`: the terminal went away under them. */
  readonly last: 'paid' | 'refused' | 'in-doubt' | 'gone';
  readonly doubted: boolean;
}

/** Tries again when told to, and sometimes when told not to. */
async function person(place: Place, box: () => Box, at: { readonly station: string; readonly n: number }): Promise<Told> {
  const amount = within(1, 200_000);
  const mine = box();
  const number = await place.bills.open({
    service: 'clinic',
    reference: `storm/${at.n}`,
    amount,
    subject: null,
    terminal: mine.id,
    what: WHAT,
  });
  let last: Told['last'] = 'gone';
  let doubted = false;
  for (let tries = 0; tries < 3; tries++) {
    // Mostly people come when there is a network; it goes away under them.
    const waits = random() < 0.95;
    while (waits && !box().online()) await sleep(20);
    const charged = await box().charge({ station: at.station, scene: 'bill' }, { number, amount, what: WHAT }, CODE);
    last = charged.status;
    if (last === 'refused') await sleep(within(20, 200));
    doubted ||= last === 'in-doubt';
    if (last === 'paid' || (last === 'in-doubt' && random() < 0.5)) break;
  }
  return { number, amount, last, doubted };
}

/** Something breaks every now and then, and is mended. */
async function trouble(place: Place, boxes: Map<string, Box>, over: () => boolean): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = { network: 0, box: 0, county: 0, provider: 0 };
  while (!over()) {
    await sleep(within(1000, 4000));
    const what = ['network', 'box', 'box', 'county', 'provider'][within(0, 4)] ?? 'box';
    counts[what] = (counts[what] ?? 0) + 1;
    if (what === 'network') {
      await place.broker.stop(random() < 0.5 ? 'SIGKILL' : 'SIGTERM');
      await sleep(within(0, 300));
      await place.broker.start();
    } else if (what === 'provider') {
      place.sandbox.turn(false);
      await sleep(within(0, 500));
      place.sandbox.turn(true);
    } else if (what === 'county') {
      await place.county.stop();
      place.county = await place.startCounty();
    } else {
      const id = BOXES[within(0, BOXES.length - 1)] ?? '';
      await boxes.get(id)?.stop();
      boxes.set(id, startBox(place, id));
    }
  }
  return counts;
}

interface Written {
  readonly entries: readonly Facts[];
  readonly open: number;
  readonly undelivered: number;
}

function written(file: string): Written {
  const journal = inspectJournal(file);
  try {
    const entries = [...journal.entries()].filter(({ kind }) => kind === 'payment').map((entry) => JSON.parse(entry.public) as Facts);
    const ends = new Set(entries.filter(({ event }) => event === 'outcome').map(({ attempt }) => attempt));
    return {
      entries,
      open: entries.filter(({ event, attempt }) => event === 'intent' && !ends.has(attempt)).length,
      undelivered: journal.last - journal.acked,
    };
  } finally {
    journal.close();
  }
}

t.test('a thousand payments in a storm', { skip: NO_MOSQUITTO }, async (t) => {
  t.comment(`PAY_SEED=${SEED}`);
  const place = await newPlace(t);
  const boxes = new Map(BOXES.map((id) => [id, startBox(place, id)]));
  t.teardown(async () => {
    for (const box of boxes.values()) await box.stop();
  });
  const kiosk = await newKiosk(t, place);
  const end = performance.now() + BOX_MS;
  const told: Told[] = [];
  let begun = 0;
  const desk = async (id: string, station: string): Promise<void> => {
    while (begun < PAYMENTS && performance.now() < end) {
      const box = (): Box => {
        const now = boxes.get(id);
        if (!now) throw new Error(id);
        return now;
      };
      told.push(await person(place, box, { station, n: ++begun }));
    }
  };
  let over = false;

  const troubled = trouble(place, boxes, () => over);
  const played: Played = { bills: new Set(), kills: 0, paidOnPage: 0 };
  const day = kioskDay(t, { place, kiosk, played }, () => over);
  await Promise.all(BOXES.flatMap((id) => STATIONS.map((station) => desk(id, station))));
  await until('the kiosk was killed twice', () => played.kills >= 2);
  over = true;
  const times: Record<string, number> = {};
  const since = (what: string): void => void (times[what] = Math.round((performance.now() - end + BOX_MS) / 1000));
  since('people');
  const counts = await troubled;
  since('trouble');
  await day;
  const { bills: kioskBills, kills, paidOnPage } = played;
  since('kiosk');
  place.storm = false;
  t.comment(
    `${begun} bills, ${kioskBills.size} at the kiosk, killed ${kills} times, ${paidOnPage} paid there; trouble ${JSON.stringify(counts)}`,
  );
  t.ok(kills > 0 && kioskBills.size > 0, 'the kiosk was killed while people paid');

  t.comment('the storm is over: everything that was begun comes to its end by itself');
  const last = runDaemon(t, kiosk.config);
  const files = [...[...boxes.values()].map(({ file }) => file), kiosk.file];
  await until('every intent has its end', () => {
    for (const box of boxes.values()) box.settle();
    return files.every((file) => written(file).open === 0);
  });
  since('intents');
  await until('the provider has said its last word', async () => (await place.store.unsettled()).length === 0);
  await sleep(400);
  await place.county.cashier.sweep();
  await until('what came late is given back', async () => (await place.store.unsettled()).length === 0);
  since('provider');
  await until('the journals are delivered', () => files.every((file) => written(file).undelivered === 0));
  const own = files.flatMap((file) => written(file).entries);
  await until('the county has its records', async () => (await place.store.recorded({ kind: 'payment' })).length === own.length);
  await last.end();
  since('delivered');
  t.comment(`seconds: ${JSON.stringify(times)}`);

  const movements = await place.sandbox.statement(0, new AbortController().signal);
  const attempts = await place.store.attempts();
  const entries = (await place.store.recorded({ kind: 'payment' })).map(({ facts }) => facts);
  const books = balance({ movements, attempts, entries });
  t.comment(JSON.stringify({ attempts: attempts.length, movements: movements.length, ...books, differences: books.differences.length }));
  t.same(books.differences, [], 'three books, attempt by attempt');
  t.same([books.waiting, books.waitingFen], [0, 0], 'nothing is unknown');
  t.equal(books.platform, books.provider, 'to the fen');
  t.equal(books.journals, books.provider, 'to the fen');
  t.match(
    balance({ movements, attempts, entries: own }),
    { journals: books.provider, differences: [] },
    'and so do the journals on their own disks',
  );

  const bills = await place.store.bills();
  const taken = new Map<string, number>();
  for (const { order, amount } of movements) taken.set(order.slice(0, 20), (taken.get(order.slice(0, 20)) ?? 0) + amount);
  t.same(
    bills.filter(({ number, amount, state }) => (taken.get(number) ?? 0) !== (state === 'paid' ? amount : 0)).map(({ number }) => number),
    [],
    'of each bill all was taken once, or nothing',
  );
  const paid = new Set(bills.filter(({ state }) => state === 'paid').map(({ number }) => number));
  t.same(
    told.filter(({ number, last }) => last === 'paid' && !paid.has(number)),
    [],
    'who was told that they paid has paid',
  );
  t.same(
    told.filter(({ number, last, doubted }) => last === 'refused' && !doubted && paid.has(number)),
    [],
    'who was told that nothing was charged was not charged',
  );
  t.ok(paid.size > begun / 4, `and many have paid: ${paid.size} of ${begun}`);
});
