/**
 * The journal of a terminal: every verdict and what came of it, on disk before anyone acts on it, in a chain of hashes that the platform
 * acknowledges entry by entry. With it, in the same transaction, what a checkpoint remembers.
 */
import type { Clock, Direction, Instant, Json, Moment } from '../contracts.js';
import type { Chain, Entry } from '../messages/entry.js';
import type { Ack } from '../messages/signed.js';
import type { Draft, Verification } from './chain.js';
import { guarded } from './error.js';
import { isCorrupt, moveAside, type OpenFile, openFile } from './file.js';
import { type Salvage, salvage } from './salvage.js';
import { SqliteJournal } from './sqlite-journal.js';

export interface JournalSettings {
  readonly file: string;
  readonly terminal: string;
  readonly clock: Clock;
  /** Bytes that the file may take; beyond it appending fails as `full`. */
  readonly limit: number;
  /** How long acknowledged entries are kept. */
  readonly keepDays: number;
}

/** What may be done in one transaction. All of it is on disk when `transaction` returns, or none. */
export interface Transaction {
  append(draft: Draft): Entry;
  /** A single-use code was admitted; `until`: when it would be refused anyway. */
  use(direction: Direction, replayId: Uint8Array, until: Instant): void;
  /** The passage was not taken: the code may be shown again. */
  annul(direction: Direction, replayId: Uint8Array): void;
  /** Replaces what `scene` keeps of `subject` until 04:00. */
  remember(scene: string, subject: string, value: Json): void;
  /** People who went in (or, below zero, out). The count never falls below `least` (0): with other lanes it may, people come in there. */
  addInside(people: number, least?: number): void;
  /** A word that outlives the day and a damaged file: command counter, least manifest seq, time floor, what trust is in force. */
  keep(name: string, value: number | string): void;
  /** Words whose names begin so are destroyed. */
  forget(prefix: string): void;
}

export interface Backlog {
  readonly entries: number;
  readonly bytes: number;
  /** Until `limit` at the rate of the last day; null: nothing was written and no end is in sight, or the disk does not say. */
  readonly hours: number | null;
}

export type AckOutcome = 'taken' | 'lower' | 'foreign' | 'unpublished' | 'mismatch';

export interface Journal extends Chain {
  /** @throws JournalError; then nothing of it happened. */
  transaction<T>(work: (transaction: Transaction) => T): T;
  isUsed(direction: Direction, replayId: Uint8Array): boolean;
  memory(scene: string, subject: string): Json | undefined;
  inside(): number;
  kept(name: string): number | string | undefined;
  /** Those whose names begin so. */
  keptUnder(prefix: string): readonly (readonly [name: string, value: number | string])[];
  /** Called after each transaction that appended. */
  onAppend(listener: () => void): void;

  /** The seq of the last entry; 0: none. */
  readonly last: number;
  /** Everything up to here is safe at the platform. */
  readonly acked: number;
  /** At most `limit` entries from `from` on, oldest first. */
  read(from: number, limit: number): readonly Entry[];
  backlog(at: Moment): Backlog;
  /** `published`: the highest seq that was ever sent. The signature is the caller's to check. */
  acknowledge(ack: Ack, published: number): AckOutcome;

  /** At 04:00 in Asia/Shanghai, and whenever it was missed: destroys the day's key and memories. True when a day began. */
  newDay(at: Moment): boolean;
  /** To be called every minute or so, when nobody waits: a new day, pruning what is acknowledged and old, checkpointing. */
  upkeep(at: Moment): void;
  /** Walks the whole chain; blocks meanwhile. */
  verify(): Verification;
  close(): void;
}

/**
 * Opens or begins a journal. A damaged file is moved aside, and the new journal's first entry says so.
 * @throws JournalError
 */
export function openJournal(settings: JournalSettings): Journal {
  try {
    return attach(settings, openFile(settings.file, settings.limit));
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    return beginAfterDamage(settings);
  }
}

function beginAfterDamage(settings: JournalSettings): Journal {
  const aside = moveAside(settings.file);
  const journal = attach(settings, openFile(settings.file, settings.limit));
  const saved: Salvage = salvage(settings.file.replace(/[^/]*$/, aside));
  journal.transaction((transaction) => {
    for (const [name, value] of saved.kept) transaction.keep(name, value);
    transaction.addInside(saved.inside);
    const facts = { event: 'damaged', movedTo: aside, oldJournal: saved.journal, keptNumbers: saved.kept.length };
    transaction.append({ kind: 'journal', at: settings.clock.now(), facts });
  });
  return journal;
}

function attach(settings: JournalSettings, file: OpenFile): Journal {
  try {
    return guarded(() => new SqliteJournal(settings, file));
  } catch (error) {
    file.close();
    throw error;
  }
}
