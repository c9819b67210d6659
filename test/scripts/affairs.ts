/** GOV-01 as people play it. */
import type { Json } from '../../src/contracts.js';
import { demoItems } from '../../src/platform/affairs/catalogue.js';
import { answers, type Scripts, type Step, shows, types } from './_script.js';

/** 居民身份证补办: an ID card and a household register from the library, an application form on paper. */
const LOST_CARD = '000109001003';
const FORM = { b1: 'X12345', b2: 'c1', b3: '13000000000', b4: 'c2' };
const MADE = { number: '341525-261125-00017', token: '0123456789abcdef' };
const ok = (body: Json) => ({ status: 'ok', body }) as const;
const BOTH = ok({
  onFile: [
    { licence: 'id-card', number: '演示 ****00017' },
    { licence: 'household', number: '演示 ****00018' },
  ],
  complete: true,
});
const found: readonly Step[] = [
  { at: 'choose', deed: answers('name') },
  { at: 'search', deed: types('sfzbb') },
  { at: 'search', deed: answers(LOST_CARD), reads: /居民身份证补办.*"more":0/s },
  { at: 'confirm', deed: answers(true), reads: /居民身份证；居民户口簿；申请表.*个人.*3 个工作日；¥10\.00.*一楼 A1.*演示事项/s },
  { at: 'identify', deed: shows('code') },
];
const filled: readonly Step[] = [
  { at: 'fill', deed: answers(FORM), reads: /证件编号.*原因.*联系电话.*领取方式/s },
  { at: 'confirm', deed: answers(true), reads: /X12345.*遗失.*13000000000.*邮寄送达/s },
];
const applied = (library: readonly string[]) => [
  {
    kind: 'affair',
    facts: { item: LOST_CARD, version: 1, library: library.length },
    personal: { form: FORM, library: [...library] },
  },
];

export default {
  data: { items: demoItems() },
  settings: {},
  scripts: [
    {
      name: 'found by initials, two papers from the library, the case number on the slip and as a code',
      answers: [BOTH, ok(MADE)],
      steps: [
        ...found,
        { at: 'confirm', deed: answers(true), reads: /电子证照库.*\*\*\*\*00017.*\*\*\*\*00018.*请带到窗口.*申请表/s },
        ...filled,
        { at: 'show', deed: answers(null), reads: /已提交.*341525-261125-00017.*请带到窗口.*申请表.*AKCASE/s },
      ],
      prints: [/办件回执.*341525-261125-00017.*AKCASE:341525-261125-00017:0123456789abcdef/s],
      leaves: applied(['id-card', 'household']),
    },
    {
      name: 'without a line: kept here, the slip says so, and all papers are to be brought',
      steps: [
        ...found,
        { at: 'show', deed: answers(null), reads: /联系不上证照库/ },
        ...filled,
        { at: 'show', deed: answers(null), reads: /已保存，联网后上报.*登记号/s },
      ],
      prints: [/已保存，联网后上报/],
      leaves: applied([]),
    },
    {
      name: 'the line fails between the form and the number',
      answers: [BOTH, 'silent'],
      steps: [...found, { at: 'confirm', deed: answers(true) }, ...filled, { at: 'show', deed: answers(null), reads: /已保存/ }],
      prints: [/已保存/],
      leaves: applied(['id-card', 'household']),
    },
    {
      name: 'who does not consent brings everything',
      answers: [BOTH, ok(MADE)],
      steps: [
        ...found,
        { at: 'confirm', deed: answers(false) },
        ...filled,
        { at: 'show', deed: answers(null), reads: /居民户口簿；申请表/ },
      ],
      prints: [/居民户口簿；申请表/],
      leaves: applied([]),
    },
    {
      name: 'a library that says half is said to',
      answers: [ok({ onFile: [{ licence: 'id-card', number: '演示 ****00017' }], complete: false }), ok(MADE)],
      steps: [
        ...found,
        { at: 'confirm', deed: answers(true), reads: /没有答全/ },
        ...filled,
        { at: 'show', deed: answers(null), reads: /请带到窗口.*居民户口簿；申请表/s },
      ],
      prints: [/341525/],
      leaves: applied(['id-card']),
    },
    {
      name: 'a library that has nothing, an answer that makes no sense and a number that is none: one goes on with paper',
      answers: [ok({ onFile: 'all of them' }), ok({ number: '7', token: 'x' })],
      steps: [
        ...found,
        { at: 'show', deed: answers(null), reads: /联系不上/ },
        ...filled,
        { at: 'show', deed: answers(null), reads: /已保存/ },
      ],
      prints: [/已保存/],
      leaves: applied([]),
    },
    {
      name: 'an item that the county has withdrawn since is not applied for here',
      answers: [{ status: 'unknown', body: null }],
      steps: [...found, { at: 'show', deed: answers(null), reads: /已不在自助机办理/ }],
      leaves: [],
    },
    {
      name: 'what is wrong in the form is said at its place, and corrected before it is confirmed',
      answers: [BOTH, ok(MADE)],
      steps: [
        ...found,
        { at: 'confirm', deed: answers(true) },
        { at: 'fill', deed: answers({ ...FORM, b3: '130', b2: 'c9' }) },
        { at: 'fill', deed: answers({ ...FORM, b1: '' }), reads: /11 位数字|请选一项/ },
        { at: 'fill', deed: answers({ ...FORM, b1: 'Y1' }), reads: /请填写/ },
        { at: 'confirm', deed: answers(false), reads: /Y1/ },
        ...filled,
        { at: 'show', deed: answers(null) },
      ],
      prints: [/341525/],
      leaves: applied(['id-card', 'household']),
    },
    {
      name: 'an expired code, then a good one',
      answers: [ok({ onFile: [], complete: true }), ok(MADE)],
      steps: [
        ...found.slice(0, 4),
        { at: 'identify', deed: shows('expired') },
        { at: 'identify', deed: shows('code'), reads: /这个码已经过期/ },
        ...filled,
        { at: 'show', deed: answers(null) },
      ],
      prints: [/341525/],
      leaves: applied([]),
    },
    {
      name: 'found under an event of life, read, and left alone',
      steps: [
        { at: 'choose', deed: answers('event') },
        { at: 'choose', deed: answers('e4'), reads: /婚育养老/ },
        { at: 'search', deed: types('结婚'), reads: /"typed":""/ },
        { at: 'search', deed: types('jiehun') },
        { at: 'search', deed: types('vvvv'), reads: /内地居民结婚办理/ },
        { at: 'search', deed: types('结婚 办理'), reads: /"choices":\[\]/ },
        { at: 'search', deed: answers('000111001000') },
        { at: 'confirm', deed: answers(false), reads: /民政局/ },
      ],
      leaves: [],
    },
    {
      name: 'found under a department, and nothing of it wanted',
      steps: [
        { at: 'choose', deed: answers('department') },
        { at: 'choose', deed: answers('d1'), reads: /公安局/ },
        { at: 'search', deed: answers(null), reads: /居民身份证核发/ },
      ],
      leaves: [],
    },
    {
      name: 'an item for enterprises is read here and applied for elsewhere',
      steps: [
        { at: 'choose', deed: answers('name') },
        { at: 'search', deed: types('000131001000') },
        { at: 'search', deed: answers('000131001000'), reads: /食品经营许可证核发/ },
        { at: 'confirm', deed: answers(true), reads: /企业/ },
        { at: 'show', deed: answers(null), reads: /企业服务/ },
      ],
      leaves: [],
    },
    {
      name: 'the state of a case by the code of its receipt',
      answers: [
        ok({
          cases: [
            { number: MADE.number, item: { zh: '居民身份证补办', en: 'ID card' }, state: 'returned', at: '2026-11-25', note: '缺照片' },
          ],
        }),
      ],
      steps: [
        { at: 'choose', deed: answers('state') },
        { at: 'choose', deed: answers('receipt') },
        { at: 'scan', deed: shows({ text: 'AKCASE:341525-261125-00017:0123456789abcdef' }) },
        { at: 'show', deed: answers(null), reads: /需要补正.*缺照片/s },
      ],
      leaves: [],
    },
    {
      name: 'a code that is no receipt, and a receipt that nobody knows',
      steps: [
        { at: 'choose', deed: answers('state') },
        { at: 'choose', deed: answers('receipt') },
        { at: 'scan', deed: shows({ text: 'AKCASE:341525' }) },
        { at: 'show', deed: answers(null), reads: /这不是办件回执/ },
      ],
      leaves: [],
    },
    {
      name: 'a receipt that nobody knows',
      answers: [{ status: 'unknown', body: null }],
      steps: [
        { at: 'choose', deed: answers('state') },
        { at: 'choose', deed: answers('receipt') },
        { at: 'scan', deed: shows({ text: 'AKCASE:341525-261125-00099:0123456789abcdef' }) },
        { at: 'show', deed: answers(null), reads: /没有查到办件/ },
      ],
      leaves: [],
    },
    {
      name: 'one’s own cases, one after the other',
      answers: [
        ok({
          cases: ['00001', '00002'].map((n) => ({
            number: `341525-261125-${n}`,
            item: { zh: `事项${n}`, en: `item ${n}` },
            state: 'accepted',
            at: '2026-11-25',
          })),
        }),
      ],
      steps: [
        { at: 'choose', deed: answers('state') },
        { at: 'choose', deed: answers('me') },
        { at: 'identify', deed: shows('code') },
        { at: 'choose', deed: answers('341525-261125-00002'), reads: /事项00001.*已受理/s },
        { at: 'show', deed: answers(null), reads: /事项00002/ },
        { at: 'choose', deed: answers('end') },
      ],
      leaves: [],
    },
    {
      name: 'cases cannot be looked up now',
      answers: ['silent'],
      steps: [
        { at: 'choose', deed: answers('state') },
        { at: 'choose', deed: answers('me') },
        { at: 'identify', deed: shows('code') },
        { at: 'show', deed: answers(null), reads: /现在查不了/ },
      ],
      leaves: [],
    },
  ],
} satisfies Scripts;
