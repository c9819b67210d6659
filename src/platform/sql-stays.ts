/** Stays that the police's register was told of. */
import { all, get, type PartOf, run } from './sql.js';
import type { AcknowledgedStay, StayStore } from './store-stays.js';

type Row = Omit<AcknowledgedStay, 'acknowledgement'> & { readonly id: number };

const ADD = 'INSERT INTO stay (terminal, stay, guests, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING';

export const stays: PartOf<StayStore> = {
  *acknowledgeStay({ terminal, stay, guests, at }) {
    yield* run(ADD, terminal, stay, guests, at);
    const row = yield* get<Row>('SELECT * FROM stay WHERE terminal = ? AND stay = ?', terminal, stay);
    if (!row) throw new Error('a stay that was just written is not there');
    return acknowledged(row);
  },
  *acknowledgedStays() {
    return (yield* all<Row>('SELECT * FROM stay ORDER BY id')).map(acknowledged);
  },
};

/** The reference register numbers what it is told; a real one gives its own receipt. */
const acknowledged = ({ id, ...stay }: Row): AcknowledgedStay => ({ ...stay, acknowledgement: `GA-TEST-${String(id).padStart(8, '0')}` });
