/** A terminal that asks a service of the county, without a broker between: a county of its own, and the context of each question. */
import { join } from 'node:path';
import type { Instant } from '../src/contracts.js';
import { createCashier } from '../src/platform/cashier.js';
import { holdCeremony } from '../src/platform/ceremony.js';
import type { CountyKeys } from '../src/platform/keys.js';
import { setUp } from '../src/platform/orders.js';
import type { Context } from '../src/platform/services/_service.js';
import type { CountyStore } from '../src/platform/store.js';
import { newStore } from './store.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

interface Ending {
  teardown(clean: () => unknown): void;
  testdir(): string;
}

export interface Asking {
  readonly keys: CountyKeys;
  readonly store: CountyStore;
  readonly now: Instant;
  /** A question of the terminal; with what is not as usual. */
  context(change?: Partial<Context>): Context;
}

/** `terminal`: who asks; it is nobody's yet. */
export async function asking(test: Ending, terminal: string): Promise<Asking> {
  const now = Date.now();
  const keys = holdCeremony({ folder: join(test.testdir(), 'county'), now: now - 3_600_000, region: '341525', terminals: [] });
  const store = await newStore();
  test.teardown(() => store.close());
  await setUp(store, keys);
  const cashier = createCashier({ store, provider: undefined, now: () => now, paid: () => undefined, log: silent });
  const nobody = { checkpoint: 'CP-1', site: '', sign: new Uint8Array(0), open: new Uint8Array(0), region: false, struck: false };
  return {
    keys,
    store,
    now,
    context: (change) => ({
      store,
      keys,
      gateway: undefined,
      trustedIdentity: undefined,
      bills: cashier,
      cashier,
      terminal: { id: terminal, ...nobody },
      id: new Uint8Array(16),
      now,
      signal: new AbortController().signal,
      ...change,
    }),
  };
}
