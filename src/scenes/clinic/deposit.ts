/** Scene `clinic/deposit`: an inpatient's money in advance, an amount that is offered or one of their own (MED-09). */
import type { Choice, Desk, DeskScene } from '../../contracts.js';
import type { ClinicAnswer } from '../../messages/clinic.js';
import { AFTER, offerSurvey } from './_after.js';
import { AWAY, patientAt } from './_hospital.js';
import { PAYMENT, settle } from './_payment.js';
import { yuan } from './_show.js';
import { COMMON, INPATIENT, SETTINGS, type Settings, same, words } from './_words.js';

const WORDS = {
  ...COMMON,
  ...AWAY,
  ...AFTER,
  ...PAYMENT,
  other: words('其他金额', 'Another amount'),
  type: words('缴多少？', 'How much?'),
  yuan: words('金额（元）', 'Amount (yuan)'),
  deposit: words('住院预交金', 'Deposit'),
  after: words('缴费后余额（以医院记账为准）', 'Balance then (the hospital’s books decide)'),
};

async function visit(desk: Desk, settings: Settings): Promise<void> {
  const hospital = await patientAt(desk);
  const account = await hospital.ask('deposit', {});
  if (!account) return;
  const amount = await amountOf(desk, account);
  const bill = await hospital.ask('deposit-bill', { amount });
  if (!bill) return;
  const { stay, ward, balance } = account;
  const status = await settle(desk, {
    bill: { ...bill, what: WORDS.deposit },
    told: amount,
    lines: [
      { label: WORDS.what, value: WORDS.deposit },
      { label: WORDS.stay, value: stay },
      { label: WORDS.ward, value: ward },
    ],
    then: [{ label: WORDS.after, value: yuan(balance + bill.amount) }],
    settings,
  });
  if (status === 'paid') await offerSurvey(desk);
}

/** In fen; the hospital's limits hold for whole yuan. */
async function amountOf(desk: Desk, { balance, offered, least, most }: ClinicAnswer<'deposit'>): Promise<number> {
  const ask = words(`现有余额 ${yuan(balance)}，缴多少？`, `Your balance is ${yuan(balance)}. How much?`);
  const { id } = await desk.choose<Choice>(ask, [
    ...offered.map((fen) => ({ id: String(fen), label: same(yuan(fen)) })),
    { id: 'other', label: WORDS.other, detail: words(`${yuan(least)} 到 ${yuan(most)}`, `${yuan(least)} to ${yuan(most)}`) },
  ]);
  if (id !== 'other') return Number(id);
  const blank = { id: 'yuan', label: WORDS.yuan, kind: 'number', least: Math.ceil(least / 100), most: Math.floor(most / 100) } as const;
  return Number((await desk.fill(WORDS.type, [blank]))['yuan']) * 100;
}

export default {
  accepts: ['person'],
  settings: SETTINGS,
  title: words('预交金缴费', 'Deposit'),
  group: INPATIENT,
  words: WORDS,
  visit,
} satisfies DeskScene<Settings>;
