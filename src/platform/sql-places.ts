/** Checkpoints with their townships, and counts of what the services keep. */
import { all, type PartOf, run } from './sql.js';
import type { Place, PlaceStore, Submitted } from './store-places.js';

const DAY = 86_400_000;
/** Number of a day since 1970: Shanghai has kept UTC+8 without summer time since 1992. */
const dayOf = (ms: string): string => `(${ms} + 28800000) / ${DAY}`;

const SUBMITTED = `
  SELECT kind, ${dayOf('at')} AS number, count(*) AS count FROM record GROUP BY 1, 2
  UNION ALL SELECT 'affair-case' AS kind, ${dayOf('at')} AS number, count(*) AS count FROM affair_case GROUP BY 2
  UNION ALL SELECT 'payment-paid' AS kind, ${dayOf('since')} AS number, count(*) AS count FROM attempt WHERE state = 'paid' GROUP BY 2
  ORDER BY 1, 2`;

type Row = Omit<Submitted, 'day'> & { readonly number: number };

const PUT = `INSERT INTO checkpoint (name, township, title) VALUES (?, ?, ?)
  ON CONFLICT (name) DO UPDATE SET township = excluded.township, title = excluded.title`;

export const places: PartOf<PlaceStore> = {
  *putPlace({ name, township, title }) {
    yield* run(PUT, name, township, title);
  },
  *places() {
    return yield* all<Place>('SELECT * FROM checkpoint ORDER BY name');
  },
  *submitted() {
    const rows = yield* all<Row>(SUBMITTED);
    return rows.map(({ kind, number, count }) => ({ kind, day: new Date(number * DAY).toISOString().slice(0, 10), count }));
  },
};
