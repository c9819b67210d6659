/** Bodies of the service `enterprise` (ENT-01 to ENT-06). The person who acts stands beside them (shown.ts). Pure. */
import { z } from 'zod';
import type { Cbor } from '../crypto/cbor.js';
import { STATUSES } from './claims.js';
import { WORDS } from './drugs.js';
import { isCreditCode } from './identifiers.js';
import { jsonOf } from './plain.js';

const creditCode = z.string().refine(isCreditCode).meta({ pattern: '^[0-9A-HJ-NPQRTUWXY]{18}$' });
const day = z.string().regex(/^\d{4}-\d\d-\d\d$/);
const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/);
const text = (longest: number) => z.string().min(1).max(longest);

export const SIZES = ['micro', 'small', 'medium', 'large'] as const;
export const INDUSTRIES = ['farming', 'industry', 'construction', 'trade', 'catering', 'transport', 'services', 'other'] as const;
const industry = z.enum(INDUSTRIES);
const size = z.enum(SIZES);

/** `licence`: the text of the QR code on a business licence; one of the two. */
export const FIND = 'enterprise/find';
export const FIND_ASKED = z.union([z.strictObject({ creditCode }), z.strictObject({ licence: text(1200) })]);
export const FOUND = z.strictObject({ creditCode, name: text(100), status: z.enum(STATUSES), industry, size });
export type Found = z.infer<typeof FOUND>;

/** The licence's code is an address; what stands in it as a credit code is looked up, anything else is the register's own matter. */
export const creditCodeIn = (licence: string): string | undefined => licence.match(/[0-9A-HJ-NPQRTUWXY]{18}/g)?.find(isCreditCode);

/** What this person may do for it. */
export const ACTING = 'enterprise/acting';
export const ACTING_ASKED = z.strictObject({ creditCode });
export const ROLES = ['representative', 'agent', 'nobody'] as const;
export const ACTING_AS = z.strictObject({ role: z.enum(ROLES) });

export const CREDIT = 'enterprise/credit';
export const CREDIT_RECORD = z.strictObject({
  asOf: day,
  records: z.array(z.strictObject({ date: day, kind: z.enum(['good', 'penalty', 'notice']), text: WORDS })).max(50),
});

export const LICENCES = 'enterprise/licences';
export const LICENCES_HELD = z.strictObject({ licences: z.array(z.strictObject({ id, name: WORDS, until: day.optional() })).max(50) });

export const LICENCE = 'enterprise/licence';
export const LICENCE_ASKED = z.strictObject({ creditCode, id, purpose: text(60) });
export const LICENCE_SHOWN = z.strictObject({
  name: WORDS,
  lines: z
    .array(z.strictObject({ label: WORDS, value: text(200) }))
    .min(1)
    .max(20),
  watermark: text(120).describe('time, terminal and purpose: whoever photographs it photographs that too'),
});

/** The enterprise's own code, for its wall: only to who may act for it. */
export const CODE = 'enterprise/code';
export const CODE_MADE = z.strictObject({ code: z.string().startsWith('AE1:').max(1200), name: text(100), until: day });

/** How an application is going. */
export const APPLIED = 'enterprise/application';

/** The signed data `policies`: what the county offers enterprises, with whom it is for. An empty list is for all. */
export const POLICIES = z.strictObject({
  version: z.int().min(1).max(999_999_999),
  asOf: day,
  policies: z
    .array(
      z.strictObject({
        id,
        title: WORDS,
        summary: z.strictObject({ zh: text(400), en: text(800) }),
        department: WORDS,
        industries: z.array(industry).max(INDUSTRIES.length),
        sizes: z.array(size).max(SIZES.length),
        until: day.optional(),
      }),
    )
    .max(500),
});
export type Policies = z.infer<typeof POLICIES>;
export type Policy = Policies['policies'][number];

/** undefined: not such data. */
export function parsePolicies(value: unknown): Policies | undefined {
  return POLICIES.safeParse(jsonOf(value as Cbor)).data;
}

export interface For {
  readonly industry: (typeof INDUSTRIES)[number];
  readonly size: (typeof SIZES)[number];
  /** YYYY-MM-DD; what ended before is not offered. */
  readonly day: string;
  /** A word of title, summary or department, in either language; absent: all that match. */
  readonly word?: string | undefined;
}

/** Those that are for such an enterprise: the more closely it is meant, the further up. */
export function matching({ policies }: Policies, { industry, size, day: today, word = '' }: For): readonly Policy[] {
  const wanted = word.trim().toLowerCase();
  const meant = (policy: Policy): number => Number(policy.industries.length > 0) + Number(policy.sizes.length > 0);
  return policies
    .filter((policy) => policy.industries.length === 0 || policy.industries.includes(industry))
    .filter((policy) => policy.sizes.length === 0 || policy.sizes.includes(size))
    .filter(({ until }) => until === undefined || until >= today)
    .filter(({ title, summary, department }) =>
      [title, summary, department].some(({ zh, en }) => zh.includes(wanted) || en.toLowerCase().includes(wanted)),
    )
    .sort((a, b) => meant(b) - meant(a));
}
