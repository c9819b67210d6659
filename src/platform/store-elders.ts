/** What people show besides a phone, and what became of applications for others (ELD-01 to ELD-03). */
import type { Instant } from '../contracts.js';

/** A code on paper or a bound card; `id`: what a revocation list names, 16 hex digits. */
export interface Carrier {
  readonly id: string;
  readonly subject: string;
  readonly kind: 'code' | 'card';
  readonly since: Instant;
  readonly until: Instant;
  /** Where it was made or bound. */
  readonly terminal: string;
}

export interface Decision {
  readonly terminal: string;
  readonly number: string;
  readonly state: 'approved' | 'declined';
  readonly at: Instant;
}

export interface ElderStore {
  /** One that is there already stays as it is. */
  addCarrier(carrier: Carrier): Promise<void>;
  dropCarrier(id: string): Promise<void>;
  carriers(subject: string): Promise<readonly Carrier[]>;
  /** The first decision stays. */
  decide(decision: Decision): Promise<void>;
  decisions(): Promise<readonly Decision[]>;
}
