/**
 * Bodies of `pay/*` (wire.md 6): a bill is charged by attempts, each with an id that the terminal wrote down before it asked. Asking for
 * the state of an attempt that has not begun ends it, so that a charge that comes later is refused. Pure.
 */
import { z } from 'zod';
import type { Words } from '../contracts.js';
import { WORDS } from './drugs.js';
import { isPaymentCode } from './payment-code.js';

export const CHARGE = 'pay/charge';
export const PAY_STATE = 'pay/state';
export const BILL = 'pay/bill';

/** Kind of the journal's entries of a payment. */
export const PAYMENT_KIND = 'payment';

/** In fen: less than a million yuan. */
export const MOST_FEN = 99_999_999;
export const fen = z.int().min(1).max(MOST_FEN).describe('fen');
/** Eight digits of the day, twelve of chance. */
export const BILL_NUMBER = z.string().regex(/^\d{20}$/);
const attempt = z
  .string()
  .regex(/^[0-9a-f]{32}$/)
  .describe('drawn by the terminal for each try');
const receipt = z.string().min(1).max(64);

export const CHARGE_ASKED = z.strictObject({
  number: BILL_NUMBER,
  amount: fen,
  attempt,
  code: z.string().refine(isPaymentCode).meta({ pattern: '^[0-9]{16,24}$' }).describe('the payment code as it was scanned; kept nowhere'),
});
export const PAY_STATE_ASKED = z.strictObject({ number: BILL_NUMBER, attempt });
export const BILL_ASKED = z.strictObject({ number: BILL_NUMBER });

/** Why nothing was charged. `void`: the attempt ended before it began or before anything was taken; `being-paid`, `already-paid`: by another attempt. */
export const NOT_CHARGED = [
  'insufficient',
  'code-used',
  'code-unknown',
  'declined',
  'void',
  'being-paid',
  'already-paid',
  'bill-void',
  'no-provider',
] as const;
export type NotCharged = (typeof NOT_CHARGED)[number];

/** Answer of `pay/charge` and `pay/state`: how the attempt stands. `charging` and `refunding` are not the end of it. */
export const PAY_SAID = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('charging') }),
  z.strictObject({ state: z.literal('paid'), receipt }),
  z.strictObject({
    state: z.literal('not-charged'),
    reason: z.enum(NOT_CHARGED),
    receipt: receipt.exactOptional().describe('of the attempt that paid'),
  }),
  z.strictObject({ state: z.literal('refunding') }),
  z.strictObject({ state: z.literal('refunded') }),
]);
export type PaySaid = z.infer<typeof PAY_SAID>;

/** Answer of `pay/bill`. A paid one has its receipt. */
export const BILL_SAID = z.strictObject({
  number: BILL_NUMBER,
  amount: fen,
  what: WORDS,
  state: z.enum(['open', 'charging', 'paid', 'void']),
  receipt: receipt.exactOptional(),
});

const words = (zh: string, en: string): Words => ({ zh, en });

/** What the person is told, so that another code may be tried. */
export const NOT_CHARGED_WORDS: Readonly<Record<NotCharged, Words>> = {
  insufficient: words('余额不足，未扣款', 'Not enough money; nothing was charged'),
  'code-used': words('付款码已用过，请刷新后再扫', 'This payment code was used; refresh it and try again'),
  'code-unknown': words('付款码无效，请刷新后再扫', 'This payment code is not known; refresh it and try again'),
  declined: words('付款未成功，未扣款', 'The payment was declined; nothing was charged'),
  void: words('付款未成功，未扣款，请再扫一次', 'The payment did not go through; nothing was charged. Please try again'),
  'being-paid': words('此单正在付款，请勿重复付款', 'This bill is being paid; do not pay again'),
  'already-paid': words('此单已付款', 'This bill is paid already'),
  'bill-void': words('此单已作废，请重新查询', 'This bill is void; please look it up again'),
  'no-provider': words('本平台未开通付款，请到人工窗口', 'Payments are not switched on; please go to a staffed window'),
};

/** For the page and the slip of a payment in doubt. */
export const IN_DOUBT_WORDS = words(
  '付款结果待确认，请勿重复付款；结果以平台对账为准，可凭单号到窗口查询',
  'It is not certain yet whether you paid. Do not pay again: the platform settles it; ask at a window with the bill’s number',
);
