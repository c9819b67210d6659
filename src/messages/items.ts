/** The signed data `items`: what a person or an enterprise may apply for at the county hall (GOV-01), with how it is spelt. Pure. */
import { z } from 'zod';
import type { Blank, Json, Words } from '../contracts.js';
import { type Cbor, type CborMap, decodeCbor, encodeCbor, isBytes } from '../crypto/cbor.js';
import { cborOf, jsonOf } from './plain.js';

/** What kind of act it is, as the national catalogue of government services names them. */
export const ITEM_TYPES = ['licence', 'payment', 'confirmation', 'reward', 'ruling', 'other', 'service'] as const;
export const APPLICANTS = ['person', 'enterprise'] as const;

/** Bounds that an import says in words. */
export const MOST_ITEMS = 5000;
export const MOST_MATERIALS = 30;
export const MOST_BLANKS = 20;

const id = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);
const words = z.strictObject({ zh: z.string().min(1).max(120), en: z.string().min(1).max(240) });
/** Syllables without tones between spaces; letters and digits of the name stand for themselves. */
const spelt = z
  .string()
  .max(1000)
  .regex(/^[a-z0-9 ]*$/);

const base = { id, label: words, optional: z.literal(true).optional() };
const BLANK = z.discriminatedUnion('kind', [
  z.strictObject({ ...base, kind: z.literal('text'), longest: z.int().min(1).max(200) }),
  z.strictObject({ ...base, kind: z.literal('digits'), shortest: z.int().min(0).max(40), longest: z.int().min(1).max(40) }),
  z.strictObject({ ...base, kind: z.literal('number'), least: z.int().nonnegative(), most: z.int().nonnegative() }),
  z.strictObject({ ...base, kind: z.literal('date') }),
  z.strictObject({
    ...base,
    kind: z.literal('choice'),
    choices: z
      .array(z.strictObject({ id, label: words }))
      .min(2)
      .max(12),
  }),
]);

const material = z.strictObject({
  name: words,
  licence: id.optional().describe('what the e-licence library calls it; absent: it has none'),
});
const index = z.int().nonnegative();

const LISTED = z.strictObject({
  code: z
    .string()
    .regex(/^[0-9A-Z]{12,31}$/)
    .describe('basic code of the national catalogue (12), or the longer code of the office that handles it'),
  name: words,
  pinyin: spelt,
  aliases: z
    .array(z.strictObject({ name: z.string().min(1).max(60), pinyin: spelt }))
    .max(8)
    .describe('what people call it'),
  department: index,
  type: z.enum(ITEM_TYPES),
  events: z.array(index).max(6),
  who: z.array(z.enum(APPLICANTS)).min(1).max(2),
  conditions: index.optional(),
  materials: z.array(index).max(MOST_MATERIALS),
  days: z.int().min(0).max(366).describe('working days promised; 0: at once'),
  fee: z.int().min(0).max(100_000_000).describe('fen'),
  window: index,
  form: index,
  synthetic: z.literal(true).optional().describe('made up for tests and demonstrations'),
});

const known = z.strictObject({ id, name: words, pinyin: spelt });

/** What many items share stands in tables, and the items name its place there: a third of the size. */
export const ITEMS = z
  .strictObject({
    version: z.int().min(1).max(999_999_999),
    departments: z.array(known).min(1).max(200),
    events: z.array(known).max(60).describe('events of a life or of an enterprise: birth, retirement…'),
    materials: z.array(material).max(MOST_ITEMS),
    texts: z.array(words).max(MOST_ITEMS).describe('windows and conditions'),
    forms: z.array(z.array(BLANK).max(MOST_BLANKS)).max(MOST_ITEMS),
    items: z.array(LISTED).min(1).max(MOST_ITEMS),
  })
  .refine(({ items }) => new Set(items.map(({ code }) => code)).size === items.length, {
    path: ['items'],
    message: 'two items with one code',
  })
  .refine((all) => all.items.every((item) => stands(item, all)), { path: ['items'], message: 'an item names what is not in a table' });

export type Items = z.infer<typeof ITEMS>;
type Listed = z.infer<typeof LISTED>;
export type Known = z.infer<typeof known>;
export type Material = z.infer<typeof material>;

interface Tables {
  readonly departments: readonly Known[];
  readonly events: readonly Known[];
  readonly materials: readonly Material[];
  readonly texts: readonly Words[];
  readonly forms: readonly unknown[];
}

function stands(item: Listed, { departments, events, materials, texts, forms }: Tables): boolean {
  const isIn = (table: readonly unknown[], ...at: readonly number[]): boolean => at.every((one) => one < table.length);
  return (
    isIn(departments, item.department) &&
    isIn(events, ...item.events) &&
    isIn(materials, ...item.materials) &&
    isIn(texts, item.window, item.conditions ?? item.window) &&
    isIn(forms, item.form)
  );
}

/** An item with all that its list says of it. */
export interface Item extends Pick<Listed, 'code' | 'name' | 'pinyin' | 'aliases' | 'type' | 'who' | 'days' | 'fee'> {
  readonly department: Known;
  readonly events: readonly Known[];
  readonly conditions: Words | undefined;
  readonly materials: readonly Material[];
  readonly window: Words;
  readonly blanks: readonly Blank[];
  readonly synthetic: boolean;
}

export function itemsOf({ items, departments, events, materials, texts, forms }: Items): readonly Item[] {
  const at = <T>(table: readonly T[], index: number): T => {
    const found = table[index];
    if (found === undefined) throw new RangeError('an item names what is not in a table');
    return found;
  };
  return items.map(({ department, events: happen, conditions, materials: wanted, window, form, synthetic, ...item }) => ({
    ...item,
    department: at(departments, department),
    events: happen.map((one) => at(events, one)),
    conditions: conditions === undefined ? undefined : at(texts, conditions),
    materials: wanted.map((one) => at(materials, one)),
    window: at(texts, window),
    // The schema is that of a desk's blanks; `optional` is true or not there in both.
    blanks: at(forms, form) as readonly Blank[],
    synthetic: synthetic === true,
  }));
}

const PACKED = 'packed';

/**
 * As it travels: the whole list in one string of bytes, so that a terminal that takes it into force has a tenth of a second less to do at
 * once, and a lane, where nobody searches, never reads it.
 */
export const packItems = (items: Items): Cbor => new Map([[PACKED, encodeCbor(cborOf(items as unknown as Json))]]);

/** Packed or as it is. undefined: not such data. */
export function parseItems(value: unknown): Items | undefined {
  const packed = value instanceof Map ? (value as CborMap).get(PACKED) : undefined;
  const list = isBytes(packed) ? decodeCbor(packed) : (value as Cbor);
  return list === undefined ? undefined : ITEMS.safeParse(jsonOf(list)).data;
}
