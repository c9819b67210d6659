/** Scene `bill`: a slip with a bill's number is paid here, or asked after when it was in doubt (MED-05). Nobody is identified. */
import { z } from 'zod';
import type { Desk, DeskScene, Line, Words } from '../contracts.js';
import { yuan } from '../messages/money.js';
import { BILL, BILL_NUMBER, BILL_SAID, IN_DOUBT_WORDS } from '../messages/payment.js';

const words = (zh: string, en: string): Words => ({ zh, en });

const WORDS = {
  scan: words('请扫缴费单上的条码', 'Scan the code on the bill'),
  type: words('没有条码时，请输入缴费单号', 'Without a code: enter the bill’s number'),
  number: words('缴费单号', 'Bill'),
  amount: words('金额（元）', 'Amount (yuan)'),
  what: words('项目', 'For'),
  receipt: words('收据号', 'Receipt'),
  right: words('请核对后付款', 'Is this what you want to pay?'),
  unknown: words('没有这张缴费单', 'There is no such bill'),
  offline: words('网络不通，现在不能缴费；未扣款', 'No network: bills cannot be paid now. Nothing was charged'),
  void: words('此单已作废，请到窗口查询', 'This bill is void; please ask at a window'),
  paid: words('付款成功', 'Paid'),
  before: words('此单已付款', 'This bill is paid already'),
  doubt: IN_DOUBT_WORDS,
  none: words('未付款', 'Nothing was paid'),
};

async function visit(desk: Desk): Promise<void> {
  const number = await numberOf(desk);
  const answer = await desk.ask(BILL, { number });
  if (!answer) return desk.show(WORDS.offline);
  const bill = BILL_SAID.safeParse(answer.body).data;
  if (answer.status !== 'ok' || !bill) return desk.show(WORDS.unknown);
  const lines: readonly Line[] = [
    { label: WORDS.what, value: bill.what },
    { label: WORDS.amount, value: yuan(bill.amount) },
    { label: WORDS.number, value: number },
  ];
  if (bill.state === 'paid') return desk.show(WORDS.before, [...lines, { label: WORDS.receipt, value: bill.receipt ?? '' }]);
  if (bill.state === 'charging') return desk.show(WORDS.doubt, lines);
  if (bill.state === 'void') return desk.show(WORDS.void, lines);
  if (!(await desk.confirm(WORDS.right, lines))) return;
  const payment = await desk.pay({ number, amount: bill.amount, what: bill.what });
  if (payment.status === 'paid') return desk.show(WORDS.paid, [...lines, { label: WORDS.receipt, value: payment.receipt }]);
  await desk.show(payment.status === 'in-doubt' ? WORDS.doubt : WORDS.none, lines);
}

/** Scanned, or typed where there is no code. */
async function numberOf(desk: Desk): Promise<string> {
  for (;;) {
    const scanned = await desk.scan(WORDS.scan);
    if (scanned === undefined)
      return (
        (await desk.fill(WORDS.type, [{ id: 'number', label: WORDS.number, kind: 'digits', shortest: 20, longest: 20 }]))['number'] ?? ''
      );
    if (BILL_NUMBER.safeParse(scanned).success) return scanned;
  }
}

export default {
  accepts: ['person'],
  settings: z.strictObject({}),
  title: words('缴费单付款', 'Pay a bill'),
  words: WORDS,
  visit,
} satisfies DeskScene<Record<string, never>>;
