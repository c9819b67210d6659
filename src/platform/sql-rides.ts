/** Operators, rides and batches. */
import type { Ride } from '../messages/settlement.js';
import { all, allOfEach, get, insert, type PartOf, run, runEach } from './sql.js';
import type { Operator, RideStore } from './store-rides.js';

type OperatorRow = Omit<Operator, 'checkpoints'> & { readonly checkpoints: string };
interface FareRow {
  readonly id: string;
  readonly fare: number;
}

const PUT_OPERATOR = `INSERT INTO operator VALUES (?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET name = excluded.name, checkpoints = excluded.checkpoints`;
const MOVE = `INSERT INTO settled VALUES (?, ?, ?) ON CONFLICT (terminal, journal) DO UPDATE SET
  seq = CASE WHEN settled.seq < excluded.seq THEN excluded.seq ELSE settled.seq END`;
const UNBATCHED = 'SELECT ride FROM ride WHERE operator = ? AND batch IS NULL ORDER BY number LIMIT ?';
const BATCH = 'SELECT operator, number, bytes, sm3 FROM settlement';
const CONFIRM = 'UPDATE settlement SET confirmed = ? WHERE operator = ? AND number <= ? AND confirmed IS NULL RETURNING number';

export const rides: PartOf<RideStore> = {
  *putOperator({ id, name, checkpoints }) {
    yield* run(PUT_OPERATOR, id, name, JSON.stringify(checkpoints));
  },
  *operators() {
    const rows = yield* all<OperatorRow>('SELECT * FROM operator ORDER BY id');
    return rows.map((row) => ({ ...row, checkpoints: JSON.parse(row.checkpoints) as string[] }));
  },
  *addRides(added, { terminal, journal, seq }) {
    yield* run(MOVE, terminal, journal, seq);
    const rows = added.map(({ operator, ride }) => [ride.id, operator, ride.fare, JSON.stringify(ride)]);
    return yield* insert({ into: 'ride', columns: ['id', 'operator', 'fare', 'ride'], rows, known: 'ignored' });
  },
  *settledTo(terminal, journal) {
    const sql = 'SELECT seq FROM settled WHERE terminal = ? AND journal = ?';
    return (yield* get<{ readonly seq: number }>(sql, terminal, journal))?.seq ?? 0;
  },
  *unbatched(operator, limit) {
    return (yield* all<{ readonly ride: string }>(UNBATCHED, operator, limit)).map(({ ride }) => JSON.parse(ride) as Ride);
  },
  *faresOf(ids) {
    const rows = yield* allOfEach<FareRow>(
      'SELECT id, fare FROM ride WHERE id = ?',
      ids.map((id) => [id]),
    );
    return new Map(rows.map(({ id, fare }) => [id, fare]));
  },
  *addBatch({ operator, number, bytes, sm3 }, ids) {
    yield* run('INSERT INTO settlement (operator, number, bytes, sm3) VALUES (?, ?, ?, ?)', operator, number, bytes, sm3);
    yield* runEach(
      'UPDATE ride SET batch = ? WHERE id = ?',
      ids.map((id) => [number, id]),
    );
  },
  *batch(operator, number) {
    return yield* get(`${BATCH} WHERE operator = ? AND number = ?`, operator, number);
  },
  *lastBatch(operator) {
    return yield* get(`${BATCH} WHERE operator = ? ORDER BY number DESC LIMIT 1`, operator);
  },
  *unconfirmed() {
    return yield* all(`${BATCH} WHERE confirmed IS NULL ORDER BY operator, number`);
  },
  *confirm(operator, number, at) {
    const rows = yield* all<{ readonly number: number }>(CONFIRM, at, operator, number);
    return rows.map((row) => row.number).toSorted((a, b) => a - b);
  },
};
