/** Stays that the police's register was told of, in SQLite. */
import type Database from 'better-sqlite3';
import type { AcknowledgedStay, NewStay, StayStore } from './store-stays.js';

type Row = Omit<AcknowledgedStay, 'acknowledgement'> & { readonly id: number };

export function staysOf(db: Database.Database): StayStore {
  const add = db.prepare<[string, string, number, number]>('INSERT OR IGNORE INTO stay (terminal, stay, guests, at) VALUES (?, ?, ?, ?)');
  const find = db.prepare<[string, string], Row>('SELECT * FROM stay WHERE terminal = ? AND stay = ?');
  const all = db.prepare<[], Row>('SELECT * FROM stay ORDER BY id');
  const acknowledge = db.transaction(({ terminal, stay, guests, at }: NewStay) => {
    add.run(terminal, stay, guests, at);
    return find.get(terminal, stay);
  });
  return {
    acknowledgeStay: async (stay) => {
      const row = acknowledge.immediate(stay);
      if (!row) throw new Error('a stay that was just written is not there');
      return acknowledged(row);
    },
    acknowledgedStays: async () => all.all().map(acknowledged),
  };
}

/** The reference register numbers what it is told; a real one gives its own receipt. */
const acknowledged = ({ id, ...stay }: Row): AcknowledgedStay => ({ ...stay, acknowledgement: `GA-TEST-${String(id).padStart(8, '0')}` });
