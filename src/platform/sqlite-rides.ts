/** Operators, rides and batches, in SQLite. */
import type Database from 'better-sqlite3';
import type { Ride } from '../messages/settlement.js';
import type { JournalPlace, Operator, RideStore, SettledBatch } from './store-rides.js';

type OperatorRow = Omit<Operator, 'checkpoints'> & { readonly checkpoints: string };
interface RideRow {
  readonly id: string;
  readonly ride: string;
}

export function ridesOf(db: Database.Database): RideStore {
  const sql = statements(db);
  const addRides = db.transaction(
    (rides: readonly { readonly operator: string; readonly ride: Ride }[], { terminal, journal, seq }: JournalPlace): number => {
      const added = rides.reduce(
        (count, { operator, ride }) => count + sql.addRide.run(ride.id, operator, ride.fare, JSON.stringify(ride)).changes,
        0,
      );
      sql.move.run(terminal, journal, seq);
      return added;
    },
  );
  const addBatch = db.transaction(({ operator, number, bytes, sm3 }: SettledBatch, rides: readonly string[]) => {
    sql.addBatch.run(operator, number, bytes, sm3);
    for (const id of rides) sql.take.run(number, id);
  });
  const confirm = db.transaction((operator: string, number: number, at: number): readonly number[] => {
    const open = sql.open.all(operator, number).map((row) => row.number);
    sql.confirm.run(at, operator, number);
    return open;
  });
  return {
    putOperator: async ({ id, name, checkpoints }) => void sql.putOperator.run(id, name, JSON.stringify(checkpoints)),
    operators: async () => sql.operators.all().map((row) => ({ ...row, checkpoints: JSON.parse(row.checkpoints) as string[] })),
    addRides: async (rides, to) => addRides.immediate(rides, to),
    settledTo: async (terminal, journal) => sql.place.get(terminal, journal)?.seq ?? 0,
    unbatched: async (operator, limit) => sql.unbatched.all(operator, limit).map(({ ride }) => JSON.parse(ride) as Ride),
    faresOf: async (ids) => new Map(ids.flatMap((id) => (sql.fare.all(id) as { fare: number }[]).map(({ fare }) => [id, fare] as const))),
    addBatch: async (batch, rides) => addBatch.immediate(batch, rides),
    batch: async (operator, number) => sql.batch.get(operator, number),
    lastBatch: async (operator) => sql.last.get(operator),
    unconfirmed: async () => sql.unconfirmed.all(),
    confirm: async (operator, number, at) => confirm.immediate(operator, number, at),
  };
}

const BATCH = 'SELECT operator, number, bytes, sm3 FROM settlement';

function statements(db: Database.Database) {
  return {
    putOperator: db.prepare<[string, string, string]>(
      'INSERT INTO operator VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET name = excluded.name, checkpoints = excluded.checkpoints',
    ),
    operators: db.prepare<[], OperatorRow>('SELECT * FROM operator ORDER BY id'),
    addRide: db.prepare<[string, string, number, string]>('INSERT OR IGNORE INTO ride (id, operator, fare, ride) VALUES (?, ?, ?, ?)'),
    move: db.prepare<[string, string, number]>(
      'INSERT INTO settled VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)',
    ),
    place: db.prepare<[string, string], { readonly seq: number }>('SELECT seq FROM settled WHERE terminal = ? AND journal = ?'),
    unbatched: db.prepare<[string, number], RideRow>(
      'SELECT id, ride FROM ride WHERE operator = ? AND batch IS NULL ORDER BY rowid LIMIT ?',
    ),
    fare: db.prepare<[string]>('SELECT fare FROM ride WHERE id = ?'),
    addBatch: db.prepare<[string, number, Uint8Array, string]>('INSERT INTO settlement (operator, number, bytes, sm3) VALUES (?, ?, ?, ?)'),
    take: db.prepare<[number, string]>('UPDATE ride SET batch = ? WHERE id = ?'),
    batch: db.prepare<[string, number], SettledBatch>(`${BATCH} WHERE operator = ? AND number = ?`),
    last: db.prepare<[string], SettledBatch>(`${BATCH} WHERE operator = ? ORDER BY number DESC LIMIT 1`),
    unconfirmed: db.prepare<[], SettledBatch>(`${BATCH} WHERE confirmed IS NULL ORDER BY operator, number`),
    open: db.prepare<[string, number], { readonly number: number }>(
      'SELECT number FROM settlement WHERE operator = ? AND number <= ? AND confirmed IS NULL ORDER BY number',
    ),
    confirm: db.prepare<[number, string, number]>(
      'UPDATE settlement SET confirmed = ? WHERE operator = ? AND number <= ? AND confirmed IS NULL',
    ),
  };
}
