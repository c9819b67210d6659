/**
 * Entries in SQLite. The prefix of a journal that is gap-free and chained is `entry`, counted once as it grows; what came
 * too early waits in `ahead`, what contradicts it is kept in `fork`. Positions are read inside each transaction, so several
 * workers may write to one store.
 */
import type Database from 'better-sqlite3';
import { z } from 'zod';
import type { Facts } from '../contracts.js';
import { sameBytes } from '../crypto/cbor.js';
import { type Entry, GENESIS } from '../messages/entry.js';
import { addUp, type Tally, tallyOf } from './counts.js';
import type { Delivery, EntryStore, JournalSummary, Kept, Position, Received } from './store.js';

/** A terminal sends at most 512 entries ahead of its ack (wire.md 4); several sendings may cross. */
const MOST_AHEAD = 4096;
/** Evidence enough; what comes after is a duplicate of the alarm. */
const MOST_FORKS = 1000;

interface JournalRow {
  readonly id: number;
  readonly seq: number;
  readonly hash: Buffer;
}
type EntryRow = Omit<Received, 'seal'> & { readonly seal: Buffer | null };
interface AsideRow {
  readonly entry: string;
  readonly received: number;
}

/** A journal while a transaction adds to it. */
interface Growing {
  readonly id: number;
  readonly terminal: string;
  readonly journal: string;
  seq: number;
  hash: Uint8Array;
  /** Something may be in `ahead`; spares the look-up for journals that come in order. */
  waiting: boolean;
}

type Counted = { -readonly [K in 'stored' | 'duplicates' | 'ahead' | 'dropped']: number };

export function entriesOf(db: Database.Database): EntryStore {
  const sql = statements(db);
  const keep = db.transaction((deliveries: readonly Delivery[], received: number): Kept => {
    const work = newWork(sql, received);
    for (const delivery of deliveries) work.take(delivery);
    return work.finish();
  });
  return {
    keep: async (deliveries, received) => keep.immediate(deliveries, received),
    positions: async () => sql.positions.all().map(({ terminal, journal, seq, hash }) => ({ terminal, journal, seq, hash })),
    journals: async () => sql.journals.all(),
    tallies: async (day) =>
      (day === undefined ? sql.tallies.all() : sql.talliesOfDay.all(day)).map((row) => ({ ...row, unsure: row.unsure === 1 })),
    entries: async ({ terminal, journal, after, limit }) => sql.entries.all(terminal, journal, after, limit).map(fromRow),
  };
}

function fromRow(row: EntryRow): Received {
  return { ...row, seal: row.seal ?? undefined };
}

type TallyRow = Omit<Tally, 'unsure'> & { readonly unsure: number };

type Sql = ReturnType<typeof statements>;

function statements(db: Database.Database) {
  return {
    addJournal: db.prepare<[string, string, Uint8Array]>(
      'INSERT OR IGNORE INTO journal (terminal, journal, seq, hash) VALUES (?, ?, 0, ?)',
    ),
    journal: db.prepare<[string, string], JournalRow>('SELECT id, seq, hash FROM journal WHERE terminal = ? AND journal = ?'),
    moveTo: db.prepare<[number, Uint8Array, number]>('UPDATE journal SET seq = ?, hash = ? WHERE id = ?'),
    add: db.prepare<[number, number, number, number | null, string, string, Uint8Array | null, Uint8Array, Uint8Array, number]>(
      'INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    hash: db.prepare<[number, number], { readonly hash: Buffer }>('SELECT hash FROM entry WHERE journal = ? AND seq = ?'),
    countAhead: db.prepare<[number], { readonly n: number }>('SELECT count(*) AS n FROM ahead WHERE journal = ?'),
    addAhead: db.prepare<[number, number, Uint8Array, string, number]>('INSERT OR IGNORE INTO ahead VALUES (?, ?, ?, ?, ?)'),
    ahead: db.prepare<[number, number], AsideRow>('SELECT entry, received FROM ahead WHERE journal = ? AND seq = ?'),
    dropAhead: db.prepare<[number, number]>('DELETE FROM ahead WHERE journal = ? AND seq = ?'),
    countForks: db.prepare<[number], { readonly n: number }>('SELECT count(*) AS n FROM fork WHERE journal = ?'),
    addFork: db.prepare<[number, number, Uint8Array, string, number]>('INSERT OR IGNORE INTO fork VALUES (?, ?, ?, ?, ?)'),
    addTally: db.prepare<[string, string, string, string, number, number, number, number]>(
      `INSERT INTO tally VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
         readings = readings + excluded.readings, presented = presented + excluded.presented, verified = verified + excluded.verified`,
    ),
    positions: db.prepare<[], Position>('SELECT terminal, journal, seq, hash FROM journal WHERE seq > 0'),
    journals: db.prepare<[], JournalSummary>(
      `SELECT terminal, journal, seq, hash, (SELECT count(*) FROM ahead WHERE ahead.journal = id) AS ahead,
         (SELECT count(*) FROM fork WHERE fork.journal = id) AS forks FROM journal ORDER BY terminal, id`,
    ),
    tallies: db.prepare<[], TallyRow>('SELECT * FROM tally'),
    talliesOfDay: db.prepare<[string], TallyRow>('SELECT * FROM tally WHERE day = ?'),
    entries: db.prepare<[string, string, number, number], EntryRow>(
      `SELECT entry.seq, earliest, latest, kind, public, seal, prev, entry.hash, received FROM entry JOIN journal ON journal.id = entry.journal
         WHERE journal.terminal = ? AND journal.journal = ? AND entry.seq > ? ORDER BY entry.seq LIMIT ?`,
    ),
  };
}

/** One transaction's work. */
function newWork(sql: Sql, received: number) {
  const journals = new Map<string, Growing>();
  const counted: Counted = { stored: 0, duplicates: 0, ahead: 0, dropped: 0 };
  const forks: { terminal: string; journal: string; seq: number }[] = [];
  const tallies: Tally[] = [];

  const append = (to: Growing, entry: Entry, tally: Tally | undefined, at: number): void => {
    const { seq, earliest, latest, kind, seal, prev, hash } = entry;
    sql.add.run(to.id, seq, earliest, latest, kind, entry.public, seal ?? null, prev, hash, at);
    to.seq = seq;
    to.hash = hash;
    counted.stored++;
    if (tally) tallies.push(tally);
  };
  const fork = (of: Growing, entry: Entry): void => {
    if ((sql.countForks.get(of.id)?.n ?? 0) >= MOST_FORKS) return;
    const { changes } = sql.addFork.run(of.id, entry.seq, entry.hash, toText(entry), received);
    if (changes > 0) forks.push({ terminal: of.terminal, journal: of.journal, seq: entry.seq });
  };
  const repeated = (of: Growing, entry: Entry): void => {
    const known = sql.hash.get(of.id, entry.seq)?.hash;
    if (known && sameBytes(known, entry.hash)) counted.duplicates++;
    else fork(of, entry);
  };
  const early = (of: Growing, entry: Entry): void => {
    if (entry.seq - of.seq > MOST_AHEAD || (sql.countAhead.get(of.id)?.n ?? 0) >= MOST_AHEAD) counted.dropped++;
    else if (sql.addAhead.run(of.id, entry.seq, entry.hash, toText(entry), received).changes > 0) counted.ahead++;
    else counted.duplicates++;
    of.waiting = true;
  };
  const one = (to: Growing, entry: Entry, tally: Tally | undefined): void => {
    if (entry.seq <= to.seq) repeated(to, entry);
    else if (entry.seq > to.seq + 1) early(to, entry);
    else if (sameBytes(entry.prev, to.hash)) append(to, entry, tally, received);
    else fork(to, entry);
  };
  /** What waited for this moment; the two that claim one place are told apart by `prev`. */
  const catchUp = (to: Growing): void => {
    for (;;) {
      const seq = to.seq + 1;
      const waiting = sql.ahead.all(to.id, seq);
      if (waiting.length === 0) return;
      const before = to.hash;
      for (const { entry: text, received: at } of waiting) {
        const entry = fromText(text);
        if (to.seq < seq && sameBytes(entry.prev, before)) append(to, entry, tallyOfStored(entry, at), at);
        else fork(to, entry);
      }
      sql.dropAhead.run(to.id, seq);
      if (to.seq < seq) return;
    }
  };
  const open = (terminal: string, journal: string): Growing => {
    const name = `${terminal}/${journal}`;
    const known = journals.get(name);
    if (known) return known;
    sql.addJournal.run(terminal, journal, GENESIS);
    const row = sql.journal.get(terminal, journal);
    if (!row) throw new Error('county store: a journal just added is not there');
    const growing = { ...row, terminal, journal, waiting: (sql.countAhead.get(row.id)?.n ?? 0) > 0 };
    journals.set(name, growing);
    return growing;
  };

  return {
    take({ terminal, journal, entries, tallies: adds }: Delivery): void {
      const to = open(terminal, journal);
      const before = to.seq;
      entries.forEach((entry, i) => one(to, entry, adds[i]));
      if (to.seq === before || !to.waiting) return;
      // Copies of what has just taken its place may be waiting too.
      for (let seq = before + 1; seq <= to.seq; seq++) settle(sql, to, seq, fork);
      catchUp(to);
    },
    finish(): Kept {
      for (const { id, seq, hash } of journals.values()) sql.moveTo.run(seq, hash, id);
      for (const { day, scene, checkpoint, refusal, unsure, readings, presented, verified } of addUp(tallies)) {
        sql.addTally.run(day, scene, checkpoint, refusal, unsure ? 1 : 0, readings, presented, verified);
      }
      const positions = [...journals.values()]
        .filter(({ seq }) => seq > 0)
        .map(({ terminal, journal, seq, hash }) => ({ terminal, journal, seq, hash }));
      return { ...counted, forks, positions };
    },
  };
}

function settle(sql: Sql, of: Growing, seq: number, fork: (of: Growing, entry: Entry) => void): void {
  const waiting = sql.ahead.all(of.id, seq);
  if (waiting.length === 0) return;
  const kept = sql.hash.get(of.id, seq)?.hash;
  for (const { entry: text } of waiting) {
    const entry = fromText(text);
    if (!kept || !sameBytes(kept, entry.hash)) fork(of, entry);
  }
  sql.dropAhead.run(of.id, seq);
}

function tallyOfStored(entry: Entry, received: number): Tally | undefined {
  return tallyOf(entry, JSON.parse(entry.public) as Facts, received);
}

const BASE64 = z.string().transform((text) => Uint8Array.from(Buffer.from(text, 'base64')));
const ASIDE = z.object({
  seq: z.int(),
  earliest: z.int(),
  latest: z.int().nullable(),
  kind: z.string(),
  public: z.string(),
  seal: BASE64.optional(),
  prev: BASE64,
  hash: BASE64,
});

function toText({ seq, earliest, latest, kind, public: facts, seal, prev, hash }: Entry): string {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  return JSON.stringify({ seq, earliest, latest, kind, public: facts, seal: seal && base64(seal), prev: base64(prev), hash: base64(hash) });
}

/** Our own writing, read back; @throws when the store is damaged. */
function fromText(text: string): Entry {
  const { seal, ...rest } = ASIDE.parse(JSON.parse(text));
  return { ...rest, seal };
}
