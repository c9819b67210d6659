/** Scene `clinic/reports`: final reports, shown and printed as often as the hospital allows (MED-06). */
import type { Choice, Desk, DeskScene, Line, Words } from '../../contracts.js';
import type { Report, ReportShown } from '../../messages/clinic.js';
import { printedLine } from '../_print.js';
import { AFTER, offerSurvey, slipOf } from './_after.js';
import { AWAY, type Hospital, patientAt } from './_hospital.js';
import { dayWords } from './_show.js';
import { COMMON, OUTPATIENT, SETTINGS, type Settings, words } from './_words.js';

const WORDS = {
  ...COMMON,
  ...AWAY,
  ...AFTER,
  which: words('请选择报告', 'Which report?'),
  none: words('还没有出来的报告', 'No report is ready yet'),
  later: words('出报告的时间请看取单凭条，或问工作人员', 'See your slip for when it will be ready, or ask a member of staff'),
  see: words('请由医生解读', 'Your doctor will explain it'),
  wish: words('要打印这份报告吗？', 'Print this report?'),
  print: words('打印', 'Print'),
  others: words('不打印，看其他报告', 'Do not print: other reports'),
  done: words('打印结果', 'Print'),
  left: words('还可打印', 'Prints left'),
  patient: words('姓名', 'Name'),
  conclusion: words('结论', 'Conclusion'),
  high: words('偏高 ↑', 'high ↑'),
  low: words('偏低 ↓', 'low ↓'),
  abnormal: words('异常', 'abnormal'),
  range: words('参考', 'range'),
  explained: words('结果请由医生解读', 'Please let your doctor explain the results'),
};

async function visit(desk: Desk, settings: Settings): Promise<void> {
  const hospital = await patientAt(desk);
  for (;;) {
    const there = await hospital.ask('reports', {});
    if (!there) return;
    if (there.reports.length === 0) return desk.show(WORDS.none, [{ label: WORDS.next, value: WORDS.later }]);
    const chosen = await desk.choose<Choice & { readonly report?: Report }>(WORDS.which, [
      ...there.reports.map(choiceOf),
      { id: 'finished', label: WORDS.finished },
    ]);
    if (!chosen.report) return offerSurvey(desk);
    await look(desk, hospital, { settings, id: chosen.report.id });
  }
}

function choiceOf(report: Report): Choice & { readonly report: Report } {
  const { what, day, sensitive, left } = report;
  const on = dayWords(day);
  const note = sensitive ? WORDS.see : leftWords(left);
  return { id: `report.${report.id}`, label: what, detail: words(`${on.zh} ${note.zh}`, `${on.en}, ${note.en}`), report };
}

const leftWords = (left: number): Words => words(`还可打印 ${left} 次`, `prints left: ${left}`);

interface Looked {
  readonly settings: Settings;
  readonly id: string;
}

async function look(desk: Desk, hospital: Hospital, { settings, id }: Looked): Promise<void> {
  const report = await hospital.ask('report', { report: id });
  if (!report) return;
  const lines = linesOf(report);
  await desk.show(report.what, lines);
  if (report.left < 1) return;
  const { id: wish } = await desk.choose(WORDS.wish, [
    { id: 'print', label: WORDS.print, detail: leftWords(report.left) },
    { id: 'others', label: WORDS.others },
  ]);
  if (wish !== 'print') return;
  const counted = await hospital.ask('report-print', { report: id });
  if (!counted) return;
  const printed = await desk.print(slipOf(report.what, settings, [...lines, { rule: true }, { words: WORDS.explained }]));
  // What did not come out of the printer is not counted.
  const left = printed === 'printed' ? counted : await hospital.ask('report-unprinted', { print: counted.print });
  if (left) await desk.show(WORDS.done, [printedLine(WORDS.slip, printed), { label: WORDS.left, value: String(left.left) }]);
}

function linesOf({ day, patient, lines, conclusion }: ReportShown): readonly Line[] {
  return [
    ...(patient === undefined ? [] : [{ label: WORDS.patient, value: patient }]),
    { label: WORDS.day, value: dayWords(day) },
    ...lines.map(({ label, value, range, flag }) => ({ label, value: valueOf(value, range, flag && WORDS[flag]) })),
    ...(conclusion ? [{ label: WORDS.conclusion, value: conclusion }] : []),
  ];
}

function valueOf(value: string, range: string | undefined, flag: Words | undefined): Words {
  const zh = [value, flag?.zh, range && `${WORDS.range.zh} ${range}`];
  const en = [value, flag?.en, range && `${WORDS.range.en} ${range}`];
  return words(zh.filter(Boolean).join('，'), en.filter(Boolean).join(', '));
}

export default {
  accepts: ['person'],
  settings: SETTINGS,
  title: words('报告查询打印', 'Reports'),
  group: OUTPATIENT,
  words: WORDS,
  visit,
} satisfies DeskScene<Settings>;
