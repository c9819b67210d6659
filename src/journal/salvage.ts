/** What can still be read of a damaged journal and must not be forgotten: numbers that guard against old commands and old trust. */
import Sqlite, { type Database } from 'better-sqlite3';

export interface Salvage {
  /** Hex; null when even that could not be read. */
  readonly journal: string | null;
  readonly inside: number;
  readonly kept: readonly (readonly [string, number | string])[];
}

/** Never throws: the file is known to be damaged. */
export function salvage(file: string): Salvage {
  let db: Database | undefined;
  try {
    const open = new Sqlite(file, { readonly: true });
    db = open;
    const one = attempt(() => open.prepare<[], { id: Buffer; inside: number }>('SELECT id, inside FROM journal').get());
    const kept = attempt(() => open.prepare<[], { name: string; value: number | string }>('SELECT name, value FROM kept').all()) ?? [];
    return {
      journal: one?.id.toString('hex') ?? null,
      inside: one?.inside ?? 0,
      kept: kept.map(({ name, value }) => [name, value] as const),
    };
  } catch {
    return { journal: null, inside: 0, kept: [] }; // not even a database any more
  } finally {
    db?.close();
  }
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined; // this table is damaged; the others may not be
  }
}
