/** Enterprises by credit code, in SQLite. */
import type Database from 'better-sqlite3';
import type { EnterpriseStore, KnownEnterprise } from './store-enterprises.js';

export function enterprisesOf(db: Database.Database): EnterpriseStore {
  const put = db.prepare<[string, string]>('INSERT INTO enterprise VALUES (?, ?) ON CONFLICT DO UPDATE SET known = excluded.known');
  const find = db.prepare<[string], { readonly known: string }>('SELECT known FROM enterprise WHERE credit_code = ?');
  return {
    putEnterprise: async (enterprise) => void put.run(enterprise.creditCode, JSON.stringify(enterprise)),
    enterprise: async (creditCode) => {
      const row = find.get(creditCode);
      return row && (JSON.parse(row.known) as KnownEnterprise);
    },
  };
}
