/** Terminals, what they say of themselves, alarms and refused messages. */
import type { Facts } from '../contracts.js';
import { all, get, type PartOf, run, runEach } from './sql.js';
import type { Alarm, Terminal, TerminalState, TerminalStore } from './store.js';

/** Alarms are for people to read; the oldest go. */
const MOST_ALARMS = 10_000;

type TerminalRow = Omit<Terminal, 'region' | 'struck'> & { readonly region: number; readonly struck: number };
type StateRow = Omit<TerminalState, 'state'> & { readonly state: string };
type AlarmRow = Omit<Alarm, 'facts'> & { readonly facts: string };

const ADD = `INSERT INTO terminal VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET checkpoint = excluded.checkpoint,
  site = excluded.site, sign = excluded.sign, open = excluded.open, region = excluded.region, struck = excluded.struck`;
const NOTE_STATE = 'INSERT INTO state VALUES (?, ?, ?) ON CONFLICT (terminal) DO UPDATE SET at = excluded.at, state = excluded.state';
const REJECT = `INSERT INTO rejected VALUES (?, ?, ?, ?) ON CONFLICT (terminal, reason)
  DO UPDATE SET count = rejected.count + excluded.count, at = excluded.at`;

export const terminals: PartOf<TerminalStore> = {
  *addTerminal({ id, checkpoint, site, sign, open, region, struck }, grants) {
    yield* run(ADD, id, checkpoint, site, sign, open, region ? 1 : 0, struck ? 1 : 0);
    yield* run('DELETE FROM granted WHERE terminal = ?', id);
    const rows = grants.map(({ kind, scene, field }) => [id, kind, scene, field]);
    yield* runEach('INSERT INTO granted VALUES (?, ?, ?, ?)', rows);
  },
  *strike(id) {
    return (yield* run('UPDATE terminal SET struck = 1 WHERE id = ? AND struck = 0', id)) > 0;
  },
  *terminals() {
    const rows = yield* all<TerminalRow>('SELECT * FROM terminal ORDER BY id');
    return rows.map((row) => ({ ...row, region: row.region === 1, struck: row.struck === 1 }));
  },
  *noteState({ terminal, at, state }) {
    yield* run(NOTE_STATE, terminal, at, JSON.stringify(state));
  },
  *states() {
    const rows = yield* all<StateRow>('SELECT * FROM state ORDER BY terminal');
    return rows.map((row) => ({ ...row, state: JSON.parse(row.state) as Facts }));
  },
  *raise({ at, terminal, kind, facts }) {
    const sql = 'INSERT INTO alarm (at, terminal, kind, facts) VALUES (?, ?, ?, ?) RETURNING id';
    const added = yield* get<{ readonly id: number }>(sql, at, terminal, kind, JSON.stringify(facts));
    yield* run('DELETE FROM alarm WHERE id <= ?', (added?.id ?? 0) - MOST_ALARMS);
  },
  *alarms(limit) {
    const rows = yield* all<AlarmRow>('SELECT at, terminal, kind, facts FROM alarm ORDER BY id DESC LIMIT ?', limit);
    return rows.map((row) => ({ ...row, facts: JSON.parse(row.facts) as Facts }));
  },
  *noteRejected(rejected, at) {
    const sorted = rejected.toSorted((a, b) => (a.terminal < b.terminal ? -1 : 1));
    yield* runEach(
      REJECT,
      sorted.map(({ terminal, reason, count }) => [terminal, reason, count, at]),
    );
  },
  *rejected() {
    return yield* all('SELECT terminal, reason, count FROM rejected ORDER BY terminal, reason');
  },
};
