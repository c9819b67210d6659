/** MED-02 to MED-12 as patients play them: by phone, paper, social security card and the hospital's own card. */
import type { Appointment, Encounter, MedicationDispense, Patient } from 'fhir/r4.js';
import { agrees, type Books, chooses, ends, fills, type Play, pays, type Row, type Step, shows, takesFirst, touches } from './rows-play.js';

const AWAY = /现在联系不上医院系统.*人工窗口/s;
const UNSURE = /不知道是否已办好.*不会重复/s;
const noSurvey = chooses(/不用了/);
const me = shows('screen');
const away = (desk: Play['desk'], scene: RegExp): Play => ({ desk, scene, steps: [me, ends(AWAY)] });
const CONTACT = [
  [/姓名/, '测试家属'],
  [/手机号/, '13000000000'],
] as const;

const toSlot = (day: Step): readonly Step[] => [takesFirst(), takesFirst(), agrees(/挂号费/)].toSpliced(0, 0, day);
const admit = (who: Step): readonly Step[] => [who, agrees(/内科病区/), agrees(/知情同意/), fills(CONTACT, '子女')];
const cardOf = (who: Step, made: RegExp): Play => ({ desk: 'kiosk', scene: /门诊建卡/, steps: [who, agrees(/\*/), ends(made), noSurvey] });

const patients = (books: Books): number => books.hospital<Patient>('Patient').length;
const booked = (books: Books): number =>
  books.hospital<Appointment>('Appointment').filter(({ status }) => status === 'booked' || status === 'arrived').length;
const stays = (books: Books): number => books.hospital<Encounter>('Encounter').filter((one) => one.class.code === 'IMP').length;

export const CLINIC: readonly Row[] = [
  {
    id: 'MED-02',
    up: cardOf(me, /建卡成功.*HSYY000000000001/s),
    adds: 1,
    count: patients,
    half: {
      outage: 3,
      desk: 'ward',
      scene: /门诊建卡/,
      before: [shows('paper')],
      after: [agrees(/\*/), ends(UNSURE)],
    },
    again: cardOf(shows('paper'), /建卡成功/),
    down: away('kiosk', /门诊建卡/),
    later: 1,
  },
  {
    id: 'MED-03',
    up: {
      desk: 'kiosk',
      scene: /门诊挂号/,
      steps: [
        me,
        chooses(/急诊科/),
        ...toSlot(takesFirst()),
        ends(/挂号成功/),
        chooses(/现在缴费/),
        pays(/挂号费/),
        ends(/缴费成功/),
        noSurvey,
      ],
    },
    adds: 1,
    count: booked,
    half: {
      outage: 2,
      desk: 'kiosk',
      scene: /门诊挂号/,
      before: [me, chooses(/内科/), chooses(/周/), takesFirst(), takesFirst()],
      after: [agrees(/挂号费/), ends(UNSURE)],
    },
    again: {
      desk: 'kiosk',
      scene: /门诊挂号/,
      steps: [me, chooses(/内科/), ...toSlot(chooses(/周/)), ends(/挂号成功/), chooses(/以后再缴/), noSurvey],
    },
    down: away('kiosk', /门诊挂号/),
    later: 1,
  },
  {
    id: 'MED-04',
    up: { desk: 'kiosk', scene: /就诊报到/, steps: [me, ends(/报到成功.*排队号.*诊室/s), noSurvey] },
    adds: 1,
    count: (books) => books.hospital<Encounter>('Encounter').filter((one) => one.class.code === 'AMB').length,
    down: away('kiosk', /就诊报到/),
    later: 0,
  },
  {
    id: 'MED-05',
    up: {
      desk: 'kiosk',
      scene: /门诊缴费/,
      steps: [me, chooses(/检验费/), chooses(/缴费 ¥/, /未选/), pays(), ends(/缴费成功.*收款凭证号/s), noSurvey],
    },
    adds: 1,
    count: (books) => books.paid('clinic'),
    half: {
      outage: 3,
      desk: 'kiosk',
      scene: /门诊缴费/,
      before: [me, chooses(/缴费 ¥/)],
      after: [pays(), touches('pay', /不付了/, /网络不通，未扣款/), ends(/没有付款，没有扣钱/)],
    },
    again: { desk: 'kiosk', scene: /门诊缴费/, steps: [me, chooses(/缴费 ¥/), pays(), ends(/缴费成功/), noSurvey] },
    down: away('kiosk', /门诊缴费/),
    // One here, one by MED-09.
    later: 2,
  },
  {
    id: 'MED-06',
    up: {
      desk: 'kiosk',
      scene: /报告查询/,
      steps: [shows('hospital-card'), chooses(/血常规/), ends(/白细胞/), chooses(/^打印/), ends(/还可打印.*1/s), chooses(/完成/), noSurvey],
    },
    adds: 1,
    count: (books) => books.presented('clinic/reports'),
    down: away('kiosk', /报告查询/),
    // By the card of MED-12 as well.
    later: 2,
  },
  {
    id: 'MED-07',
    up: {
      desk: 'pharmacy-window',
      scene: /药房窗口取药/,
      steps: [me, chooses(/待发药/), agrees(/阿莫西林/), ends(/已登记发药/)],
    },
    adds: 1,
    count: (books) =>
      new Set(
        books
          .hospital<MedicationDispense>('MedicationDispense')
          .map((one) => one.authorizingPrescription?.[0]?.reference?.split('-').at(-2)),
      ).size,
    half: {
      outage: 1,
      desk: 'pharmacy-window',
      scene: /药房窗口取药/,
      before: [me, chooses(/待发药/)],
      after: [agrees(/阿莫西林/), ends(UNSURE)],
    },
    again: { desk: 'pharmacy-window', scene: /药房窗口取药/, steps: [me, chooses(/待发药/), agrees(), ends(/已登记发药/)] },
    down: away('pharmacy-window', /药房窗口取药/),
    later: 1,
  },
  {
    id: 'MED-08',
    up: {
      desk: 'ward',
      scene: /入院登记/,
      steps: [...admit(me), agrees(/130\*{4}0000/), ends(/入院登记完成.*床/s), chooses(/以后再缴/), noSurvey],
    },
    adds: 1,
    count: stays,
    half: { outage: 1, desk: 'ward', scene: /入院登记/, before: admit(shows('card')), after: [agrees(), ends(UNSURE)] },
    again: {
      desk: 'ward',
      scene: /入院登记/,
      steps: [...admit(shows('card')), agrees(), ends(/入院登记完成/), chooses(/以后再缴/), noSurvey],
    },
    down: away('ward', /入院登记/),
    later: 1,
  },
  {
    id: 'MED-09',
    up: { desk: 'ward', scene: /预交金缴费/, steps: [me, takesFirst(/现有余额/), pays(), ends(/缴费成功.*余额/s), noSurvey] },
    adds: 1,
    count: (books) => books.paid('clinic'),
    half: {
      outage: 2,
      desk: 'ward',
      scene: /预交金缴费/,
      before: [me, takesFirst()],
      after: [pays(), touches('pay', /不付了/, /网络不通，未扣款/), ends(/没有付款，没有扣钱/)],
    },
    again: { desk: 'ward', scene: /预交金缴费/, steps: [me, takesFirst(), pays(), ends(/缴费成功/), noSurvey] },
    down: away('ward', /预交金缴费/),
    // One here, one by MED-05.
    later: 2,
  },
  {
    id: 'MED-10',
    up: {
      desk: 'kiosk',
      scene: /住院清单/,
      steps: [me, chooses(/按类别/, /费用合计/), ends(/床位费.*合计/s), chooses(/打印汇总/), ends(/费用清单/), chooses(/^完成/), noSurvey],
    },
    adds: 1,
    count: (books) => books.presented('clinic/expenses'),
    down: away('kiosk', /住院清单/),
    later: 1,
  },
  {
    id: 'MED-11',
    up: { desk: 'kiosk', scene: /满意度评价/, steps: [chooses(/很满意/), chooses(/很满意/), chooses(/一般/), ends(/谢谢/)] },
    adds: 1,
    count: (books) => books.records('survey-answer'),
    down: { desk: 'kiosk', scene: /满意度评价/, steps: [chooses(/很满意/), chooses(/很满意/), chooses(/一般/), ends(/谢谢/)] },
    later: 1,
  },
  {
    id: 'MED-12',
    up: cardOf(shows('card'), /建卡成功/),
    adds: 1,
    count: patients,
    // The card is read; only then the hospital is asked.
    down: { desk: 'kiosk', scene: /报告查询/, steps: [shows('card'), ends(AWAY)] },
    later: 1,
  },
];
