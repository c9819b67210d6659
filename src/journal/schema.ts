/** The tables of a journal file and how older files become newer ones. */
import type { Database } from 'better-sqlite3';
import { JournalError } from './error.js';

/** Each runs once, in one transaction; a file of version n has had the first n. Never change one that was released. */
const MIGRATIONS: readonly string[] = [
  `
  -- One row. "day_key" is destroyed with the rows that are keyed by it; "pruned_*" is the last entry that was removed.
  CREATE TABLE journal (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id BLOB NOT NULL, terminal TEXT NOT NULL,
    acked INTEGER NOT NULL, inside INTEGER NOT NULL,
    day INTEGER NOT NULL, day_key BLOB NOT NULL,
    pruned_seq INTEGER NOT NULL, pruned_hash BLOB NOT NULL, pruned_total INTEGER NOT NULL
  ) STRICT;
  -- "prev" is the hash of the row before. "total": bytes of all entries up to this one, so that a backlog is a difference.
  CREATE TABLE entry (
    seq INTEGER PRIMARY KEY, earliest INTEGER NOT NULL, latest INTEGER, kind TEXT NOT NULL,
    public TEXT NOT NULL, seal BLOB, hash BLOB NOT NULL, total INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE used (key BLOB PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE remembered (key BLOB PRIMARY KEY, value TEXT NOT NULL, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE kept (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
  `,
];

const SCHEMA_VERSION = MIGRATIONS.length;

/** @throws JournalError `newer` when the file was written by a newer program. */
export function refuseNewer(db: Database): number {
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version > SCHEMA_VERSION) throw new JournalError('newer', `schema ${version}, this program knows ${SCHEMA_VERSION}`);
  return version;
}

export function migrate(db: Database): void {
  for (let version = refuseNewer(db); version < SCHEMA_VERSION; version++) {
    db.transaction(() => {
      db.exec(MIGRATIONS[version] ?? '');
      db.pragma(`user_version = ${version + 1}`);
    }).exclusive();
  }
}
