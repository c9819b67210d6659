/** The reference hospital's resources in SQLite: versions that only rise, terms to find them by, counters for its numbers. Every change is one transaction. */
import { closeSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { FhirResource } from 'fhir/r4.js';
import { PARAMETERS, termsOf } from './parameters.js';

/** One parameter of a search: any of its values will do. */
export interface Condition {
  readonly parameter: string;
  readonly any: readonly Wanted[];
}

export type Wanted =
  | { readonly kind: 'id'; readonly value: string }
  | { readonly kind: 'token'; readonly system: string | undefined; readonly value: string }
  | { readonly kind: 'reference'; readonly value: string }
  /** Some of its time lies from `from` to before `to`. */
  | { readonly kind: 'date'; readonly from: number; readonly to: number };

export interface Resources {
  get(type: string, id: string): FhirResource | undefined;
  /** With its next version, from now on found by its new terms. */
  put(resource: FhirResource): FhirResource;
  /** Ids of all that meet every condition, in the order they came in. */
  find(type: string, conditions: readonly Condition[]): readonly string[];
  count(name: string): number;
  /** All of it or nothing. */
  atomically<T>(work: () => T): T;
  close(): void;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS resource (n INTEGER PRIMARY KEY, type TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL,
    UNIQUE (type, id)) STRICT;
  CREATE TABLE IF NOT EXISTS term (resource INTEGER NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL, system TEXT, value TEXT, low INTEGER, high INTEGER) STRICT;
  CREATE INDEX IF NOT EXISTS term_value ON term (type, name, value);
  CREATE INDEX IF NOT EXISTS term_resource ON term (resource, name);
  CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;

interface Row {
  readonly n: number;
  readonly version: number;
  readonly body: string;
}

/** `path` may be ':memory:'. */
export function openResources(path: string, now: () => number): Resources {
  // Made before SQLite makes it, so that nobody else may read it.
  if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600));
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.exec(SCHEMA);
  const one = db.prepare<[string, string], Row>('SELECT n, version, body FROM resource WHERE type = ? AND id = ?');
  const write = db.prepare<[string, string, number, string], { readonly n: number }>(
    `INSERT INTO resource (type, id, version, body) VALUES (?, ?, ?, ?)
     ON CONFLICT (type, id) DO UPDATE SET version = excluded.version, body = excluded.body RETURNING n`,
  );
  const forget = db.prepare<[number]>('DELETE FROM term WHERE resource = ?');
  const index = db.prepare<[number, string, string, string | null, string | null, number | null, number | null]>(
    'INSERT INTO term VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const counted = db.prepare<[string], { readonly n: number }>(
    'INSERT INTO counter VALUES (?, 1) ON CONFLICT DO UPDATE SET n = n + 1 RETURNING n',
  );

  const put = (resource: FhirResource): FhirResource => {
    const { resourceType: type, id = '' } = resource;
    const version = (one.get(type, id)?.version ?? 0) + 1;
    const kept = { ...resource, meta: { ...resource.meta, versionId: String(version), lastUpdated: new Date(now()).toISOString() } };
    const { n } = write.get(type, id, version, JSON.stringify(kept)) ?? { n: 0 };
    forget.run(n);
    for (const [name, parameter] of Object.entries(PARAMETERS[type] ?? {}))
      for (const term of termsOf(kept, parameter))
        if (term.kind === 'date') index.run(n, type, name, null, null, term.low, term.high);
        else index.run(n, type, name, term.kind === 'token' ? term.system : null, term.value, null, null);
    return kept;
  };

  return {
    get(type, id) {
      const row = one.get(type, id);
      return row && (JSON.parse(row.body) as FhirResource);
    },
    put: (resource) => db.transaction(() => put(resource)).immediate(),
    find(type, conditions) {
      const clauses = conditions.map((condition) => clauseOf(condition));
      const where = ['resource.type = ?', ...clauses.map(({ sql }) => sql)].join(' AND ');
      const found = db.prepare<unknown[], { readonly id: string }>(`SELECT id FROM resource WHERE ${where} ORDER BY n`);
      return found.all(type, ...clauses.flatMap(({ values }) => values)).map(({ id }) => id);
    },
    count: (name) => counted.get(name)?.n ?? 0,
    atomically: (work) => db.transaction(work).immediate(),
    close: () => void db.close(),
  };
}

interface Clause {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

function clauseOf({ parameter, any }: Condition): Clause {
  const each = any.map(wantedOf);
  const or = each.map(({ sql }) => sql).join(' OR ');
  const values = each.flatMap((one) => one.values);
  if (any[0]?.kind === 'id') return { sql: `(${or})`, values };
  return { sql: `EXISTS (SELECT 1 FROM term WHERE term.resource = resource.n AND name = ? AND (${or}))`, values: [parameter, ...values] };
}

function wantedOf(wanted: Wanted): Clause {
  if (wanted.kind === 'id') return { sql: 'resource.id = ?', values: [wanted.value] };
  if (wanted.kind === 'date') return { sql: '(low < ? AND high > ?)', values: [wanted.to, wanted.from] };
  if (wanted.kind === 'reference' || wanted.system === undefined) return { sql: 'value = ?', values: [wanted.value] };
  return { sql: '(value = ? AND system = ?)', values: [wanted.value, wanted.system] };
}
