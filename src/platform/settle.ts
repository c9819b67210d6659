/**
 * Settles rides with their operators (RIDE-03): closed days of each validator's journal become rides once, rides become numbered batches, and
 * batches stay on the broker until the operator says that it has them.
 *
 *   store.entries (after the position) → rides.ts → ride + position, one transaction → batch, chained, signed → broker, retained
 */
import type { Facts, Instant, Log } from '../contracts.js';
import { createOpener } from '../crypto/seal.js';
import { CONFIRMED, dueOf, FIRST_PREV, MOST_RIDES, makeBatch, settlementTopic } from '../messages/settlement.js';
import type { CountyKeys } from './keys.js';
import type { Link } from './link.js';
import { riderOf } from './rider.js';
import { closed, type RideEntry, ridesOf } from './rides.js';
import type { CountyStore, JournalSummary, Received } from './store.js';
import type { Operator } from './store-rides.js';

export interface Settling {
  readonly store: CountyStore;
  readonly keys: CountyKeys;
  readonly now: Instant;
}

const PAGE = 2000;

/** How many rides and batches are new. */
export async function settle(settling: Settling): Promise<{ readonly rides: number; readonly batches: number }> {
  const { store } = settling;
  let rides = 0;
  for (const operator of await store.operators()) {
    const terminals = (await store.terminals()).filter(({ checkpoint }) => operator.checkpoints.includes(checkpoint)).map(({ id }) => id);
    for (const journal of await store.journals())
      if (terminals.includes(journal.terminal)) rides += await settleJournal(settling, operator, journal);
  }
  let batches = 0;
  for (const operator of await store.operators()) batches += await batchUp(settling, operator);
  return { rides, batches };
}

async function settleJournal(
  { store, keys, now }: Settling,
  { id: operator }: Operator,
  { terminal, journal, seq: last }: JournalSummary,
): Promise<number> {
  const opener = createOpener(keys.seal.d, keys.seal.kid);
  const entryOf = ({ seq, kind, earliest, received, public: text, seal }: Received): RideEntry => {
    const id = `${terminal}/${journal}/${seq}`;
    const plain = seal && opener.open(seal, `entry/${id}`);
    return { id, seq, kind, at: earliest, received, facts: JSON.parse(text) as Facts, rider: plain ? riderOf(plain) : undefined };
  };
  const entries: RideEntry[] = [];
  for (let after = await store.settledTo(terminal, journal); after < last; ) {
    const page = await store.entries({ terminal, journal, after, limit: PAGE });
    const end = page.at(-1)?.seq;
    if (end === undefined) break;
    entries.push(...page.map(entryOf));
    after = end;
  }
  const over = entries.slice(0, closed(entries, now));
  const end = over.at(-1)?.seq;
  return end === undefined
    ? 0
    : store.addRides(
        ridesOf(over).map((ride) => ({ operator, ride })),
        { terminal, journal, seq: end },
      );
}

/** All that is in no batch yet, in the order in which it was settled. */
async function batchUp({ store, keys, now }: Settling, { id: operator }: Operator): Promise<number> {
  let made = 0;
  for (;;) {
    const rides = await store.unbatched(operator, MOST_RIDES);
    if (rides.length === 0) return made;
    const before = await store.lastBatch(operator);
    const replaced = await store.faresOf(rides.flatMap(({ replaces = [] }) => replaces));
    const batch = {
      operator,
      number: (before?.number ?? 0) + 1,
      prev: before?.sm3 ?? FIRST_PREV,
      issued: Math.floor(now / 1000),
      rides: [...rides],
      fen: Math.max(
        0,
        dueOf(rides, (id) => replaced.get(id)),
      ),
    };
    await store.addBatch(
      { operator, number: batch.number, ...makeBatch(batch, keys.platform) },
      rides.map(({ id }) => id),
    );
    made++;
  }
}

export interface Publishing {
  readonly store: CountyStore;
  readonly link: Pick<Link, 'publish'>;
  readonly region: string;
}

/** Whatever is not confirmed yet: a broker may have lost it. */
export async function publishSettlements({ store, link, region }: Publishing): Promise<void> {
  for (const { operator, number, bytes } of await store.unconfirmed()) await link.publish(settlementTopic(region, operator, number), bytes);
}

interface Confirming {
  readonly store: CountyStore;
  readonly operator: string;
  readonly payload: Uint8Array;
  readonly now: Instant;
  readonly log: Log;
}

/** Everything up to the number it names, if it names that batch's own digest: the numbers that were not confirmed before. */
export async function confirm({ store, operator, payload, now, log }: Confirming): Promise<readonly number[]> {
  const said = CONFIRMED.safeParse(jsonOf(payload)).data;
  const known = said && (await store.batch(operator, said.number));
  if (said && known?.sm3 === said.sm3) return store.confirm(operator, said.number, now);
  log.warn('settlement-not-confirmed', { operator, number: said?.number });
  return [];
}

/** They stay in the store. */
export async function takeOff(link: Pick<Link, 'publish'>, topics: readonly string[]): Promise<void> {
  for (const topic of topics) await link.publish(topic, new Uint8Array(0));
}

function jsonOf(payload: Uint8Array): unknown {
  try {
    return payload.length > 1024 ? undefined : JSON.parse(Buffer.from(payload).toString());
  } catch {
    return undefined; // said as not confirmed
  }
}
