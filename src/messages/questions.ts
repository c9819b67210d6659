/** The signed data `survey`: what patients are asked afterwards (MED-11): five questions at most, answered by a touch. Pure. */
import { z } from 'zod';
import type { Cbor } from '../crypto/cbor.js';
import { WORDS } from './drugs.js';
import { jsonOf } from './plain.js';

const id = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);

const choice = z.string().regex(/^[a-z0-9-]{1,32}$/);

export const SURVEY = z.strictObject({
  version: z.int().min(1).max(999_999_999),
  questions: z
    .array(
      z.strictObject({
        id,
        ask: WORDS,
        choices: z
          .array(z.strictObject({ id: choice, label: WORDS }))
          .min(2)
          .max(7),
      }),
    )
    .min(1)
    .max(5),
});
export type Survey = z.infer<typeof SURVEY>;

/** undefined: not such data. */
export function parseSurvey(value: unknown): Survey | undefined {
  return SURVEY.safeParse(jsonOf(value as Cbor)).data;
}
