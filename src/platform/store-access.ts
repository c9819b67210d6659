/** What the county's store keeps of who may ask what, and of what people and terminals did with that. */
import type { Facts, Instant } from '../contracts.js';

/** One thing that a terminal may ask for. */
export interface Grant {
  readonly terminal: string;
  /** `service/operation`, or `service/*`: all of a service. */
  readonly kind: string;
  /** What it may be asked for; '': every scene. */
  readonly scene: string;
  /** A field that the answer may tell; '': the kind itself, which tells none. */
  readonly field: string;
}

export type AuditKind = 'granted' | 'ungranted' | 'request-refused' | 'seal-opened' | 'released';

/** Facts name a person by pseudonym at most. */
export interface Audited {
  readonly at: Instant;
  readonly terminal: string;
  readonly kind: AuditKind;
  readonly facts: Facts;
}

export interface AccessStore {
  /** Of one terminal, or of all. */
  grants(terminal?: string): Promise<readonly Grant[]>;
  /** Gives them and writes that down, both or neither; how many are new. */
  grant(grants: readonly Grant[], audited: Audited): Promise<number>;
  /** Takes them away likewise, with the kind itself all its fields; how many were there. */
  ungrant(grants: readonly Grant[], audited: Audited): Promise<number>;
  noteAudited(audited: Audited): Promise<void>;
  /** The newest first. */
  audit(limit: number): Promise<readonly Audited[]>;
}
