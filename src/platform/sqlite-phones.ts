/** What phones registered, in SQLite: beside the records of desks, under a journal of its own name. */
import type Database from 'better-sqlite3';
import { slipNumber } from './register-store.js';
import type { DueNotice, PhoneLimit, PhoneOutcome, PhoneStore, PhoneVisit } from './store-phones.js';

/** In the place of a journal's id: no journal of a terminal is called so. */
export const PHONES = 'phone';

interface Row {
  readonly id: Uint8Array;
  readonly terminal: string;
  readonly seq: number;
  readonly at: number;
  readonly subject: string;
  readonly notice: string;
}

export function phonesOf(db: Database.Database): PhoneStore {
  const sql = statements(db);
  const registered = (row: Row, again: boolean): Extract<PhoneOutcome, { does: 'registered' }> => ({
    does: 'registered',
    number: numberOf(row),
    at: row.at,
    again,
    subject: row.subject,
  });
  const register = db.transaction((visit: PhoneVisit, limit: PhoneLimit | undefined): PhoneOutcome => {
    const known = sql.find.get(visit.id);
    if (known) return registered(known, true);
    if (visit.code && sql.used.get(visit.code)) return { does: 'used' };
    const left = limit && limit.most - summed(sql.records.all(limit.kind, limit.since ?? 0), limit);
    if (left !== undefined && visit.notice.quantity > left) return { does: 'over', left: Math.max(0, left) };
    const seq = (sql.last.get()?.seq ?? 0) + 1;
    const { id, code, terminal, kind, subject, at, facts, personal, notice } = visit;
    sql.record.run(terminal, PHONES, seq, kind, at, subject, JSON.stringify(facts), personal && JSON.stringify(personal));
    sql.add.run(id, code, terminal, seq, at, subject, JSON.stringify(notice));
    return registered({ id, terminal, seq, at, subject, notice: '' }, false);
  });
  return {
    registerByPhone: async (visit, limit) => register.immediate(visit, limit),
    phoneVisit: async (id) => {
      const row = sql.find.get(id);
      return row && registered(row, true);
    },
    dueNotices: async (since, limit) => sql.due.all(since, limit).map(dueOf),
    noteNoticeSent: async (id, at) => void sql.sent.run(at, id),
  };
}

const numberOf = ({ seq }: Pick<Row, 'seq'>): string => slipNumber({ journal: PHONES, seq });

function dueOf({ id, terminal, seq, at, notice }: Row): DueNotice {
  const said = JSON.parse(notice) as PhoneVisit['notice'];
  return { ...said, id, terminal, number: numberOf({ seq }), issued: Math.floor(at / 1000), at };
}

interface Counted {
  readonly terminal: string;
  readonly subject: string | null;
  readonly facts: string;
}

function summed(rows: readonly Counted[], { where, terminal, subject }: PhoneLimit): number {
  return rows
    .filter((row) => (subject ?? row.subject) === row.subject && (terminal ?? row.terminal) === row.terminal)
    .map((row) => JSON.parse(row.facts) as Readonly<Record<string, unknown>>)
    .filter((facts) => Object.entries(where).every(([name, value]) => facts[name] === value))
    .reduce((sum, { quantity }) => sum + (typeof quantity === 'number' ? quantity : 0), 0);
}

function statements(db: Database.Database) {
  return {
    find: db.prepare<[Uint8Array], Row>('SELECT * FROM phone_visit WHERE id = ?'),
    used: db.prepare<[Uint8Array], Row>('SELECT * FROM phone_visit WHERE code = ?'),
    last: db.prepare<[], { readonly seq: number }>('SELECT max(seq) AS seq FROM phone_visit'),
    records: db.prepare<[string, number], Counted>('SELECT terminal, subject, facts FROM record WHERE kind = ? AND at >= ?'),
    record: db.prepare<[string, string, number, string, number, string, string, string | null]>(
      'INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    add: db.prepare<[Uint8Array, Uint8Array | null, string, number, number, string, string]>(
      'INSERT INTO phone_visit VALUES (?, ?, ?, ?, ?, ?, ?, NULL)',
    ),
    due: db.prepare<[number, number], Row>('SELECT * FROM phone_visit WHERE sent_at IS NULL AND at >= ? ORDER BY seq LIMIT ?'),
    sent: db.prepare<[number, Uint8Array]>('UPDATE phone_visit SET sent_at = ? WHERE id = ?'),
  };
}
