/** Cases at the county hall. */
import type { Facts, Words } from '../contracts.js';
import type { Recorded } from './register-store.js';
import { all, get, locking, type PartOf, run, type Sql } from './sql.js';
import type { Case, CaseMove, CaseStore, NewCase } from './store-cases.js';

type CaseRow = Omit<Case, 'name'> & { readonly name: string };
type RecordRow = Omit<Recorded, 'facts' | 'personal'> & { readonly facts: string; readonly personal: string | null };

/** Digits of the running number of a day. */
const DIGITS = 5;

const ONE = 'SELECT * FROM affair_case WHERE number = ?';
const OF_ENTRY = 'SELECT * FROM affair_case WHERE terminal = ? AND journal = ? AND seq = ?';
const LAST = 'SELECT max(number) AS number FROM affair_case WHERE number > ? AND number < ?';
const ADD = `INSERT INTO affair_case (number, token, terminal, journal, seq, item, name, subject, at, state, since)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'submitted', ?)`;
const SOME = `SELECT * FROM affair_case WHERE (CAST(? AS TEXT) IS NULL OR subject = ?) AND (CAST(? AS TEXT) IS NULL OR state = ?)
  ORDER BY at DESC, number DESC LIMIT ?`;
const MOVE = 'UPDATE affair_case SET state = ?, since = ?, note = ? WHERE number = ? AND state = ?';
const STEP = 'INSERT INTO affair_step VALUES (?, (SELECT coalesce(max(step), 0) + 1 FROM affair_step WHERE number = ?), ?, ?, ?)';
const JOURNAL = 'SELECT journal FROM registered WHERE terminal = ? AND journal >= ? AND journal < ? ORDER BY journal LIMIT 1';
const WITHOUT = `SELECT r.* FROM record r LEFT JOIN affair_case c ON c.terminal = r.terminal AND c.journal = r.journal AND c.seq = r.seq
  WHERE r.kind = ? AND c.number IS NULL ORDER BY r.at, r.terminal, r.journal, r.seq LIMIT ?`;
const PUT_FAULT = 'INSERT INTO simulated_fault VALUES (?, ?) ON CONFLICT (service) DO UPDATE SET fault = excluded.fault';

export const cases: PartOf<CaseStore> = {
  *addCase(made, prefix) {
    yield* locking('affair_case');
    const before = yield* get<CaseRow>(OF_ENTRY, made.terminal, made.journal, made.seq);
    return before ? caseOf(before) : yield* added(made, yield* nextNumber(prefix));
  },
  *case(number) {
    const row = yield* get<CaseRow>(ONE, number);
    return row && caseOf(row);
  },
  *cases({ subject = null, state = null, limit }) {
    return (yield* all<CaseRow>(SOME, subject, subject, state, state, limit)).map(caseOf);
  },
  *moveCase(move) {
    const { number, from, to, at, note } = move;
    if ((yield* run(MOVE, to, at, note, number, from)) === 0) return false;
    yield* step(move);
    return true;
  },
  *caseSteps(number) {
    return yield* all('SELECT at, state, note FROM affair_step WHERE number = ? ORDER BY step', number);
  },
  *numberedRecord(terminal, kept) {
    const [prefix = '', digits = ''] = kept.toLowerCase().split('-');
    if (!Number.isSafeInteger(Number(digits))) return undefined;
    const of = yield* get<{ readonly journal: string }>(JOURNAL, terminal, prefix, `${prefix}~`);
    const sql = 'SELECT * FROM record WHERE terminal = ? AND journal = ? AND seq = ?';
    const row = of && (yield* get<RecordRow>(sql, terminal, of.journal, Number(digits)));
    return row && recordOf(row);
  },
  *recordsWithoutCase(kind, limit) {
    return (yield* all<RecordRow>(WITHOUT, kind, limit)).map(recordOf);
  },
  *putFault(service, fault) {
    yield* run(PUT_FAULT, service, fault);
  },
  *fault(service) {
    return (yield* get<{ readonly fault: string }>('SELECT fault FROM simulated_fault WHERE service = ?', service))?.fault ?? '';
  },
};

const caseOf = (row: CaseRow): Case => ({ ...row, name: JSON.parse(row.name) as Words });
const recordOf = (row: RecordRow): Recorded => ({
  ...row,
  facts: JSON.parse(row.facts) as Facts,
  personal: row.personal === null ? null : (JSON.parse(row.personal) as Facts),
});

function* nextNumber(prefix: string): Sql<string> {
  const last = yield* get<{ readonly number: string | null }>(LAST, prefix, `${prefix}~`);
  return prefix + String(Number(last?.number?.slice(prefix.length) ?? 0) + 1).padStart(DIGITS, '0');
}

function* added(made: NewCase, number: string): Sql<Case> {
  const { token, terminal, journal, seq, item, name, subject, at } = made;
  yield* run(ADD, number, token, terminal, journal, seq, item, JSON.stringify(name), subject, at, at);
  yield* step({ number, to: 'submitted', at, note: null });
  const row = yield* get<CaseRow>(ONE, number);
  if (!row) throw new Error(`the case ${number} was not kept`);
  return caseOf(row);
}

const step = ({ number, to, at, note }: Omit<CaseMove, 'from'>): Sql<number> => run(STEP, number, number, at, to, note);
