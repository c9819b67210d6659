/** Where a county keeps what it knows: `store` in its county.json names a PostgreSQL database; without it, a SQLite file in the folder. */
import { join } from 'node:path';
import { storeOf } from './keys.js';
import { openStore } from './sqlite.js';
import type { CountyStore } from './store.js';

export const storePath = (folder: string): string => join(folder, 'county.sqlite');

/** @throws Error when the folder holds no county, or its store cannot be opened. */
export async function openCountyStore(folder: string): Promise<CountyStore> {
  const url = storeOf(folder);
  if (url === undefined) return openStore(storePath(folder));
  const { openPostgres } = await import('./postgres.js');
  return openPostgres(url);
}
