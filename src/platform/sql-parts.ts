/** The parts of the county's store put together, over whatever runs them. */
import { bound, type Run } from './sql.js';
import { access } from './sql-access.js';
import { cases } from './sql-cases.js';
import { elders } from './sql-elders.js';
import { enterprises } from './sql-enterprises.js';
import { entries } from './sql-entries.js';
import { payments } from './sql-payments.js';
import { people } from './sql-people.js';
import { phones } from './sql-phones.js';
import { places } from './sql-places.js';
import { prints } from './sql-prints.js';
import { registers } from './sql-registers.js';
import { requests } from './sql-requests.js';
import { rides } from './sql-rides.js';
import { stays } from './sql-stays.js';
import { terminals } from './sql-terminals.js';
import { tickets } from './sql-tickets.js';
import { trust } from './sql-trust.js';
import type { CountyStore } from './store.js';

const PARTS = {
  ...entries,
  ...terminals,
  ...trust,
  ...requests,
  ...tickets,
  ...access,
  ...registers,
  ...people,
  ...stays,
  ...elders,
  ...enterprises,
  ...rides,
  ...prints,
  ...payments,
  ...cases,
  ...places,
  ...phones,
};

/** What only the database itself knows. */
export type OwnMethods = Pick<CountyStore, 'stamp' | 'close'>;

export const partsOf = (run: Run): Omit<CountyStore, keyof OwnMethods> => bound<Omit<CountyStore, keyof OwnMethods>>(PARTS, run);
