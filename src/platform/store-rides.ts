/** Operators, their rides and their batches (RIDE-03). */
import type { Instant } from '../contracts.js';
import type { Ride } from '../messages/settlement.js';

export interface Operator {
  readonly id: string;
  readonly name: string;
  /** Its vehicles' terminals belong to these. */
  readonly checkpoints: readonly string[];
}

export interface SettledBatch {
  readonly operator: string;
  readonly number: number;
  /** A COSE_Sign1 of `ak/settlement`. */
  readonly bytes: Uint8Array;
  readonly sm3: string;
}

export interface JournalPlace {
  readonly terminal: string;
  readonly journal: string;
  readonly seq: number;
}

export interface RideStore {
  /** Replaces what was known of this operator. */
  putOperator(operator: Operator): Promise<void>;
  operators(): Promise<readonly Operator[]>;
  /** Rides and position in one transaction; one that is there stays. How many are new. */
  addRides(rides: readonly { readonly operator: string; readonly ride: Ride }[], to: JournalPlace): Promise<number>;
  /** 0: nothing yet. */
  settledTo(terminal: string, journal: string): Promise<number>;
  unbatched(operator: string, limit: number): Promise<readonly Ride[]>;
  faresOf(ids: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** The batch and that its rides are in it, one transaction. */
  addBatch(batch: SettledBatch, rides: readonly string[]): Promise<void>;
  batch(operator: string, number: number): Promise<SettledBatch | undefined>;
  lastBatch(operator: string): Promise<SettledBatch | undefined>;
  unconfirmed(): Promise<readonly SettledBatch[]>;
  /** Numbers that were not confirmed before, up to this one. */
  confirm(operator: string, number: number, at: Instant): Promise<readonly number[]>;
}
