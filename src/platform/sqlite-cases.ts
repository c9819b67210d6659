/** Cases at the county hall, in SQLite. */
import type Database from 'better-sqlite3';
import type { Facts, Words } from '../contracts.js';
import type { Recorded } from './register-store.js';
import type { Case, CaseMove, CaseStore, NewCase, Step } from './store-cases.js';

type CaseRow = Omit<Case, 'name'> & { readonly name: string };
type RecordRow = Omit<Recorded, 'facts' | 'personal'> & { readonly facts: string; readonly personal: string | null };

const caseOf = (row: CaseRow): Case => ({ ...row, name: JSON.parse(row.name) as Words });
const recordOf = (row: RecordRow): Recorded => ({
  ...row,
  facts: JSON.parse(row.facts) as Facts,
  personal: row.personal === null ? null : (JSON.parse(row.personal) as Facts),
});

/** Digits of the running number of a day. */
const DIGITS = 5;

export function casesOf(db: Database.Database): CaseStore {
  const sql = statements(db);
  const step = ({ number, to, at, note }: Omit<CaseMove, 'from'>): void => {
    sql.step.run(number, number, at, to, note);
  };
  const addCase = db.transaction((made: NewCase, prefix: string): Case => {
    const before = sql.ofEntry.get(made.terminal, made.journal, made.seq);
    if (before) return caseOf(before);
    const last = Number(sql.last.get(prefix, `${prefix}~`)?.number?.slice(prefix.length) ?? 0);
    const number = prefix + String(last + 1).padStart(DIGITS, '0');
    sql.add.run({ ...made, number, name: JSON.stringify(made.name) });
    step({ number, to: 'submitted', at: made.at, note: null });
    const added = sql.one.get(number);
    if (!added) throw new Error(`the case ${number} was not kept`);
    return caseOf(added);
  });
  const moveCase = db.transaction((move: CaseMove): boolean => {
    const { number, from, to, at, note } = move;
    if (sql.move.run(to, at, note, number, from).changes === 0) return false;
    step(move);
    return true;
  });
  return {
    addCase: async (made, prefix) => addCase.immediate(made, prefix),
    case: async (number) => {
      const row = sql.one.get(number);
      return row && caseOf(row);
    },
    cases: async ({ subject = null, state = null, limit }) => sql.some.all(subject, subject, state, state, limit).map(caseOf),
    moveCase: async (move) => moveCase.immediate(move),
    caseSteps: async (number) => sql.steps.all(number),
    numberedRecord: async (terminal, kept) => {
      const [prefix = '', seq = ''] = kept.split('-');
      const journal = sql.journal.get(terminal, `${prefix.toLowerCase()}*`)?.journal;
      const row = journal === undefined ? undefined : sql.record.get(terminal, journal, Number(seq));
      return row && recordOf(row);
    },
    recordsWithoutCase: async (kind, limit) => sql.without.all(kind, limit).map(recordOf),
    putFault: async (service, fault) => void sql.putFault.run(service, fault),
    fault: async (service) => sql.fault.get(service)?.fault ?? '',
  };
}

function statements(db: Database.Database) {
  return {
    one: db.prepare<[string], CaseRow>('SELECT * FROM affair_case WHERE number = ?'),
    ofEntry: db.prepare<[string, string, number], CaseRow>('SELECT * FROM affair_case WHERE terminal = ? AND journal = ? AND seq = ?'),
    last: db.prepare<[string, string], { readonly number: string | null }>(
      'SELECT max(number) AS number FROM affair_case WHERE number > ? AND number < ?',
    ),
    add: db.prepare(
      `INSERT INTO affair_case VALUES (@number, @token, @terminal, @journal, @seq, @item, @name, @subject, @at, 'submitted', @at, NULL)`,
    ),
    some: db.prepare<[string | null, string | null, string | null, string | null, number], CaseRow>(
      'SELECT * FROM affair_case WHERE (? IS NULL OR subject = ?) AND (? IS NULL OR state = ?) ORDER BY at DESC, number DESC LIMIT ?',
    ),
    move: db.prepare<[string, number, string | null, string, string]>(
      'UPDATE affair_case SET state = ?, since = ?, note = ? WHERE number = ? AND state = ?',
    ),
    step: db.prepare<[string, string, number, string, string | null]>(
      'INSERT INTO affair_step VALUES (?, (SELECT coalesce(max(step), 0) + 1 FROM affair_step WHERE number = ?), ?, ?, ?)',
    ),
    steps: db.prepare<[string], Step>('SELECT at, state, note FROM affair_step WHERE number = ? ORDER BY step'),
    journal: db.prepare<[string, string], { readonly journal: string }>(
      'SELECT journal FROM registered WHERE terminal = ? AND journal GLOB ? LIMIT 1',
    ),
    record: db.prepare<[string, string, number], RecordRow>('SELECT * FROM record WHERE terminal = ? AND journal = ? AND seq = ?'),
    without: db.prepare<[string, number], RecordRow>(
      `SELECT r.* FROM record r LEFT JOIN affair_case c USING (terminal, journal, seq)
       WHERE r.kind = ? AND c.number IS NULL ORDER BY r.at, r.terminal, r.journal, r.seq LIMIT ?`,
    ),
    putFault: db.prepare<[string, string]>('INSERT INTO simulated_fault VALUES (?, ?) ON CONFLICT DO UPDATE SET fault = excluded.fault'),
    fault: db.prepare<[string], { readonly fault: string }>('SELECT fault FROM simulated_fault WHERE service = ?'),
  };
}
