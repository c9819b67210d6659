/** STAY-01 as a front desk plays it. */
import { answers, type Script, type Scripts, type Step, shows } from './_script.js';

const ADULT = { name: '测试居民七', sex: '男', birth: '1980-02-03', nation: '汉', idNumber: '999999198002030073', address: '演示镇 1 号' };
const confirmed = { status: 'ok', body: { mark: 'bWFyaw==' } } as const;
const released = (person: Readonly<Record<string, string>> = ADULT) => ({ status: 'ok', body: person }) as const;
const registered = { status: 'ok', body: { acknowledgement: 'GA-TEST-00000001' } } as const;

const begin: readonly Step[] = [
  { at: 'choose', deed: answers('in') },
  { at: 'confirm', deed: answers(true), reads: /公安机关/ },
];
const room = (number = '302'): readonly Step[] => [
  { at: 'fill', deed: answers({ room: number, nights: '2' }) },
  { at: 'confirm', deed: answers(true), reads: new RegExp(number) },
];
const nobodyElse: Step = { at: 'choose', deed: answers('none'), reads: /还有同住人/ };
const guest = {
  kind: 'stay-guest',
  facts: { role: 'guest', way: 'confirmed', nights: 2, guests: 1 },
  personal: { room: '302', mark: 'bWFyaw==' },
} as const;
const STAYS = [{ stay: 'A1B2-7', room: '302', since: '2026-11-20', nights: 2, guests: 1 }];

const online: Script = {
  name: 'a guest by code, confirmed, with the receipt of the police',
  answers: [confirmed, released(), registered],
  steps: [
    ...begin,
    { at: 'identify', deed: shows('code'), reads: /住客/ },
    nobodyElse,
    { at: 'fill', deed: answers({ room: '302', nights: '0' }) },
    { at: 'fill', deed: answers({ room: '302', nights: '2' }), reads: /1 到 90/ },
    { at: 'confirm', deed: answers(true), reads: /测\*\*\*七.*9999\*{12}73/s },
    { at: 'show', deed: answers(null), reads: /入住登记完成.*GA-TEST/s },
  ],
  prints: [/入住登记完成.*302.*GA-TEST-00000001/s],
  leaves: [guest],
};

export default {
  data: {},
  settings: { hotel: '演示宾馆', mostNights: 90 },
  scripts: [
    online,
    {
      name: 'no consent: nothing is read and nothing is kept',
      steps: [
        { at: 'choose', deed: answers('in') },
        { at: 'confirm', deed: answers(false) },
        { at: 'show', deed: answers(null), reads: /前台人工登记/ },
      ],
      leaves: [],
    },
    {
      name: 'without the network the staff compares the person and takes the card; the police are told later',
      steps: [
        ...begin,
        { at: 'identify', deed: shows('code') },
        { at: 'choose', deed: answers('card'), reads: /连不上/ },
        { at: 'identify', deed: shows('code') },
        { at: 'identify', deed: shows('card'), reads: /这不是卡片/ },
        { at: 'choose', deed: answers('adult'), reads: /未满 18/ },
        nobodyElse,
        ...room(),
        { at: 'show', deed: answers(null), reads: /联网后上报公安/ },
      ],
      prints: [/联网后上报公安/],
      leaves: [{ kind: 'stay-guest', facts: { way: 'card', role: 'guest' }, personal: { room: '302' } }],
    },
    {
      name: 'not the person, says the service: the front desk does not register',
      answers: [{ status: 'refused', body: null }],
      steps: [
        ...begin,
        { at: 'identify', deed: shows('code') },
        { at: 'choose', deed: answers('stop'), reads: /没有通过/ },
        { at: 'show', deed: answers(null), reads: /未办理/ },
      ],
      leaves: [],
    },
    {
      name: 'a card in hand needs no confirmation online',
      answers: [released(), registered],
      steps: [...begin, { at: 'identify', deed: shows('card') }, nobodyElse, ...room(), { at: 'show', deed: answers(null) }],
      prints: [/GA-TEST/],
      leaves: [{ kind: 'stay-guest', facts: { way: 'card' }, personal: { room: '302' } }],
    },
    {
      name: 'a companion by code, the same person twice, and a child by the guardian',
      answers: [confirmed, released(), confirmed, released(), confirmed, released({ ...ADULT, name: '测试居民八' }), registered],
      steps: [
        ...begin,
        { at: 'identify', deed: shows('code') },
        { at: 'choose', deed: answers('adult') },
        { at: 'identify', deed: shows('code'), reads: /同住人/ },
        { at: 'show', deed: answers(null), reads: /已经登记在内/ },
        { at: 'choose', deed: answers('adult') },
        { at: 'identify', deed: shows('other') },
        { at: 'choose', deed: answers('child') },
        { at: 'fill', deed: answers({ name: '测试儿童', birth: '2020-02-30', relation: 'parent' }) },
        { at: 'fill', deed: answers({ name: '测试儿童', birth: '2020-02-28', relation: 'parent' }), reads: /真实的日期/ },
        nobodyElse,
        ...room(),
        { at: 'show', deed: answers(null), reads: /"3"/ },
      ],
      prints: [/"3"/],
      leaves: [
        { kind: 'stay-guest', facts: { role: 'guest', guests: 3 }, personal: { room: '302' } },
        { kind: 'stay-guest', facts: { role: 'companion', stay: /^[0-9A-F]{4}-\d+$/ as unknown as string }, personal: { room: '302' } },
        {
          kind: 'stay-guest',
          facts: { role: 'minor', way: 'guardian' },
          personal: { name: '测试儿童', birth: '2020-02-28', relation: 'parent' },
        },
      ],
    },
    {
      name: 'a minor alone: the guardian is called first',
      answers: [confirmed, released({ ...ADULT, birth: '2012-01-01' }), registered],
      steps: [
        ...begin,
        { at: 'identify', deed: shows('code') },
        { at: 'fill', deed: answers({ name: '测试监护人', phone: '12', relation: 'parent' }), reads: /未成年人单独入住/ },
        { at: 'fill', deed: answers({ name: '测试监护人', phone: '10000000001', relation: 'parent' }), reads: /7–12 位数字/ },
        { at: 'confirm', deed: answers(true), reads: /监护人联系/ },
        nobodyElse,
        ...room(),
        { at: 'show', deed: answers(null) },
      ],
      prints: [/302/],
      leaves: [
        {
          kind: 'stay-guest',
          facts: { role: 'minor' },
          personal: { guardian: '测试监护人', guardianPhone: '10000000001', relation: 'parent' },
        },
      ],
    },
    {
      name: 'a minor alone whose guardian does not agree is not registered',
      answers: [confirmed, released({ ...ADULT, birth: '2012-01-01' })],
      steps: [
        ...begin,
        { at: 'identify', deed: shows('code') },
        { at: 'fill', deed: answers({ name: '测试监护人', phone: '10000000001', relation: 'parent' }) },
        { at: 'confirm', deed: answers(false) },
        { at: 'show', deed: answers(null), reads: /未办理/ },
      ],
      leaves: [],
    },
    {
      name: 'a room that is taken is said, and another given; a slip of the finger is corrected',
      kept: STAYS,
      answers: [confirmed, released(), registered],
      steps: [
        ...begin,
        { at: 'identify', deed: shows('code') },
        nobodyElse,
        { at: 'fill', deed: answers({ room: '302', nights: '2' }) },
        { at: 'show', deed: answers(null), reads: /已有住客/ },
        { at: 'fill', deed: answers({ room: '330', nights: '2' }) },
        { at: 'confirm', deed: answers(false) },
        ...room('303'),
        { at: 'show', deed: answers(null) },
      ],
      prints: [/303/],
      leaves: [{ kind: 'stay-guest', facts: { guests: 1 }, personal: { room: '303' } }],
    },
    {
      name: 'an expired code is told, and the next one is taken',
      answers: [confirmed, released(), { status: 'unknown', body: null }],
      steps: [
        ...begin,
        { at: 'identify', deed: shows('expired') },
        { at: 'identify', deed: shows('code'), reads: /这个码已经过期/ },
        nobodyElse,
        ...room(),
        { at: 'show', deed: answers(null), reads: /联网后上报公安/ },
      ],
      prints: [/联网后上报公安/],
      leaves: [guest],
    },
    {
      name: 'rooms that are taken, no names',
      kept: STAYS,
      steps: [
        { at: 'choose', deed: answers('house') },
        { at: 'show', deed: answers(null), reads: /302.*2026-11-20 起 2 晚/s },
      ],
      leaves: [],
    },
    {
      name: 'check-out, after looking twice',
      kept: STAYS,
      steps: [
        { at: 'choose', deed: answers('out') },
        { at: 'choose', deed: answers('A1B2-7'), reads: /302/ },
        { at: 'confirm', deed: answers(true) },
        { at: 'show', deed: answers(null), reads: /退房登记完成/ },
      ],
      leaves: [{ kind: 'stay-left', facts: { stay: 'A1B2-7', guests: 1 }, personal: null }],
    },
    {
      name: 'nobody is staying',
      steps: [
        { at: 'choose', deed: answers('out') },
        { at: 'show', deed: answers(null), reads: /没有在住登记/ },
      ],
      leaves: [],
    },
  ],
} satisfies Scripts;
