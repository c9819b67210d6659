/** What the county's store keeps of enrolments: tickets, and the certificates of its authority. */
import type { Instant } from '../contracts.js';

/** A ticket that was given out (messages/ticket.ts), and what the terminal will be. */
export interface Ticketed {
  readonly id: Uint8Array;
  readonly secret: Uint8Array;
  readonly terminal: string;
  readonly checkpoint: string;
  readonly site: string;
  readonly region: boolean;
  readonly expires: Instant;
  /** SM3 of the keys that it was used with; null: not used yet. */
  readonly used: Uint8Array | null;
}

/** A certificate that the county's authority gave a terminal; `since` it was given, and its end. */
export interface Certificate {
  readonly serial: string;
  readonly terminal: string;
  readonly since: Instant;
  readonly until: Instant;
  /** null: it is good. */
  readonly revoked: Instant | null;
}

export interface TicketStore {
  /** An unused one for the same terminal is withdrawn. */
  putTicket(ticket: Ticketed): Promise<void>;
  ticket(id: Uint8Array): Promise<Ticketed | undefined>;
  /** False: it is used already. */
  useTicket(id: Uint8Array, by: Uint8Array): Promise<boolean>;
  noteCertificate(certificate: Omit<Certificate, 'revoked'>): Promise<void>;
  certificates(): Promise<readonly Certificate[]>;
  /** All that this terminal has; whoever takes its name later begins anew. */
  revokeCertificates(terminal: string, at: Instant): Promise<void>;
}
