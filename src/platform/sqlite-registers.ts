/** The county's records of what desks left behind, in SQLite. */
import type Database from 'better-sqlite3';
import type { Facts } from '../contracts.js';
import type { Recorded, RegisterPosition, RegisterStore } from './register-store.js';

interface Row extends Omit<Recorded, 'facts' | 'personal'> {
  readonly facts: string;
  readonly personal: string | null;
}

export function registersOf(db: Database.Database): RegisterStore {
  const add = db.prepare<[string, string, number, string, number, string | null, string, string | null]>(
    'INSERT OR IGNORE INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const move = db.prepare<[string, string, number]>(
    'INSERT INTO registered VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)',
  );
  const positions = db.prepare<[], RegisterPosition>('SELECT terminal, journal, seq FROM registered');
  const find = db.prepare<[string, string | null, string | null, number], Row>(
    'SELECT * FROM record WHERE kind = ? AND (? IS NULL OR subject = ?) AND at >= ? ORDER BY at, terminal, journal, seq',
  );
  const record = db.transaction((records: readonly Recorded[], { terminal, journal, seq }: RegisterPosition) => {
    for (const one of records) {
      const personal = one.personal === null ? null : JSON.stringify(one.personal);
      add.run(one.terminal, one.journal, one.seq, one.kind, one.at, one.subject, JSON.stringify(one.facts), personal);
    }
    move.run(terminal, journal, seq);
  });
  return {
    record: async (records, position) => record.immediate(records, position),
    recorded: async ({ kind, subject = null, since = 0 }) =>
      find.all(kind, subject, subject, since).map((row) => ({
        ...row,
        facts: JSON.parse(row.facts) as Facts,
        personal: row.personal === null ? null : (JSON.parse(row.personal) as Facts),
      })),
    registerPositions: async () => positions.all(),
  };
}
