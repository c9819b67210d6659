/** Bodies of the service `stay` (STAY-01): is it the person, and the police's word that a stay is registered. Pure. */
import { z } from 'zod';

export const CONFIRM = 'stay/confirm';
/** Whom it is about stands beside it (shown.ts). */
export const CONFIRM_ASKED = z.strictObject({});
/** An opaque mark of the trusted-identity service: it names nobody, and is the same for the same person at the same county. */
export const CONFIRMED = z.strictObject({ mark: z.string().min(1).max(128) });

export const REGISTER = 'stay/register';
export const REGISTER_ASKED = z.strictObject({
  stay: z
    .string()
    .regex(/^[0-9A-F]{4}-\d{1,15}$/)
    .describe('number of the first guest’s record'),
  guests: z.int().min(1).max(20),
});
export const REGISTERED = z.strictObject({ acknowledgement: z.string().regex(/^[A-Z0-9-]{4,40}$/) });
