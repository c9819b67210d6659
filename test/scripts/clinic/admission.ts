/** MED-08 as people play it. */
import type { Scripts, Step } from '../_script.js';
import { answers, shows } from '../_script.js';
import { chooses, confirms, IDENTIFIED, NONSENSE, obstacles, ok, read, refused, words } from './_answers.js';

const WARD = words('内科一病区', 'Medical ward 1');
const ORDER = ok('admission', {
  id: 'o-1',
  day: '2026-11-25',
  department: words('内科', 'Internal medicine'),
  doctor: '王医生',
  ward: WARD,
  deposit: 200_000,
  consent: {
    version: 3,
    paragraphs: [
      words('住院期间请遵守病区制度。', 'Please follow the rules of the ward.'),
      words('费用按日记账。', 'Costs are booked daily.'),
    ],
  },
});
const stay = (deposit: number) => ok('admit', { stay: 'ZY-55', ward: WARD, bed: '12 床', deposit });
const CONTACT = { name: '张大山', relation: 'sibling', phone: '13900005678' };
const toConsent: readonly Step[] = [IDENTIFIED, confirms(true, /11月25日 周三.*内科.*王医生.*内科一病区.*¥2000\.00/s)];
const toContact: readonly Step[] = [...toConsent, confirms(true, /读完再确认.*第 1 条.*遵守病区制度.*第 2 条.*按日记账.*呼叫工作人员/s)];
const agreed: readonly Step[] = [
  ...toContact,
  { at: 'fill', deed: answers(CONTACT), reads: /联系人.*姓名.*与您的关系.*电话/s },
  confirms(true, /张大山.*兄弟姐妹.*139\*{4}5678/s),
];
const SLIP = read(/入院登记完成.*ZY-55.*内科一病区.*12 床.*护士站/s);

export default {
  data: {},
  settings: {},
  scripts: [
    {
      name: 'from the order to ward and bed, and the deposit paid at once',
      answers: [ORDER, stay(200_000), ok('deposit-bill', { number: 'B-20', amount: 200_000 })],
      asks: [
        /^clinic\/admission \{\} of them$/,
        /^clinic\/admit \{"order":"o-1","contact":\{"name":"张大山","relation":"sibling","phone":"13900005678"\},"consent":3\} of them$|^clinic\/admit .*"consent":3/,
        /^clinic\/deposit-bill \{"amount":200000\} of them$/,
      ],
      steps: [
        ...agreed,
        SLIP,
        chooses('now', /¥2000\.00/),
        { at: 'pay', deed: shows({ text: '134567890123456789' }), reads: /住院预交金/ },
        read(/缴费成功.*ZY-55.*¥2000\.00.*B-20/s),
      ],
      prints: [/入院登记完成.*ZY-55.*12 床/s, /缴费成功.*ZY-55/s],
      leaves: [],
    },
    {
      name: 'the deposit later',
      answers: [ORDER, stay(200_000)],
      steps: [...agreed, SLIP, chooses('wait')],
      prints: [/ZY-55/],
      leaves: [],
    },
    {
      name: 'no deposit is due, and the printer is away: ward and bed stand on the page',
      answers: [ORDER, stay(0)],
      printer: 'no-printer',
      steps: [...agreed, read(/ZY-55.*12 床.*本机不打印/s)],
      prints: [/ZY-55/],
      leaves: [],
    },
    {
      name: 'what is wrong with the contact is said at its place; then they correct it once more',
      answers: [ORDER, stay(0)],
      steps: [
        ...toContact,
        { at: 'fill', deed: answers({ name: '张大山', relation: 'neighbour', phone: '139' }) },
        { at: 'fill', deed: answers({ phone: 'x' }), reads: /请选一项.*7–12 位数字/s },
        { at: 'fill', deed: answers({ name: '张大山', relation: 'child', phone: '5022222' }), reads: /请填写/ },
        confirms(false),
        { at: 'fill', deed: answers(CONTACT) },
        confirms(true),
        SLIP,
      ],
      prints: [/ZY-55/],
      leaves: [],
    },
    {
      name: 'this is not their order: nothing is done',
      answers: [ORDER],
      steps: [IDENTIFIED, confirms(false), read(/没有办理入院.*医生核对/)],
      leaves: [],
    },
    {
      name: 'without consent nobody is admitted',
      answers: [ORDER],
      steps: [...toConsent, confirms(false), read(/没有同意，没有办理入院.*住院处/)],
      leaves: [],
    },
    {
      name: 'no order',
      answers: [refused('no-order')],
      steps: [IDENTIFIED, read(/没有查到您的住院通知.*住院证/)],
      leaves: [],
    },
    {
      name: 'no bed is free',
      answers: [ORDER, refused('no-bed')],
      steps: [...agreed, read(/没有空床.*住院处/)],
      leaves: [],
    },
    {
      name: 'the consent changed while they read it',
      answers: [ORDER, refused('consent-changed')],
      steps: [...agreed, read(/知情同意书刚刚更新.*重新阅读/)],
      leaves: [],
    },
    {
      name: 'no answer to whether they are admitted: again is safe, and that is said',
      answers: [ORDER, NONSENSE],
      steps: [...agreed, read(/不知道是否已办好.*不会重复/)],
      leaves: [],
    },
    ...obstacles(),
  ],
} satisfies Scripts;
