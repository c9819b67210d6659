/** Enterprises by credit code. */
import { get, type PartOf, run } from './sql.js';
import type { EnterpriseStore, KnownEnterprise } from './store-enterprises.js';

export const enterprises: PartOf<EnterpriseStore> = {
  *putEnterprise(enterprise) {
    const put = 'INSERT INTO enterprise VALUES (?, ?) ON CONFLICT (credit_code) DO UPDATE SET known = excluded.known';
    yield* run(put, enterprise.creditCode, JSON.stringify(enterprise));
  },
  *enterprise(creditCode) {
    const row = yield* get<{ readonly known: string }>('SELECT known FROM enterprise WHERE credit_code = ?', creditCode);
    return row && (JSON.parse(row.known) as KnownEnterprise);
  },
};
