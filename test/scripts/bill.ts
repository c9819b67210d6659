/** A bill that is paid by its slip (MED-05), as people play it. */
import { answers, type Scripts, type Step, shows } from './_script.js';

const NUMBER = '20261125000000000017';
const SLIP = { number: NUMBER, amount: 1230, what: { zh: '门诊费', en: 'Consultation' }, state: 'open' };
const OK = { status: 'ok', body: SLIP } as const;
const CODE = { text: '134567890123456789' };
const found: readonly Step[] = [
  { at: 'scan', deed: shows({ text: NUMBER }) },
  { at: 'confirm', deed: answers(true), reads: /门诊费.*12\.30/s },
];

export default {
  data: {},
  settings: {},
  scripts: [
    {
      name: 'a slip is scanned and paid',
      steps: [...found, { at: 'pay', deed: shows(CODE), reads: /1230/ }, { at: 'show', deed: answers(null), reads: /付款成功.*R-7/s }],
      answers: [OK],
      charges: [{ status: 'paid', receipt: 'R-7' }],
      leaves: [],
    },
    {
      name: 'the number is typed, the first code has no money, the second has',
      steps: [
        { at: 'scan', deed: shows({ text: '6900000000014' }) },
        { at: 'scan', deed: answers(null) },
        { at: 'fill', deed: answers({ number: '2026' }) },
        { at: 'fill', deed: answers({ number: NUMBER }), reads: /20 位数字/ },
        { at: 'confirm', deed: answers(true) },
        { at: 'pay', deed: shows({ text: 'HELLO' }) },
        { at: 'pay', deed: shows(CODE), reads: /不是付款码/ },
        { at: 'pay', deed: shows(CODE), reads: /余额不足/ },
        { at: 'show', deed: answers(null), reads: /付款成功/ },
      ],
      answers: [OK],
      charges: [
        { status: 'refused', reason: { zh: '余额不足', en: 'Not enough money' } },
        { status: 'paid', receipt: 'R-8' },
      ],
      leaves: [],
    },
    {
      name: 'a payment in doubt: nobody is told to pay again',
      steps: [
        ...found,
        { at: 'pay', deed: shows(CODE) },
        { at: 'show', deed: answers(null), reads: /请勿重复付款.*20261125000000000017/s },
      ],
      answers: [OK],
      charges: [{ status: 'in-doubt' }],
      leaves: [],
    },
    {
      name: 'the person thinks better of it',
      steps: [...found, { at: 'pay', deed: answers(null) }, { at: 'show', deed: answers(null), reads: /未付款/ }],
      answers: [OK],
      leaves: [],
    },
    {
      name: 'a bill that is paid already shows its receipt',
      steps: [
        { at: 'scan', deed: shows({ text: NUMBER }) },
        { at: 'show', deed: answers(null), reads: /已付款.*R-9/s },
      ],
      answers: [{ status: 'ok', body: { ...SLIP, state: 'paid', receipt: 'R-9' } }],
      leaves: [],
    },
    {
      name: 'a bill whose payment is in doubt is not paid again',
      steps: [
        { at: 'scan', deed: shows({ text: NUMBER }) },
        { at: 'show', deed: answers(null), reads: /请勿重复付款/ },
      ],
      answers: [{ status: 'ok', body: { ...SLIP, state: 'charging' } }],
      leaves: [],
    },
    {
      name: 'a bill that nobody knows',
      steps: [
        { at: 'scan', deed: shows({ text: NUMBER }) },
        { at: 'show', deed: answers(null), reads: /没有这张缴费单/ },
      ],
      answers: [{ status: 'unknown', body: null }],
      leaves: [],
    },
    {
      name: 'a bill that another took the place of',
      steps: [
        { at: 'scan', deed: shows({ text: NUMBER }) },
        { at: 'show', deed: answers(null), reads: /已作废/ },
      ],
      answers: [{ status: 'ok', body: { ...SLIP, state: 'void' } }],
      leaves: [],
    },
    {
      name: 'without a network nothing is paid',
      steps: [
        { at: 'scan', deed: shows({ text: NUMBER }) },
        { at: 'show', deed: answers(null), reads: /网络不通/ },
      ],
      leaves: [],
    },
  ],
} satisfies Scripts;
