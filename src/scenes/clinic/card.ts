/** Scene `clinic/card`: the hospital's record of a person, made from the identity that the county releases (MED-02). */
import type { Desk, DeskScene, Line, Person } from '../../contracts.js';
import { maskedBirth, maskedId, maskedName, maskedPhone } from '../../messages/masked.js';
import { AFTER, handOut, offerSurvey } from './_after.js';
import { AWAY, type Hospital, patientAt } from './_hospital.js';
import { COMMON, OUTPATIENT, SETTINGS, type Settings, words } from './_words.js';

const WORDS = {
  ...COMMON,
  ...AWAY,
  ...AFTER,
  has: words('您已在本院建卡，不用再办', 'You have a record here already: nothing to do'),
  right: words('将用这些信息建卡，请核对', 'Your record will be made of this. Is it right?'),
  wrong: words('没有建卡', 'No record was made'),
  correct: words('信息有误，请带身份证到人工窗口', 'If something is wrong, take your ID card to the staffed window'),
  made: words('建卡成功', 'Your record is made'),
  existed: words('您原来就有档案，已为您找到', 'You had a record already: here it is'),
  card: words('就诊卡号', 'Card number'),
  then: words('现在可以挂号', 'You may register now'),
  ungranted: words('本机未获准读取您的身份信息', 'This terminal may not ask for your identity'),
  nobody: words('没有查到您的身份信息', 'Your identity could not be found'),
  name: words('姓名', 'Name'),
  sex: words('性别', 'Sex'),
  birth: words('出生日期', 'Born'),
  idNumber: words('证件号码', 'ID number'),
  phone: words('手机号', 'Phone'),
};

async function visit(desk: Desk, settings: Settings): Promise<void> {
  const hospital = await patientAt(desk);
  const found = await hospital.hear('card', {});
  if (found.said === 'ok') return desk.show(WORDS.has, [{ label: WORDS.card, value: found.answer.card }]);
  if (found.said !== 'refused' || found.why.reason !== 'no-record') return hospital.tell(found);
  const person = await identity(desk, hospital);
  if (!person) return;
  if (!(await desk.confirm(WORDS.right, masked(person)))) return desk.show(WORDS.wrong, [{ label: WORDS.next, value: WORDS.correct }]);
  const opened = await hospital.ask('card-open', {});
  if (!opened) return;
  await handOut(desk, settings, {
    say: opened.existed ? WORDS.existed : WORDS.made,
    lines: [
      { label: WORDS.name, value: maskedName(person.name ?? '') },
      { label: WORDS.card, value: opened.card },
      { label: WORDS.next, value: WORDS.then },
    ],
    more: [{ code: opened.card }],
  });
  await offerSurvey(desk);
}

/** undefined: it is not told, and the person knows why. */
async function identity(desk: Desk, { patient, tell }: Hospital): Promise<Person | undefined> {
  const released = await desk.reveal(patient, ['name', 'sex', 'birth', 'idNumber', 'phone'], 'clinic-card');
  if (released?.status === 'ok') return released.person;
  if (released)
    await desk.show(released.status === 'refused' ? WORDS.ungranted : WORDS.nobody, [{ label: WORDS.next, value: WORDS.window }]);
  else await tell({ said: 'away' });
  return undefined;
}

const masked = ({ name, sex, birth, idNumber, phone }: Person): readonly Line[] => [
  { label: WORDS.name, value: maskedName(name ?? '') },
  { label: WORDS.sex, value: sex ?? '–' },
  { label: WORDS.birth, value: maskedBirth(birth ?? '–') },
  { label: WORDS.idNumber, value: maskedId(idNumber ?? '–') },
  { label: WORDS.phone, value: phone === undefined ? '–' : maskedPhone(phone) },
];

export default {
  accepts: ['person'],
  settings: SETTINGS,
  title: words('门诊建卡', 'Outpatient card'),
  group: OUTPATIENT,
  words: WORDS,
  visit,
} satisfies DeskScene<Settings>;
