/**
 * Scene `market`: imported cold-chain food is sold by batch and under the buyer's name (COLD-01, COLD-02). Batches are kept on this box,
 * buyers nowhere but at the county: a recall is asked for there. Works without a network.
 */
import { z } from 'zod';
import type { Choice, Desk, DeskScene, Heard, Json, Notice, Words } from '../contracts.js';
import { localTime } from '../messages/calendar.js';
import { PRINT_WORDS, printedLine } from './_print.js';

const words = (zh: string, en: string): Words => ({ zh, en });

const SETTINGS = z.strictObject({
  counter: z.string().min(1).max(40).describe('what the counter is called on its codes'),
  days: z.int().min(1).max(90).default(30).describe('how long the sales code of a batch holds'),
});
type Settings = z.infer<typeof SETTINGS>;

const WORDS = {
  what: words('冷链食品柜台', 'Cold-chain counter'),
  goods: words('新到一批货', 'A new batch'),
  right: words('请核对后确认', 'Is this right?'),
  made: words('柜台销售码，贴在货上或让顾客扫码', 'The sales code of this batch: for the goods, or for a customer’s phone'),
  scan: words('扫码登记购买', 'Scan to register a purchase'),
  counter: words('柜台', 'Counter'),
  bought: words('冷链食品购买登记', 'Cold-chain purchase'),
  recall: words('这批货如被召回，县里按登记通知您', 'If this batch is recalled, the county can tell you'),
  which: words('卖的是哪一批？', 'Which batch is it?'),
  none: words('没有可卖的批次，请先登记新到的货', 'There is no batch to sell: enter a new one first'),
  who: words('请顾客出示安康码或社保卡', 'Show the buyer’s code or card'),
  howMany: words('卖出数量', 'How many are sold?'),
  done: words('购买登记完成', 'The sale is registered'),
  product: words('品名', 'Product'),
  origin: words('原产地', 'Origin'),
  importer: words('进口商', 'Importer'),
  batch: words('生产批号', 'Batch'),
  certificate: words('检验检疫与核酸、消毒证明编号', 'Numbers of the inspection certificates'),
  quantity: words('数量', 'Quantity'),
  left: words('库存', 'In stock'),
  number: words('登记号', 'Number'),
  closed: words('已下架，不再销售', 'Taken off sale'),
  counted: words('库存已更正', 'The stock is corrected'),
  count: words('现在实际有多少？', 'How many are really there now?'),
};

const BATCH = z.strictObject({
  id: z.string(),
  product: z.string(),
  batch: z.string(),
  left: z.int().nonnegative(),
});
type Batch = z.infer<typeof BATCH>;
/** More batches at one counter than anybody finds again. */
const MOST = 40;
const BATCHES = z.array(BATCH).max(MOST);
const DAY = 86_400_000;

const CHOICES: readonly Choice[] = [
  { id: 'sale', label: words('登记购买', 'Sell') },
  { id: 'goods', label: words('登记新到的货', 'Enter a batch') },
  { id: 'code', label: words('销售码：显示并打印', 'A sales code: show and print') },
  { id: 'count', label: words('盘点：更正库存', 'Correct the stock') },
  { id: 'close', label: words('下架一批', 'Take a batch off sale') },
];

async function visit(desk: Desk, settings: Settings): Promise<void> {
  const { id } = await desk.choose(WORDS.what, CHOICES);
  if (id === 'goods') return goods(desk, settings);
  const batches = kept(desk);
  if (batches.length === 0) return desk.show(WORDS.none);
  const chosen = await desk.choose(WORDS.which, batches.map(choiceOf));
  if (id === 'sale') return sale(desk, chosen.batch);
  if (id === 'code') return show(desk, chosen.batch, settings);
  if (id === 'count') return counted(desk, chosen.batch);
  await desk.submit({ kind: 'market-closed', facts: { batch: chosen.batch.id, left: chosen.batch.left } });
  keep(
    desk,
    kept(desk).filter((batch) => batch.id !== chosen.batch.id),
  );
  await desk.show(WORDS.closed);
}

const choiceOf = (batch: Batch) => ({
  id: batch.id,
  label: words(`${batch.product} ${batch.batch}`, `${batch.product} ${batch.batch}`),
  detail: words(`库存 ${batch.left}`, `${batch.left} in stock`),
  batch,
});

const batchesIn = (kept: Json | undefined): readonly Batch[] => BATCHES.safeParse(kept).data ?? [];
const kept = (desk: Desk): readonly Batch[] => batchesIn(desk.kept());
const keep = (desk: Desk, batches: readonly Batch[]): void => desk.keep(batches);

async function goods(desk: Desk, settings: Settings): Promise<void> {
  for (;;) {
    const typed = await desk.fill(WORDS.goods, [
      { id: 'product', label: WORDS.product, kind: 'text', longest: 30 },
      { id: 'origin', label: WORDS.origin, kind: 'text', longest: 30 },
      { id: 'importer', label: WORDS.importer, kind: 'text', longest: 40, optional: true },
      { id: 'batch', label: WORDS.batch, kind: 'text', longest: 30 },
      { id: 'certificate', label: WORDS.certificate, kind: 'text', longest: 80 },
      { id: 'quantity', label: WORDS.quantity, kind: 'number', least: 1, most: 100_000 },
    ]);
    const { product = '', origin = '', importer = '', batch = '', certificate = '', quantity = '' } = typed;
    const lines = [
      { label: WORDS.product, value: product },
      { label: WORDS.origin, value: origin },
      { label: WORDS.importer, value: importer || '–' },
      { label: WORDS.batch, value: batch },
      { label: WORDS.certificate, value: certificate },
      { label: WORDS.quantity, value: quantity },
    ];
    if (!(await desk.confirm(WORDS.right, lines))) continue;
    // The county knows the batch by the number of its entry; so does every sale.
    const facts = { product, origin, importer, batch, certificate, quantity: Number(quantity), counter: settings.counter };
    const id = await desk.submit({ kind: 'market-batch', facts });
    const made = { id, product, batch, left: Number(quantity) };
    keep(desk, [made, ...kept(desk)].slice(0, MOST));
    return show(desk, made, settings);
  }
}

async function show(desk: Desk, { id, product, batch }: Batch, { counter, days }: Settings): Promise<void> {
  const title = `${counter} ${product} ${batch}`.slice(0, 60);
  const until = desk.at.earliest + days * DAY;
  const { text, picture } = await desk.venueCode({ scene: 'market', event: id, title, until });
  const lines = [
    { label: WORDS.batch, value: batch },
    { label: WORDS.counter, value: counter },
    { label: WORDS.number, value: id },
    { label: PRINT_WORDS.validUntil, value: localTime(until).day },
  ];
  const printed = await desk.print({ kind: 'label', title: WORDS.scan, heading: product, lines, code: text });
  const shown = [{ label: WORDS.product, value: `${product} ${batch}` }, printedLine(PRINT_WORDS.label, printed)];
  await desk.show(WORDS.made, shown, picture);
}

/** What phones bought while the line was away came late or never: people count. */
async function counted(desk: Desk, { id, product, batch }: Batch): Promise<void> {
  const { quantity = '' } = await desk.fill(WORDS.count, [
    { id: 'quantity', label: WORDS.quantity, kind: 'number', least: 0, most: 100_000 },
  ]);
  const left = Number(quantity);
  const was = kept(desk).find((one) => one.id === id)?.left ?? 0;
  await desk.submit({ kind: 'market-count', facts: { batch: id, left, was } });
  keep(
    desk,
    kept(desk).map((one) => (one.id === id ? { ...one, left } : one)),
  );
  await desk.show(WORDS.counted, [
    { label: WORDS.product, value: `${product} ${batch}` },
    { label: WORDS.left, value: quantity },
  ]);
}

/** A phone bought of a batch of this desk. Nobody stood here: a batch that seems sold out stays until it is counted or taken off sale. */
function heard({ event, what, quantity, number }: Notice, before: Json | undefined): Heard | undefined {
  const batches = batchesIn(before);
  const of = batches.find(({ id }) => id === event);
  if (!of || what !== 'market-sale') return undefined;
  const left = Math.max(0, of.left - quantity);
  const said = words(
    `手机登记购买：${of.product} ${of.batch}，数量 ${quantity}，登记号 ${number}，库存 ${left}`,
    `Sold by phone: ${of.product} ${of.batch}, ${quantity}, number ${number}, ${left} left`,
  );
  return { said, kept: batches.map((one) => (one.id === of.id ? { ...one, left } : one)) };
}

/** Two gestures: the customer's code, and how many. */
async function sale(desk: Desk, { id, product, batch, left }: Batch): Promise<void> {
  const who = await desk.identify(WORDS.who, ['person']);
  const { quantity = '' } = await desk.fill(WORDS.howMany, [
    { id: 'quantity', label: WORDS.quantity, kind: 'number', least: 1, most: Math.max(1, left) },
  ]);
  const sold = Number(quantity);
  const number = await desk.submit({ kind: 'market-sale', facts: { batch: id, quantity: sold }, of: who, personal: {} });
  keep(
    desk,
    kept(desk).flatMap((one) => (one.id !== id ? [one] : one.left > sold ? [{ ...one, left: one.left - sold }] : [])),
  );
  const now = kept(desk).find((one) => one.id === id)?.left ?? 0;
  const lines = [
    { label: WORDS.product, value: `${product} ${batch}` },
    { label: WORDS.quantity, value: quantity },
    { label: WORDS.number, value: number },
  ];
  const slip = [...lines, { code: number }, { words: WORDS.recall }];
  const printed = await desk.print({ kind: 'slip', title: WORDS.bought, lines: slip });
  await desk.show(WORDS.done, [...lines, { label: WORDS.left, value: String(now) }, printedLine(PRINT_WORDS.slip, printed)]);
}

export default {
  accepts: ['person'],
  settings: SETTINGS,
  title: words('冷链食品', 'Cold-chain food'),
  words: { ...WORDS, ...PRINT_WORDS },
  visit,
  heard,
} satisfies DeskScene<Settings>;
