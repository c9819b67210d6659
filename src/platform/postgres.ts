/** The county's store on PostgreSQL: a method of a part is one transaction on one connection of a pool. */
import type { Pool, PoolClient } from 'pg';
import { type Answer, type Ask, type Bulk, isReading, type Run, type Sql, type Values } from './sql.js';
import { partsOf } from './sql-parts.js';
import { MIGRATIONS } from './sql-schema.js';
import type { CountyStore } from './store.js';

const MOST_CONNECTIONS = 8;
const CONNECT_MS = 10_000;
/** A statement takes milliseconds; one that takes so long hangs. */
const LONGEST_MS = 30_000;
/** A worker that froze in a transaction must not hold the others up for longer. */
const LONGEST_IDLE_MS = 20_000;
const MOST_TRIES = 5;
/** Another transaction was in the way: deadlock, serialization failure. */
const AGAIN: ReadonlySet<unknown> = new Set(['40P01', '40001']);
/** Any number: who migrates holds this lock. */
const MIGRATING = 341_525;

/** @throws Error when the server cannot be reached or the schema is of a newer version. `url`: postgres://… */
export async function openPostgres(url: string): Promise<CountyStore> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: url,
    max: MOST_CONNECTIONS,
    application_name: 'ankang-county',
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: LONGEST_MS,
    idle_in_transaction_session_timeout: LONGEST_IDLE_MS,
    keepAlive: true,
    pipeline: true,
    types: { getTypeParser: (oid: number) => (oid === INT8 ? safeInteger : pg.types.getTypeParser(oid)) },
  });
  // A connection that breaks leaves the pool; whoever uses it hears so from their next statement, whoever needs one gets another.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  try {
    await migrate(pool);
  } catch (error) {
    await pool.end();
    throw error;
  }
  return {
    ...partsOf(runner(pool)),
    stamp: async () => {
      const { rows } = await pool.query<{ readonly stamp: string }>('SELECT pg_current_snapshot()::text AS stamp');
      return rows[0]?.stamp ?? '';
    },
    close: () => pool.end(),
  };
}

const INT8 = 20;

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`county store: a number beyond all measure: ${text}`);
  return value;
}

function runner(pool: Pool): Run {
  const answer = answering(pool);
  return async (method) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(pool, method(), answer);
      } catch (error) {
        if (attempt === MOST_TRIES || !AGAIN.has((error as { readonly code?: unknown }).code)) throw error;
      }
    }
  };
}

type Answering = (client: PoolClient, ask: Ask) => Promise<Answer>;

async function once<T>(pool: Pool, sql: Sql<T>, answer: Answering): Promise<T> {
  const first = sql.next();
  if (first.done === true) return first.value;
  const client = await pool.connect();
  let broken = true;
  try {
    // Said together with the first statement; what goes wrong with it goes wrong with that.
    const begun = client.query(isReading(first.value) ? 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' : 'BEGIN');
    begun.catch(() => undefined);
    try {
      let step: IteratorResult<Ask, T> = first;
      while (step.done !== true) step = sql.next(await answer(client, step.value));
      await client.query('COMMIT');
      broken = false;
      return step.value;
    } catch (error) {
      broken = await client.query('ROLLBACK').then(
        () => false,
        () => true,
      );
      throw error;
    }
  } finally {
    client.release(broken);
  }
}

function answering(pool: Pool): Answering {
  const named = new Map<string, { readonly name: string; readonly text: string }>();
  const prepared = (sql: string): { readonly name: string; readonly text: string } => {
    const known = named.get(sql);
    if (known) return known;
    let at = 0;
    const made = { name: `s${named.size}`, text: sql.replaceAll('?', () => `$${++at}`) };
    named.set(sql, made);
    return made;
  };
  const insertions = new Map<string, Promise<string>>();
  const insertion = (bulk: Bulk): Promise<string> => {
    const name = `${bulk.into} ${bulk.columns.join()} ${bulk.known}`;
    const made = insertions.get(name) ?? insertionOf(pool, bulk);
    insertions.set(name, made);
    made.catch(() => insertions.delete(name));
    return made;
  };
  return async (client, ask) => {
    if (ask.ask === 'lock') return answered(await client.query(`LOCK TABLE ${ask.table} IN SHARE ROW EXCLUSIVE MODE`));
    if (ask.ask === 'insert') {
      const columns = ask.columns.map((_, i) => ask.rows.map((row) => valueOf(row[i] ?? null)));
      return answered(await client.query({ ...prepared(await insertion(ask)), values: columns }));
    }
    return each(client, prepared(ask.sql), ask.values);
  };
}

async function each(
  client: PoolClient,
  statement: { readonly name: string; readonly text: string },
  values: readonly Values[],
): Promise<Answer> {
  const [only] = values;
  if (values.length === 1 && only) return answered(await client.query({ ...statement, values: only.map(valueOf) }));
  const answers = await Promise.all(values.map((one) => client.query({ ...statement, values: one.map(valueOf) })));
  return {
    rows: answers.flatMap(({ rows }) => rows as unknown[]),
    changes: answers.reduce((sum, { rowCount }) => sum + (rowCount ?? 0), 0),
  };
}

const answered = ({ rows, rowCount }: { readonly rows: unknown[]; readonly rowCount: number | null }): Answer => ({
  rows,
  changes: rowCount ?? 0,
});

const valueOf = (value: Values[number]): string | number | null | Buffer =>
  value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;

/** Columns travel as arrays: one statement, prepared once, for however many rows. */
async function insertionOf(pool: Pool, { into, columns, known }: Bulk): Promise<string> {
  const { rows } = await pool.query<{ readonly name: string; readonly type: string }>(
    'SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0',
    [into],
  );
  const types = new Map(rows.map(({ name, type }) => [name, type]));
  return `INSERT INTO ${into} (${columns.join(', ')}) SELECT * FROM unnest(${columns.map((name) => `?::${types.get(name) ?? ''}[]`).join(', ')}) ${known === 'ignored' ? 'ON CONFLICT DO NOTHING' : ''}`;
}

/** The words of SQLite in those of PostgreSQL. What a row refers to is looked up before it is written, so references are not checked again. */
const inPostgres = (sql: string): string =>
  sql
    .replaceAll(/\bINTEGER PRIMARY KEY\b/g, 'bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY')
    .replaceAll(/\bINTEGER\b/g, 'bigint')
    .replaceAll(/\bBLOB\b/g, 'bytea')
    .replaceAll(/\bTEXT\b/g, 'text COLLATE "C"')
    .replaceAll(/\bjson_extract\((\w+), '\$\.(\w+)'\)/g, "$1::json ->> '$2'")
    .replaceAll(/ REFERENCES \w+/g, '')
    .replaceAll(/\) STRICT(, WITHOUT ROWID)?;/g, ');');

async function migrate(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATING]);
    await client.query('CREATE TABLE IF NOT EXISTS migration (number bigint PRIMARY KEY)');
    const { rows } = await client.query<{ readonly done: number }>('SELECT count(*) AS done FROM migration');
    const done = rows[0]?.done ?? 0;
    if (done > MIGRATIONS.length) throw new Error(`county store: schema ${done} is newer than this program (${MIGRATIONS.length})`);
    for (let to = done; to < MIGRATIONS.length; to++) {
      await client.query(inPostgres(MIGRATIONS[to] ?? ''));
      await client.query('INSERT INTO migration VALUES ($1)', [to + 1]);
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined); // the connection is gone: so is the transaction
    throw error;
  } finally {
    client.release();
  }
}
