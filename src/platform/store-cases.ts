/** What the county's store keeps of cases at the hall, and of what its simulated services are told to get wrong. */
import type { Instant, Words } from '../contracts.js';
import type { CaseState } from '../messages/affairs.js';
import type { Recorded } from './register-store.js';

export interface NewCase {
  /** The entry that it came as: the same one never makes two. */
  readonly terminal: string;
  readonly journal: string;
  readonly seq: number;
  /** Its code, and what it was called then. */
  readonly item: string;
  readonly name: Words;
  readonly subject: string | null;
  /** Who knows it may ask for the state: it is on the receipt. */
  readonly token: string;
  readonly at: Instant;
}

export interface Case extends NewCase {
  readonly number: string;
  readonly state: CaseState;
  readonly since: Instant;
  readonly note: string | null;
}

export interface Step {
  readonly at: Instant;
  readonly state: CaseState;
  readonly note: string | null;
}

export interface CaseMove {
  readonly number: string;
  readonly from: CaseState;
  readonly to: CaseState;
  readonly at: Instant;
  readonly note: string | null;
}

export interface CaseStore {
  /** Gives it the next number that begins with `prefix`; the case that the entry is already, if it is one. */
  addCase(made: NewCase, prefix: string): Promise<Case>;
  case(number: string): Promise<Case | undefined>;
  /** The newest first. `state`: only these; absent: all. */
  cases(wanted: { readonly subject?: string; readonly state?: CaseState; readonly limit: number }): Promise<readonly Case[]>;
  /** False: it is not in the state it is moved from. */
  moveCase(move: CaseMove): Promise<boolean>;
  caseSteps(number: string): Promise<readonly Step[]>;
  /** The record of an entry, as desks number it: the first four digits of the journal, and seq. */
  numberedRecord(terminal: string, kept: string): Promise<Recorded | undefined>;
  /** Records of a kind that are no case yet, the oldest first. */
  recordsWithoutCase(kind: string, limit: number): Promise<readonly Recorded[]>;
  /** What a simulated service is to get wrong; '': nothing. */
  putFault(service: string, fault: string): Promise<void>;
  fault(service: string): Promise<string>;
}
