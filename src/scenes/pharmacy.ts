/** Scene `pharmacy`: watched medicines are sold under the buyer's name, within the limit of a period (DRUG-01). */
import { z } from 'zod';
import type { Choice, Desk, DeskScene, Heard, Notice, Presented, SlipLine, Words } from '../contracts.js';
import { BOUGHT, type Drugs, medicineOf, parseDrugs, type Watched } from '../messages/drugs.js';
import { PRINT_WORDS, printedLine } from './_print.js';

const words = (zh: string, en: string): Words => ({ zh, en });

const WORDS = {
  scan: words('请扫药盒上的条码', 'Scan the bar code on the box'),
  which: words('请选择药品类别', 'Which kind of medicine is it?'),
  unwatched: words('这种药不需要登记', 'This medicine need not be registered'),
  who: words('请出示购药人的安康码或社保卡', 'Show the buyer’s code or card'),
  howMany: words('购买数量', 'How many?'),
  quantity: words('数量', 'Quantity'),
  purpose: words('用途', 'What is it for?'),
  right: words('请核对后确认', 'Is this right?'),
  done: words('登记完成，可以付款取药', 'Registered: the medicine may be paid for'),
  pending: words('登记已保存，联网后上报', 'Kept here, and sent when the network is back'),
  over: words('已到限购数量，这次不能购买', 'The limit is reached: not this time'),
  limit: words('限购', 'Limit'),
  left: words('还可购买', 'Still allowed'),
  number: words('登记号', 'Number'),
  medicine: words('药品', 'Medicine'),
  registered: words('药品购买登记', 'Medicine registered'),
  pay: words('凭此条到收银台付款取药', 'Pay with this slip, and take the medicine'),
  byPhone: words('请用手机扫码，自助登记购药', 'Scan this with your phone to register what you buy'),
  none: words('药品目录尚未下发，请登记在纸上', 'The list of medicines has not come yet: register on paper'),
};

const TITLE = words('药品购买登记', 'Medicines');

const PURPOSES: readonly Choice[] = [
  { id: 'self', label: words('本人使用', 'For myself') },
  { id: 'family', label: words('家人使用', 'For my family') },
  { id: 'stock', label: words('家庭备药', 'To keep at home') },
];

async function visit(desk: Desk): Promise<void> {
  const drugs = parseDrugs(desk.data('drugs'));
  if (!drugs) return desk.show(WORDS.none);
  const item = await chosen(desk, drugs);
  if (item === 'phone') return code(desk);
  if (!item) return desk.show(WORDS.unwatched);
  const who = await desk.identify(WORDS.who, ['person']);
  const left = await allowance(desk, item.watched, who);
  if (left.most < 1) return desk.show(WORDS.over, [{ label: WORDS.limit, value: limitOf(item.watched) }]);
  const sale = await agreed(desk, item, left.most);
  if (!sale) return;
  const number = await desk.submit({
    kind: 'drug-sale',
    facts: { class: item.watched.id, quantity: sale.quantity, version: drugs.version, ...(left.asked ? {} : { unasked: true }) },
    of: who,
    personal: { ...(item.code !== undefined && { medicine: item.code }), ...(sale.purpose !== undefined && { purpose: sale.purpose }) },
  });
  const printed = await desk.print({ kind: 'slip', title: WORDS.registered, lines: slipOf(item, sale.quantity, number) });
  const lines = [{ label: WORDS.number, value: number }, printedLine(PRINT_WORDS.slip, printed)];
  await desk.show(left.asked ? WORDS.done : WORDS.pending, lines);
}

/** For the till: what, how many, and the number; nobody's name. */
const slipOf = ({ name, watched: { unit } }: Item, quantity: number, number: string): readonly SlipLine[] => [
  { label: WORDS.medicine, value: name },
  { label: WORDS.quantity, value: words(`${quantity} ${unit.zh}`, `${quantity} ${unit.en}`) },
  { label: WORDS.number, value: number },
  { code: number },
  { words: WORDS.pay },
];

interface Item {
  readonly watched: Watched;
  readonly name: Words;
  /** Its bar code; undefined: chosen by hand. */
  readonly code: string | undefined;
}

/** By its bar code, or by hand; `phone`: the buyer registers without this desk; undefined: nothing that is watched. */
async function chosen(desk: Desk, drugs: Drugs): Promise<Item | 'phone' | undefined> {
  const code = await desk.scan(WORDS.scan);
  const medicine = code === undefined ? undefined : medicineOf(drugs, code);
  if (medicine) {
    const watched = drugs.classes.find(({ id }) => id === medicine.class);
    return watched && { watched, name: medicine.name, code: medicine.code };
  }
  const other: Choice & { readonly watched?: Watched } = { id: 'none', label: words('都不是', 'None of these') };
  const classes = drugs.classes.map((watched) => ({ id: `class.${watched.id}`, label: watched.name, detail: limitOf(watched), watched }));
  const phone: typeof other = { id: 'phone', label: words('顾客用手机自助登记', 'The buyer registers with a phone') };
  const { id, watched } = await desk.choose<typeof other>(WORDS.which, [...classes, phone, other]);
  return id === phone.id ? 'phone' : watched && { watched, name: watched.name, code: undefined };
}

const CODE_MS = 12 * 3_600_000;

async function code(desk: Desk): Promise<void> {
  const { picture } = await desk.venueCode({ scene: 'pharmacy', title: TITLE.zh, until: desk.at.earliest + CODE_MS });
  await desk.show(WORDS.byPhone, [], picture);
}

/** The till asks for the number that the phone shows. */
const heard = ({ what, quantity, number }: Notice): Heard | undefined =>
  what === 'drug-sale'
    ? { said: words(`手机登记购药：数量 ${quantity}，登记号 ${number}`, `Medicine by phone: ${quantity}, number ${number}`) }
    : undefined;

const limitOf = ({ most, days, unit }: Watched): Words =>
  words(`${days} 天内 ${most} ${unit.zh}`, `${most} ${unit.en} within ${days} days`);

/** What this person may still buy: asked at the platform; unreachable: the limit itself, and the entry says that nobody was asked. */
async function allowance(desk: Desk, { id, most, days }: Watched, { credential }: Presented): Promise<{ most: number; asked: boolean }> {
  const answer = await desk.ask('pharmacy/bought', { class: id, days, subject: credential.subject });
  const bought = answer?.status === 'ok' ? BOUGHT.safeParse(answer.body).data?.bought : undefined;
  return bought === undefined ? { most, asked: false } : { most: most - bought, asked: true };
}

/** What is bought; undefined: the person thought better of it. */
async function agreed(
  desk: Desk,
  { watched, name }: Item,
  most: number,
): Promise<{ quantity: number; purpose: string | undefined } | undefined> {
  for (;;) {
    const { quantity = '', purpose } = await desk.fill(WORDS.howMany, [
      {
        id: 'quantity',
        label: words(`${WORDS.quantity.zh}（${watched.unit.zh}）`, `${WORDS.quantity.en} (${watched.unit.en})`),
        kind: 'number',
        least: 1,
        most,
      },
      ...(watched.purpose ? [{ id: 'purpose', label: WORDS.purpose, kind: 'choice' as const, choices: PURPOSES }] : []),
    ]);
    const right = await desk.confirm(WORDS.right, [
      { label: WORDS.medicine, value: name },
      { label: WORDS.quantity, value: words(`${quantity} ${watched.unit.zh}`, `${quantity} ${watched.unit.en}`) },
      { label: WORDS.left, value: words(`${most} ${watched.unit.zh}`, `${most} ${watched.unit.en}`) },
    ]);
    if (right) return { quantity: Number(quantity), purpose };
  }
}

export default {
  accepts: ['person'],
  settings: z.strictObject({}),
  title: TITLE,
  words: { ...PRINT_WORDS, ...WORDS },
  visit,
  heard,
} satisfies DeskScene<Record<string, never>>;
