/** What a service of the county is: one file of this folder, a word for each of its operations. Files that begin with _ are none. */
import type { Instant } from '../../contracts.js';
import type { Cbor } from '../../crypto/cbor.js';
import type { Status } from '../../messages/answer.js';
import type { Gateway } from '../gateway-client.js';
import type { Asks } from '../grants.js';
import type { CountyKeys } from '../keys.js';
import type { CountyStore, Terminal } from '../store.js';
import type { TrustedIdentity } from '../trusted-identity.js';

/** What an operation may use. */
export interface County {
  readonly store: CountyStore;
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
}
