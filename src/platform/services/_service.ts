/** What a service of the county is: one file of this folder, a word for each of its operations. Files that begin with _ are none. */
import type { Instant, Words } from '../../contracts.js';
import type { Cbor } from '../../crypto/cbor.js';
import type { Status } from '../../messages/answer.js';
import type { Cashier } from '../cashier.js';
import type { Gateway } from '../gateway-client.js';
import type { Asks } from '../grants.js';
import type { CountyKeys } from '../keys.js';
import type { CountyStore, Terminal } from '../store.js';
import type { TrustedIdentity } from '../trusted-identity.js';

/** What is to be paid, as the service knows it. */
export interface Opening {
  /** The file of this folder that opens the bill, without its ending: its `paid` is told. */
  readonly service: string;
  /** What is paid, in the service's own words: an invoice, one deposit. It is paid once and never again. At most 120 characters. */
  readonly reference: string;
  /** In fen, above 0. */
  readonly amount: number;
  /** The pseudonym of whom it is of; null: nobody was identified. */
  readonly subject: string | null;
  /** The terminal that may charge it. */
  readonly terminal: string;
  readonly what: Words;
}

export interface PaidBill extends Opening {
  readonly number: string;
  readonly receipt: string;
  readonly paidAt: Instant;
}

export interface Bills {
  /**
   * The number to give to the terminal. The same service, reference and amount always has the same number, paid or not: a paid one that is
   * charged again answers its receipt. An open bill of the reference with another amount is void by this.
   * @throws BillTaken when the reference is being paid, or was paid, with another amount
   */
  open(opening: Opening): Promise<string>;
  /** undefined: not paid, as far as the platform knows now. */
  paid(service: string, reference: string): Promise<PaidBill | undefined>;
}

/** `number` is the other bill of the reference. */
export class BillTaken extends Error {
  override readonly name = 'BillTaken';
  readonly number: string;
  constructor(number: string) {
    super(`the reference has another bill that is being paid or was: ${number}`);
    this.number = number;
  }
}

/** What an operation may use. */
export interface County {
  readonly store: CountyStore;
  readonly bills: Bills;
  /** For the service `pay`. */
  readonly cashier: Cashier;
  readonly keys: CountyKeys;
  /** The province's; undefined: this county has no line to it. */
  readonly gateway: Gateway | undefined;
  /** undefined: this county has no line to it. */
  readonly trustedIdentity: TrustedIdentity | undefined;
}

export interface Context extends County {
  /** In good standing, and the one that signed. */
  readonly terminal: Terminal;
  /** The request's id: whoever writes something writes it once for an id. */
  readonly id: Uint8Array;
  readonly now: Instant;
  /** The deadline passed or the county stops: nobody waits any more. */
  readonly signal: AbortSignal;
}

/** `body` absent: nothing to say. */
export interface Outcome {
  readonly status: Extract<Status, 'ok' | 'unknown' | 'refused' | 'fault'>;
  readonly body?: Cbor;
}

export interface Operation {
  /** The scene and the fields that grants are held against, from a body as it came; absent: it has none. */
  asks?(body: Cbor): Asks;
  /** Checks the body itself: it is as it came. What it throws is answered `fault` and logged. */
  handle(body: Cbor, context: Context): Promise<Outcome>;
}

export interface Service {
  /** Kinds of entries that the county keeps a record of for this service. */
  readonly keeps?: readonly string[];
  readonly operations: Readonly<Record<string, Operation>>;
  /**
   * A bill of this service was paid. Called again and again, also after a restart, until it resolves: pass on the bill's number as the
   * idempotency key, so that what it does happens once.
   */
  paid?(bill: PaidBill, county: County): Promise<void>;
}
