/**
 * How a journal grows at the county: entries that follow are appended, repeats are counted, what comes too early waits for its
 * turn, and what contradicts is a fork. Pure: what the store knows is given, what it is to write is left to be read.
 */
import type { Facts, Instant } from '../contracts.js';
import { sameBytes } from '../crypto/cbor.js';
import type { Entry } from '../messages/entry.js';
import { type Tally, tallyOf } from './counts.js';

/** A terminal sends at most 512 entries ahead of its ack (wire.md 4); several sendings may cross. */
const MOST_AHEAD = 4096;

/** Where a journal ends, as the store has it. */
export interface End {
  readonly id: number;
  readonly terminal: string;
  readonly journal: string;
  readonly seq: number;
  readonly hash: Uint8Array;
}

export interface Waiting {
  readonly entry: Entry;
  readonly received: Instant;
  readonly tally: Tally | undefined;
}

export class Growing {
  readonly end: End;
  readonly appended: Entry[] = [];
  /** When those came that had to wait, by seq. */
  readonly waited = new Map<number, Instant>();
  readonly tallies: Tally[] = [];
  readonly forks: Entry[] = [];
  /** New ones that wait, to be written. */
  readonly early = new Map<string, Waiting>();
  duplicates = 0;
  dropped = 0;
  /** The last place that was settled: nothing waits at or before it any more. */
  settled: number;
  /** Hashes of stored entries that were sent again, by seq. */
  readonly known = new Map<number, Uint8Array>();
  /** Names of those that wait in the store. */
  readonly waiting = new Set<string>();
  #seq: number;
  #hash: Uint8Array;
  readonly #received: Instant;

  constructor(end: End, received: Instant) {
    this.end = end;
    this.#received = received;
    this.#seq = end.seq;
    this.#hash = end.hash;
    this.settled = end.seq;
  }

  get seq(): number {
    return this.#seq;
  }

  get hash(): Uint8Array {
    return this.#hash;
  }

  takeAll(entries: readonly Entry[], tallies: readonly (Tally | undefined)[]): void {
    entries.forEach((entry, i) => this.#take(entry, tallies[i]));
  }

  #take(entry: Entry, tally: Tally | undefined): void {
    if (entry.seq <= this.#seq) this.#repeated(entry);
    else if (entry.seq > this.#seq + 1) this.#early({ entry, received: this.#received, tally });
    else if (sameBytes(entry.prev, this.#hash)) this.#append(entry, tally);
    else this.forks.push(entry);
  }

  /** How far the journal may grow by what waits for it; before: nothing does. */
  reach(stored: ReadonlySet<number>): number {
    const own = new Set([...this.early.values()].map(({ entry }) => entry.seq));
    let seq = this.#seq;
    while (stored.has(seq + 1) || own.has(seq + 1)) seq++;
    return seq;
  }

  /** Settles what waited for the places that are taken by now, and appends what waited for the next ones, `to` the last of them. */
  catchUp(stored: readonly Waiting[], to: number): void {
    const at = new Map<number, Waiting[]>();
    for (const one of [...stored, ...this.early.values()]) at.set(one.entry.seq, [...(at.get(one.entry.seq) ?? []), one]);
    for (let seq = this.end.seq + 1; seq <= to; seq++) {
      this.#settle(seq, at.get(seq) ?? []);
      if (this.#seq < seq) return;
    }
  }

  /** The two that claim one place are told apart by `prev`. */
  #settle(seq: number, waiting: readonly Waiting[]): void {
    for (const { entry, received, tally } of waiting) {
      this.early.delete(nameOf(entry));
      if (this.#seq === seq - 1 && sameBytes(entry.prev, this.#hash)) {
        this.#append(entry, tally);
        this.waited.set(seq, received);
      } else if (!this.#has(entry)) this.forks.push(entry);
    }
    this.settled = seq;
  }

  #append(entry: Entry, tally: Tally | undefined): void {
    this.appended.push(entry);
    this.#seq = entry.seq;
    this.#hash = entry.hash;
    if (tally) this.tallies.push(tally);
  }

  #repeated(entry: Entry): void {
    if (this.#has(entry)) this.duplicates++;
    else this.forks.push(entry);
  }

  #has({ seq, hash }: Entry): boolean {
    const known = seq > this.end.seq ? this.appended[seq - this.end.seq - 1]?.hash : this.known.get(seq);
    return known !== undefined && sameBytes(known, hash);
  }

  #early(one: Waiting): void {
    const name = nameOf(one.entry);
    if (this.waiting.has(name) || this.early.has(name)) this.duplicates++;
    else if (one.entry.seq - this.#seq > MOST_AHEAD || this.waiting.size + this.early.size >= MOST_AHEAD) this.dropped++;
    else this.early.set(name, one);
  }
}

/** One of those that claim a place. */
export const nameOf = ({ seq, hash }: Pick<Entry, 'seq' | 'hash'>): string => `${seq}/${Buffer.from(hash).toString('hex')}`;

export const waitingOf = (entry: Entry, received: Instant): Waiting => ({
  entry,
  received,
  tally: tallyOf(entry, JSON.parse(entry.public) as Facts, received),
});
