/**
 * Scene `checkpoint`: the place's own code for phones, what this box counted today, and for its clerk the report (OPS-01, OPS-02). Works
 * without a network.
 */
import { z } from 'zod';
import type { Choice, Desk, DeskScene, Heard, Line, Notice, ReportRow, Words } from '../contracts.js';
import { localTime } from '../messages/calendar.js';
import { PRINT_WORDS, printedLine } from './_print.js';

const words = (zh: string, en: string): Words => ({ zh, en });

const SETTINGS = z.strictObject({
  title: z.string().min(1).max(40).describe('what phones call this place'),
  hours: z.int().min(1).max(24).default(12).describe('how long a code that is shown holds'),
  posterDays: z.int().min(1).max(366).default(90).describe('how long a code on a poster holds'),
});
type Settings = z.infer<typeof SETTINGS>;

const WORDS = {
  what: words('检查点', 'Checkpoint'),
  code: words('请用手机扫码登记', 'Scan this with your phone'),
  none: words('今天还没有核验记录', 'Nothing was verified today'),
  counts: words('今天的核验', 'Verified today'),
  poster: words('场所码海报', 'The poster of this place'),
  register: words('请用手机扫码登记', 'Scan with your phone to register'),
  then: words('扫码后', 'After scanning'),
  follow: words('按手机提示登记，向工作人员出示', 'follow the page, and show it to staff'),
  period: words('统计哪一段时间？', 'Of which time?'),
  by: words('按什么统计？', 'Counted by what?'),
  report: words('核验统计', 'Report'),
  empty: words('这段时间没有核验记录', 'Nothing was verified in that time'),
  page: words('统计页面：可导出 CSV、XLSX', 'Your page, with CSV and XLSX'),
  admitted: words('放行', 'Admitted'),
};

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const CHOICES: readonly Choice[] = [
  { id: 'code', label: words('显示场所码', 'Show the code of this place') },
  { id: 'today', label: words('今日统计', 'Counts of today') },
  { id: 'report', label: words('统计报表（工作人员）', 'Report (staff)') },
  { id: 'poster', label: words('打印场所码海报（工作人员）', 'Print a poster of it (staff)') },
];

const PERIODS = [
  { id: '1', label: words('今天', 'Today') },
  { id: '7', label: words('最近 7 天', 'The last 7 days') },
  { id: '31', label: words('最近 31 天', 'The last 31 days') },
  { id: 'page', label: words('在页面上查看与导出', 'On your page, with exports') },
];

const BY: readonly (Choice & { readonly of: (row: ReportRow) => string })[] = [
  { id: 'scene', label: words('场景', 'Scene'), of: ({ scene }) => scene },
  { id: 'station', label: words('通道、服务台', 'Station'), of: ({ station }) => station },
  { id: 'refusal', label: words('结果', 'Outcome'), of: ({ refusal }) => refusal },
];

async function visit(desk: Desk, settings: Settings): Promise<void> {
  const { id } = await desk.choose(WORDS.what, CHOICES);
  if (id === 'today') return today(desk);
  if (id === 'code') {
    const { picture } = await codeOf(desk, settings, settings.hours * HOUR);
    return desk.show(WORDS.code, [], picture);
  }
  if (!(await desk.staff('clerk'))) return;
  if (id === 'poster') return poster(desk, settings);
  await report(desk);
}

const codeOf = (desk: Desk, { title }: Settings, ms: number) =>
  desk.venueCode({ scene: 'checkpoint', title, until: desk.at.earliest + ms });

async function today(desk: Desk): Promise<void> {
  const counts = desk.today();
  if (counts.length === 0) return desk.show(WORDS.none);
  await desk.show(
    WORDS.counts,
    counts.map(({ scene, admitted, refused }) => ({
      label: words(scene, scene),
      value: words(`放行 ${admitted}，拒绝 ${refused}`, `${admitted} admitted, ${refused} refused`),
    })),
  );
}

/** An old poster ends by itself: its code says how long it holds, and so does the paper. */
async function poster(desk: Desk, settings: Settings): Promise<void> {
  const ms = settings.posterDays * DAY;
  const { text, picture } = await codeOf(desk, settings, ms);
  const valid = { label: PRINT_WORDS.validUntil, value: localTime(desk.at.earliest + ms).day };
  const lines = [{ label: WORDS.then, value: WORDS.follow }, valid];
  const printed = await desk.print({ kind: 'poster', title: WORDS.register, heading: settings.title, lines, code: text });
  await desk.show(WORDS.poster, [printedLine(PRINT_WORDS.poster, printed), valid], picture);
}

const heard = ({ what, number }: Notice): Heard | undefined =>
  what === 'checkpoint-in' ? { said: words(`手机登记：${number}`, `Registered by phone: ${number}`) } : undefined;

async function report(desk: Desk): Promise<void> {
  const { id } = await desk.choose(WORDS.period, PERIODS);
  if (id === 'page') return desk.staffPage(WORDS.page);
  const by = await desk.choose(WORDS.by, BY);
  const { rows } = await desk.report(Number(id));
  if (rows.length === 0) return desk.show(WORDS.empty);
  await desk.show(WORDS.report, linesBy(rows, by.of));
}

function linesBy(rows: readonly ReportRow[], of: (row: ReportRow) => string): readonly Line[] {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(of(row), (counts.get(of(row)) ?? 0) + row.count);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.map(([name, count]) => ({ label: name === '' ? WORDS.admitted : words(name, name), value: String(count) }));
}

export default {
  accepts: ['person'],
  settings: SETTINGS,
  title: words('场所码与统计', 'Code of this place'),
  words: { ...WORDS, ...PRINT_WORDS },
  visit,
  heard,
} satisfies DeskScene<Settings>;
