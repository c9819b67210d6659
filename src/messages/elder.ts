/** Bodies of the service `elder` (ELD-01 to ELD-03): codes on paper, cards as carriers, applications for others. Whom it is about stands beside them (shown.ts). Pure. */
import { z } from 'zod';

const day = z.string().regex(/^\d{4}-\d\d-\d\d$/);
const codeId = z.string().regex(/^[0-9a-f]{16}$/);

export const PAPER = 'elder/paper';
/** A code to print: `AK1:…` of form paper, a masked name, and the last day on which it holds. */
export const PAPER_MADE = z.strictObject({
  id: codeId,
  code: z.string().startsWith('AK1:').max(1200),
  name: z.string().min(1).max(40),
  until: day,
});
/** So many on paper may hold at once; body of a refusal. */
export const PAPER_REFUSED = z.strictObject({ reason: z.enum(['too-many', 'no-holder']) });

export const CARRIERS = 'elder/carriers';
/** What a person can show besides a phone. */
export const CARRIERS_HELD = z.strictObject({
  papers: z.array(z.strictObject({ id: codeId, since: day, until: day })).max(20),
  cards: z.array(z.strictObject({ id: codeId, since: day })).max(20),
});
export type Carriers = z.infer<typeof CARRIERS_HELD>;

export const LOST = 'elder/lost';
export const LOST_ASKED = z.strictObject({ id: codeId });

export const BIND = 'elder/bind';

export const APPLICATION = 'elder/application';
export const APPLICATION_ASKED = z.strictObject({ number: z.string().regex(/^[0-9A-F]{4}-\d{1,15}$/) });
export const APPLICATION_STATES = ['waiting', 'approved', 'declined'] as const;
export const APPLICATION_STATE = z.strictObject({ state: z.enum(APPLICATION_STATES) });
