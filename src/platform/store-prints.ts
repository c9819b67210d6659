/** How often something was printed that may be printed so often only (MED-06). */
import type { Instant } from '../contracts.js';

export interface Print {
  /** Of the request that asked for it: the same again is one print. */
  readonly id: string;
  /** What is printed. */
  readonly of: string;
  readonly at: Instant;
}

export interface PrintStore {
  /** Counts it unless `most` are counted already; whether it is among them. */
  notePrint(print: Print, most: number): Promise<boolean>;
  /** What that print was of; undefined: no such print. */
  printOf(id: string): Promise<string | undefined>;
  /** Nothing came out of the printer. */
  returnPrint(id: string): Promise<void>;
  prints(of: string): Promise<number>;
}
