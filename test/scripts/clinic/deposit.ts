/** MED-09 as people play it. */
import type { Scripts, Step } from '../_script.js';
import { answers, shows } from '../_script.js';
import { chooses, IDENTIFIED, obstacles, ok, read, refused, words } from './_answers.js';

const ACCOUNT = ok('deposit', {
  stay: 'ZY-55',
  ward: words('内科一病区', 'Medical ward 1'),
  balance: -12_050,
  offered: [50_000, 100_000, 200_000],
  least: 10_000,
  most: 500_000,
});
const PAYS: Step = { at: 'pay', deed: shows({ text: '134567890123456789' }), reads: /住院预交金/ };

export default {
  data: {},
  settings: {},
  scripts: [
    {
      name: 'an amount that is offered; the receipt says what is left then',
      answers: [ACCOUNT, ok('deposit-bill', { number: 'B-30', amount: 100_000 })],
      asks: [/^clinic\/deposit \{\} of them$/, /^clinic\/deposit-bill \{"amount":100000\} of them$/],
      steps: [
        IDENTIFIED,
        chooses('100000', /-¥120\.50.*¥500\.00.*¥1000\.00.*其他金额.*¥100\.00 到 ¥5000\.00/),
        PAYS,
        read(/缴费成功.*ZY-55.*¥1000\.00.*B-30.*R-1.*余额.*¥879\.50/s),
      ],
      prints: [/缴费成功.*住院预交金.*ZY-55.*¥879\.50/s],
      leaves: [],
    },
    {
      name: 'an amount of their own, within the limits',
      answers: [ACCOUNT, ok('deposit-bill', { number: 'B-31', amount: 30_000 })],
      asks: [/deposit/, /"amount":30000/],
      steps: [
        IDENTIFIED,
        chooses('other'),
        { at: 'fill', deed: answers({ yuan: '99' }), reads: /金额（元）/ },
        { at: 'fill', deed: answers({ yuan: '5001' }), reads: /100 到 5000/ },
        { at: 'fill', deed: answers({ yuan: '12.5' }), reads: /100 到 5000/ },
        { at: 'fill', deed: answers({ yuan: '300' }), reads: /100 到 5000/ },
        PAYS,
        read(/缴费成功.*¥300\.00/s),
      ],
      prints: [/B-31/],
      leaves: [],
    },
    {
      name: 'they think better of it',
      answers: [ACCOUNT, ok('deposit-bill', { number: 'B-32', amount: 50_000 })],
      steps: [IDENTIFIED, chooses('50000'), { at: 'pay', deed: answers(null) }, read(/没有付款，没有扣钱/)],
      leaves: [],
    },
    {
      name: 'in doubt: nobody pays again, and the slip says where to ask',
      answers: [ACCOUNT, ok('deposit-bill', { number: 'B-33', amount: 50_000 })],
      charges: [{ status: 'in-doubt' }],
      steps: [IDENTIFIED, chooses('50000'), PAYS, read(/请不要再付.*B-33.*收费窗口/s)],
      prints: [/请不要再付.*B-33/s],
      leaves: [],
    },
    {
      name: 'the hospital will not take that amount after all',
      answers: [ACCOUNT, refused('not-that-amount')],
      steps: [IDENTIFIED, chooses('200000'), read(/不能缴这个金额.*另选金额/)],
      leaves: [],
    },
    {
      name: 'an earlier deposit is in doubt',
      answers: [ACCOUNT, refused('payment-in-doubt', { number: 'B-29' })],
      steps: [IDENTIFIED, chooses('200000'), read(/请不要再付.*B-29.*收费窗口/)],
      leaves: [],
    },
    {
      name: 'the bill is over another amount: nothing is charged',
      answers: [ACCOUNT, ok('deposit-bill', { number: 'B-34', amount: 50_001 })],
      steps: [IDENTIFIED, chooses('50000'), read(/金额刚刚有变化，没有付款/)],
      leaves: [],
    },
    {
      name: 'who is no inpatient has no deposit',
      answers: [refused('not-admitted')],
      steps: [IDENTIFIED, read(/现在没有住院.*住院处/)],
      leaves: [],
    },
    ...obstacles(),
  ],
} satisfies Scripts;
