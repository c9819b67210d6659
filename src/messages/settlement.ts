/**
 * What a ride's operator is told (RIDE-03): numbered batches of rides, each signed by the platform and chained to the one before, and the
 * operator's word that it has them. JSON (RFC 8785) inside a COSE_Sign1, so that any company can read it. Pure.
 *
 *   ankang/v1/<region>/operator/<operator>/settlement/<number>   retained until it is confirmed
 *                                          confirmed             {"number": 12, "sm3": "…"} by the operator
 */
import { z } from 'zod';
import type { Json } from '../contracts.js';
import { makeSign1 } from '../crypto/cose.js';
import { sm3 } from '../crypto/sm3.js';
import { canonical, parseCanonical } from './jcs.js';
import { openSigned, type Signer, type Verify } from './signed.js';
import { isName, isRegion } from './topics.js';

export const TYP_SETTLEMENT = 'ak/settlement';

const hex32 = z.string().regex(/^[0-9a-f]{64}$/);
const fen = z.int().min(0).max(10_000_000);

export const RIDE = z.strictObject({
  id: z.string().min(3).max(160).describe('transaction number: <terminal>/<journal>/<seq>, settled once for ever'),
  at: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  day: z
    .string()
    .regex(/^\d{4}-\d\d-\d\d$/)
    .describe('day of service, which begins at 04:00 Asia/Shanghai'),
  line: z.string().max(64).nullable(),
  stop: z.string().max(64).nullable(),
  fare: fen.describe('what is due for this transaction; of a tap-off: for the whole ride, and `replaces` are not due any more'),
  riders: z.int().min(1).max(100),
  version: z.int().min(0).nullable().describe('of the tariff'),
  replaces: z.array(z.string().max(160)).max(100).optional(),
  unpriced: z.literal(true).optional().describe('the vehicle had no tariff: to be priced by the operator'),
  unpaired: z.literal(true).optional().describe('a tap-off whose boarding could not be found'),
  reduced: z
    .literal(true)
    .optional()
    .describe('a concession, a transfer or a cap applied; which one is nobody’s business but the platform’s'),
});
export type Ride = z.infer<typeof RIDE>;

/** Rides of one message: about 100 KiB. */
export const MOST_RIDES = 500;

export const BATCH = z.strictObject({
  operator: z.string().refine(isName),
  number: z.int().min(1),
  prev: hex32.describe('SM3 of the batch before, as it was signed; 64 zeros for the first'),
  issued: z.int().min(0).describe('Unix seconds'),
  rides: z.array(RIDE).min(1).max(MOST_RIDES),
  fen: z.int().min(0).describe('sum of what is due, so that a reader can check its own'),
});
export type Batch = z.infer<typeof BATCH>;

export const CONFIRMED = z.strictObject({ number: z.int().min(1), sm3: hex32 });

export const FIRST_PREV = '0'.repeat(64);

/** `sm3`: of the payload, which the next batch names. */
export function makeBatch(batch: Batch, signer: Signer): { readonly bytes: Uint8Array; readonly sm3: string } {
  const payload = Buffer.from(canonical(BATCH.parse(batch) as Json));
  return { bytes: makeSign1(signer.kid, TYP_SETTLEMENT, payload, signer.sign), sm3: Buffer.from(sm3(payload)).toString('hex') };
}

/** undefined: malformed, or not signed by whom it should be. */
export function readBatch(bytes: Uint8Array, verify: Verify): { readonly batch: Batch; readonly sm3: string } | undefined {
  const signed = openSigned(bytes, TYP_SETTLEMENT, verify);
  const batch = signed && BATCH.safeParse(parseCanonical(Buffer.from(signed.payload).toString('utf8'))).data;
  return signed && batch && { batch, sm3: Buffer.from(sm3(signed.payload)).toString('hex') };
}

/** What is due of a batch, in fen. */
export function dueOf(rides: readonly Ride[], fareOf: (id: string) => number | undefined): number {
  return rides.reduce((sum, { fare, replaces = [] }) => sum + fare - replaces.reduce((less, id) => less + (fareOf(id) ?? 0), 0), 0);
}

const root = (region: string): string => `ankang/v1/${region}/operator/`;
export const settlementTopic = (region: string, operator: string, number: number): string =>
  `${root(region)}${operator}/settlement/${number}`;
export const confirmedFilter = (region: string): string => `${root(region)}+/confirmed`;

/** The operator of a `confirmed` topic; undefined: another topic. */
export function confirmedBy(topic: string): string | undefined {
  const [, region = '', operator = ''] = /^ankang\/v1\/([^/]+)\/operator\/([^/]+)\/confirmed$/.exec(topic) ?? [];
  return isRegion(region) && isName(operator) ? operator : undefined;
}
