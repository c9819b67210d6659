/** Scene `clinic/admission`: from the doctor's order to ward and bed, with a contact and a consent (MED-08). */
import type { Desk, DeskScene, Line } from '../../contracts.js';
import { type AdmissionOrder, type ClinicAnswer, type ClinicAsked, RELATIONS } from '../../messages/clinic.js';
import { maskedPhone } from '../../messages/masked.js';
import { AFTER, handOut, offerSurvey } from './_after.js';
import { AWAY, type Hospital, patientAt } from './_hospital.js';
import { PAYMENT, settle, wantsToPay } from './_payment.js';
import { dayWords, yuan } from './_show.js';
import { COMMON, INPATIENT, SETTINGS, type Settings, words } from './_words.js';

const WORDS = {
  ...COMMON,
  ...AWAY,
  ...AFTER,
  ...PAYMENT,
  order: words('这是您的住院通知吗？', 'Is this the order to admit you?'),
  wrong: words('没有办理入院', 'You were not admitted'),
  check: words('请与开住院证的医生核对', 'Please check with the doctor who ordered it'),
  consent: words('入院知情同意，请读完再确认', 'Consent to admission: please read it to the end'),
  read: words('看不清？请点“呼叫工作人员”，由工作人员读给您听', 'Hard to read? Touch “Call staff”: somebody will read it to you'),
  aloud: words('朗读', 'Read aloud'),
  refused: words('没有同意，没有办理入院', 'Without your consent you were not admitted'),
  desk: words('有疑问请到住院处', 'Please ask at the admissions office'),
  contact: words('联系人', 'Whom should we call?'),
  name: words('姓名', 'Name'),
  relation: words('与您的关系', 'Who is it to you?'),
  phone: words('手机号或电话', 'Phone'),
  right: words('联系人是否正确？', 'Is this right?'),
  done: words('入院登记完成', 'You are admitted'),
  due: words('需预交', 'Deposit due'),
  go: words('请到病区护士站', 'Please go to the nurses of your ward'),
  deposit: words('住院预交金', 'Deposit'),
};

const RELATED = {
  spouse: words('配偶', 'Husband or wife'),
  parent: words('父母', 'Parent'),
  child: words('子女', 'Child'),
  sibling: words('兄弟姐妹', 'Brother or sister'),
  other: words('其他', 'Other'),
};

type Contact = ClinicAsked<'admit'>['contact'];

async function visit(desk: Desk, settings: Settings): Promise<void> {
  const hospital = await patientAt(desk);
  const order = await hospital.ask('admission', {});
  if (!order) return;
  if (!(await desk.confirm(WORDS.order, orderLines(order)))) return desk.show(WORDS.wrong, [{ label: WORDS.next, value: WORDS.check }]);
  if (!(await agrees(desk, order))) return desk.show(WORDS.refused, [{ label: WORDS.next, value: WORDS.desk }]);
  const contact = await contactOf(desk);
  const stay = await hospital.ask('admit', { order: order.id, contact, consent: order.consent.version });
  if (!stay) return;
  await handOut(desk, settings, { say: WORDS.done, lines: stayLines(stay) });
  if (stay.deposit > 0 && (await wantsToPay(desk, stay.deposit))) await pay(desk, settings, { hospital, stay });
  await offerSurvey(desk);
}

const orderLines = ({ day, department, doctor, ward, deposit }: AdmissionOrder): readonly Line[] => [
  { label: WORDS.day, value: dayWords(day) },
  { label: WORDS.department, value: department },
  { label: WORDS.doctor, value: doctor },
  { label: WORDS.ward, value: ward },
  { label: WORDS.due, value: yuan(deposit) },
];

function agrees(desk: Desk, { consent: { paragraphs } }: AdmissionOrder): Promise<boolean> {
  const lines = paragraphs.map((paragraph, i) => ({ label: words(`第 ${i + 1} 条`, `Point ${i + 1}`), value: paragraph }));
  return desk.confirm(WORDS.consent, [...lines, { label: WORDS.aloud, value: WORDS.read }]);
}

async function contactOf(desk: Desk): Promise<Contact> {
  for (;;) {
    const typed = await desk.fill(WORDS.contact, [
      { id: 'name', label: WORDS.name, kind: 'text', longest: 40 },
      { id: 'relation', label: WORDS.relation, kind: 'choice', choices: RELATIONS.map((id) => ({ id, label: RELATED[id] })) },
      { id: 'phone', label: WORDS.phone, kind: 'digits', shortest: 7, longest: 12 },
    ]);
    const relation = RELATIONS.find((one) => one === typed['relation']) ?? 'other';
    const contact = { name: typed['name'] ?? '', relation, phone: typed['phone'] ?? '' };
    const right = await desk.confirm(WORDS.right, [
      { label: WORDS.name, value: contact.name },
      { label: WORDS.relation, value: RELATED[relation] },
      { label: WORDS.phone, value: maskedPhone(contact.phone) },
    ]);
    if (right) return contact;
  }
}

type Stay = ClinicAnswer<'admit'>;

const stayLines = ({ stay, ward, bed, deposit }: Stay): readonly Line[] => [
  { label: WORDS.stay, value: stay },
  { label: WORDS.ward, value: ward },
  { label: WORDS.bed, value: bed },
  { label: WORDS.due, value: yuan(deposit) },
  { label: WORDS.next, value: WORDS.go },
];

async function pay(desk: Desk, settings: Settings, { hospital, stay }: { hospital: Hospital; stay: Stay }): Promise<void> {
  const bill = await hospital.ask('deposit-bill', { amount: stay.deposit });
  const lines = [{ label: WORDS.stay, value: stay.stay }];
  if (bill) await settle(desk, { bill: { ...bill, what: WORDS.deposit }, told: stay.deposit, lines, settings });
}

export default {
  accepts: ['person'],
  settings: SETTINGS,
  title: words('入院登记', 'Admission'),
  group: INPATIENT,
  words: { ...WORDS, ...RELATED },
  visit,
} satisfies DeskScene<Settings>;
