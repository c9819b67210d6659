/** The county's records of what desks left behind. */
import type { Facts } from '../contracts.js';
import type { Recorded, RegisterStore } from './register-store.js';
import { all, type PartOf, run, runEach, type Values } from './sql.js';

interface Row extends Omit<Recorded, 'facts' | 'personal'> {
  readonly facts: string;
  readonly personal: string | null;
}

const MOVE = `INSERT INTO registered VALUES (?, ?, ?) ON CONFLICT (terminal, journal) DO UPDATE SET
  seq = CASE WHEN registered.seq < excluded.seq THEN excluded.seq ELSE registered.seq END`;
const FIND = `SELECT * FROM record WHERE kind = ? AND (CAST(? AS TEXT) IS NULL OR subject = ?) AND at >= ?
  ORDER BY at, terminal, journal, seq`;

export const registers: PartOf<RegisterStore> = {
  *record(records, { terminal, journal, seq }) {
    yield* run(MOVE, terminal, journal, seq);
    yield* runEach('INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING', records.map(valuesOf));
  },
  *recorded({ kind, subject = null, since = 0 }) {
    const rows = yield* all<Row>(FIND, kind, subject, subject, since);
    return rows.map((row) => ({
      ...row,
      facts: JSON.parse(row.facts) as Facts,
      personal: row.personal === null ? null : (JSON.parse(row.personal) as Facts),
    }));
  },
  *registerPositions() {
    return yield* all('SELECT terminal, journal, seq FROM registered');
  },
};

function valuesOf({ terminal, journal, seq, kind, at, subject, facts, personal }: Recorded): Values {
  return [terminal, journal, seq, kind, at, subject, JSON.stringify(facts), personal === null ? null : JSON.stringify(personal)];
}
