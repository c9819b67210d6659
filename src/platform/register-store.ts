/** What desks left behind, as the county's services keep it: one record for an entry, however often it is taken. */
import type { Facts, Instant } from '../contracts.js';

export interface Recorded {
  readonly terminal: string;
  readonly journal: string;
  readonly seq: number;
  /** The entry's kind: `drug-sale`, `survey-answer`… */
  readonly kind: string;
  readonly at: Instant;
  /** A person's pseudonym; null: nobody was identified. */
  readonly subject: string | null;
  /** The public part, and what was sealed beside the person; null: nothing. */
  readonly facts: Facts;
  readonly personal: Facts | null;
}

/** As the desk writes it on slips (src/station/desk-work.ts). */
export const slipNumber = ({ journal, seq }: Pick<Recorded, 'journal' | 'seq'>): string => `${journal.slice(0, 4).toUpperCase()}-${seq}`;

export interface Wanted {
  readonly kind: string;
  readonly subject?: string;
  readonly since?: Instant;
}

/** How far the entries of a journal were looked at. */
export interface RegisterPosition {
  readonly terminal: string;
  readonly journal: string;
  readonly seq: number;
}

export interface RegisterStore {
  /** Records and position in one transaction; a record that is there already is left as it is. */
  record(records: readonly Recorded[], position: RegisterPosition): Promise<void>;
  recorded(wanted: Wanted): Promise<readonly Recorded[]>;
  registerPositions(): Promise<readonly RegisterPosition[]>;
}
