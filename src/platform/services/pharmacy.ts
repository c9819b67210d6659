/** Service `pharmacy`: what somebody bought of a watched kind lately (DRUG-01); the sales themselves come as entries. */
import { BOUGHT_ASKED } from '../../messages/drugs.js';
import { jsonOf } from '../../messages/plain.js';
import type { Service } from './_service.js';

const DAY = 86_400_000;

export default {
  keeps: ['drug-sale'],
  operations: {
    /** `{class, days, subject}` → `{bought}` */
    bought: {
      async handle(body, { store, now }) {
        const asked = BOUGHT_ASKED.safeParse(jsonOf(body)).data;
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
