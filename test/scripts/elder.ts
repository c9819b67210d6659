/** ELD-01 to ELD-03 as elders, relatives and clerks play them. */
import { answers, type Scripts, type Step, shows } from './_script.js';

const ok = <B>(body: B) => ({ status: 'ok', body }) as const;
const MADE = { id: '0011223344556677', code: 'AK1:TEST', name: '测***七', until: '2027-11-24' };
const HELD = {
  papers: [{ id: '0011223344556677', since: '2026-11-20', until: '2027-11-19' }],
  cards: [{ id: '8899aabbccddeeff', since: '2026-11-21' }],
};
const menu = (id: string): Step => ({ at: 'choose', deed: answers(id), reads: /打印纸质码.*挂失.*代申领/s });
const toPaper = (size: string): readonly Step[] => [
  menu('paper'),
  { at: 'identify', deed: shows('card'), reads: /社保卡/ },
  { at: 'choose', deed: answers(size), reads: /大字卡片/ },
  { at: 'confirm', deed: answers(true) },
];
const TYPED = { name: '测试老人九', idNumber: '999999194506070097', birth: '1945-06-07' };
const end = (reads: RegExp): Step => ({ at: 'show', deed: answers(null), reads });

export default {
  data: {},
  settings: {},
  scripts: [
    {
      name: 'a code on paper in large print, by the social security card',
      answers: [ok(MADE)],
      steps: [...toPaper('card'), end(/请取走.*2027-11-24/s)],
      prints: [/"card".*测\*\*\*七.*2027-11-24.*AK1:TEST/s],
      leaves: [],
    },
    {
      name: 'a code on a sheet of A4, after a look back',
      answers: [ok(MADE)],
      steps: [...toPaper('a4'), end(/请取走/)],
      prints: [/"poster"/],
      leaves: [],
    },
    {
      name: 'the printer has no paper: the code is made void, and said so',
      printer: 'paper-out',
      answers: [ok(MADE), ok(null)],
      steps: [...toPaper('card'), end(/已作废/)],
      prints: [/AK1/],
      leaves: [],
    },
    {
      name: 'three on paper are enough',
      answers: [{ status: 'refused', body: { reason: 'too-many' } }],
      steps: [...toPaper('card'), end(/先挂失一张/)],
      leaves: [],
    },
    {
      name: 'somebody the county does not know applies first',
      answers: [{ status: 'unknown', body: { reason: 'no-holder' } }],
      steps: [...toPaper('card'), end(/先代申领/)],
      leaves: [],
    },
    {
      name: 'without the network nothing is printed',
      steps: [...toPaper('card'), end(/连不上县平台/)],
      leaves: [],
    },
    {
      name: 'the social security card is registered; a code in its place is told',
      answers: [ok(null)],
      steps: [
        menu('bind'),
        { at: 'identify', deed: shows('code') },
        { at: 'identify', deed: shows('card'), reads: /这不是卡片/ },
        end(/凡能扫码处都可刷卡/),
      ],
      leaves: [],
    },
    {
      name: 'a lost sheet of paper is void from now on',
      answers: [ok(HELD), ok(null)],
      steps: [
        menu('lost'),
        { at: 'identify', deed: shows('card') },
        { at: 'choose', deed: answers('0011223344556677'), reads: /2026-11-20 打印的纸质码.*登记的社保卡/s },
        { at: 'confirm', deed: answers(true), reads: /不能恢复/ },
        end(/挂失完成/),
      ],
      leaves: [],
    },
    {
      name: 'there is nothing to report as lost',
      answers: [ok({ papers: [], cards: [] })],
      steps: [menu('lost'), { at: 'identify', deed: shows('code') }, end(/没有可挂失/)],
      leaves: [],
    },
    {
      name: 'a daughter applies for her mother by the mother’s card; her own card is not it',
      steps: [
        menu('apply'),
        { at: 'identify', deed: shows('code'), reads: /办理人/ },
        { at: 'choose', deed: answers('card') },
        { at: 'identify', deed: shows('other') },
        { at: 'identify', deed: shows('card'), reads: /这不是卡片/ },
        { at: 'identify', deed: shows('other-card'), reads: /您自己的卡/ },
        { at: 'choose', deed: answers('child') },
        { at: 'confirm', deed: answers(true), reads: /子女/ },
        end(/申领已登记/),
      ],
      prints: [/申领号.*"code"/s],
      leaves: [{ kind: 'elder-application', facts: { relation: 'child', way: 'card' }, personal: {} }],
    },
    {
      name: 'a clerk applies by the ID number; a wrong digit and a wrong birth date are told',
      steps: [
        menu('apply'),
        { at: 'identify', deed: shows('code') },
        { at: 'choose', deed: answers('typed') },
        { at: 'fill', deed: answers({ ...TYPED, idNumber: '999999194506070091' }) },
        { at: 'fill', deed: answers({ ...TYPED, birth: '1945-06-08' }), reads: /逐位核对/ },
        { at: 'show', deed: answers(null), reads: /不符/ },
        { at: 'fill', deed: answers(TYPED) },
        { at: 'choose', deed: answers('clerk') },
        { at: 'confirm', deed: answers(true), reads: /测\*\*\*九 9999\*{12}97/ },
        end(/由县里核实/),
      ],
      prints: [/"code"/],
      leaves: [
        {
          kind: 'elder-application',
          facts: { relation: 'clerk', way: 'typed' },
          personal: { name: '测试老人九', idNumber: '999999194506070097' },
        },
      ],
    },
    {
      name: 'without consent nothing is applied for',
      steps: [
        menu('apply'),
        { at: 'identify', deed: shows('code') },
        { at: 'choose', deed: answers('typed') },
        { at: 'fill', deed: answers(TYPED) },
        { at: 'choose', deed: answers('clerk') },
        { at: 'confirm', deed: answers(false) },
        end(/未取得同意/),
      ],
      leaves: [],
    },
    {
      name: 'an application is asked after by its slip',
      answers: [ok({ state: 'approved' })],
      steps: [menu('state'), { at: 'scan', deed: shows({ text: 'A1B2-7' }) }, end(/已通过/)],
      leaves: [],
    },
    {
      name: 'or by its number; one that is not there is told',
      answers: [{ status: 'unknown', body: null }],
      steps: [menu('state'), { at: 'scan', deed: answers(null) }, { at: 'fill', deed: answers({ number: 'a1b2-8' }) }, end(/没有查到/)],
      leaves: [],
    },
    {
      name: 'what is no number is never asked',
      steps: [menu('state'), { at: 'scan', deed: shows({ text: 'hello' }) }, end(/没有查到/)],
      leaves: [],
    },
    {
      name: 'the state cannot be asked without the network',
      steps: [menu('state'), { at: 'scan', deed: shows({ text: 'A1B2-7' }) }, end(/请稍后再查/)],
      leaves: [],
    },
  ],
} satisfies Scripts;
