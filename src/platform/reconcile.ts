/** Compares what terminals wrote with what the county counted, entry by entry, and the county's table with its own entries. */
import { z } from 'zod';
import type { Facts } from '../contracts.js';
import { decodeBase64, decodeHex } from '../crypto/base-n.js';
import { sameBytes } from '../crypto/cbor.js';
import { type Chain, type Entry, entryHash, fromEvent } from '../messages/entry.js';
import { canonical } from '../messages/jcs.js';
import { addUp, type Tally, tallyOf } from './counts.js';
import { loadServices } from './requests.js';
import type { CountyStore, EntryStore, JournalSummary, Received } from './store.js';

export interface Reconciliation {
  /** Entries read; without one there is nothing to reconcile. */
  readonly entries: number;
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
  /** The records of the services are what its entries say, kind by kind. */
  readonly recordsHold: boolean;
  readonly holds: boolean;
}

const MOST_NAMED = 100;
const PAGE = 1000;

/** `lines`: those of `ankang journal export`, a header before each journal, or one CloudEvent each; each journal's in its order. */
export async function reconcile(store: CountyStore, lines: AsyncIterable<string> | Iterable<string>): Promise<Reconciliation> {
  const journals = new Map((await store.journals()).map((journal) => [`${journal.terminal}/${journal.journal}`, journal]));
  const last = new Map<string, number>();
  const found = { entries: 0, matched: 0, waiting: 0, unreadable: 0 };
  const different: string[] = [];
  const unknown: string[] = [];
  const readers = new Map<string, Reader>();
  const read = lineReader();
  for await (const line of lines) {
    if (line.trim() === '') continue;
    const written = read(line);
    if (written === 'header') continue;
    if (!written) {
      found.unreadable++;
      continue;
    }
    found.entries++;
    const { terminal, journal } = written.chain;
    const name = `${terminal}/${journal}`;
    const { seq, hash } = written.entry;
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
  const stored = [...journals.values()];
  const table = {
    tableHolds: sameTallies(await store.tallies(), await recount(store, stored)),
    recordsHold: await recordsHold(store, stored),
  };
  const same = found.entries > 0 && different.length === 0 && unknown.length === 0 && found.unreadable === 0;
  return { ...found, different, unknown, ...table, holds: same && table.tableHolds && table.recordsHold };
}

interface Written {
  readonly chain: Chain;
  readonly entry: Entry;
}

const HEADER = z.strictObject({ terminal: z.string(), journal: z.string().regex(/^[0-9a-f]{16}$/), acked: z.int().nonnegative() });
const LINE = z.strictObject({
  seq: z.int().positive(),
  earliest: z.int(),
  latest: z.int().nullable(),
  kind: z.string(),
  public: z.record(z.string(), z.unknown()),
  seal: z.string().nullable(),
  prev: z.string(),
  hash: z.string(),
});

/** Remembers the last header: it says whose the entries after it are. undefined: a line that is no entry. */
function lineReader(): (line: string) => Written | 'header' | undefined {
  let chain: Chain | undefined;
  return (line) => {
    const value = jsonOf(line);
    const header = HEADER.safeParse(value).data;
    if (header) chain = header;
    if (header) return 'header';
    const arrival = fromEvent(value);
    if (arrival) return { chain: arrival.origin, entry: arrival.entry };
    return chain && exported(chain, value);
  };
}

/** An entry of the export, when it has the hash that it says it has, in this chain. */
function exported(chain: Chain, value: unknown): Written | undefined {
  const line = LINE.safeParse(value).data;
  const [prev, hash] = [decodeHex(line?.prev ?? ''), decodeHex(line?.hash ?? '')];
  const seal = line?.seal == null ? undefined : decodeBase64(line.seal);
  const text = line && canonicalOf(line.public as Facts);
  if (!line || !prev || !hash || text === undefined || (line.seal !== null && !seal)) return undefined;
  const { seq, earliest, latest, kind } = line;
  const entry = { seq, earliest, latest, kind, public: text, seal, prev, hash };
  return sameBytes(entryHash(chain, entry), hash) ? { chain, entry } : undefined;
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // not JSON: counted as unreadable
  }
}

function canonicalOf(facts: Facts): string | undefined {
  try {
    return canonical(facts);
  } catch {
    return undefined; // fractions, lone surrogates: no entry has them
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
  for await (const { entries } of pagesOf(store, journals)) {
    const of = entries.flatMap((entry) => tallyOf(entry, JSON.parse(entry.public) as Facts, entry.received) ?? []);
    tallies = addUp([...tallies, ...of]);
  }
  return tallies;
}

async function* pagesOf(store: EntryStore, journals: readonly JournalSummary[]) {
  for (const { terminal, journal } of journals) {
    for (let after = 0; ; ) {
      const entries = await store.entries({ terminal, journal, after, limit: PAGE });
      const end = entries.at(-1);
      if (!end) break;
      yield { terminal, journal, entries };
      after = end.seq;
    }
  }
}

/** Does every entry that a service keeps have its record, and no record more? What is not looked at yet is not owed. */
async function recordsHold(store: CountyStore, journals: readonly JournalSummary[]): Promise<boolean> {
  const { keeps } = await loadServices();
  const looked = new Map((await store.registerPositions()).map(({ terminal, journal, seq }) => [`${terminal}/${journal}`, seq]));
  const owed = new Map<string, number>();
  for await (const { terminal, journal, entries } of pagesOf(store, journals)) {
    const until = looked.get(`${terminal}/${journal}`) ?? 0;
    for (const { kind, seq } of entries) if (seq <= until && keeps.has(kind)) owed.set(kind, (owed.get(kind) ?? 0) + 1);
  }
  const kept = new Map<string, number>();
  for (const { kind, count } of await store.submitted()) if (keeps.has(kind)) kept.set(kind, (kept.get(kind) ?? 0) + count);
  return kept.size === owed.size && [...owed].every(([kind, count]) => kept.get(kind) === count);
}

export function sameTallies(a: readonly Tally[], b: readonly Tally[]): boolean {
  const text = (tallies: readonly Tally[]): string =>
    tallies
      .map((t) => JSON.stringify([t.day, t.scene, t.checkpoint, t.refusal, t.unsure, t.readings, t.presented, t.verified]))
      .sort()
      .join('\n');
  return text(a) === text(b);
}
