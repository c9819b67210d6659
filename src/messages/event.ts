/**
 * A message on `up/<terminal>/entries` as a schema, for those who read the topic with tools of their own. The county reads it faster and
 * more strictly (entry.ts: hashes, order, canonical text); a test holds the two together.
 */
import { z } from 'zod';
import { JOURNAL, KIND, MESSAGE_ENTRIES } from './entry.js';
import { NAME, REGION } from './topics.js';

const inside = (pattern: RegExp): string => pattern.source.replace(/^\^|\$$/g, '');
const whole = (...parts: readonly string[]): RegExp => new RegExp(`^${parts.join('')}$`);
const milliseconds = z.string().regex(/^(0|[1-9][0-9]{0,15})$/);
const base64 = z
  .string()
  .regex(/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/)
  .min(4)
  .meta({ contentEncoding: 'base64' });
const hash = z.string().regex(/^[0-9a-f]{64}$/);

export const EVENT = z
  .strictObject({
    specversion: z.literal('1.0'),
    id: z
      .string()
      .regex(whole(inside(NAME), '/', inside(JOURNAL), '/[1-9][0-9]{0,15}'))
      .describe('<terminal>/<journal>/<seq>'),
    source: z
      .string()
      .regex(whole('/ankang/', inside(REGION), '/', inside(NAME), '/', inside(NAME)))
      .describe('/ankang/<region>/<checkpoint>/<terminal>'),
    type: z.string().regex(whole('cn\\.ankang\\.', inside(KIND), '\\.v1')),
    time: z
      .string()
      .regex(/^[0-9+-]{4,7}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/)
      .describe('`earliest`, RFC 3339'),
    data: z.record(z.string(), z.json()).describe('the public part: integers only, names no person'),
    journal: z.string().regex(JOURNAL),
    seq: z.int().min(1),
    earliest: milliseconds.describe('it is not before; ms since 1970'),
    latest: milliseconds.describe('it is not after; absent: not known').optional(),
    seal: base64.describe('for the platform only (wire.md 5)').optional(),
    prev: hash,
    hash,
  })
  .describe('CloudEvents 1.0, one line of a journal');

export const ENTRIES = z.strictObject({
  events: z.array(EVENT).min(1).max(MESSAGE_ENTRIES).describe('follow each other in one journal'),
  head: base64.describe('ak/head of the last, signed by the terminal'),
});
