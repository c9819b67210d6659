/**
 * Entries. The prefix of a journal that is gap-free and chained is `entry`, counted once as it grows; what came too early waits
 * in `ahead`, what contradicts it is kept in `fork`. The rows of the journals are locked for the transaction, in one order, so
 * several workers may write to one store.
 */
import type { Instant } from '../contracts.js';
import { GENESIS } from '../messages/entry.js';
import { fromText, toText } from './aside.js';
import { addUp, type Tally } from './counts.js';
import { type End, Growing, nameOf, waitingOf } from './growing.js';
import { all, allOfEach, get, insert, type PartOf, run, runEach, type Sql, type Values } from './sql.js';
import type { Delivery, EntryStore, Kept, Received } from './store.js';

/** Evidence enough; what comes after is a duplicate of the alarm. */
const MOST_FORKS = 1000;

type EntryRow = Omit<Received, 'seal'> & { readonly seal: Uint8Array | null };
type TallyRow = Omit<Tally, 'unsure'> & { readonly unsure: number };
interface WaitingRow {
  readonly journal: number;
  readonly seq: number;
  readonly hash: Uint8Array;
}
interface AsideRow {
  readonly entry: string;
  readonly received: Instant;
}

const COLUMNS = ['journal', 'seq', 'earliest', 'latest', 'kind', 'public', 'seal', 'prev', 'hash', 'received'];
const ADD_JOURNAL = 'INSERT INTO journal (terminal, journal, seq, hash) VALUES (?, ?, 0, ?) ON CONFLICT DO NOTHING';
const ENDS = 'SELECT id, terminal, journal, seq, hash FROM journal WHERE terminal = ? AND journal = ? FOR UPDATE';
const ASIDE = ['journal', 'seq', 'hash', 'entry', 'received'];
const ADD_FORK = 'INSERT INTO fork VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';
const ADD_TALLY = `INSERT INTO tally VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (day, scene, checkpoint, refusal, unsure, worker) DO UPDATE SET
  readings = tally.readings + excluded.readings, presented = tally.presented + excluded.presented, verified = tally.verified + excluded.verified`;
const TALLIES = `SELECT day, scene, checkpoint, refusal, unsure, CAST(sum(readings) AS BIGINT) AS readings,
  CAST(sum(presented) AS BIGINT) AS presented, CAST(sum(verified) AS BIGINT) AS verified FROM tally`;
const SQUARES = 'GROUP BY day, scene, checkpoint, refusal, unsure';
const JOURNALS = `SELECT terminal, journal, seq, hash, (SELECT count(*) FROM ahead WHERE ahead.journal = id) AS ahead,
  (SELECT count(*) FROM fork WHERE fork.journal = id) AS forks FROM journal ORDER BY terminal, id`;
const ENTRIES = `SELECT entry.seq, earliest, latest, kind, public, seal, prev, entry.hash, received FROM entry
  JOIN journal ON journal.id = entry.journal WHERE journal.terminal = ? AND journal.journal = ? AND entry.seq > ? ORDER BY entry.seq LIMIT ?`;

export const entries: PartOf<EntryStore> = {
  *keep(deliveries, received, worker = 0) {
    const journals = yield* opened(deliveries, received);
    const of = (delivery: Delivery): Growing => journals.get(nameOfJournal(delivery)) ?? missing();
    for (const delivery of deliveries) yield* remembered(of(delivery), delivery);
    for (const delivery of deliveries) of(delivery).takeAll(delivery.entries, delivery.tallies);
    for (const growing of journals.values()) yield* caughtUp(growing);
    yield* counted([...journals.values()], worker);
    return yield* written([...journals.values()], received);
  },
  *positions() {
    return yield* all('SELECT terminal, journal, seq, hash FROM journal WHERE seq > 0');
  },
  *journals() {
    return yield* all(JOURNALS);
  },
  *tallies(day) {
    const rows = yield* day === undefined
      ? all<TallyRow>(`${TALLIES} ${SQUARES}`)
      : all<TallyRow>(`${TALLIES} WHERE day = ? ${SQUARES}`, day);
    return rows.map((row) => ({ ...row, unsure: row.unsure === 1 }));
  },
  *entries({ terminal, journal, after, limit }) {
    const rows = yield* all<EntryRow>(ENTRIES, terminal, journal, after, limit);
    return rows.map((row) => ({ ...row, seal: row.seal ?? undefined }));
  },
};

const nameOfJournal = ({ terminal, journal }: Pick<Delivery, 'terminal' | 'journal'>): string => `${terminal}/${journal}`;

function missing(): never {
  throw new Error('county store: a journal just added is not there');
}

/** The journals of these deliveries, locked in the order of their names. */
function* opened(deliveries: readonly Delivery[], received: Instant): Sql<ReadonlyMap<string, Growing>> {
  const names = new Map(deliveries.map((delivery) => [nameOfJournal(delivery), delivery]));
  const wanted = [...names].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { terminal, journal }]) => [terminal, journal]);
  yield* runEach(
    ADD_JOURNAL,
    wanted.map((name) => [...name, GENESIS]),
  );
  const ends = yield* allOfEach<End>(ENDS, wanted);
  const waiting = yield* allOfEach<WaitingRow>(
    'SELECT journal, seq, hash FROM ahead WHERE journal = ?',
    ends.map(({ id }) => [id]),
  );
  const growing = ends.map((end) => new Growing(end, received));
  const byId = new Map(growing.map((one) => [one.end.id, one]));
  for (const row of waiting) byId.get(row.journal)?.waiting.add(nameOf(row));
  return new Map(growing.map((one) => [nameOfJournal(one.end), one]));
}

/** Reads the hashes of what is stored already and was sent again. */
function* remembered({ end, known }: Growing, { entries: sent }: Delivery): Sql<void> {
  const [first, last] = [sent[0]?.seq ?? 0, sent.at(-1)?.seq ?? 0];
  if (first > end.seq) return;
  const sql = 'SELECT seq, hash FROM entry WHERE journal = ? AND seq >= ? AND seq <= ?';
  for (const { seq, hash } of yield* all<WaitingRow>(sql, end.id, first, Math.min(last, end.seq))) known.set(seq, hash);
}

/** What waited for this moment, and copies of what has just taken its place. */
function* caughtUp(growing: Growing): Sql<void> {
  const { end, waiting, early } = growing;
  if (growing.seq === end.seq || (waiting.size === 0 && early.size === 0)) return;
  const to = growing.reach(new Set([...waiting].map((name) => Number.parseInt(name, 10))));
  const sql = 'SELECT entry, received FROM ahead WHERE journal = ? AND seq <= ? ORDER BY seq';
  const rows = waiting.size === 0 ? [] : yield* all<AsideRow>(sql, end.id, to);
  const stored = rows.map(({ entry, received }) => waitingOf(fromText(entry), received));
  growing.catchUp(stored, to);
  if (stored.length > 0) yield* run('DELETE FROM ahead WHERE journal = ? AND seq <= ?', end.id, growing.settled);
}

function* written(journals: readonly Growing[], received: Instant): Sql<Kept> {
  const grown = journals.filter(({ end, seq }) => seq > end.seq);
  yield* insert({ into: 'entry', columns: COLUMNS, rows: grown.flatMap((growing) => rowsOf(growing, received)), known: 'refused' });
  yield* runEach(
    'UPDATE journal SET seq = ?, hash = ? WHERE id = ?',
    grown.map(({ end, seq, hash }) => [seq, hash, end.id]),
  );
  yield* insert({ into: 'ahead', columns: ASIDE, rows: journals.flatMap(earlyRowsOf), known: 'ignored' });
  const forks: Kept['forks'][number][] = [];
  for (const growing of journals) forks.push(...(yield* forked(growing, received)));
  const sum = (of: (growing: Growing) => number): number => journals.reduce((total, growing) => total + of(growing), 0);
  return {
    stored: sum(({ appended }) => appended.length),
    duplicates: sum(({ duplicates }) => duplicates),
    ahead: sum(({ early }) => early.size),
    dropped: sum(({ dropped }) => dropped),
    forks,
    positions: journals.filter(({ seq }) => seq > 0).map(({ end: { terminal, journal }, seq, hash }) => ({ terminal, journal, seq, hash })),
  };
}

function rowsOf({ end: { id }, appended, waited }: Growing, received: Instant): Values[] {
  return appended.map(({ seq, earliest, latest, kind, public: facts, seal, prev, hash }) => {
    const at = waited.get(seq) ?? received;
    return [id, seq, earliest, latest, kind, facts, seal ?? null, prev, hash, at];
  });
}

function earlyRowsOf({ end, early }: Growing): Values[] {
  return [...early.values()].map(({ entry, received }) => [end.id, entry.seq, entry.hash, toText(entry), received]);
}

/** In one order everywhere: whoever adds to the same squares waits for the other, not both. */
function* counted(journals: readonly Growing[], worker: number): Sql<void> {
  const rows = addUp(journals.flatMap(({ tallies }) => tallies)).map(
    ({ day, scene, checkpoint, refusal, unsure, readings, presented, verified }) =>
      [day, scene, checkpoint, refusal, unsure ? 1 : 0, worker, readings, presented, verified] as const,
  );
  const squares = new Map(rows.map((row) => [row.slice(0, 5).join('\0'), row]));
  const sorted = [...squares].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  yield* runEach(ADD_TALLY, sorted);
}

/** Those that are new. */
function* forked({ end: { id, terminal, journal }, forks }: Growing, received: Instant): Sql<Kept['forks']> {
  const fresh: Kept['forks'][number][] = [];
  for (const entry of forks) {
    const kept = yield* get<{ readonly n: number }>('SELECT count(*) AS n FROM fork WHERE journal = ?', id);
    if ((kept?.n ?? 0) >= MOST_FORKS) break;
    if ((yield* run(ADD_FORK, id, entry.seq, entry.hash, toText(entry), received)) > 0) fresh.push({ terminal, journal, seq: entry.seq });
  }
  return fresh;
}
