/** MED-04 as people play it. */
import type { Scripts } from '../_script.js';
import { chooses, IDENTIFIED, NONSENSE, obstacles, ok, read, refused, words } from './_answers.js';

const ROOM = words('门诊二楼 205', 'Room 205');
const VISIT = {
  id: 'a-1',
  department: words('内科', 'Internal medicine'),
  doctor: '王医生',
  day: '2026-11-25',
  from: '08:00',
  until: '08:10',
  room: ROOM,
  fee: 1500,
};
const OTHER = { ...VISIT, id: 'a-2', department: words('骨科', 'Orthopaedics'), from: '10:00', until: '10:10' };
const ONE = ok('appointments', { appointments: [{ ...VISIT, state: 'booked' }] });
const TICKET = ok('check-in', { queue: 'A012', ahead: 3, room: ROOM, department: VISIT.department, doctor: '王医生' });
const shown = read(/报到成功.*A012.*205.*内科.*王医生.*3 人/s);

export default {
  data: {},
  settings: {},
  scripts: [
    {
      name: 'one appointment today: queue number and room on page and slip',
      answers: [ONE, TICKET],
      asks: [/^clinic\/appointments \{\} of them$/, /^clinic\/check-in \{"appointment":"a-1"\} of them$/],
      steps: [IDENTIFIED, shown],
      prints: [/报到成功.*A012.*205/s],
      leaves: [],
    },
    {
      name: 'several: they say which, and see where they have already checked in',
      answers: [
        ok('appointments', {
          appointments: [
            { ...VISIT, state: 'arrived' },
            { ...OTHER, state: 'booked' },
          ],
        }),
        TICKET,
      ],
      asks: [/appointments/, /"a-2"/],
      steps: [IDENTIFIED, chooses('a-2', /08:00–08:10 内科.*王医生 已报到.*10:00–10:10 骨科/), shown],
      prints: [/A012/],
      leaves: [],
    },
    {
      name: 'twice gives the same number',
      answers: [ok('appointments', { appointments: [{ ...VISIT, state: 'arrived' }] }), TICKET],
      steps: [IDENTIFIED, shown],
      prints: [/A012/],
      leaves: [],
    },
    {
      name: 'without a printer the number stands on the page',
      answers: [ONE, TICKET],
      printer: 'failed',
      steps: [IDENTIFIED, read(/A012.*205.*没有打印出来/s)],
      prints: [/A012/],
      leaves: [],
    },
    {
      name: 'no appointment today',
      answers: [ok('appointments', { appointments: [] })],
      steps: [IDENTIFIED, read(/今天没有预约.*门诊挂号.*人工窗口/)],
      leaves: [],
    },
    {
      name: 'too early: from when on is said',
      answers: [ONE, refused('too-early', { at: '07:30' })],
      steps: [IDENTIFIED, read(/还没到报到时间.*07:30.*以后再来/)],
      leaves: [],
    },
    {
      name: 'too late: the nurse at the desk',
      answers: [ONE, refused('too-late')],
      steps: [IDENTIFIED, read(/已过报到时间.*分诊台/)],
      leaves: [],
    },
    {
      name: 'it was called off meanwhile',
      answers: [ONE, refused('unknown')],
      steps: [IDENTIFIED, read(/没有查到这一项.*人工窗口/)],
      leaves: [],
    },
    {
      name: 'nonsense instead of a ticket: nobody knows whether they are checked in, and again is safe',
      answers: [ONE, NONSENSE],
      steps: [IDENTIFIED, read(/不知道是否已办好.*不会重复/)],
      leaves: [],
    },
    ...obstacles(),
  ],
} satisfies Scripts;
