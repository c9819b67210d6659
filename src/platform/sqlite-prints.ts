/** Prints, in SQLite. */
import type Database from 'better-sqlite3';
import type { Print, PrintStore } from './store-prints.js';

export function printsOf(db: Database.Database): PrintStore {
  const count = db.prepare<[string], number>('SELECT count(*) FROM print WHERE of = ? AND NOT returned').pluck();
  const find = db.prepare<[string], { readonly of: string; readonly returned: number }>('SELECT of, returned FROM print WHERE id = ?');
  const add = db.prepare<[string, string, number]>('INSERT INTO print VALUES (?, ?, ?, 0)');
  const giveBack = db.prepare<[string]>('UPDATE print SET returned = 1 WHERE id = ?');
  const note = db.transaction(({ id, of, at }: Print, most: number): boolean => {
    const before = find.get(id);
    if (before) return before.of === of && before.returned === 0;
    if ((count.get(of) ?? 0) >= most) return false;
    add.run(id, of, at);
    return true;
  });
  return {
    notePrint: async (print, most) => note.immediate(print, most),
    printOf: async (id) => find.get(id)?.of,
    returnPrint: async (id) => void giveBack.run(id),
    prints: async (of) => count.get(of) ?? 0,
  };
}
