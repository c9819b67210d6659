/** Bodies of `identity/release` (wire.md 6, SEC-06): fields of the person who stands there, for a scene and a purpose. Pure. */
import { z } from 'zod';
import { FIELDS } from '../contracts.js';

export const RELEASE = 'identity/release';

export const RELEASE_ASKED = z.strictObject({
  fields: z.array(z.enum(FIELDS)).min(1).max(FIELDS.length),
  scene: z.string().regex(/^[a-z][a-z0-9/-]{0,63}$/),
  purpose: z.string().min(2).max(60).describe('a word of the scene for what it is needed, never of a person'),
});

/** What the platform knows of somebody: text by field. */
export const PERSON = z.partialRecord(z.enum(FIELDS), z.string().min(1).max(200));
