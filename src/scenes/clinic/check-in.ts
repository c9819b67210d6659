/** Scene `clinic/check-in`: the person is there for today's appointment and is told where to wait (MED-04). Twice gives the same number. */
import type { Choice, Desk, DeskScene } from '../../contracts.js';
import type { ClinicAnswer } from '../../messages/clinic.js';
import { AFTER, handOut, offerSurvey } from './_after.js';
import { AWAY, patientAt } from './_hospital.js';
import { COMMON, OUTPATIENT, SETTINGS, type Settings, words } from './_words.js';

const WORDS = {
  ...COMMON,
  ...AWAY,
  ...AFTER,
  which: words('为哪个预约报到？', 'Which appointment are you here for?'),
  none: words('您今天没有预约', 'You have no appointment today'),
  first: words('请先在“门诊挂号”挂号，或到人工窗口', 'Please register first, or go to the staffed window'),
  arrived: words('已报到', 'Checked in'),
  done: words('报到成功，请到候诊区等候', 'You are checked in: please take a seat'),
  queue: words('排队号', 'Queue number'),
  ahead: words('前面还有', 'Before you'),
};

async function visit(desk: Desk, settings: Settings): Promise<void> {
  const hospital = await patientAt(desk);
  const today = await hospital.ask('appointments', {});
  if (!today) return;
  const [first, ...more] = today.appointments.map(choiceOf);
  if (!first) return desk.show(WORDS.none, [{ label: WORDS.next, value: WORDS.first }]);
  const { id } = more.length === 0 ? first : await desk.choose(WORDS.which, [first, ...more]);
  const ticket = await hospital.ask('check-in', { appointment: id });
  if (!ticket) return;
  const { queue, ahead, room, department, doctor } = ticket;
  await handOut(desk, settings, {
    say: WORDS.done,
    lines: [
      { label: WORDS.queue, value: queue },
      { label: WORDS.room, value: room },
      { label: WORDS.department, value: department },
      { label: WORDS.doctor, value: doctor },
      { label: WORDS.ahead, value: words(`${ahead} 人`, `${ahead} people`) },
    ],
  });
  await offerSurvey(desk);
}

function choiceOf({ id, department, doctor, from, until, state }: ClinicAnswer<'appointments'>['appointments'][number]): Choice {
  const note = state === 'arrived' ? { zh: ` ${WORDS.arrived.zh}`, en: `, ${WORDS.arrived.en}` } : { zh: '', en: '' };
  return {
    id,
    label: words(`${from}–${until} ${department.zh}`, `${from}–${until} ${department.en}`),
    detail: words(`${doctor}${note.zh}`, `${doctor}${note.en}`),
  };
}

export default {
  accepts: ['person'],
  settings: SETTINGS,
  title: words('就诊报到', 'Check in'),
  group: OUTPATIENT,
  words: WORDS,
  visit,
} satisfies DeskScene<Settings>;
