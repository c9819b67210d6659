/** Scene `clinic/pay`: what is unpaid at the hospital, all of it or what the person chooses, paid once (MED-05). */
import type { Choice, Desk, DeskScene } from '../../contracts.js';
import type { Charge } from '../../messages/clinic.js';
import { AFTER, offerSurvey } from './_after.js';
import { AWAY, patientAt } from './_hospital.js';
import { PAYMENT, settle } from './_payment.js';
import { dayWords, sumOf, yuan } from './_show.js';
import { COMMON, OUTPATIENT, SETTINGS, type Settings, words } from './_words.js';

const WORDS = {
  ...COMMON,
  ...AWAY,
  ...AFTER,
  ...PAYMENT,
  none: words('您没有需要缴的费用', 'You have nothing to pay'),
  which: words('缴哪些费用？点一下选上或取消', 'What will you pay? Touch to choose'),
  chosen: words('已选', 'Chosen'),
  charges: words('门诊费用', 'Outpatient charges'),
};

async function visit(desk: Desk, settings: Settings): Promise<void> {
  const hospital = await patientAt(desk);
  const due = await hospital.ask('charges', {});
  if (!due) return;
  if (due.charges.length === 0) return desk.show(WORDS.none);
  const chosen = await choose(desk, due.charges);
  const bill = await hospital.ask('bill', { charges: chosen.map(({ id }) => id) });
  if (!bill) return;
  const status = await settle(desk, {
    bill: { ...bill, what: WORDS.charges },
    told: totalOf(chosen),
    lines: chosen.map(({ what, amount }) => ({ label: what, value: yuan(amount) })),
    settings,
  });
  if (status === 'paid') await offerSurvey(desk);
}

/** At first all of it. */
async function choose(desk: Desk, charges: readonly Charge[]): Promise<readonly Charge[]> {
  let chosen = charges;
  for (;;) {
    const choices = charges.map((charge) => choiceOf(charge, chosen.includes(charge)));
    const { id } = await desk.choose(WORDS.which, chosen.length === 0 ? choices : [payChoice(chosen), ...choices]);
    if (id === 'pay.chosen') return chosen;
    const touched = charges.find((charge) => keyOf(charge) === id);
    chosen = charges.filter((charge) => chosen.includes(charge) !== (charge === touched));
  }
}

const totalOf = (charges: readonly Charge[]): number => sumOf(charges.map(({ amount }) => amount));
const keyOf = ({ id }: Charge): string => `charge.${id}`;

function choiceOf(charge: Charge, isChosen: boolean): Choice {
  const { what, day, amount } = charge;
  const on = dayWords(day);
  const mark = isChosen ? '☑' : '☐';
  return {
    id: keyOf(charge),
    label: words(`${mark} ${what.zh} ${yuan(amount)}`, `${what.en} ${yuan(amount)}`),
    detail: words(`${on.zh}${isChosen ? ' 已选' : ' 未选'}`, `${on.en}, ${isChosen ? 'chosen' : 'left out'}`),
  };
}

function payChoice(chosen: readonly Charge[]): Choice {
  const sum = yuan(totalOf(chosen));
  return {
    id: 'pay.chosen',
    label: words(`缴费 ${sum}`, `Pay ${sum}`),
    detail: words(`共 ${chosen.length} 项`, `${chosen.length} chosen`),
  };
}

export default {
  accepts: ['person'],
  settings: SETTINGS,
  title: words('门诊缴费', 'Pay'),
  group: OUTPATIENT,
  words: WORDS,
  visit,
} satisfies DeskScene<Settings>;
