/** The county's store on SQLite, for one machine: a method of a part runs in one go, so nothing comes between its statements. */
import { closeSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';
import { type Answer, type Ask, type Bulk, isReading, type Run, type Sql, type Values } from './sql.js';
import { partsOf } from './sql-parts.js';
import { MIGRATIONS } from './sql-schema.js';
import type { CountyStore } from './store.js';

/** @throws Error when the file is of a newer version, damaged or locked for over five seconds. `path` may be ':memory:'. */
export function openStore(path: string): CountyStore {
  // Made before SQLite makes it, so that nobody else may read it; its -wal and -shm take the same mode.
  if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600));
  const db = new Database(path);
  // FULL: an acknowledged entry is pruned at the terminal, so it must survive a power cut here.
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('busy_timeout = 5000');
  db.pragma('foreign_keys = ON');
  db.pragma('journal_size_limit = 67108864');
  migrate(db);
  return {
    ...partsOf(runner(db)),
    stamp: async () => Number(db.pragma('data_version', { simple: true })),
    close: async () => void db.close(),
  };
}

function runner(db: Database.Database): Run {
  const answer = answering(db);
  const rest = <T>(sql: Sql<T>, first: Ask): T => {
    let step = sql.next(answer(first));
    while (step.done !== true) step = sql.next(answer(step.value));
    return step.value;
  };
  const writing = db.transaction(rest) as unknown as { immediate: typeof rest };
  return async (method) => {
    const sql = method();
    const first = sql.next();
    if (first.done === true) return first.value;
    return isReading(first.value) ? rest(sql, first.value) : writing.immediate(sql, first.value);
  };
}

function answering(db: Database.Database): (ask: Ask) => Answer {
  const prepared = new Map<string, Database.Statement>();
  const statement = (sql: string): Database.Statement => {
    const known = prepared.get(sql);
    if (known) return known;
    // A transaction that writes holds the only lock there is from its beginning.
    const made = db.prepare(sql.replace(/ FOR UPDATE$/, ''));
    if (!made.readonly && !db.inTransaction) throw new Error(`a method that writes begins with a write: ${sql}`);
    prepared.set(sql, made);
    return made;
  };
  const each = (of: Database.Statement, values: readonly Values[]): Answer => {
    if (of.reader) {
      const [only] = values;
      const rows = values.length === 1 && only ? of.all(...only) : values.flatMap((one) => of.all(...one));
      return { rows, changes: rows.length };
    }
    return { rows: [], changes: values.reduce((sum, one) => sum + of.run(...one).changes, 0) };
  };
  return (ask) => {
    if (ask.ask === 'lock') return { rows: [], changes: 0 };
    if (ask.ask === 'insert') return each(statement(insertion(ask)), ask.rows);
    return each(statement(ask.sql), ask.values);
  };
}

const insertion = ({ into, columns, known }: Bulk): string =>
  `INSERT INTO ${into} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')}) ${known === 'ignored' ? 'ON CONFLICT DO NOTHING' : ''}`;

function migrate(db: Database.Database): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version > MIGRATIONS.length) throw new Error(`county store: schema ${version} is newer than this program (${MIGRATIONS.length})`);
  for (let to = version; to < MIGRATIONS.length; to++) {
    db.transaction(() => {
      // Another process may have been first.
      if (Number(db.pragma('user_version', { simple: true })) > to) return;
      db.exec(MIGRATIONS[to] ?? '');
      db.pragma(`user_version = ${to + 1}`);
    }).immediate();
  }
}
