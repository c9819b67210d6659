/** `ak/notice` (wire.md 4): what the county tells a terminal that a phone's owner registered there, signed by the platform. It names nobody. */
import { z } from 'zod';
import type { Notice } from '../contracts.js';
import { encodeCbor } from '../crypto/cbor.js';
import { makeSign1 } from '../crypto/cose.js';
import { named, numbered, octets, seconds } from './numbered.js';
import { openSigned, type Signer, type Verify } from './signed.js';

/** By what was done with the phone; `meeting-in` of somebody who came before adds 0 people. */
export const NOTICED = ['market-sale', 'drug-sale', 'meeting-in', 'meeting-out', 'checkpoint-in'] as const;

/** `id`: the visit of the phone's page, the same each time this is said. */
export const NOTICE = numbered({
  terminal: named,
  id: octets(16),
  scene: z.string().regex(/^[a-z][a-z/-]{0,63}$/),
  event: z.string().min(1).max(64).nullable().describe('event, batch or class of medicine; null: the checkpoint itself'),
  what: z.enum(NOTICED),
  quantity: z.int().min(0).max(100_000),
  issued: seconds.describe('Unix seconds: when it was registered'),
  number: z
    .string()
    .regex(/^[A-Z0-9-]{1,24}$/)
    .describe('as the phone shows it'),
});
export type SignedNotice = Readonly<z.output<typeof NOTICE.schema>>;

/** Older than this (s) nobody at a desk has a use for it: the stock was counted by hand since. */
export const NOTICE_LIFE = 86_400;

const TYP = 'ak/notice';

export function makeNotice(notice: SignedNotice, signer: Signer): Uint8Array {
  return makeSign1(signer.kid, TYP, encodeCbor(NOTICE.write(notice)), signer.sign);
}

/** `forged`: not signed by a platform key; `unreadable`: signed, but not as the table says. */
export function readNotice(bytes: Uint8Array, verify: Verify): SignedNotice | 'forged' | 'unreadable' {
  const signed = openSigned(bytes, TYP, verify);
  return signed ? (NOTICE.read(signed.fields) ?? 'unreadable') : 'forged';
}

/** What desks may know of it. */
export const noticeOf = ({ scene, event, what, quantity, number }: SignedNotice): Notice => ({ scene, event, what, quantity, number });
