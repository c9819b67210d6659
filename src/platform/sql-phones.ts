/** What phones registered: beside the records of desks, under a journal of its own name. */
import { slipNumber } from './register-store.js';
import { all, get, locking, type PartOf, run } from './sql.js';
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

interface Counted {
  readonly terminal: string;
  readonly subject: string | null;
  readonly facts: string;
}

const FIND = 'SELECT * FROM phone_visit WHERE id = ?';
const RECORDS = 'SELECT terminal, subject, facts FROM record WHERE kind = ? AND at >= ?';
const RECORD = 'INSERT INTO record (terminal, journal, seq, kind, at, subject, facts, personal) VALUES (?, ?, ?, ?, ?, ?, ?, ?)';
const ADD = 'INSERT INTO phone_visit (id, code, terminal, seq, at, subject, notice, sent_at) VALUES (?, ?, ?, ?, ?, ?, ?, NULL)';

export const phones: PartOf<PhoneStore> = {
  *registerByPhone(visit, limit) {
    yield* locking('phone_visit');
    const known = yield* get<Row>(FIND, visit.id);
    if (known) return registered(known, true);
    if (visit.code && (yield* get<Row>('SELECT * FROM phone_visit WHERE code = ?', visit.code))) return { does: 'used' } as const;
    const left = limit && limit.most - summed(yield* all<Counted>(RECORDS, limit.kind, limit.since ?? 0), limit);
    if (left !== undefined && visit.notice.quantity > left) return { does: 'over', left: Math.max(0, left) } as const;
    const last = yield* get<{ readonly seq: number | null }>('SELECT max(seq) AS seq FROM phone_visit');
    const seq = (last?.seq ?? 0) + 1;
    const { id, code, terminal, kind, subject, at, facts, personal, notice } = visit;
    yield* run(RECORD, terminal, PHONES, seq, kind, at, subject, JSON.stringify(facts), personal && JSON.stringify(personal));
    yield* run(ADD, id, code, terminal, seq, at, subject, JSON.stringify(notice));
    return registered({ id, terminal, seq, at, subject, notice: '' }, false);
  },
  *phoneVisit(id) {
    const row = yield* get<Row>(FIND, id);
    return row && registered(row, true);
  },
  *dueNotices(since, limit) {
    const due = 'SELECT * FROM phone_visit WHERE sent_at IS NULL AND at >= ? ORDER BY seq LIMIT ?';
    return (yield* all<Row>(due, since, limit)).map(dueOf);
  },
  *noteNoticeSent(id, at) {
    yield* run('UPDATE phone_visit SET sent_at = ? WHERE id = ?', at, id);
  },
};

const registered = (row: Row, again: boolean): Extract<PhoneOutcome, { does: 'registered' }> => ({
  does: 'registered',
  number: numberOf(row),
  at: row.at,
  again,
  subject: row.subject,
});

const numberOf = ({ seq }: Pick<Row, 'seq'>): string => slipNumber({ journal: PHONES, seq });

function dueOf({ id, terminal, seq, at, notice }: Row): DueNotice {
  const said = JSON.parse(notice) as PhoneVisit['notice'];
  return { ...said, id, terminal, number: numberOf({ seq }), issued: Math.floor(at / 1000), at };
}

function summed(rows: readonly Counted[], { where, terminal, subject }: PhoneLimit): number {
  return rows
    .filter((row) => (subject ?? row.subject) === row.subject && (terminal ?? row.terminal) === row.terminal)
    .map((row) => JSON.parse(row.facts) as Readonly<Record<string, unknown>>)
    .filter((facts) => Object.entries(where).every(([name, value]) => facts[name] === value))
    .reduce((sum, { quantity }) => sum + (typeof quantity === 'number' ? quantity : 0), 0);
}
