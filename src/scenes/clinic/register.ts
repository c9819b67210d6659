/** Scene `clinic/register`: an appointment with a doctor, by department, day, doctor and time (MED-03). */
import type { Choice, Desk, DeskScene, Line } from '../../contracts.js';
import type { Appointment, ClinicAnswer, ClinicAsked } from '../../messages/clinic.js';
import { AFTER, type Ended, handOut, offerSurvey } from './_after.js';
import { AWAY, type Hospital, patientAt } from './_hospital.js';
import { PAYMENT, settle, wantsToPay } from './_payment.js';
import { dayWords, yuan } from './_show.js';
import { COMMON, OUTPATIENT, SETTINGS, type Settings, same, words } from './_words.js';

const WORDS = {
  ...COMMON,
  ...AWAY,
  ...AFTER,
  ...PAYMENT,
  which: words('看哪个科？', 'Which department?'),
  when: words('哪一天？', 'Which day?'),
  whom: words('看哪位医生？', 'Which doctor?'),
  hour: words('什么时间？', 'What time?'),
  other: words('重新选科室', 'Another department'),
  none: words('没有可以挂的号，请另选', 'Nothing is free there: please choose another'),
  closed: words('今天没有开放挂号的科室', 'No department takes appointments now'),
  right: words('请核对后确认挂号', 'Is this right?'),
  booked: words('挂号成功', 'You are registered'),
  free: words('剩余', 'Free'),
  come: words('到时请先在本机“就诊报到”', 'When you come, check in at this terminal first'),
  charge: words('挂号费', 'Registration fee'),
};

/** What was chosen, or why nothing was: `again` begins at the departments, undefined ends the visit. */
type Chosen<T> = T | 'again' | undefined;

async function visit(desk: Desk, settings: Settings): Promise<void> {
  const hospital = await patientAt(desk);
  // Who has no record is told before they have chosen anything.
  if (!(await hospital.ask('card', {}))) return;
  for (;;) {
    const wanted = await doctorOf(desk, hospital);
    const appointment = typeof wanted === 'object' ? await book(desk, hospital, wanted) : wanted;
    if (!appointment) return;
    if (appointment === 'again') continue;
    await handOut(desk, settings, slipFor(appointment));
    const { charge, fee } = appointment;
    if (charge !== undefined && (await wantsToPay(desk, fee))) await pay(desk, hospital, { charge, fee, settings });
    return offerSurvey(desk);
  }
}

interface Wanted {
  readonly asked: ClinicAsked<'slots'>;
  readonly fee: number;
  readonly lines: readonly Line[];
}

async function doctorOf(desk: Desk, hospital: Hospital): Promise<Chosen<Wanted>> {
  const offered = await hospital.ask('departments', {});
  if (!offered) return undefined;
  if (offered.departments.length === 0) {
    await desk.show(WORDS.closed, [{ label: WORDS.next, value: WORDS.window }]);
    return undefined;
  }
  const choices = offered.departments.map(({ id, name }) => ({ id, label: name }));
  const department = await desk.choose(WORDS.which, choices);
  const open = await hospital.ask('days', { department: department.id });
  const day = open && (await oneOf(desk, WORDS.when, open.days.filter(hasRoom).map(dayChoice)));
  if (!day || day === 'again') return day;
  const there = await hospital.ask('doctors', { department: department.id, day: day.id });
  const doctor = there && (await oneOf(desk, WORDS.whom, there.doctors.filter(hasRoom).map(doctorChoice)));
  if (!doctor || doctor === 'again') return doctor;
  return {
    asked: { department: department.id, day: day.id, doctor: doctor.id },
    fee: doctor.fee,
    lines: [
      { label: WORDS.department, value: department.label },
      { label: WORDS.doctor, value: doctor.label },
      { label: WORDS.day, value: day.label },
    ],
  };
}

/** A time that somebody else was faster for is said, and what is left is offered again. */
async function book(desk: Desk, hospital: Hospital, { asked, fee, lines }: Wanted): Promise<Chosen<ClinicAnswer<'register'>>> {
  for (;;) {
    const times = await hospital.ask('slots', asked);
    const slot = times && (await oneOf(desk, WORDS.hour, times.slots.map(slotChoice)));
    if (!slot || slot === 'again') return slot;
    const chosen = [
      { label: WORDS.time, value: slot.label },
      { label: WORDS.room, value: slot.detail },
      { label: WORDS.fee, value: yuan(fee) },
    ];
    if (!(await desk.confirm(WORDS.right, [...lines, ...chosen]))) continue;
    const heard = await hospital.hear('register', { slot: slot.id });
    if (heard.said === 'ok') return heard.answer;
    await hospital.tell(heard);
    const reason = heard.said === 'refused' ? heard.why.reason : undefined;
    if (reason !== 'slot-taken') return reason === 'already-booked' ? 'again' : undefined;
  }
}

type Offered<T> = T & Choice;
const hasRoom = ({ free }: { readonly free: number }): boolean => free > 0;
const freeWords = (free: number) => words(`剩余 ${free}`, `${free} free`);
const dayChoice = ({ day, free }: { readonly day: string; readonly free: number }) => ({
  id: day,
  label: dayWords(day),
  detail: freeWords(free),
});

function doctorChoice({ id, name, title, fee, free }: { id: string; name: string; title: Choice['label']; fee: number; free: number }) {
  const detail = words(`${title.zh} ${yuan(fee)} 剩余 ${free}`, `${title.en}, ${yuan(fee)}, ${free} free`);
  return { id, label: same(name), detail, fee };
}

const slotChoice = ({ id, from, until, room }: { id: string; from: string; until: string; room: Choice['label'] }) => ({
  id,
  label: same(`${from}–${until}`),
  detail: room,
});

/** There is always a way back to the departments. */
async function oneOf<C extends Choice>(desk: Desk, ask: Choice['label'], offered: readonly C[]): Promise<Offered<C> | 'again'> {
  if (offered.length === 0) {
    await desk.show(WORDS.none);
    return 'again';
  }
  const chosen = await desk.choose<C | Choice>(ask, [...offered, { id: 'again', label: WORDS.other }]);
  return offered.find(({ id }) => id === chosen.id) ?? 'again';
}

const slipFor = ({ id, department, doctor, day, from, until, room, fee }: Appointment): Ended => ({
  say: WORDS.booked,
  lines: [
    { label: WORDS.department, value: department },
    { label: WORDS.doctor, value: doctor },
    { label: WORDS.day, value: dayWords(day) },
    { label: WORDS.time, value: `${from}–${until}` },
    { label: WORDS.room, value: room },
    { label: WORDS.fee, value: yuan(fee) },
    { label: WORDS.next, value: WORDS.come },
  ],
  more: [{ label: WORDS.number, value: id }],
});

interface Owed {
  readonly charge: string;
  readonly fee: number;
  readonly settings: Settings;
}

async function pay(desk: Desk, hospital: Hospital, { charge, fee, settings }: Owed): Promise<void> {
  const bill = await hospital.ask('bill', { charges: [charge] });
  const lines = [{ label: WORDS.what, value: WORDS.charge }];
  if (bill) await settle(desk, { bill: { ...bill, what: WORDS.charge }, told: fee, lines, settings });
}

export default {
  accepts: ['person'],
  settings: SETTINGS,
  title: words('门诊挂号', 'Register'),
  group: OUTPATIENT,
  words: WORDS,
  visit,
} satisfies DeskScene<Settings>;
