/** The signed data `drugs`: which medicines are sold under the buyer's name, and how much of them (DRUG-01). Pure. */
import { z } from 'zod';
import type { Cbor } from '../crypto/cbor.js';
import { jsonOf } from './plain.js';

const id = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);
export const WORDS = z.strictObject({ zh: z.string().min(1).max(60), en: z.string().min(1).max(120) });

const watched = z.strictObject({
  id,
  name: WORDS,
  unit: WORDS.describe('what is counted: boxes, bottles'),
  most: z.int().min(1).max(1000).describe('to one person within `days`'),
  days: z.int().min(1).max(366),
  purpose: z.boolean().default(false).describe('the buyer is asked what it is for'),
});

export const DRUGS = z
  .strictObject({
    version: z.int().min(1).max(999_999_999),
    classes: z.array(watched).min(1).max(40),
    medicines: z
      .array(
        z.strictObject({
          code: z
            .string()
            .regex(/^\d{8,14}$/)
            .describe('GTIN on the box (GB 12904), without leading zeros added'),
          name: WORDS,
          class: id,
        }),
      )
      .max(20_000),
  })
  .refine(({ classes }) => new Set(classes.map((one) => one.id)).size === classes.length, {
    path: ['classes'],
    message: 'two classes with one id',
  })
  .refine(({ medicines, classes }) => medicines.every((one) => classes.some((known) => known.id === one.class)), {
    path: ['medicines'],
    message: 'a medicine of a class that is not there',
  });
export type Drugs = z.infer<typeof DRUGS>;
export type Watched = Drugs['classes'][number];

/** undefined: not such data. */
export function parseDrugs(value: unknown): Drugs | undefined {
  return DRUGS.safeParse(jsonOf(value as Cbor)).data;
}

/** GTIN-8, -12, -13 and -14 name one thing when they differ in leading zeros only (GS1 General Specifications 7.9). */
export function medicineOf(drugs: Drugs, scanned: string): Drugs['medicines'][number] | undefined {
  const bare = (code: string): string => code.replace(/^0+/, '');
  return /^\d{8,14}$/.test(scanned) ? drugs.medicines.find(({ code }) => bare(code) === bare(scanned)) : undefined;
}

/** `pharmacy/bought`: what somebody bought of a class within the last days. */
export const BOUGHT_ASKED = z.strictObject({
  class: id,
  days: z.int().min(1).max(366),
  subject: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
});
export const BOUGHT = z.strictObject({ bought: z.int().nonnegative() });
