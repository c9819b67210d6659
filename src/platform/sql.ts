/**
 * What the parts of the county's store (sql-*.ts) ask of their database, in words that SQLite and PostgreSQL both understand.
 *
 *   part: a method is a generator that yields what it asks → one transaction → sqlite.ts runs it at once, postgres.ts over a network
 *
 * `?` stands for a value, ON CONFLICT for OR IGNORE, RETURNING for the number of the last row. A method has no other effects: it
 * may be run again. One that writes begins with a write or with `locking`; one that begins with SELECT only reads.
 */
export type Value = string | number | null | Uint8Array;
export type Values = readonly Value[];

/** A statement, once for each of `values`. */
interface Each {
  readonly ask: 'each';
  readonly sql: string;
  readonly values: readonly Values[];
}

/** Rows for a table, all at once: what there is much of. */
export interface Bulk {
  readonly ask: 'insert';
  readonly into: string;
  readonly columns: readonly string[];
  readonly rows: readonly Values[];
  /** What becomes of a row that is there already. */
  readonly known: 'ignored' | 'refused';
}

/** Nobody else who asks for the same lock goes on until this transaction ends. */
interface Lock {
  readonly ask: 'lock';
  readonly table: string;
}

export type Ask = Each | Bulk | Lock;

export interface Answer {
  readonly rows: readonly unknown[];
  readonly changes: number;
}

export type Sql<T> = Generator<Ask, T, Answer>;

type Method = (...args: never[]) => Promise<unknown>;
/** The methods of a store's part, each as what it asks. */
export type PartOf<Store> = {
  readonly [K in keyof Store]: Store[K] extends (...args: infer Args) => Promise<infer T> ? (...args: Args) => Sql<T> : never;
};

/** Runs a method as one transaction. */
export type Run = <T>(method: () => Sql<T>) => Promise<T>;

export function bound<Store extends { readonly [K in keyof Store]: Method }>(part: PartOf<Store>, run: Run): Store {
  type Asking = (...args: unknown[]) => Sql<unknown>;
  const methods = Object.entries(part as Readonly<Record<string, Asking>>);
  return Object.fromEntries(
    methods.map(([name, method]) => [name, (...args: unknown[]) => run(() => method(...args))]),
  ) as unknown as Store;
}

export function* all<Row>(sql: string, ...values: Values): Sql<readonly Row[]> {
  return (yield { ask: 'each', sql, values: [values] }).rows as readonly Row[];
}

export function* get<Row>(sql: string, ...values: Values): Sql<Row | undefined> {
  return (yield* all<Row>(sql, ...values))[0];
}

/** How many rows it changed. */
export function* run(sql: string, ...values: Values): Sql<number> {
  return (yield { ask: 'each', sql, values: [values] }).changes;
}

/** The rows of all of them, in their order. */
export function* allOfEach<Row>(sql: string, values: readonly Values[]): Sql<readonly Row[]> {
  return values.length === 0 ? [] : ((yield { ask: 'each', sql, values }).rows as readonly Row[]);
}

export function* runEach(sql: string, values: readonly Values[]): Sql<number> {
  return values.length === 0 ? 0 : (yield { ask: 'each', sql, values }).changes;
}

/** How many it added. */
export function* insert(bulk: Omit<Bulk, 'ask'>): Sql<number> {
  return bulk.rows.length === 0 ? 0 : (yield { ask: 'insert', ...bulk }).changes;
}

export function* locking(table: string): Sql<void> {
  yield { ask: 'lock', table };
}

/** Does a method that begins so only read? */
export const isReading = (first: Ask): boolean => first.ask === 'each' && /^\s*SELECT\b/.test(first.sql);
