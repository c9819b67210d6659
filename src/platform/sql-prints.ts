/** Prints. */
import { get, locking, type PartOf, run, type Sql } from './sql.js';
import type { PrintStore } from './store-prints.js';

interface Row {
  readonly of: string;
  readonly returned: number;
}

const find = (id: string): Sql<Row | undefined> => get('SELECT of, returned FROM print WHERE id = ?', id);

function* count(of: string): Sql<number> {
  return (yield* get<{ readonly n: number }>('SELECT count(*) AS n FROM print WHERE of = ? AND returned = 0', of))?.n ?? 0;
}

export const prints: PartOf<PrintStore> = {
  *notePrint({ id, of, at }, most) {
    yield* locking('print');
    const before = yield* find(id);
    if (before) return before.of === of && before.returned === 0;
    if ((yield* count(of)) >= most) return false;
    yield* run('INSERT INTO print VALUES (?, ?, ?, 0)', id, of, at);
    return true;
  },
  *printOf(id) {
    return (yield* find(id))?.of;
  },
  *returnPrint(id) {
    yield* run('UPDATE print SET returned = 1 WHERE id = ?', id);
  },
  prints: count,
};
