/** What the police's register of guests answered for each stay (STAY-01). */
import type { Instant } from '../contracts.js';

export interface NewStay {
  readonly terminal: string;
  /** The number that the desk gave it. */
  readonly stay: string;
  readonly guests: number;
  readonly at: Instant;
}

export interface AcknowledgedStay extends NewStay {
  readonly acknowledgement: string;
}

export interface StayStore {
  /** A stay that was told before has its first receipt. */
  acknowledgeStay(stay: NewStay): Promise<AcknowledgedStay>;
  acknowledgedStays(): Promise<readonly AcknowledgedStay[]>;
}
