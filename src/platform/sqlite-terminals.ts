/** Terminals, what they say of themselves, alarms and refused messages, in SQLite. */
import type Database from 'better-sqlite3';
import type { Facts } from '../contracts.js';
import type { Alarm, Rejected, Terminal, TerminalState, TerminalStore } from './store.js';
import type { Grant } from './store-access.js';

/** Alarms are for people to read; the oldest go. */
const MOST_ALARMS = 10_000;

type TerminalRow = Omit<Terminal, 'region' | 'struck'> & { readonly region: number; readonly struck: number };
type StateRow = Omit<TerminalState, 'state'> & { readonly state: string };
type AlarmRow = Omit<Alarm, 'facts'> & { readonly facts: string };

export function terminalsOf(db: Database.Database): TerminalStore {
  const sql = statements(db);
  const noteRejected = db.transaction((rejected: readonly Rejected[], at: number) => {
    for (const { terminal, reason, count } of rejected) sql.reject.run(terminal, reason, count, at);
  });
  const raise = db.transaction(({ at, terminal, kind, facts }: Alarm) => {
    const { lastInsertRowid } = sql.raise.run(at, terminal, kind, JSON.stringify(facts));
    sql.forget.run(Number(lastInsertRowid) - MOST_ALARMS);
  });
  const add = db.transaction((terminal: Terminal, grants: readonly Grant[]) => {
    const { id, checkpoint, site, sign, open, region, struck } = terminal;
    sql.add.run(id, checkpoint, site, sign, open, region ? 1 : 0, struck ? 1 : 0);
    sql.ungrant.run(id);
    for (const { kind, scene, field } of grants) sql.grant.run(id, kind, scene, field);
  });
  return {
    addTerminal: async (terminal, grants) => add.immediate(terminal, grants),
    strike: async (id) => sql.strike.run(id).changes > 0,
    terminals: async () => sql.all.all().map((row) => ({ ...row, region: row.region === 1, struck: row.struck === 1 })),
    noteState: async ({ terminal, at, state }) => void sql.noteState.run(terminal, at, JSON.stringify(state)),
    states: async () => sql.states.all().map((row) => ({ ...row, state: JSON.parse(row.state) as Facts })),
    raise: async (alarm) => raise.immediate(alarm),
    alarms: async (limit) => sql.alarms.all(limit).map((row) => ({ ...row, facts: JSON.parse(row.facts) as Facts })),
    noteRejected: async (rejected, at) => noteRejected.immediate(rejected, at),
    rejected: async () => sql.rejected.all(),
  };
}

function statements(db: Database.Database) {
  return {
    add: db.prepare<[string, string, string, Uint8Array, Uint8Array, number, number]>(
      'INSERT OR REPLACE INTO terminal VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    ungrant: db.prepare<[string]>('DELETE FROM granted WHERE terminal = ?'),
    grant: db.prepare<[string, string, string, string]>('INSERT INTO granted VALUES (?, ?, ?, ?)'),
    strike: db.prepare<[string]>('UPDATE terminal SET struck = 1 WHERE id = ? AND struck = 0'),
    all: db.prepare<[], TerminalRow>('SELECT * FROM terminal ORDER BY id'),
    noteState: db.prepare<[string, number, string]>('INSERT OR REPLACE INTO state VALUES (?, ?, ?)'),
    states: db.prepare<[], StateRow>('SELECT * FROM state ORDER BY terminal'),
    raise: db.prepare<[number, string, string, string]>('INSERT INTO alarm (at, terminal, kind, facts) VALUES (?, ?, ?, ?)'),
    forget: db.prepare<[number]>('DELETE FROM alarm WHERE id <= ?'),
    alarms: db.prepare<[number], AlarmRow>('SELECT at, terminal, kind, facts FROM alarm ORDER BY id DESC LIMIT ?'),
    reject: db.prepare<[string, string, number, number]>(
      'INSERT INTO rejected VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count, at = excluded.at',
    ),
    rejected: db.prepare<[], Rejected>('SELECT terminal, reason, count FROM rejected ORDER BY terminal, reason'),
  };
}
