/** Where the tests keep a county: a SQLite file, or the PostgreSQL that test/postgres.test.ts runs them against, a schema for each. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { openPostgres } from '../src/platform/postgres.js';
import { openStore } from '../src/platform/sqlite.js';
import type { CountyStore } from '../src/platform/store.js';

/** postgres:// address of a server whose databases are thrown away. */
export const POSTGRES = process.env['ANKANG_TEST_POSTGRES'];

/** For `{ skip }`: what has nothing to do with the kind of the store is tested once. */
export const SAME_FOR_ALL: string | false = POSTGRES !== undefined && 'tested with SQLite';

/** A new schema of this server, as an address. */
export async function newSchema(server: string): Promise<string> {
  const name = `county_${randomBytes(6).toString('hex')}`;
  const client = new pg.Client(server);
  await client.connect();
  await client.query(`CREATE SCHEMA ${name}`);
  await client.end();
  return `${server}?options=${encodeURIComponent(`-c search_path=${name}`)}`;
}

/** For a ceremony: where its county keeps what it knows. */
export const storeSetting = async (): Promise<{ readonly store?: string }> =>
  POSTGRES === undefined ? {} : { store: await newSchema(POSTGRES) };

/** A store of nobody's yet. */
export const newStore = async (): Promise<CountyStore> =>
  POSTGRES === undefined ? openStore(':memory:') : openPostgres(await newSchema(POSTGRES));
