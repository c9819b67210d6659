/** The county's store on SQLite: settings, migration, and the parts put together. */
import { closeSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';
import { accessOf } from './sqlite-access.js';
import { casesOf } from './sqlite-cases.js';
import { eldersOf } from './sqlite-elders.js';
import { enterprisesOf } from './sqlite-enterprises.js';
import { entriesOf } from './sqlite-entries.js';
import { paymentsOf } from './sqlite-payments.js';
import { peopleOf } from './sqlite-people.js';
import { phonesOf } from './sqlite-phones.js';
import { printsOf } from './sqlite-prints.js';
import { registersOf } from './sqlite-registers.js';
import { requestsOf } from './sqlite-requests.js';
import { ridesOf } from './sqlite-rides.js';
import { MIGRATIONS } from './sqlite-schema.js';
import { staysOf } from './sqlite-stays.js';
import { terminalsOf } from './sqlite-terminals.js';
import { ticketsOf } from './sqlite-tickets.js';
import { trustOf } from './sqlite-trust.js';
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
  const addHolder = db.prepare<[string, number]>('INSERT OR IGNORE INTO holder VALUES (?, ?)');
  const holders = db.prepare<[], { readonly n: number }>('SELECT count(*) AS n FROM holder');
  return {
    ...entriesOf(db),
    ...terminalsOf(db),
    ...trustOf(db),
    ...requestsOf(db),
    ...ticketsOf(db),
    ...accessOf(db),
    ...registersOf(db),
    ...peopleOf(db),
    ...phonesOf(db),
    ...staysOf(db),
    ...eldersOf(db),
    ...enterprisesOf(db),
    ...ridesOf(db),
    ...printsOf(db),
    ...paymentsOf(db),
    ...casesOf(db),
    noteHolder: async (subject, at) => void addHolder.run(subject, at),
    holders: async () => holders.get()?.n ?? 0,
    close: async () => void db.close(),
  };
}

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
