/** The journal on SQLite: the chain, the memories and the cursor in one file and one transaction. */
import { randomBytes } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { Direction, Json, Moment } from '../contracts.js';
import { sameBytes } from '../crypto/cbor.js';
import { dayOf } from '../messages/calendar.js';
import { type Entry, GENESIS } from '../messages/entry.js';
import type { Ack } from '../messages/signed.js';
import { openTable, type Table, type Tip, type Verification, verifyChain } from './chain.js';
import { guarded, JournalError } from './error.js';
import { isCorrupt, type OpenFile, suspect } from './file.js';
import type { AckOutcome, Backlog, Journal, JournalSettings, Transaction } from './journal.js';
import { type Memory, openMemory } from './memory.js';

/** How many entries one `upkeep` removes at most, so that a scan never waits long. */
const PRUNED_AT_ONCE = 256;
const DAY = 86_400_000;
const HOUR = 3_600_000;

interface Singleton {
  readonly id: Buffer;
  readonly terminal: string;
  readonly acked: number;
  readonly inside: number;
  readonly day: number;
  readonly day_key: Uint8Array;
}

export class SqliteJournal implements Journal {
  readonly terminal: string;
  readonly journal: string;
  readonly #settings: JournalSettings;
  readonly #file: OpenFile;
  readonly #db: Database;
  readonly #table: Table;
  readonly #memory: Memory;
  readonly #listeners: (() => void)[] = [];
  readonly #sql: ReturnType<typeof statements>;
  #tip: Tip;
  #ackedTip: Tip;
  #inside: number;
  #day: number;

  constructor(settings: JournalSettings, file: OpenFile) {
    this.#settings = settings;
    this.#file = file;
    this.#db = file.db;
    this.#sql = statements(file.db);
    const one = this.#sql.one.get() ?? this.#begin();
    if (one.terminal !== settings.terminal) throw new JournalError('foreign', `belongs to ${one.terminal}, not ${settings.terminal}`);
    this.terminal = one.terminal;
    this.journal = one.id.toString('hex');
    this.#inside = one.inside;
    this.#day = one.day;
    this.#table = openTable(file.db, this);
    this.#memory = openMemory(file.db, one.day_key);
    this.#tip = this.#tipAt(Number.MAX_SAFE_INTEGER);
    this.#ackedTip = this.#tipAt(one.acked);
    this.#checkEnd();
    this.newDay(settings.clock.now());
  }

  get last(): number {
    return this.#tip.seq;
  }

  get acked(): number {
    return this.#ackedTip.seq;
  }

  transaction<T>(work: (transaction: Transaction) => T): T {
    const before = { tip: this.#tip, inside: this.#inside };
    const { begin, commit } = this.#sql;
    const result = this.#guarded(() => {
      try {
        begin.run();
        const value = work(this.#operations);
        commit.run();
        return value;
      } catch (error) {
        this.#undo(before);
        throw error;
      }
    });
    if (this.#tip !== before.tip) for (const listener of this.#listeners) listener();
    return result;
  }

  readonly #operations: Transaction = {
    append: (draft) => {
      const { entry, tip } = this.#table.append(this.#tip, draft);
      this.#tip = tip;
      return entry;
    },
    use: (direction, replayId, until) => this.#memory.use(direction, replayId, until),
    annul: (direction, replayId) => this.#memory.annul(direction, replayId),
    remember: (scene, subject, value) => this.#memory.remember({ scene, subject, value, seq: this.#tip.seq }),
    addInside: (people, least = 0) => {
      this.#inside = Math.max(least, this.#inside + people);
      this.#sql.setInside.run(this.#inside);
    },
    keep: (name, value) => {
      if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new RangeError(`not an integer to keep: ${name} ${value}`);
      this.#sql.keep.run(name, value);
    },
    forget: (prefix) => void this.#sql.forget.run(prefix, prefix),
  };

  #undo(before: { readonly tip: Tip; readonly inside: number }): void {
    this.#tip = before.tip;
    this.#inside = before.inside;
    // SQLite rolls back by itself on some faults of the disk.
    if (this.#db.inTransaction) this.#sql.rollback.run();
    this.#memory.recount();
  }

  isUsed(direction: Direction, replayId: Uint8Array): boolean {
    return this.#guarded(() => this.#memory.isUsed(direction, replayId));
  }

  memory(scene: string, subject: string): Json | undefined {
    return this.#guarded(() => this.#memory.memory(scene, subject));
  }

  inside(): number {
    return this.#inside;
  }

  kept(name: string): number | string | undefined {
    return this.#guarded(() => this.#sql.kept.get(name));
  }

  keptUnder(prefix: string): readonly (readonly [string, number | string])[] {
    return this.#guarded(() => this.#sql.keptUnder.all(prefix, prefix).map(({ name, value }) => [name, value] as const));
  }

  onAppend(listener: () => void): void {
    this.#listeners.push(listener);
  }

  read(from: number, limit: number): readonly Entry[] {
    return this.#guarded(() => this.#table.read(from, limit));
  }

  backlog(at: Moment): Backlog {
    const [entries, bytes] = [this.#tip.seq - this.#ackedTip.seq, this.#tip.total - this.#ackedTip.total];
    const room = Math.max(0, this.#settings.limit - bytes);
    try {
      const rate = this.#guarded(() => this.#bytesPerHour(at));
      return { entries, bytes, hours: rate > 0 ? Math.floor(room / rate) : null };
    } catch (error) {
      if (!(error instanceof JournalError)) throw error;
      return { entries, bytes, hours: null }; // an estimate less; who needs the disk is told by it
    }
  }

  /** Of the last day, or of the time since the journal began, but never less than an hour. Finds the day's first entry by halving. */
  #bytesPerHour(at: Moment): number {
    const since = at.earliest - DAY;
    let [low, high] = [this.#pruned().seq + 1, this.#tip.seq + 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.#table.earliest(middle) ?? 0) < since) low = middle + 1;
      else high = middle;
    }
    const began = this.#table.earliest(low);
    if (began === undefined) return 0;
    const bytes = this.#tip.total - this.#tipAt(low - 1).total;
    return (bytes * HOUR) / Math.min(DAY, Math.max(HOUR, at.earliest - began));
  }

  acknowledge(ack: Ack, published: number): AckOutcome {
    if (ack.terminal !== this.terminal || Buffer.from(ack.journal).toString('hex') !== this.journal) return 'foreign';
    if (ack.seq <= this.#ackedTip.seq) return 'lower';
    if (ack.seq > Math.min(published, this.#tip.seq)) return 'unpublished';
    return this.#guarded(() => {
      const tip = this.#tipAt(ack.seq);
      if (tip.seq !== ack.seq || !sameBytes(tip.hash, ack.hash)) return 'mismatch';
      this.#unsynced(() => this.#sql.setAcked.run(ack.seq));
      this.#ackedTip = tip;
      return 'taken';
    });
  }

  /** An acknowledgement that a power cut takes back only means that entries are sent again. */
  #unsynced(write: () => void): void {
    this.#db.exec('PRAGMA synchronous = NORMAL');
    try {
      write();
    } finally {
      this.#db.exec('PRAGMA synchronous = FULL');
    }
  }

  newDay(at: Moment): boolean {
    const day = dayOf(at.earliest);
    if (day <= this.#day) return false;
    this.#guarded(() => {
      const key = randomBytes(32);
      this.#db.transaction(() => {
        this.#sql.setDay.run(day, key);
        this.#memory.begin(key);
      })();
      this.#day = day;
      // Nor may the old key stay in the write-ahead log.
      this.#db.pragma('wal_checkpoint(TRUNCATE)');
    });
    return true;
  }

  upkeep(at: Moment): void {
    this.newDay(at);
    this.#guarded(() => {
      this.#prune(at);
      this.#db.pragma('wal_checkpoint(PASSIVE)');
    });
  }

  /** The acknowledged end itself stays: its hash answers the next `ak/ack`. */
  #prune(at: Moment): void {
    const before = at.earliest - this.#settings.keepDays * DAY;
    this.#db.transaction(() => {
      const last = this.#table.prune({ upTo: this.#ackedTip.seq - 1, before, limit: PRUNED_AT_ONCE });
      if (last) this.#sql.setPruned.run(last.seq, last.hash, last.total);
    })();
  }

  verify(): Verification {
    return this.#guarded(() => verifyChain(this, this.#pruned(), this.#table.entries(this.#pruned())));
  }

  close(): void {
    this.#file.close();
  }

  #guarded<T>(work: () => T): T {
    try {
      return guarded(work);
    } catch (error) {
      if (isCorrupt(error)) suspect(this.#settings.file);
      throw error;
    }
  }

  #pruned(): Tip {
    return this.#sql.pruned.get() ?? { seq: 0, hash: GENESIS, total: 0 };
  }

  /** The last entry up to `seq`, or what pruning left of it. */
  #tipAt(seq: number): Tip {
    return this.#table.tip(seq) ?? this.#pruned();
  }

  /** The last entries must hold: a file that was cut or mixed up shows here, and cheaply. `ankang journal verify` walks all. */
  #checkEnd(): void {
    const pruned = this.#pruned();
    const after = this.#tipAt(Math.max(pruned.seq, this.#tip.seq - 16));
    const { ok, last } = verifyChain(this, after, this.#table.read(after.seq + 1, 17));
    if (!ok || last !== this.#tip.seq || this.#ackedTip.seq > this.#tip.seq)
      throw new JournalError('corrupt', 'the last entries do not hold');
  }

  #begin(): Singleton {
    const { terminal, clock } = this.#settings;
    const day = dayOf(clock.now().earliest);
    this.#sql.begin_.run(randomBytes(8), terminal, day, randomBytes(32), GENESIS);
    const one = this.#sql.one.get();
    if (!one) throw new JournalError('corrupt', 'a row just written is not there');
    return one;
  }
}

function statements(db: Database) {
  return {
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    rollback: db.prepare('ROLLBACK'),
    one: db.prepare<[], Singleton>('SELECT id, terminal, acked, inside, day, day_key FROM journal'),
    begin_: db.prepare<[Uint8Array, string, number, Uint8Array, Uint8Array]>('INSERT INTO journal VALUES (1, ?, ?, 0, 0, ?, ?, 0, ?, 0)'),
    pruned: db.prepare<[], Tip>('SELECT pruned_seq AS seq, pruned_hash AS hash, pruned_total AS total FROM journal'),
    setPruned: db.prepare<[number, Uint8Array, number]>('UPDATE journal SET pruned_seq = ?, pruned_hash = ?, pruned_total = ?'),
    setAcked: db.prepare<[number]>('UPDATE journal SET acked = ?'),
    setInside: db.prepare<[number]>('UPDATE journal SET inside = ?'),
    setDay: db.prepare<[number, Uint8Array]>('UPDATE journal SET day = ?, day_key = ?'),
    kept: db.prepare<[string], number | string>('SELECT value FROM kept WHERE name = ?').pluck(),
    // Names are ASCII; U+FFFF is above them all.
    keptUnder: db.prepare<[string, string], { name: string; value: number | string }>(
      'SELECT name, value FROM kept WHERE name >= ? AND name < ? || char(65535) ORDER BY name',
    ),
    forget: db.prepare<[string, string]>('DELETE FROM kept WHERE name >= ? AND name < ? || char(65535)'),
    keep: db.prepare<[string, number | string]>('INSERT INTO kept VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value'),
  };
}
