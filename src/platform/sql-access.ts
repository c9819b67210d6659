/** Grants and the audit. */
import type { Facts } from '../contracts.js';
import { all, get, type PartOf, run, runEach, type Sql } from './sql.js';
import type { AccessStore, Audited } from './store-access.js';

/** What people did is kept for ever; what terminals were refused is kept so far back, or one of them could fill the disk. */
const MOST_REFUSED = 100_000;

type AuditRow = Omit<Audited, 'facts'> & { readonly facts: string };

function* note({ at, terminal, kind, facts }: Audited): Sql<void> {
  const added = yield* get<{ readonly id: number }>(
    'INSERT INTO audit (at, terminal, kind, facts) VALUES (?, ?, ?, ?) RETURNING id',
    at,
    terminal,
    kind,
    JSON.stringify(facts),
  );
  if (kind === 'request-refused')
    yield* run("DELETE FROM audit WHERE kind = 'request-refused' AND id <= ?", (added?.id ?? 0) - MOST_REFUSED);
}

export const access: PartOf<AccessStore> = {
  *grants(terminal) {
    if (terminal === undefined) return yield* all('SELECT * FROM granted ORDER BY terminal, kind, scene, field');
    return yield* all('SELECT * FROM granted WHERE terminal = ? ORDER BY kind, scene, field', terminal);
  },
  *grant(grants, audited) {
    yield* note(audited);
    return yield* runEach(
      'INSERT INTO granted VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
      grants.map(({ terminal, kind, scene, field }) => [terminal, kind, scene, field]),
    );
  },
  *ungrant(grants, audited) {
    yield* note(audited);
    return yield* runEach(
      "DELETE FROM granted WHERE terminal = ? AND kind = ? AND scene = ? AND (field = ? OR CAST(? AS TEXT) = '')",
      grants.map(({ terminal, kind, scene, field }) => [terminal, kind, scene, field, field]),
    );
  },
  noteAudited: note,
  *audit(limit) {
    const rows = yield* all<AuditRow>('SELECT at, terminal, kind, facts FROM audit ORDER BY id DESC LIMIT ?', limit);
    return rows.map((row) => ({ ...row, facts: JSON.parse(row.facts) as Facts }));
  },
};
