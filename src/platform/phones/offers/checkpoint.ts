/** Scene `checkpoint`: whoever comes to a place registers there (OPS-02). */
import { type Offer, words } from '../_offer.js';

export default {
  form: async () => ({ heading: words('场所登记', 'Register at this place'), lines: [], blanks: [] }),
  registration: async () => ({
    kind: 'checkpoint-visit',
    facts: {},
    personal: null,
    notice: { event: null, what: 'checkpoint-in', quantity: 1 },
    done: words('登记成功，请向工作人员出示', 'Registered: show this to staff'),
    lines: [],
  }),
} satisfies Offer;
