/** What a desk and the county say of applications at the county hall (GOV-01): bodies of `affairs/*`, and the life of a case. Pure. */
import { z } from 'zod';

/** The entry that an application is; its number at the desk is what the county finds it by. */
export const APPLICATION = 'affair';

/** returned: something is missing, and what is said beside. */
export const CASE_STATES = ['submitted', 'accepted', 'returned', 'decided', 'delivered'] as const;
export type CaseState = (typeof CASE_STATES)[number];

const code = z.string().regex(/^[0-9A-Z]{12,31}$/);
const licence = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);
const words = z.strictObject({ zh: z.string().min(1).max(120), en: z.string().min(1).max(240) });
export const CASE_NUMBER = /^\d{6}-\d{6}-\d{5}$/;
const number = z.string().regex(CASE_NUMBER);
const token = z.string().regex(/^[0-9a-f]{16}$/);

/** `affairs/materials`: what of an item's materials the e-licence library has for whoever stands there. */
export const MATERIALS_ASKED = z.strictObject({ item: code });
export const MATERIALS = z.strictObject({
  onFile: z.array(z.strictObject({ licence, number: z.string().min(1).max(40).describe('masked') })).max(30),
  /** False: the library did not say all, or nothing; what it did not say must be brought. */
  complete: z.boolean(),
});
export type Materials = z.infer<typeof MATERIALS>;

/** `affairs/submit`: the number of the case that an application of this terminal became. The application itself comes as an entry, sealed. */
export const SUBMIT_ASKED = z.strictObject({
  kept: z
    .string()
    .regex(/^[0-9A-F]{4}-[1-9]\d{0,15}$/)
    .describe('as the desk numbered it'),
});
export const SUBMITTED = z.strictObject({ number, token });

/** `affairs/cases`: one case by the code of its receipt, or those of whoever stands there. */
export const CASES_ASKED = z.union([z.strictObject({ number, token }), z.strictObject({})]);
export const MOST_CASES = 20;
export const CASES = z.strictObject({
  cases: z
    .array(
      z.strictObject({ number, item: words, state: z.enum(CASE_STATES), at: z.string().max(10), note: z.string().max(200).optional() }),
    )
    .max(MOST_CASES),
});
export type ShownCase = z.infer<typeof CASES>['cases'][number];

/** What is sealed with an application. */
export const SEALED = z.strictObject({
  form: z.record(z.string().max(32), z.string().max(200)),
  library: z.array(licence).max(30),
  enterprise: z.string().max(18).optional(),
});

const PREFIX = 'AKCASE';

/** The code of a receipt. */
export const receiptCode = ({ number: of, token: by }: z.infer<typeof SUBMITTED>): string => `${PREFIX}:${of}:${by}`;

/** undefined: no receipt of ours. */
export function readReceipt(text: string): z.infer<typeof SUBMITTED> | undefined {
  const [prefix, of, by] = text.trim().split(':');
  return prefix === PREFIX ? SUBMITTED.safeParse({ number: of, token: by }).data : undefined;
}
