/** Scene `clinic/pharmacy-window`: at the staffed window the patient's prescriptions are shown, and one is handed over once (MED-07). */
import { z } from 'zod';
import type { Choice, Desk, DeskScene, Line } from '../../contracts.js';
import type { Prescription } from '../../messages/clinic.js';
import { AWAY, type Hospital, patientAt } from './_hospital.js';
import { dayWords } from './_show.js';
import { COMMON, words } from './_words.js';

const WORDS = {
  ...COMMON,
  ...AWAY,
  who: words('请患者出示安康码、社保卡、身份证或就诊卡', 'Patient: show your code, social security card, ID card or hospital card'),
  which: words('发哪张处方？', 'Which prescription?'),
  none: words('没有这位患者的处方', 'There is no prescription for this patient'),
  check: words('请与开方医生或收费处核对', 'Check with the doctor or the cashier'),
  right: words('请逐一核对药品，发药后确认', 'Check each medicine, hand them over, then confirm'),
  done: words('已登记发药', 'The hand-over is registered'),
  dispense: words('发药号', 'Dispense number'),
  patient: words('患者', 'Patient'),
  ready: words('待发药', 'To be handed over'),
  unpaid: words('未缴费', 'Not paid'),
  dispensed: words('已发药', 'Handed over'),
};

async function visit(desk: Desk): Promise<void> {
  const hospital = await patientAt(desk, WORDS.who);
  const there = await hospital.ask('prescriptions', {});
  if (!there) return;
  if (there.prescriptions.length === 0) return desk.show(WORDS.none, [{ label: WORDS.next, value: WORDS.check }]);
  for (;;) {
    const { prescription } = await desk.choose<Choice & { readonly prescription?: Prescription }>(WORDS.which, [
      ...there.prescriptions.map(choiceOf),
      { id: 'finished', label: WORDS.finished },
    ]);
    if (!prescription) return;
    if (prescription.state === 'ready' && (await handedOver(desk, hospital, { patient: there.patient, prescription }))) return;
    if (prescription.state !== 'ready') await hospital.tell({ said: 'refused', why: { reason: prescription.state } });
  }
}

function choiceOf(prescription: Prescription): Choice & { readonly prescription: Prescription } {
  const { id, day, department, doctor, state } = prescription;
  const on = dayWords(day);
  return {
    id: `prescription.${id}`,
    label: words(`${department.zh} ${doctor}`, `${department.en}, ${doctor}`),
    detail: words(`${on.zh} ${WORDS[state].zh}`, `${on.en}: ${WORDS[state].en}`),
    prescription,
  };
}

interface Picked {
  readonly patient: string | undefined;
  readonly prescription: Prescription;
}

/** False: the clerk went back to the list. */
async function handedOver(desk: Desk, hospital: Hospital, { patient, prescription: { id, medicines } }: Picked): Promise<boolean> {
  const name = patient === undefined ? [] : [{ label: WORDS.patient, value: patient }];
  if (!(await desk.confirm(WORDS.right, [...name, ...medicines.map(lineOf)]))) return false;
  const done = await hospital.ask('hand-over', { prescription: id });
  if (done) {
    await desk.show(WORDS.done, [
      { label: WORDS.dispense, value: done.number },
      { label: WORDS.time, value: done.at },
    ]);
  }
  return true;
}

const lineOf = ({ what, amount, use }: Prescription['medicines'][number]): Line => ({ label: what, value: `${amount}　${use}` });

export default {
  accepts: ['person'],
  settings: z.strictObject({}),
  title: words('药房窗口取药', 'Pharmacy window'),
  words: WORDS,
  visit,
} satisfies DeskScene<Record<string, never>>;
