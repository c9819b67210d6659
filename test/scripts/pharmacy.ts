/** DRUG-01 as people play it. */
import { DEMO_DRUGS } from '../../src/cli/_demo-data.js';
import { answers, type Scripts, type Step, shows } from './_script.js';

const BOX = shows({ text: '6900000000014' });
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
      leaves: [{ kind: 'drug-sale', facts: { quantity: 2, unasked: true }, personal: { purpose: 'family' } }],
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
      leaves: [{ kind: 'drug-sale', facts: { quantity: 1, unasked: true }, personal: {} }],
    },
  ],
} satisfies Scripts;
