/** Service `command`: how far the orders to a terminal went (wire.md 4). */
import type { Service } from './_service.js';

export default {
  operations: {
    /** `{1: counter of the last order that was sent, 0: none}` */
    state: {
      handle: async (_body, { store, terminal }) => ({ status: 'ok', body: new Map([[1, await store.lastCommand(terminal.id)]]) }),
    },
  },
} satisfies Service;
