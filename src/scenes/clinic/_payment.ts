/** Money at a desk in a hospital: a bill is paid once, and whatever becomes of it is said and handed out. */
import type { Bill, Desk, Line, Payment } from '../../contracts.js';
import { handOut } from './_after.js';
import { yuan } from './_show.js';
import { COMMON, type Settings, words } from './_words.js';

export const PAYMENT = {
  paid: words('缴费成功', 'Paid'),
  doubt: words('付款结果还在核对，请不要再付', 'The payment is being checked: do not pay again'),
  cashier: words('请拿这张单据到收费窗口，由工作人员核对', 'Take this slip to the cashier’s window: staff will look it up'),
  not: words('没有付款，没有扣钱', 'Nothing was paid and nothing was charged'),
  changed: words('金额刚刚有变化，没有付款', 'The amount has just changed: nothing was paid'),
  anew: words('请重新查看后再缴', 'Please look at it again and pay then'),
  later: words('可以稍后在本机再缴，或到收费窗口', 'Pay later at this terminal, or at the cashier’s window'),
  bill: words('账单号', 'Bill number'),
  receipt: words('收款凭证号', 'Receipt number'),
  now: words('现在缴费', 'Pay now'),
  wait: words('以后再缴', 'Pay later'),
} as const;

export interface Due {
  readonly bill: Bill;
  /** The amount that the person saw before. */
  readonly told: number;
  /** What it is for, on receipt and page. */
  readonly lines: readonly Line[];
  /** What else is true once it is paid, such as a balance. */
  readonly then?: readonly Line[];
  readonly settings: Settings;
}

/** What is charged is what the person was told, or nothing. */
export async function settle(desk: Desk, { bill, told, lines, then = [], settings }: Due): Promise<Payment['status']> {
  if (bill.amount !== told) {
    await desk.show(PAYMENT.changed, [{ label: COMMON.next, value: PAYMENT.anew }]);
    return 'not-paid';
  }
  const payment = await desk.pay(bill);
  const sum: readonly Line[] = [
    { label: COMMON.amount, value: yuan(bill.amount) },
    { label: PAYMENT.bill, value: bill.number },
  ];
  if (payment.status === 'paid') {
    const receipt = { label: PAYMENT.receipt, value: payment.receipt };
    await handOut(desk, settings, { say: PAYMENT.paid, lines: [...lines, ...sum, receipt, ...then] });
  } else if (payment.status === 'in-doubt') {
    const next = { label: COMMON.next, value: PAYMENT.cashier };
    await handOut(desk, settings, { say: PAYMENT.doubt, lines: [...sum, next], more: [{ code: bill.number }] });
  } else {
    await desk.show(PAYMENT.not, [{ label: COMMON.next, value: PAYMENT.later }]);
  }
  return payment.status;
}

export async function wantsToPay(desk: Desk, amount: number): Promise<boolean> {
  const ask = words(`需缴 ${yuan(amount)}`, `${yuan(amount)} is to be paid`);
  const choices = [
    { id: 'now', label: PAYMENT.now },
    { id: 'wait', label: PAYMENT.wait },
  ];
  return (await desk.choose(ask, choices)).id === 'now';
}
