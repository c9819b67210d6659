/** MED-03 as people play it. */
import type { Scripts, Step } from '../_script.js';
import { chooses, confirms, IDENTIFIED, NONSENSE, obstacles, ok, read, refused, words } from './_answers.js';

const INTERNAL = { id: 'nk', name: words('内科', 'Internal medicine') };
const DEPARTMENTS = ok('departments', { departments: [INTERNAL, { id: 'gk', name: words('骨科', 'Orthopaedics') }] });
const DAYS = ok('days', {
  days: [
    { day: '2026-11-30', free: 5 },
    { day: '2026-12-01', free: 0 },
  ],
});
const DOCTORS = ok('doctors', {
  doctors: [
    { id: 'd-1', name: '王医生', title: words('主任医师', 'Chief physician'), fee: 1500, free: 3 },
    { id: 'd-2', name: '李医生', title: words('住院医师', 'Resident'), fee: 600, free: 0 },
  ],
});
const ROOM = words('门诊二楼 205', 'Room 205');
const slot = (id: string, from: string, until: string) => ({ id, from, until, room: ROOM });
const SLOTS = ok('slots', { slots: [slot('s-1', '08:00', '08:10'), slot('s-2', '08:10', '08:20')] });
const APPOINTMENT = {
  id: 'a-1',
  department: INTERNAL.name,
  doctor: '王医生',
  day: '2026-11-30',
  from: '08:00',
  until: '08:10',
  room: ROOM,
  fee: 1500,
};
const BOOKED = ok('register', { ...APPOINTMENT, charge: 'c-1' });
const CARD = ok('card', { card: 'MZ-000123' });
const LISTS = [DEPARTMENTS, DAYS, DOCTORS, SLOTS] as const;

const toDoctor: readonly Step[] = [
  IDENTIFIED,
  chooses('nk', /哪个科.*内科.*骨科/),
  chooses('2026-11-30', /11月30日 周一.*剩余 5/),
  chooses('d-1', /王医生.*主任医师 ¥15\.00/),
];
const toConfirm: readonly Step[] = [...toDoctor, chooses('s-1', /08:00–08:10.*205/)];
const agreed: readonly Step[] = [...toConfirm, confirms(true, /内科.*王医生.*周一.*08:00.*205.*¥15\.00/)];
const slip = read(/挂号成功.*内科.*王医生.*11月30日 周一.*08:00–08:10.*205.*¥15\.00.*就诊报到/);

export default {
  data: {},
  settings: {},
  scripts: [
    {
      name: 'registered, and the fee paid at once',
      answers: [CARD, ...LISTS, BOOKED, ok('bill', { number: 'B-1', amount: 1500 })],
      asks: [
        /^clinic\/card \{\} of them$/,
        /^clinic\/departments \{\} of them$/,
        /^clinic\/days \{"department":"nk"\} of them$/,
        /^clinic\/doctors \{.*"day":"2026-11-30".*\} of them$/,
        /^clinic\/slots \{.*"doctor":"d-1".*\} of them$/,
        /^clinic\/register \{"slot":"s-1"\} of them$/,
        /^clinic\/bill \{"charges":\["c-1"\]\} of them$/,
      ],
      steps: [
        ...agreed,
        slip,
        chooses('now', /¥15\.00/),
        { at: 'pay', deed: { does: 'shows', what: { text: '134567890123456789' } } },
        read(/缴费成功.*挂号费.*¥15\.00.*B-1.*R-1/),
      ],
      prints: [/挂号成功.*王医生.*a-1/, /缴费成功.*B-1/],
      leaves: [],
    },
    {
      name: 'registered, to be paid later',
      answers: [CARD, ...LISTS, BOOKED],
      steps: [...agreed, slip, chooses('wait')],
      prints: [/挂号成功/],
      leaves: [],
    },
    {
      name: 'nothing is charged for this one',
      answers: [CARD, ...LISTS, ok('register', { ...APPOINTMENT, fee: 0 })],
      steps: [...agreed, read(/挂号成功.*¥0\.00/)],
      prints: [/挂号成功/],
      leaves: [],
    },
    {
      name: 'without a printer all of it stands on the page',
      answers: [CARD, ...LISTS, BOOKED],
      printer: 'paper-out',
      steps: [...agreed, read(/08:00–08:10.*205.*没有纸了/), chooses('wait')],
      prints: [/挂号成功/],
      leaves: [],
    },
    {
      name: 'somebody else was faster: that is said, and what is left is offered again',
      answers: [CARD, ...LISTS, refused('slot-taken'), ok('slots', { slots: [slot('s-2', '08:10', '08:20')] }), BOOKED],
      steps: [...agreed, read(/刚刚被别人约走.*另选时间/), chooses('s-2', /08:10–08:20/), confirms(true), slip, chooses('wait')],
      prints: [/挂号成功/],
      leaves: [],
    },
    {
      name: 'they have one there on that day: when and where is said, and another may be chosen',
      answers: [
        CARD,
        ...LISTS,
        refused('already-booked', { at: '09:00', where: INTERNAL.name }),
        DEPARTMENTS,
        ok('days', { days: [] }),
        DEPARTMENTS,
        'silent',
      ],
      steps: [
        ...agreed,
        read(/已经挂了这个科室的号.*09:00.*内科.*就诊报到/),
        chooses('gk'),
        read(/没有可以挂的号/),
        chooses('nk'),
        read(/联系不上/),
      ],
      leaves: [],
    },
    {
      name: 'another department, another time: every list leads back',
      answers: [CARD, ...LISTS, SLOTS, ...LISTS, BOOKED],
      steps: [...toConfirm, confirms(false), chooses('again', /重新选科室/), ...toConfirm.slice(1), confirms(true), slip, chooses('wait')],
      prints: [/挂号成功/],
      leaves: [],
    },
    {
      name: 'no department is open',
      answers: [CARD, ok('departments', { departments: [] })],
      steps: [IDENTIFIED, read(/没有开放挂号.*人工窗口/s)],
      leaves: [],
    },
    {
      name: 'the time is no longer there at all',
      answers: [CARD, ...LISTS, refused('unknown')],
      steps: [...agreed, read(/没有查到这一项.*人工窗口/)],
      leaves: [],
    },
    {
      name: 'the hospital has no record of them',
      answers: [CARD, ...LISTS, refused('no-record')],
      steps: [...agreed, read(/还没有建卡.*门诊建卡/)],
      leaves: [],
    },
    {
      name: 'no answer to whether it was booked: again is safe, and that is said',
      answers: [CARD, ...LISTS, 'silent'],
      steps: [...agreed, read(/不知道是否已办好.*不会重复/)],
      leaves: [],
    },
    {
      name: 'nonsense half-way counts as no answer',
      answers: [CARD, DEPARTMENTS, DAYS, NONSENSE],
      steps: [...toDoctor.slice(0, 3), read(/联系不上医院系统/)],
      leaves: [],
    },
    ...obstacles(),
  ],
} satisfies Scripts;
