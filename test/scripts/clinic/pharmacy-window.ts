/** MED-07 as patient and clerk play it. */
import type { Prescription } from '../../../src/messages/clinic.js';
import type { Scripts } from '../_script.js';
import { chooses, confirms, IDENTIFIED, NONSENSE, obstacles, ok, read, refused, words } from './_answers.js';

const prescription = (id: string, state: Prescription['state']): Prescription => ({
  id,
  day: '2026-11-25',
  department: words('内科', 'Internal medicine'),
  doctor: '王医生',
  state,
  medicines: [
    { what: words('布洛芬胶囊', 'Ibuprofen'), amount: '2 盒', use: '每日两次' },
    { what: words('氨溴索片', 'Ambroxol'), amount: '1 盒', use: '每日三次' },
  ],
});
const READY = ok('prescriptions', { patient: '张*山', prescriptions: [prescription('p-1', 'ready')] });
const HANDED = ok('hand-over', { number: 'FY-31', at: '09:12' });
const CHECK = /逐一核对.*张\*山.*布洛芬胶囊.*2 盒　每日两次.*氨溴索片/s;

export default {
  data: {},
  settings: {},
  scripts: [
    {
      name: 'the clerk checks each medicine, hands them over and confirms',
      answers: [READY, HANDED],
      asks: [/^clinic\/prescriptions \{\} of them$/, /^clinic\/hand-over \{"prescription":"p-1"\} of them$/],
      steps: [
        IDENTIFIED,
        chooses('prescription.p-1', /内科 王医生.*11月25日 周三 待发药/),
        confirms(true, CHECK),
        read(/已登记发药.*FY-31.*09:12/),
      ],
      leaves: [],
    },
    {
      name: 'not all of it is there: back to the list, and nothing is registered',
      answers: [READY],
      steps: [IDENTIFIED, chooses('prescription.p-1'), confirms(false), chooses('finished')],
      leaves: [],
    },
    {
      name: 'one that was handed over, one that is unpaid: said from the list',
      answers: [ok('prescriptions', { prescriptions: [prescription('p-1', 'dispensed'), prescription('p-2', 'unpaid')] })],
      steps: [
        IDENTIFIED,
        chooses('prescription.p-1', /已发药.*未缴费/),
        read(/已经发过了.*不要重复发药/),
        chooses('prescription.p-2'),
        read(/还没有缴费.*先缴费/),
        chooses('finished'),
      ],
      leaves: [],
    },
    {
      name: 'another window was faster: when and where is said, and nobody hands it over twice',
      answers: [READY, refused('dispensed', { at: '09:10', where: words('2 号窗口', 'Window 2') })],
      steps: [IDENTIFIED, chooses('prescription.p-1'), confirms(true), read(/已经发过了.*09:10.*2 号窗口.*不要重复发药/)],
      leaves: [],
    },
    {
      name: 'the payment was taken back meanwhile',
      answers: [READY, refused('unpaid')],
      steps: [IDENTIFIED, chooses('prescription.p-1'), confirms(true), read(/还没有缴费/)],
      leaves: [],
    },
    {
      name: 'the doctor took it back meanwhile',
      answers: [READY, refused('unknown')],
      steps: [IDENTIFIED, chooses('prescription.p-1'), confirms(true), read(/没有查到这一项/)],
      leaves: [],
    },
    {
      name: 'no answer to the hand-over: nobody knows, and asking again is safe',
      answers: [READY, NONSENSE],
      steps: [IDENTIFIED, chooses('prescription.p-1'), confirms(true), read(/不知道是否已办好.*不会重复/)],
      leaves: [],
    },
    {
      name: 'no prescription',
      answers: [ok('prescriptions', { prescriptions: [] })],
      steps: [IDENTIFIED, read(/没有这位患者的处方.*核对/)],
      leaves: [],
    },
    ...obstacles(),
  ],
} satisfies Scripts;
