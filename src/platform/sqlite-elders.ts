/** Carriers and decisions on applications, in SQLite. */
import type Database from 'better-sqlite3';
import type { Carrier, Decision, ElderStore } from './store-elders.js';

export function eldersOf(db: Database.Database): ElderStore {
  const add = db.prepare<[string, string, string, number, number, string]>('INSERT OR IGNORE INTO carrier VALUES (?, ?, ?, ?, ?, ?)');
  const drop = db.prepare<[string]>('DELETE FROM carrier WHERE id = ?');
  const of = db.prepare<[string], Carrier>('SELECT * FROM carrier WHERE subject = ? ORDER BY since DESC, id');
  const decide = db.prepare<[string, string, string, number]>('INSERT OR IGNORE INTO decision VALUES (?, ?, ?, ?)');
  const decisions = db.prepare<[], Decision>('SELECT * FROM decision ORDER BY at');
  return {
    addCarrier: async ({ id, subject, kind, since, until, terminal }) => void add.run(id, subject, kind, since, until, terminal),
    dropCarrier: async (id) => void drop.run(id),
    carriers: async (subject) => of.all(subject),
    decide: async ({ terminal, number, state, at }) => void decide.run(terminal, number, state, at),
    decisions: async () => decisions.all(),
  };
}
