/** Who bought of a batch: asked by an official for a stated purpose, and written down before it is answered. */
import type { Instant } from '../contracts.js';
import { OrderError } from './orders.js';
import { slipNumber } from './register-store.js';
import type { CountyStore } from './store.js';

export interface Buyer {
  readonly subject: string | null;
  readonly quantity: number;
  readonly at: Instant;
}

interface Asked {
  readonly terminal: string;
  /** The number that the counter gave it. */
  readonly batch: string;
  readonly purpose: string;
  readonly now: Instant;
}

/** @throws OrderError without a purpose, or for a batch that nobody entered */
export async function recalled(store: CountyStore, { terminal, batch, purpose, now }: Asked): Promise<readonly Buyer[]> {
  if (purpose.trim().length < 4) throw new OrderError('state who asks and what for', '须写明何人因何查询');
  const entered = (await store.recorded({ kind: 'market-batch' })).some((one) => one.terminal === terminal && slipNumber(one) === batch);
  if (!entered) throw new OrderError(`${terminal} entered no batch ${batch}`, '没有这个批次');
  await store.raise({ at: now, terminal, kind: 'recall', facts: { batch, purpose: purpose.slice(0, 200) } });
  const sales = await store.recorded({ kind: 'market-sale' });
  return sales
    .filter((one) => one.terminal === terminal && one.facts['batch'] === batch)
    .map(({ subject, facts, at }) => ({ subject, quantity: Number(facts['quantity']), at }));
}
