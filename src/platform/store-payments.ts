/** What the county's store keeps of money: bills, the attempts to charge them, and who was told that they are paid. */
import type { Instant } from '../contracts.js';
import type { NotCharged } from '../messages/payment.js';
import type { AttemptEvent, AttemptState } from './payment-states.js';
import type { Opening } from './services/_service.js';

export interface Bill extends Opening {
  readonly number: string;
  /** Follows from its attempts; `void`: another amount took its place. */
  readonly state: 'open' | 'charging' | 'paid' | 'void';
  readonly opened: Instant;
  /** Of the attempt that paid it. */
  readonly receipt: string | null;
  readonly paidAt: Instant | null;
  /** When its service had taken the word that it is paid. */
  readonly told: Instant | null;
}

export interface Attempt {
  readonly attempt: string;
  readonly bill: string;
  /** The merchant's order number at the provider; '' for an attempt that never began. */
  readonly order: string;
  readonly amount: number;
  readonly state: AttemptState;
  readonly reason: NotCharged | null;
  readonly receipt: string | null;
  readonly since: Instant;
}

/** What happened to an attempt. `order` with `begun`; `receipt` with `took`. */
export interface Moved {
  readonly attempt: string;
  readonly bill: string;
  readonly event: AttemptEvent;
  readonly at: Instant;
  readonly reason?: NotCharged;
  readonly receipt?: string;
}

export interface PaymentStore {
  /** The bill of that service, reference and amount, new under `number` where there is none; `taken`: the one of another amount that stands in its way. */
  openBill(
    opening: Opening,
    as: { readonly number: string; readonly at: Instant },
  ): Promise<{ readonly number: string } | { readonly taken: string }>;
  bill(number: string): Promise<Bill | undefined>;
  /** By its service's word for it, void ones left out. */
  billOf(service: string, reference: string): Promise<Bill | undefined>;
  /** In the order they were opened. */
  bills(): Promise<readonly Bill[]>;
  /** An open bill may be charged by this terminal from now on. */
  moveBill(number: string, terminal: string): Promise<void>;
  /**
   * One step of the table, in one transaction. An attempt that is not there is `open` before; `begun` becomes `blocked` where the bill is void,
   * being paid or paid. `moved` is false when the table says that nothing changes.
   * @throws RangeError for the provider's word on an attempt that nobody began
   */
  moveAttempt(moved: Moved): Promise<{ readonly attempt: Attempt; readonly moved: boolean }>;
  attempt(bill: string, attempt: string): Promise<Attempt | undefined>;
  attempts(): Promise<readonly Attempt[]>;
  /** `charging` or `refunding`. */
  unsettled(): Promise<readonly Attempt[]>;
  attemptOfOrder(order: string): Promise<Attempt | undefined>;
  /** Paid, and their service does not know it yet. */
  untold(): Promise<readonly Bill[]>;
  noteTold(number: string, at: Instant): Promise<void>;
}
