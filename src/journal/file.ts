/** Opening the journal's file: one writer, settings that survive a power cut, and what to do with a damaged one. */
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { guarded, JournalError, journalFault } from './error.js';
import { migrate, refuseNewer } from './schema.js';

/** A WAL is written anew from its start after each checkpoint and so keeps about this size: growing it would double the time of a commit. */
const WAL_PAGES = 2000;
const WAL_LIMIT = 16 * 1024 * 1024;
const PAGE = 4096;
/** Entries go to the end and are read once: the driver's 16 MiB would only fill a small box's memory. */
const CACHE_KIB = 1024;

export interface OpenFile {
  readonly db: Database;
  /** Lets the file go. */
  close(): void;
}

/**
 * Opens or creates the file for writing. `limit`: bytes that it may take.
 * @throws JournalError
 */
export function openFile(file: string, limit: number): OpenFile {
  return guarded(() => {
    const lock = lockFile(`${file}.lock`);
    try {
      const db = new Sqlite(file);
      try {
        prepare(db, limit);
        dismissSuspicion(db, file);
        return { db, close: () => closeBoth(db, lock) };
      } catch (error) {
        db.close();
        throw error;
      }
    } catch (error) {
      lock.close();
      throw error;
    }
  });
}

/** The system drops SQLite's lock when the process dies, however it dies: a second daemon would fork the chain. */
function lockFile(path: string): Database {
  const lock = new Sqlite(path, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    throw error;
  }
}

function closeBoth(db: Database, lock: Database): void {
  try {
    db.close();
  } finally {
    lock.close();
  }
}

/** Notes that the file showed damage while in use, so that the next opening looks at all of it. */
export function suspect(file: string): void {
  writeFileSync(`${file}.suspect`, '');
}

/** Looking at every page takes seconds; it is done only after `suspect`. */
function dismissSuspicion(db: Database, file: string): void {
  if (!existsSync(`${file}.suspect`)) return;
  const found = db.pragma('integrity_check(1)', { simple: true });
  if (found !== 'ok') throw new JournalError('corrupt', String(found));
  rmSync(`${file}.suspect`);
}

function prepare(db: Database, limit: number): void {
  db.pragma(`page_size = ${PAGE}`);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('secure_delete = ON');
  db.pragma('trusted_schema = OFF');
  db.pragma(`cache_size = -${CACHE_KIB}`);
  db.pragma(`wal_autocheckpoint = ${WAL_PAGES}`);
  db.pragma(`journal_size_limit = ${WAL_LIMIT}`);
  db.pragma(`max_page_count = ${Math.ceil(limit / PAGE)}`);
  migrate(db);
}

/**
 * Opens an existing file for reading only; the daemon may be writing it.
 * @throws JournalError
 */
export function openForReading(file: string): Database {
  if (!existsSync(file)) throw new JournalError('missing', file);
  return guarded(() => {
    const db = new Sqlite(file, { readonly: true, timeout: 5000 });
    try {
      refuseNewer(db);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/** Moves a damaged journal and its side files out of the way, unchanged, and returns the new name without its folder. */
export function moveAside(file: string): string {
  let n = 1;
  while (existsSync(`${file}.damaged-${n}`)) n++;
  const aside = `${file}.damaged-${n}`;
  for (const suffix of ['-wal', '-shm', '']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
  rmSync(`${file}.suspect`, { force: true });
  return basename(aside);
}

export function isCorrupt(error: unknown): boolean {
  const fault = journalFault(error);
  return fault instanceof JournalError && fault.code === 'corrupt';
}
