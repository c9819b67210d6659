/**
 * What is written down: each opening of a seal, each grant and ungrant (grant-orders.ts), and what terminals asked without a grant.
 * The sealed part of one entry is opened here for one stated purpose; nothing else opens seals.
 */
import type { Instant } from '../contracts.js';
import { createOpener } from '../crypto/seal.js';
import type { Asks } from './grants.js';
import type { CountyKeys } from './keys.js';
import { OrderError } from './orders.js';
import type { CountyStore } from './store.js';

export interface Opening {
  readonly store: CountyStore;
  readonly keys: CountyKeys;
  /** `<terminal>/<journal>/<seq>` */
  readonly id: string;
  /** Who asks, and what for; recorded before anything is opened. */
  readonly purpose: string;
  readonly now: Instant;
}

/** The plain bytes. @throws OrderError when there is no such entry, no seal, or a seal that is not to this county. */
export async function openSealed({ store, keys, id, purpose, now }: Opening): Promise<Uint8Array> {
  if (purpose.trim().length < 4) throw new OrderError('state who asks and what for');
  const [terminal = '', journal = '', seq = ''] = id.split('/');
  const after = Number(seq) - 1;
  if (!Number.isSafeInteger(after) || after < 0) throw new OrderError(`${id} is not the id of an entry`);
  const [entry] = await store.entries({ terminal, journal, after, limit: 1 });
  if (entry?.seq !== after + 1) throw new OrderError(`there is no entry ${id}`);
  if (!entry.seal) throw new OrderError(`entry ${id} has nothing sealed`);
  const opened = { at: now, terminal, kind: 'seal-opened', facts: { id, purpose: purpose.slice(0, 200) } } as const;
  await store.noteAudited(opened);
  await store.raise(opened);
  const plain = createOpener(keys.seal.d, keys.seal.kid).open(entry.seal, `entry/${id}`);
  if (!plain) throw new OrderError(`the seal of ${id} was not made for this county, or was changed`);
  return plain;
}

export interface Refused {
  readonly terminal: string;
  readonly operation: string;
  readonly asks: Asks;
  readonly now: Instant;
}

/** A terminal asked what it was not given. Scene and fields are its own words, cut short. */
export function noteRefused(store: CountyStore, { terminal, operation, asks: { scene, fields }, now }: Refused): Promise<void> {
  const facts = { request: operation, scene: scene?.slice(0, 64) ?? null, fields: fields.slice(0, 32).map((field) => field.slice(0, 32)) };
  return store.noteAudited({ at: now, terminal, kind: 'request-refused', facts });
}
