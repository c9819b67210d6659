/** Service `pharmacy`: what somebody bought of a watched kind lately (DRUG-01); the sales themselves come as entries. */
import { z } from 'zod';
import { jsonOf } from '../../messages/plain.js';
import type { Service } from './_service.js';

const ASKED = z.strictObject({
  class: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  days: z.int().min(1).max(366),
  subject: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
});
const DAY = 86_400_000;

export default {
  keeps: ['drug-sale'],
  operations: {
    /** `{class, days, subject}` → `{bought}` */
    bought: {
      async handle(body, { store, now }) {
        const asked = ASKED.safeParse(jsonOf(body)).data;
        if (!asked) return { status: 'refused' };
        const sales = await store.recorded({ kind: 'drug-sale', subject: asked.subject, since: now - asked.days * DAY });
        const bought = sales
          .filter(({ facts }) => facts['class'] === asked.class)
          .reduce((sum, { facts }) => sum + (typeof facts['quantity'] === 'number' ? facts['quantity'] : 0), 0);
        return { status: 'ok', body: new Map([['bought', bought]]) };
      },
    },
  },
} satisfies Service;
