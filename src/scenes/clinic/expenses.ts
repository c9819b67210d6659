/** Scene `clinic/expenses`: what a stay costs, by day and by category; nothing is shown that does not add up to the fen (MED-10). */
import type { Choice, Desk, DeskScene, Line } from '../../contracts.js';
import type { Category, ExpenseDay, Expenses } from '../../messages/clinic.js';
import { AFTER, handOut, offerSurvey } from './_after.js';
import { AWAY, type Hospital, patientAt } from './_hospital.js';
import { dayWords, sumOf, yuan } from './_show.js';
import { COMMON, INPATIENT, SETTINGS, type Settings, words } from './_words.js';

const WORDS = {
  ...COMMON,
  ...AWAY,
  ...AFTER,
  days: words('按日期查看', 'By day'),
  categories: words('按类别查看', 'By category'),
  print: words('打印汇总清单', 'Print the summary'),
  which: words('哪一天？', 'Which day?'),
  list: words('费用清单', 'Expense list'),
  since: words('入院日期', 'Admitted'),
  unequal: words('清单正在核对，暂时不能查看', 'The list is being worked out: it cannot be shown yet'),
  ask: words('请稍后再来，或到住院收费处', 'Please come back later, or ask the cashier'),
  printDay: words('打印这一天', 'Print this day'),
};

const CATEGORY: Readonly<Record<Category, { readonly zh: string; readonly en: string }>> = {
  bed: words('床位费', 'Bed'),
  nursing: words('护理费', 'Nursing'),
  consultation: words('诊察费', 'Consultation'),
  examination: words('检查费', 'Examinations'),
  laboratory: words('化验费', 'Laboratory'),
  treatment: words('治疗费', 'Treatment'),
  medicine: words('药费', 'Medicines'),
  material: words('材料费', 'Materials'),
  other: words('其他', 'Other'),
};

async function visit(desk: Desk, settings: Settings): Promise<void> {
  const hospital = await patientAt(desk);
  const all = await hospital.ask('expenses', {});
  if (!all) return;
  if (!reconciles(all)) return desk.show(WORDS.unequal, [{ label: WORDS.next, value: WORDS.ask }]);
  for (;;) {
    const { id } = await desk.choose(totalWords(all.total), MENU);
    if (id === 'finished') return offerSurvey(desk);
    if (id === 'days') await byDay(desk, hospital, { all, settings });
    if (id === 'categories') await desk.show(WORDS.list, [...categoryLines(all), totalLine(all.total)]);
    if (id === 'print') await handOut(desk, settings, { say: WORDS.list, lines: summary(all) });
  }
}

const MENU: readonly Choice[] = [
  { id: 'days', label: WORDS.days },
  { id: 'categories', label: WORDS.categories },
  { id: 'print', label: WORDS.print },
  { id: 'finished', label: WORDS.finished },
];

const totalWords = (total: number) => words(`费用合计 ${yuan(total)}`, `In all ${yuan(total)}`);
const totalLine = (total: number): Line => ({ label: WORDS.total, value: yuan(total) });

/** Days, categories, and what the hospital billed are the same money. */
function reconciles({ days, categories, total, billed }: Expenses): boolean {
  return sumOf(days.map((one) => one.total)) === total && sumOf(categories.map((one) => one.total)) === total && total === billed;
}

interface Looked {
  readonly all: Expenses;
  readonly settings: Settings;
}

async function byDay(desk: Desk, hospital: Hospital, { all, settings }: Looked): Promise<void> {
  const offered = all.days.map((one) => ({ id: one.day, label: dayWords(one.day), detail: words(yuan(one.total), yuan(one.total)) }));
  const chosen = await desk.choose<Choice>(WORDS.which, [...offered, { id: 'back', label: WORDS.back }]);
  const day = all.days.find((one) => one.day === chosen.id);
  const list = day && (await hospital.ask('expense-day', { day: day.day }));
  if (!list) return;
  if (sumOf(list.lines.map(({ amount }) => amount)) !== day.total || list.total !== day.total) {
    return desk.show(WORDS.unequal, [{ label: WORDS.next, value: WORDS.ask }]);
  }
  const say = words(`${dayWords(day.day).zh} 费用清单`, `Expenses of ${dayWords(day.day).en}`);
  const lines = dayLines(list);
  await desk.show(say, lines);
  const { id } = await desk.choose(say, [
    { id: 'print', label: WORDS.printDay },
    { id: 'back', label: WORDS.back },
  ]);
  if (id === 'print') await handOut(desk, settings, { say, lines });
}

const dayLines = ({ lines, total }: ExpenseDay): readonly Line[] => [
  ...lines.map(({ category, what, count, amount }) => ({
    label: CATEGORY[category],
    value: words(`${what.zh} × ${count}　${yuan(amount)}`, `${what.en} × ${count}, ${yuan(amount)}`),
  })),
  totalLine(total),
];

const categoryLines = ({ categories }: Expenses): readonly Line[] =>
  categories.map(({ category, total }) => ({ label: CATEGORY[category], value: yuan(total) }));

const summary = (all: Expenses): readonly Line[] => [
  { label: WORDS.stay, value: all.stay },
  { label: WORDS.ward, value: all.ward },
  { label: WORDS.since, value: dayWords(all.from) },
  ...all.days.map(({ day, total }) => ({ label: dayWords(day), value: yuan(total) })),
  ...categoryLines(all),
  totalLine(all.total),
];

export default {
  accepts: ['person'],
  settings: SETTINGS,
  title: words('住院清单', 'Expense list'),
  group: INPATIENT,
  words: { ...WORDS, ...CATEGORY },
  visit,
} satisfies DeskScene<Settings>;
