/** A payment provider, as the county uses it: money is taken by the code that a person shows, for a merchant's order number, once. */
import type { Instant } from '../contracts.js';
import type { NotCharged } from '../messages/payment.js';

/**
 * How an order stands. `pending`: the person is asked for a password, say. `unknown`: never heard of. `closed`: nothing was taken, and nothing
 * can be any more.
 */
export type ProviderSays =
  | { readonly state: 'paid' | 'refunded'; readonly receipt: string; readonly amount: number }
  | { readonly state: 'refused'; readonly reason: Extract<NotCharged, 'insufficient' | 'code-used' | 'code-unknown' | 'declined'> }
  | { readonly state: 'pending' | 'unknown' | 'closed' };

export interface ProviderOrder {
  /** The merchant's number, at most 32 characters. The same number again is the same order, whatever else is said. */
  readonly order: string;
  readonly amount: number;
  readonly code: string;
  readonly what: string;
}

/** What was taken for an order (above 0) or given back (below 0). */
export interface Movement {
  readonly order: string;
  readonly amount: number;
  readonly at: Instant;
}

/** Every method rejects when no answer comes: then nothing is known, and `query` tells later. */
export interface Provider {
  charge(order: ProviderOrder, signal: AbortSignal): Promise<ProviderSays>;
  query(order: string, signal: AbortSignal): Promise<ProviderSays>;
  /** Ends an order that is not paid, heard of or not; what is paid stays so and is said. */
  close(order: string, signal: AbortSignal): Promise<ProviderSays>;
  /** Gives all of it back; again is nothing more. */
  refund(order: string, signal: AbortSignal): Promise<ProviderSays>;
  /** The provider's own book since then. */
  statement(since: Instant, signal: AbortSignal): Promise<readonly Movement[]>;
  /** What it says unasked: once, twice or never. */
  onNotice(listener: (order: string, says: ProviderSays) => void): void;
}
