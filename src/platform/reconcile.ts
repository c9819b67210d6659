/** Compares what terminals wrote with what the county counted, entry by entry, and the county's table with its own entries. */
import type { Facts } from '../contracts.js';
import { sameBytes } from '../crypto/cbor.js';
import { type Arrival, fromEvent } from '../messages/entry.js';
import { addUp, type Tally, tallyOf } from './counts.js';
import type { EntryStore, JournalSummary, Received } from './store.js';

export interface Reconciliation {
  /** Entries of the terminals that the county holds with the same hash. */
  readonly matched: number;
  /** Written, not yet stored by the county: the backlog. */
  readonly waiting: number;
  /** Ids of entries that differ, or that the county holds and the terminal never wrote; at most 100. */
  readonly different: readonly string[];
  readonly unknown: readonly string[];
  /** Lines that are no entry. */
  readonly unreadable: number;
  /** The county's table of counts is what its entries add up to. */
  readonly tableHolds: boolean;
  readonly holds: boolean;
}

const MOST_NAMED = 100;
const PAGE = 1000;

/** `lines`: one CloudEvent each, as `ankang journal export` writes them; each journal's lines in its order. */
export async function reconcile(store: EntryStore, lines: AsyncIterable<string> | Iterable<string>): Promise<Reconciliation> {
  const journals = new Map((await store.journals()).map((journal) => [`${journal.terminal}/${journal.journal}`, journal]));
  const last = new Map<string, number>();
  const found = { matched: 0, waiting: 0, unreadable: 0 };
  const different: string[] = [];
  const unknown: string[] = [];
  const readers = new Map<string, Reader>();
  for await (const line of lines) {
    if (line.trim() === '') continue;
    const arrival = arrivalOf(line);
    if (!arrival) {
      found.unreadable++;
      continue;
    }
    const { terminal, journal } = arrival.origin;
    const name = `${terminal}/${journal}`;
    const { seq, hash } = arrival.entry;
    last.set(name, Math.max(last.get(name) ?? 0, seq));
    if (seq > (journals.get(name)?.seq ?? 0)) {
      found.waiting++;
      continue;
    }
    const reader = readers.get(name) ?? new Reader(store, { terminal, journal });
    readers.set(name, reader);
    const kept = await reader.at(seq);
    if (kept && sameBytes(kept.hash, hash)) found.matched++;
    else if (different.length < MOST_NAMED) different.push(`${name}/${seq}`);
  }
  for (const [name, seq] of last) {
    const stored = journals.get(name)?.seq ?? 0;
    for (let beyond = seq + 1; beyond <= stored && unknown.length < MOST_NAMED; beyond++) unknown.push(`${name}/${beyond}`);
  }
  const tableHolds = sameTallies(await store.tallies(), await recount(store, [...journals.values()]));
  const holds = different.length === 0 && unknown.length === 0 && found.unreadable === 0 && tableHolds;
  return { ...found, different, unknown, tableHolds, holds };
}

function arrivalOf(line: string): Arrival | undefined {
  try {
    return fromEvent(JSON.parse(line));
  } catch {
    return undefined; // not JSON: counted as unreadable
  }
}

/** One journal's entries at the county, read forward in pages. */
class Reader {
  readonly #store: EntryStore;
  readonly #of: { readonly terminal: string; readonly journal: string };
  #page: readonly Received[] = [];

  constructor(store: EntryStore, of: { readonly terminal: string; readonly journal: string }) {
    this.#store = store;
    this.#of = of;
  }

  async at(seq: number): Promise<Received | undefined> {
    const first = this.#page[0]?.seq ?? 0;
    if (seq < first || seq >= first + this.#page.length)
      this.#page = await this.#store.entries({ ...this.#of, after: seq - 1, limit: PAGE });
    return this.#page[seq - (this.#page[0]?.seq ?? 0)];
  }
}

/** The counts made anew from every entry stored. */
export async function recount(store: EntryStore, journals: readonly JournalSummary[]): Promise<readonly Tally[]> {
  let tallies: readonly Tally[] = [];
  for (const { terminal, journal } of journals) {
    let after = 0;
    for (;;) {
      const page = await store.entries({ terminal, journal, after, limit: PAGE });
      const of = page.flatMap((entry) => tallyOf(entry, JSON.parse(entry.public) as Facts, entry.received) ?? []);
      tallies = addUp([...tallies, ...of]);
      const end = page.at(-1);
      if (!end) break;
      after = end.seq;
    }
  }
  return tallies;
}

function sameTallies(a: readonly Tally[], b: readonly Tally[]): boolean {
  const text = (tallies: readonly Tally[]): string =>
    tallies
      .map((t) => JSON.stringify([t.day, t.scene, t.checkpoint, t.refusal, t.unsure, t.readings, t.presented, t.verified]))
      .sort()
      .join('\n');
  return text(a) === text(b);
}
