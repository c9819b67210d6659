/** The county's counts as a table for people, as CSV and as JSON: the same lines in each. Pure. */
import type { Words } from '../contracts.js';
import { writeCsv } from '../messages/csv.js';
import { type ReportSource, type SceneTitles, TARGETS } from '../platform/board-view.js';
import { type Group, grouped, type ReportBy, type ReportLine, reportLine } from '../platform/counts.js';
import { submissionLines } from '../platform/submissions.js';

export interface Report extends ReportSource {
  readonly by: readonly ReportBy[];
  readonly titles: SceneTitles;
  /** The day that submissions are counted for beside their total. */
  readonly today: string;
}

export function written(report: Report, format: 'table' | 'csv' | 'json'): string {
  const groups = [...grouped(report.tallies, report.by), { keys: [], line: reportLine('total', report.tallies) }];
  if (format === 'json') return json(report, groups);
  return format === 'csv' ? csv(report, groups) : table(report, groups);
}

function json(report: Report, groups: readonly Group[]): string {
  const { by, holders, submitted, today } = report;
  const lines = groups.map(({ keys, line }) => {
    const title = titleOf(report, keys);
    return { ...line, ...Object.fromEntries(keys.map((key, i) => [by[i], key])), ...(title && { title }) };
  });
  const submissions = submissionLines(submitted, today);
  return `${JSON.stringify({ by: by.join(','), lines, holders, targets: TARGETS, submissions })}\n`;
}

/** A scene's title, where lines are of scenes and the program knows it. */
function titleOf({ by, titles }: Report, keys: readonly string[]): Words | undefined {
  const scene = keys[by.indexOf('scene')];
  return scene === undefined ? undefined : titles[scene];
}

const COLUMNS = ['presented', 'verified', 'admitted', 'refused', 'unsure'] as const;
const HEADS = ['亮码 presented', '核验 verified', '放行 admitted', '拒绝 refused', '时间存疑 unsure'];

const refusedOf = (line: ReportLine): number => Object.values(line.refused).reduce((sum, n) => sum + n, 0);
const cell = (line: ReportLine, column: (typeof COLUMNS)[number]): number => (column === 'refused' ? refusedOf(line) : line[column]);
const refusals = (line: ReportLine): string =>
  Object.entries(line.refused)
    .map(([word, n]) => `${word}:${n}`)
    .join(' ');

/** Programs read this one as well: spreadsheets are told at import that it is UTF-8. */
const BOM = '\ufeff';

function csv(report: Report, groups: readonly Group[]): string {
  const rows = groups.map(({ keys, line }) => {
    const title = titleOf(report, keys);
    const names = report.by.map((_, i) => keys[i] ?? (i === 0 ? line.by : ''));
    return [...names, ...COLUMNS.map((column) => cell(line, column)), refusals(line), title ? `${title.zh} ${title.en}` : ''];
  });
  return writeCsv([[...report.by, ...COLUMNS, 'refusals', 'title'], ...rows]).replace(BOM, '');
}

function table(report: Report, groups: readonly Group[]): string {
  const by = report.by.join(' / ');
  const names = groups.map(({ keys, line }) => [line.by, titleOf(report, keys)?.zh].filter(Boolean).join(' '));
  const widest = Math.max(...[by, ...names].map(widthOf));
  const head = `${padded(by, widest)}  ${HEADS.join('  ')}  拒绝原因 refusals`;
  const rows = groups.map(({ line }, i) => {
    const cells = COLUMNS.map((column, at) => String(cell(line, column)).padStart(widthOf(HEADS[at] ?? '')));
    return `${padded(names[i] ?? '', widest)}  ${cells.join('  ')}  ${refusals(line)}`;
  });
  const targets = `目标 targets: 申领 holders ${report.holders}/${TARGETS.holders}, 亮码 presented ${TARGETS.presented}, 核验 verified ${TARGETS.verified}`;
  return `${[head, ...rows, '', targets, '', ...submissions(report)].join('\n')}\n`;
}

function submissions({ submitted, today }: Report): readonly string[] {
  const lines = submissionLines(submitted, today).map(({ service, what, total, today: of }) => ({
    name: `${service.zh} ${what.zh}  ${service.en}: ${what.en}`,
    counts: `${String(total).padStart(8)}  ${String(of).padStart(8)}`,
  }));
  const widest = Math.max(...lines.map(({ name }) => widthOf(name)));
  return [
    `${padded('业务 services', widest)}  总计 total  ${today}`,
    ...lines.map(({ name, counts }) => `${padded(name, widest)}  ${counts}`),
  ];
}

/** Columns on a terminal: a Chinese character takes two. */
const widthOf = (text: string): number => text.length + (text.match(/[\u2e80-\uffff]/g)?.length ?? 0);
const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)));
