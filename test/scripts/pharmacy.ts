/** DRUG-01 as people play it. */
import { DEMO_DRUGS } from '../../src/cli/_demo-data.js';
import { answers, type Scripts, type Step, shows } from './_script.js';

const BOX = shows({ text: '6900000000014' });
/** Nothing on it says who bought. */
const slip = (quantity: string): RegExp =>
  new RegExp(`^(?!.*subject).*"slip".*药品购买登记.*${quantity}.*"code":"[0-9A-F]{4}-\\d+".*收银台`, 's');
const toQuantity: readonly Step[] = [
  { at: 'scan', deed: BOX },
  { at: 'identify', deed: shows('code'), reads: /购药人/ },
];
const bought = (n: number) => ({ status: 'ok', body: { bought: n } }) as const;

export default {
  data: { drugs: DEMO_DRUGS },
  settings: {},
  scripts: [
    {
      name: 'one box by its bar code, within the limit',
      answers: [bought(0)],
      steps: [
        ...toQuantity,
        { at: 'fill', deed: answers({ quantity: '2', purpose: 'self' }) },
        { at: 'confirm', deed: answers(true), reads: /2 盒.*还可购买/s },
        { at: 'show', deed: answers(null), reads: /登记完成/ },
      ],
      prints: [slip('2 盒')],
      leaves: [
        {
          kind: 'drug-sale',
          facts: { class: 'ephedrine', quantity: 2, version: 1 },
          personal: { medicine: '6900000000014', purpose: 'self' },
        },
      ],
    },
    {
      name: 'without a bar code the kind is chosen, and corrected before it is confirmed',
      answers: [bought(1)],
      steps: [
        { at: 'scan', deed: answers(null) },
        { at: 'choose', deed: answers('class.fever'), reads: /7 天内 3 盒/ },
        { at: 'identify', deed: shows('code') },
        { at: 'fill', deed: answers({ quantity: '1' }) },
        { at: 'confirm', deed: answers(false) },
        { at: 'fill', deed: answers({ quantity: '2' }) },
        { at: 'confirm', deed: answers(true) },
        { at: 'show', deed: answers(null) },
      ],
      prints: [slip('2')],
      leaves: [{ kind: 'drug-sale', facts: { class: 'fever', quantity: 2 }, personal: {} }],
    },
    {
      name: 'more than what is left of the limit is said at its place, as is a quantity that is none',
      answers: [bought(1)],
      steps: [
        ...toQuantity,
        { at: 'fill', deed: answers({ quantity: '2', purpose: 'self' }) },
        { at: 'fill', deed: answers({ quantity: 'two', purpose: 'self' }), reads: /1 到 1/ },
        { at: 'fill', deed: answers({ quantity: '1' }), reads: /1 到 1/ },
        { at: 'fill', deed: answers({ quantity: '1', purpose: 'self' }), reads: /请选一项|请填写/ },
        { at: 'confirm', deed: answers(true) },
        { at: 'show', deed: answers(null) },
      ],
      prints: [slip('1 盒')],
      leaves: [{ kind: 'drug-sale', facts: { quantity: 1 }, personal: { purpose: 'self' } }],
    },
    {
      name: 'the limit is reached: nothing is sold',
      answers: [bought(2)],
      steps: [...toQuantity, { at: 'show', deed: answers(null), reads: /已到限购数量.*7 天内 2 盒/s }],
      leaves: [],
    },
    {
      name: 'a medicine that is not watched needs no name',
      steps: [
        { at: 'scan', deed: answers(null) },
        { at: 'choose', deed: answers('none') },
        { at: 'show', deed: answers(null), reads: /不需要登记/ },
      ],
      leaves: [],
    },
    {
      name: 'an expired code, then a good one',
      answers: [bought(0)],
      steps: [
        { at: 'scan', deed: BOX },
        { at: 'identify', deed: shows('expired') },
        { at: 'identify', deed: shows('code'), reads: /这个码已经过期/ },
        { at: 'fill', deed: answers({ quantity: '1', purpose: 'stock' }) },
        { at: 'confirm', deed: answers(true) },
        { at: 'show', deed: answers(null) },
      ],
      prints: [slip('1 盒')],
      leaves: [{ kind: 'drug-sale', facts: { quantity: 1 }, personal: { purpose: 'stock' } }],
    },
    {
      name: 'the county does not answer: registered up to the limit itself, and marked as not asked',
      answers: ['silent'],
      steps: [
        ...toQuantity,
        { at: 'fill', deed: answers({ quantity: '2', purpose: 'family' }) },
        { at: 'confirm', deed: answers(true) },
        { at: 'show', deed: answers(null), reads: /登记已保存，联网后上报/ },
      ],
      prints: [slip('2 盒')],
      leaves: [{ kind: 'drug-sale', facts: { quantity: 2, unasked: true }, personal: { purpose: 'family' } }],
    },
    {
      name: 'the printer has no paper: the page says so and what to do, and the sale stands',
      answers: [bought(0)],
      printer: 'paper-out',
      steps: [
        ...toQuantity,
        { at: 'fill', deed: answers({ quantity: '1', purpose: 'self' }) },
        { at: 'confirm', deed: answers(true) },
        { at: 'show', deed: answers(null), reads: /登记完成.*打印机没有纸了：请叫工作人员加纸，先记下本页/s },
      ],
      leaves: [{ kind: 'drug-sale', facts: { quantity: 1 }, personal: { purpose: 'self' } }],
    },
    {
      name: 'an answer of the county that makes no sense counts as none',
      answers: [{ status: 'ok', body: { bought: -7 } }],
      steps: [
        ...toQuantity,
        { at: 'fill', deed: answers({ quantity: '1', purpose: 'family' }) },
        { at: 'confirm', deed: answers(true) },
        { at: 'show', deed: answers(null) },
      ],
      prints: [slip('1 盒')],
      leaves: [{ kind: 'drug-sale', facts: { quantity: 1, unasked: true }, personal: {} }],
    },
    {
      name: 'the buyer registers with a phone: the desk shows its code, and nothing is left here',
      steps: [
        { at: 'scan', deed: answers(null) },
        { at: 'choose', deed: answers('phone'), reads: /用手机自助登记/ },
        { at: 'show', deed: answers(null), reads: /请用手机扫码.*data:image/s },
      ],
      leaves: [],
    },
  ],
} satisfies Scripts;
