/** Scene `market`: a purchase of cold-chain food, of the batch that the counter's code names (COLD-02). */
import type { Recorded } from '../../register-store.js';
import { slipNumber } from '../../register-store.js';
import type { CountyStore } from '../../store.js';
import { type Filling, type Offer, type Offering, words } from '../_offer.js';

/** Of a batch that the county does not know yet: nobody buys more with a phone at once. */
const MOST = 100;
const QUANTITY = words('数量', 'Quantity');
const PRODUCT = words('品名', 'Product');

interface Batch {
  readonly goods: Recorded | undefined;
  readonly closed: boolean;
  /** What was there at a time, when it was entered or counted; undefined: not known yet. */
  readonly stock: { readonly most: number; readonly since: number } | undefined;
}

async function batchOf(store: CountyStore, { terminal, claims: { event } }: Offering): Promise<Batch> {
  const of = async (kind: string): Promise<readonly Recorded[]> =>
    (await store.recorded({ kind })).filter((one) => one.terminal === terminal.id);
  const goods = (await of('market-batch')).find((one) => slipNumber(one) === event);
  const counted = (await of('market-count')).findLast(({ facts }) => facts['batch'] === event);
  const closed = (await of('market-closed')).some(({ facts }) => facts['batch'] === event);
  return { goods, closed, stock: stockOf(goods, 'quantity', counted) };
}

function stockOf(goods: Recorded | undefined, name: string, counted: Recorded | undefined): Batch['stock'] {
  const most = counted ? counted.facts['left'] : goods?.facts[name];
  return typeof most === 'number' ? { most, since: (counted ?? goods)?.at ?? 0 } : undefined;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export default {
  async form(offering) {
    const { goods, closed, stock } = await batchOf(offering.store, offering);
    if (offering.claims.event === undefined) return { closed: words('这个码没有写明批次', 'This code names no batch') };
    if (closed) return { closed: words('这批货已下架，不再销售', 'This batch is off sale') };
    if (stock?.most === 0) return { closed: words('这批货已售完', 'This batch is sold out') };
    const facts = goods?.facts ?? {};
    return {
      heading: words('冷链食品购买登记', 'Register a purchase of cold-chain food'),
      lines: [
        { label: PRODUCT, value: textOf(facts['product']) },
        { label: words('原产地', 'Origin'), value: textOf(facts['origin']) },
        { label: words('生产批号', 'Batch'), value: textOf(facts['batch']) },
      ].filter(({ value }) => value !== ''),
      blanks: [{ id: 'quantity', label: QUANTITY, kind: 'number', least: 1, most: Math.min(MOST, stock?.most ?? MOST) }],
    };
  },
  async registration({ values, ...offering }: Filling) {
    const { event = '' } = offering.claims;
    const { stock } = await batchOf(offering.store, offering);
    const quantity = Number(values['quantity']);
    return {
      kind: 'market-sale',
      facts: { batch: event, quantity },
      personal: {},
      notice: { event, what: 'market-sale', quantity },
      ...(stock && { limit: { kind: 'market-sale', terminal: offering.terminal.id, where: { batch: event }, ...stock } }),
      done: words('购买登记完成，请向摊主出示', 'The purchase is registered: show this at the counter'),
      lines: [{ label: QUANTITY, value: String(quantity) }],
    };
  },
} satisfies Offer;
