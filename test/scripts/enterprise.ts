/** ENT-01 to ENT-06 as people play them at a desk. */

import { demoItems } from '../../src/platform/affairs/catalogue.js';
import { SYNTHETIC_POLICIES, syntheticEnterprise } from '../../src/platform/enterprises.js';
import { answers, type Scripts, type Step, shows, types } from './_script.js';

const KNOWN = syntheticEnterprise(1, 'AAAAAAAAAAAAAAAAAAAAAA');
const { creditCode, name } = KNOWN;
const ok = <B>(body: B) => ({ status: 'ok', body }) as const;
const found = ok({ creditCode, name, status: 'active', industry: KNOWN.industry, size: KNOWN.size });
const suspended = ok({ ...found.body, status: 'suspended' });
const acting = (role: string) => ok({ role });
const menu = (id: string): Step => ({ at: 'choose', deed: answers(id), reads: /申领企业码.*惠企政策.*电子证照/s });
const typed: readonly Step[] = [
  { at: 'choose', deed: answers('typed'), reads: /营业执照/ },
  { at: 'fill', deed: answers({ code: creditCode.toLowerCase() }), reads: /末位是校验位/ },
];
const me: Step = { at: 'identify', deed: shows('code'), reads: /办理人/ };
const end = (reads: RegExp): Step => ({ at: 'show', deed: answers(null), reads });
const LICENCES = ok({ licences: [{ id: 'food-permit', name: { zh: '食品经营许可证', en: 'Food trading permit' }, until: '2028-12-31' }] });
const LICENCE = ok({
  name: { zh: '食品经营许可证', en: 'Food trading permit' },
  lines: [{ label: { zh: '许可证编号', en: 'Number' }, value: 'JY-TEST-000001' }],
  watermark: '2026-11-25 10:00 HALL-1 affairs',
});
/** 食品经营许可证核发 */
const FOOD = '000131001000';
const FOOD_FORM: readonly Step[] = [
  { at: 'fill', deed: answers({ b1: '13000000000', b2: '城关镇', b3: 'c1' }) },
  { at: 'confirm', deed: answers(true) },
];
const matching = { industry: 'industry', size: 'small' };

export default {
  data: { policies: SYNTHETIC_POLICIES, items: demoItems() },
  settings: {},
  partly: true,
  scripts: [
    {
      name: 'a code is applied for by the typed credit code, a wrong character told first',
      answers: [found],
      steps: [
        menu('apply'),
        { at: 'choose', deed: answers('typed') },
        { at: 'fill', deed: answers({ code: `${creditCode.slice(0, 17)}${creditCode.endsWith('0') ? '1' : '0'}` }) },
        { at: 'fill', deed: answers({ code: creditCode }), reads: /逐位核对/ },
        { at: 'identify', deed: shows('code'), reads: /法定代表人/ },
        { at: 'confirm', deed: answers(true), reads: /霍山测试企业001/ },
        end(/申领已登记/),
      ],
      prints: [/企业码申领回执.*"code"/s],
      leaves: [{ kind: 'enterprise-application', facts: { creditCode }, personal: {} }],
    },
    {
      name: 'by the QR code of the licence, and thought better of',
      answers: [found],
      steps: [
        menu('apply'),
        { at: 'choose', deed: answers('licence') },
        { at: 'scan', deed: shows({ text: 'https://www.gsxt.gov.cn/index.html?x=1' }) },
        { at: 'identify', deed: shows('code') },
        { at: 'confirm', deed: answers(false) },
      ],
      leaves: [],
    },
    {
      name: 'without the network it is applied for by what stands in the licence’s code; the county looks into it later',
      steps: [
        menu('apply'),
        { at: 'choose', deed: answers('licence') },
        { at: 'scan', deed: shows({ text: `https://www.gsxt.gov.cn/index.html?uniscid=${creditCode}` }) },
        { at: 'identify', deed: shows('code'), reads: /法定代表人/ },
        { at: 'confirm', deed: answers(true), reads: new RegExp(creditCode) },
        end(/申领已登记/),
      ],
      prints: [/企业码申领回执.*"code"/s],
      leaves: [{ kind: 'enterprise-application', facts: { creditCode }, personal: {} }],
    },
    {
      name: 'without the network a licence’s code without a credit code says so',
      steps: [
        menu('apply'),
        { at: 'choose', deed: answers('licence') },
        { at: 'scan', deed: shows({ text: 'https://www.gsxt.gov.cn/index.html?x=1' }) },
        end(/企业码可以直接查看名片和政策/),
      ],
      leaves: [],
    },
    {
      name: 'nobody knows this enterprise',
      answers: [{ status: 'unknown', body: null }],
      steps: [menu('card'), ...typed, end(/没有查到这家企业/)],
      leaves: [],
    },
    {
      name: 'without the network a typed code says so, and what can still be done',
      steps: [menu('card'), ...typed, end(/企业码可以直接查看名片和政策/)],
      leaves: [],
    },
    {
      name: 'the card as the register has it',
      answers: [found],
      steps: [menu('card'), ...typed, end(/霍山测试企业001.*存续/s)],
      leaves: [],
    },
    {
      name: 'no licence to scan after all',
      steps: [menu('card'), { at: 'choose', deed: answers('licence') }, { at: 'scan', deed: answers(null) }],
      leaves: [],
    },
    {
      name: 'policies that match, from the list that came last, without a network',
      steps: [
        menu('policies'),
        { at: 'fill', deed: answers({ size: 'small' }) },
        { at: 'fill', deed: answers(matching), reads: /请填写/ },
        { at: 'choose', deed: answers('micro-loan'), reads: /贴息贷款.*毕业生/s },
        end(/百分之五十.*县财政局.*2027-12-31.*2026-11-01/s),
      ],
      leaves: [],
    },
    {
      name: 'a list of policies that has not come yet',
      data: {},
      steps: [menu('policies'), end(/尚未下发/)],
      leaves: [],
    },
    {
      name: 'a word that nothing matches',
      steps: [menu('policies'), { at: 'fill', deed: answers({ ...matching, word: '航天' }) }, end(/没有符合的政策/)],
      leaves: [],
    },
    {
      name: 'the credit record with its date',
      answers: [found, ok(KNOWN.credit)],
      steps: [menu('credit'), ...typed, end(/2026-11-01.*没有失信.*纳税信用/s)],
      leaves: [],
    },
    {
      name: 'no credit record is there',
      answers: [found, { status: 'unknown', body: null }],
      steps: [menu('credit'), ...typed, end(/没有查到/)],
      leaves: [],
    },
    {
      name: 'the representative sees a licence after consent, with its watermark, and there is nothing to take away',
      answers: [found, acting('representative'), LICENCES, LICENCE],
      steps: [
        menu('licences'),
        ...typed,
        me,
        { at: 'choose', deed: answers('food-permit'), reads: /2028-12-31/ },
        { at: 'choose', deed: answers('affairs') },
        { at: 'confirm', deed: answers(true), reads: /留下记录/ },
        end(/JY-TEST-000001.*水印.*HALL-1/s),
      ],
      leaves: [],
    },
    {
      name: 'without consent it is not shown',
      answers: [found, acting('agent'), LICENCES],
      steps: [
        menu('licences'),
        ...typed,
        me,
        { at: 'choose', deed: answers('food-permit') },
        { at: 'choose', deed: answers('bid') },
        { at: 'confirm', deed: answers(false) },
      ],
      leaves: [],
    },
    {
      name: 'the library has none',
      answers: [found, acting('agent'), ok({ licences: [] })],
      steps: [menu('licences'), ...typed, me, end(/没有这家企业的证照/)],
      leaves: [],
    },
    {
      name: 'somebody who may not act for it',
      answers: [found, acting('nobody')],
      steps: [menu('licences'), ...typed, me, end(/不是这家企业的法定代表人/)],
      leaves: [],
    },
    {
      name: 'an enterprise that is suspended',
      answers: [suspended, acting('representative')],
      steps: [menu('licences'), ...typed, me, end(/不是存续/)],
      leaves: [],
    },
    {
      name: 'an item of the hall is applied for on behalf of the enterprise',
      answers: [
        found,
        acting('agent'),
        ok({ onFile: [], complete: true }),
        ok({ number: '341525-261125-00018', token: '0123456789abcdef' }),
      ],
      steps: [
        menu('direct'),
        ...typed,
        me,
        { at: 'search', deed: types('食品') },
        { at: 'search', deed: answers(FOOD), reads: /食品/ },
        { at: 'confirm', deed: answers(true) },
        ...FOOD_FORM,
        end(/已提交.*霍山测试企业001.*341525-261125-00018/s),
      ],
      prints: [/霍山测试企业001.*AKCASE/s],
      leaves: [{ kind: 'affair', facts: { item: FOOD }, personal: { enterprise: creditCode } }],
    },
    {
      name: 'a list of items that has not come yet',
      data: {},
      answers: [found, acting('agent')],
      steps: [menu('direct'), ...typed, me, end(/尚未下发|没有/)],
      leaves: [],
    },
    {
      name: 'the code is printed for the wall',
      answers: [found, acting('agent'), ok({ code: 'AE1:TEST', name, until: '2027-11-24' })],
      steps: [menu('print'), ...typed, me, end(/请取走/)],
      prints: [/"poster".*霍山测试企业001.*2027-11-24.*AE1:TEST/s],
      leaves: [],
    },
    {
      name: 'no printer, and it is said',
      printer: 'no-printer',
      answers: [found, acting('agent'), ok({ code: 'AE1:TEST', name, until: '2027-11-24' })],
      steps: [menu('print'), ...typed, me, end(/没有打印成功/)],
      prints: [/AE1:TEST/],
      leaves: [],
    },
    {
      name: 'a code that was not approved yet is not printed',
      answers: [found, acting('representative'), { status: 'unknown', body: null }],
      steps: [menu('print'), ...typed, me, end(/没有查到/)],
      leaves: [],
    },
    {
      name: 'how the application is going',
      answers: [ok({ state: 'waiting' })],
      steps: [menu('state'), { at: 'scan', deed: shows({ text: 'A1B2-7' }) }, end(/正在核实/)],
      leaves: [],
    },
  ],
} satisfies Scripts;
