/** What phones registered at the county's page, and which of it terminals have still to be told. */
import type { Facts, Instant } from '../contracts.js';
import type { SignedNotice } from '../messages/notice.js';

export interface PhoneVisit {
  /** 16 bytes that the page gave to this visit: whatever comes again under it is the same registration. */
  readonly id: Uint8Array;
  /** SM3 of the code that proved who it is: it registers once. null: a session proved it. */
  readonly code: Uint8Array | null;
  readonly terminal: string;
  readonly kind: string;
  readonly subject: string;
  readonly at: Instant;
  readonly facts: Facts;
  readonly personal: Facts | null;
  readonly notice: Pick<SignedNotice, 'scene' | 'event' | 'what' | 'quantity'>;
}

/** Of the records of `kind` that agree with these facts the quantities must not add up to more than `most`; those of the visit included. */
export interface PhoneLimit {
  readonly kind: string;
  /** Of this terminal alone. */
  readonly terminal?: string;
  readonly where: Readonly<Record<string, string>>;
  readonly most: number;
  /** Of this person alone, and since then; absent: of everybody. */
  readonly subject?: string;
  readonly since?: Instant;
}

export type PhoneOutcome =
  /** `again`: by the same visit before. */
  | { readonly does: 'registered'; readonly number: string; readonly at: Instant; readonly again: boolean; readonly subject: string }
  | { readonly does: 'over'; readonly left: number }
  | { readonly does: 'used' };

export interface DueNotice extends SignedNotice {
  readonly at: Instant;
}

export interface PhoneStore {
  /** Record and notice in one transaction, once for a visit. */
  registerByPhone(visit: PhoneVisit, limit?: PhoneLimit): Promise<PhoneOutcome>;
  /** What this visit registered before. */
  phoneVisit(id: Uint8Array): Promise<Extract<PhoneOutcome, { does: 'registered' }> | undefined>;
  /** Not sent yet, and registered since; the oldest first. */
  dueNotices(since: Instant, limit: number): Promise<readonly DueNotice[]>;
  noteNoticeSent(id: Uint8Array, at: Instant): Promise<void>;
}
