/** Checkpoints with their townships, and counts of what the services keep, in SQLite. */
import type Database from 'better-sqlite3';
import type { Place, PlaceStore, Submitted } from './store-places.js';

/** Shanghai has kept UTC+8 without summer time since 1992. */
const day = (ms: string): string => `date(${ms} / 1000 + 28800, 'unixepoch')`;

const SUBMITTED = `
  SELECT kind, ${day('at')} AS day, count(*) AS count FROM record GROUP BY 1, 2
  UNION ALL SELECT 'affair-case', ${day('at')}, count(*) FROM affair_case GROUP BY 2
  UNION ALL SELECT 'payment-paid', ${day('since')}, count(*) FROM attempt WHERE state = 'paid' GROUP BY 2
  ORDER BY 1, 2`;

export function placesOf(db: Database.Database): PlaceStore {
  const put = db.prepare<[string, string, string]>('INSERT OR REPLACE INTO checkpoint VALUES (?, ?, ?)');
  const all = db.prepare<[], Place>('SELECT * FROM checkpoint ORDER BY name');
  const submitted = db.prepare<[], Submitted>(SUBMITTED);
  return {
    putPlace: async ({ name, township, title }) => void put.run(name, township, title),
    places: async () => all.all(),
    submitted: async () => submitted.all(),
  };
}
