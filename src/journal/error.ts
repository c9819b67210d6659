/** What can go wrong with the journal's disk, as one coded error. */
import Sqlite from 'better-sqlite3';

/**
 * `full`: no space, or the configured limit is reached. `read-only`, `io`: the disk refuses. `corrupt`: the file is damaged: open it again.
 * `in-use`: another process writes it. `newer`: written by a newer program. `foreign`: it belongs to another terminal. `missing`: no such file.
 */
export type JournalFault = 'full' | 'read-only' | 'io' | 'corrupt' | 'in-use' | 'newer' | 'foreign' | 'missing';

export class JournalError extends Error {
  readonly code: JournalFault;
  constructor(code: JournalFault, message: string, cause?: unknown) {
    super(`journal ${code}: ${message}`, { cause });
    this.name = 'JournalError';
    this.code = code;
  }
}

/** SQLite result codes (extended ones begin with them) that are the disk's fault and not the program's. */
const FAULTS: readonly (readonly [string, JournalFault])[] = [
  ['SQLITE_FULL', 'full'],
  ['SQLITE_READONLY', 'read-only'],
  ['SQLITE_PERM', 'read-only'],
  ['SQLITE_IOERR', 'io'],
  ['SQLITE_CANTOPEN', 'io'],
  ['SQLITE_CORRUPT', 'corrupt'],
  ['SQLITE_NOTADB', 'corrupt'],
  ['SQLITE_BUSY', 'in-use'],
  ['SQLITE_LOCKED', 'in-use'],
];

/** A JournalError for a fault of the disk; anything else as it is. */
export function journalFault(error: unknown): unknown {
  if (!(error instanceof Sqlite.SqliteError)) return error;
  const fault = FAULTS.find(([code]) => error.code.startsWith(code));
  return fault ? new JournalError(fault[1], `${error.message} (${error.code})`, error) : error;
}

/** Runs `work` and turns the disk's faults into JournalErrors. */
export function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw journalFault(error);
  }
}
