/** Grants and the audit, in SQLite. */
import type Database from 'better-sqlite3';
import type { Facts } from '../contracts.js';
import type { AccessStore, Audited, Grant } from './store-access.js';

/** What people did is kept for ever; what terminals were refused is kept so far back, or one of them could fill the disk. */
const MOST_REFUSED = 100_000;

type AuditRow = Omit<Audited, 'facts'> & { readonly facts: string };

export function accessOf(db: Database.Database): AccessStore {
  const sql = statements(db);
  const note = ({ at, terminal, kind, facts }: Audited): void => {
    const { lastInsertRowid } = sql.note.run(at, terminal, kind, JSON.stringify(facts));
    if (kind === 'request-refused') sql.forget.run(Number(lastInsertRowid) - MOST_REFUSED);
  };
  const changed = (one: (grant: Grant) => number) =>
    db.transaction((grants: readonly Grant[], audited: Audited): number => {
      note(audited);
      return grants.reduce((count, grant) => count + one(grant), 0);
    });
  const grant = changed(({ terminal, kind, scene, field }) => sql.grant.run(terminal, kind, scene, field).changes);
  const ungrant = changed(({ terminal, kind, scene, field }) => sql.ungrant.run(terminal, kind, scene, field, field).changes);
  const noteAlone = db.transaction(note);
  return {
    grants: async (terminal) => (terminal === undefined ? sql.all.all() : sql.of.all(terminal)),
    grant: async (grants, audited) => grant.immediate(grants, audited),
    ungrant: async (grants, audited) => ungrant.immediate(grants, audited),
    noteAudited: async (audited) => noteAlone.immediate(audited),
    audit: async (limit) => sql.audit.all(limit).map((row) => ({ ...row, facts: JSON.parse(row.facts) as Facts })),
  };
}

function statements(db: Database.Database) {
  return {
    all: db.prepare<[], Grant>('SELECT * FROM granted ORDER BY terminal, kind, scene, field'),
    of: db.prepare<[string], Grant>('SELECT * FROM granted WHERE terminal = ? ORDER BY kind, scene, field'),
    grant: db.prepare<[string, string, string, string]>('INSERT OR IGNORE INTO granted VALUES (?, ?, ?, ?)'),
    ungrant: db.prepare<[string, string, string, string, string]>(
      "DELETE FROM granted WHERE terminal = ? AND kind = ? AND scene = ? AND (field = ? OR ? = '')",
    ),
    note: db.prepare<[number, string, string, string]>('INSERT INTO audit (at, terminal, kind, facts) VALUES (?, ?, ?, ?)'),
    forget: db.prepare<[number]>("DELETE FROM audit WHERE kind = 'request-refused' AND id <= ?"),
    audit: db.prepare<[number], AuditRow>('SELECT at, terminal, kind, facts FROM audit ORDER BY id DESC LIMIT ?'),
  };
}
