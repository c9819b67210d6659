/** MED-05 as people play it. */
import type { Scripts, Step } from '../_script.js';
import { answers, shows } from '../_script.js';
import { chooses, IDENTIFIED, obstacles, ok, read, refused, words } from './_answers.js';

const CHARGES = ok('charges', {
  charges: [
    { id: 'c-1', what: words('血常规', 'Blood count'), day: '2026-11-25', amount: 2500 },
    { id: 'c-2', what: words('布洛芬胶囊', 'Ibuprofen'), day: '2026-11-25', amount: 1230 },
  ],
});
const ALL = ok('bill', { number: 'B-7', amount: 3730 });
const CODE = shows({ text: '134567890123456789' });
const PAYS: Step = { at: 'pay', deed: CODE, reads: /3730/ };
const toPay: readonly Step[] = [IDENTIFIED, chooses('pay.chosen', /缴费 ¥37\.30.*共 2 项.*☑ 血常规 ¥25\.00.*☑ 布洛芬胶囊 ¥12\.30/)];
const DOUBT = read(/还在核对，请不要再付.*¥37\.30.*B-7.*收费窗口/s);

export default {
  data: {},
  settings: {},
  scripts: [
    {
      name: 'all of it, paid by a payment code; the receipt has what it was for',
      answers: [CHARGES, ALL],
      asks: [/^clinic\/charges \{\} of them$/, /^clinic\/bill \{"charges":\["c-1","c-2"\]\} of them$/],
      steps: [...toPay, PAYS, read(/缴费成功.*血常规.*¥25\.00.*¥37\.30.*B-7.*R-1.*已打印/s)],
      prints: [/缴费成功.*血常规.*布洛芬胶囊.*¥37\.30.*B-7.*R-1/s],
      leaves: [],
    },
    {
      name: 'one of two: touched out and in again, and none cannot be paid',
      answers: [CHARGES, ok('bill', { number: 'B-8', amount: 1230 })],
      asks: [/charges/, /"charges":\["c-2"\]/],
      steps: [
        IDENTIFIED,
        chooses('charge.c-1'),
        chooses('charge.c-2', /缴费 ¥12\.30.*☐ 血常规.*☑ 布洛芬/),
        chooses('charge.c-2', /^(?!.*缴费 ¥).*☐ 血常规.*☐ 布洛芬/),
        chooses('pay.chosen', /缴费 ¥12\.30/),
        { at: 'pay', deed: CODE, reads: /1230/ },
        read(/缴费成功.*布洛芬/),
      ],
      prints: [/B-8/],
      leaves: [],
    },
    {
      name: 'what is no payment code is said, and nothing is charged; then a good one',
      answers: [CHARGES, ALL],
      steps: [...toPay, { at: 'pay', deed: shows('code') }, { at: 'pay', deed: CODE, reads: /这不是付款码/ }, read(/缴费成功/)],
      prints: [/B-7/],
      leaves: [],
    },
    {
      name: 'the code is refused, and they think better of it',
      answers: [CHARGES, ALL],
      charges: [{ status: 'refused', reason: words('余额不足', 'Not enough money') }],
      steps: [...toPay, PAYS, { at: 'pay', deed: answers(null), reads: /余额不足/ }, read(/没有付款，没有扣钱.*收费窗口/)],
      leaves: [],
    },
    {
      name: 'in doubt: page and slip say not to pay again, with the number for the window',
      answers: [CHARGES, ALL],
      charges: [{ status: 'in-doubt' }],
      steps: [...toPay, PAYS, DOUBT],
      prints: [/请不要再付.*¥37\.30.*B-7.*收费窗口.*"code":"B-7"/s],
      leaves: [],
    },
    {
      name: 'in doubt and without paper: the page says all of it',
      answers: [CHARGES, ALL],
      charges: [{ status: 'in-doubt' }],
      printer: 'paper-out',
      steps: [...toPay, PAYS, read(/请不要再付.*B-7.*没有纸了.*本页/s)],
      prints: [/B-7/],
      leaves: [],
    },
    {
      name: 'paid and without paper: the page says all of it',
      answers: [CHARGES, ALL],
      printer: 'no-printer',
      steps: [...toPay, PAYS, read(/缴费成功.*B-7.*R-1.*本机不打印/s)],
      prints: [/B-7/],
      leaves: [],
    },
    {
      name: 'nothing is due',
      answers: [ok('charges', { charges: [] })],
      steps: [IDENTIFIED, read(/没有需要缴的费用/)],
      leaves: [],
    },
    {
      name: 'paid at the window meanwhile: nothing is asked for',
      answers: [CHARGES, refused('nothing-due')],
      steps: [...toPay, read(/没有需要缴的费用.*不用再缴费/)],
      leaves: [],
    },
    {
      name: 'an earlier payment of it is in doubt: nobody may pay again',
      answers: [CHARGES, refused('payment-in-doubt', { number: 'B-6' })],
      steps: [...toPay, read(/还在核对，请不要再付.*B-6.*收费窗口/)],
      leaves: [],
    },
    {
      name: 'the bill is not what they were told: nothing is charged',
      answers: [CHARGES, ok('bill', { number: 'B-9', amount: 9999 })],
      steps: [...toPay, read(/金额刚刚有变化，没有付款/)],
      leaves: [],
    },
    {
      name: 'no bill comes: nothing was charged, the window is offered',
      answers: [CHARGES, 'silent'],
      steps: [...toPay, read(/联系不上医院系统.*人工窗口/)],
      leaves: [],
    },
    ...obstacles(),
  ],
} satisfies Scripts;
