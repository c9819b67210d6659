/** `ankang report`: what the county counted (OPS-01), as a table, CSV or JSON, and whether it is what the terminals wrote. */
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { REPORT_BY, type ReportBy, type ReportLine, report, reportLine, type Tally } from '../platform/counts.js';
import type { Reconciliation } from '../platform/reconcile.js';
import type { CountyStore } from '../platform/store.js';
import { type Command, EXIT, UsageError } from './command.js';

interface Options {
  readonly county: string;
  readonly day?: string;
  readonly by: string;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly reconcile?: readonly string[];
}

const isUrl = (county: string): boolean => /^https?:\/\//.test(county);

async function run(options: Options): Promise<void> {
  if (options.day !== undefined && !isDay(options.day)) throw new UsageError(`没有这一天 · there is no such day: --day ${options.day}`);
  if (options.json && options.csv) throw new UsageError('--json 与 --csv 只能选一 · either --json or --csv, not both');
  const by = REPORT_BY.find((name) => name === options.by);
  if (!by) throw new UsageError(`统计方式须为其一 · --by is one of: ${REPORT_BY.join(' | ')}`);
  if (options.reconcile) return print(await reconciled(options.county, options.reconcile), options);
  const tallies = await talliesOf(options);
  const lines = [...report(tallies, by), reportLine('total', tallies)];
  process.stdout.write(options.json ? `${JSON.stringify({ by, lines })}\n` : options.csv ? csv(by, lines) : table(by, lines));
}

/** A date of the calendar: 2026-02-30 is none. */
function isDay(text: string): boolean {
  const at = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

async function talliesOf({ county, day }: Options): Promise<readonly Tally[]> {
  if (isUrl(county)) return fetched(`/api/tallies${day === undefined ? '' : `?day=${day}`}`, county);
  const store = await storeOf(county);
  try {
    return await store.tallies(day);
  } finally {
    await store.close();
  }
}

const count = z.int().nonnegative();
const TALLIES = z.array(
  z.object({
    day: z.string(),
    scene: z.string(),
    checkpoint: z.string(),
    refusal: z.string(),
    unsure: z.boolean(),
    readings: count,
    presented: count,
    verified: count,
  }),
);

async function fetched(path: string, board: string): Promise<readonly Tally[]> {
  if (!URL.canParse(path, board)) throw new UsageError(`不是网址 · not an address: ${board}`);
  const url = new URL(path, board);
  const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) }).catch((error: unknown) => {
    throw new UsageError(`连不上看板 · the board cannot be reached: ${url.href} (${reasonOf(error)})`);
  });
  const said = answer.ok ? TALLIES.safeParse(await answer.json().catch(() => undefined)) : undefined;
  if (!said?.success) throw new UsageError(`不是县平台的看板 · not the board of a county: ${url.href} (${answer.status})`);
  return said.data;
}

/** What is behind a failed fetch: its own message says only that it failed. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}

async function storeOf(folder: string): Promise<CountyStore> {
  const [{ isCounty }, { openCountyStore }] = await Promise.all([import('../platform/county.js'), import('../platform/open-store.js')]);
  if (!isCounty(folder)) throw new UsageError(`${folder}: 没有县平台 · there is no county here`);
  return openCountyStore(folder);
}

async function reconciled(county: string, journals: readonly string[]): Promise<Reconciliation> {
  if (isUrl(county)) throw new UsageError('--reconcile 需要目录 · --reconcile needs the folder of the county');
  const [store, { reconcile }] = await Promise.all([storeOf(county), import('../platform/reconcile.js')]);
  try {
    return await reconcile(store, linesOf(journals));
  } finally {
    await store.close();
  }
}

async function* linesOf(files: readonly string[]): AsyncIterable<string> {
  for (const file of files) {
    const input = file === '-' ? process.stdin : await opened(file);
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  }
}

async function opened(file: string): Promise<NodeJS.ReadableStream> {
  const handle = await open(file).catch((error: Error) => {
    throw new UsageError(`无法读取 · cannot read ${file}: ${error.message}`);
  });
  if (!(await handle.stat()).isDirectory()) return handle.createReadStream();
  await handle.close();
  throw new UsageError(`是文件夹，不是导出的日志 · a folder, not an exported journal: ${file}`);
}

function print(result: Reconciliation, { json }: Options): void {
  process.exitCode = result.holds ? EXIT.done : EXIT.no;
  if (json) return void process.stdout.write(`${JSON.stringify(result)}\n`);
  const lines = [
    `一致 matched      ${result.matched}`,
    `待送 waiting      ${result.waiting}`,
    `不同 different    ${result.different.length} ${result.different.join(' ')}`,
    `终端没有 unknown  ${result.unknown.length} ${result.unknown.join(' ')}`,
    `读不懂 unreadable ${result.unreadable}`,
    `计数表 table      ${result.tableHolds ? '相符 holds' : '不符 does not hold'}`,
    conclusion(result),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function conclusion({ holds, entries }: Reconciliation): string {
  if (entries === 0) return '没有条目可对 · there are no entries to reconcile';
  return holds ? '对账相符 · reconciled' : '对账不符 · does not reconcile';
}

const COLUMNS = ['presented', 'verified', 'admitted', 'refused', 'unsure'] as const;
const HEADS = ['亮码 presented', '核验 verified', '放行 admitted', '拒绝 refused', '时间存疑 unsure'];

const refusedOf = (line: ReportLine): number => Object.values(line.refused).reduce((sum, n) => sum + n, 0);
const cell = (line: ReportLine, column: (typeof COLUMNS)[number]): number => (column === 'refused' ? refusedOf(line) : line[column]);
const words = (line: ReportLine): string =>
  Object.entries(line.refused)
    .map(([word, n]) => `${word}:${n}`)
    .join(' ');

function csv(by: ReportBy, lines: readonly ReportLine[]): string {
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const rows = lines.map((line) => [quoted(line.by), ...COLUMNS.map((column) => cell(line, column)), quoted(words(line))].join(','));
  return `${[by, ...COLUMNS, 'refusals'].join(',')}\r\n${rows.join('\r\n')}\r\n`;
}

function table(by: ReportBy, lines: readonly ReportLine[]): string {
  const widest = Math.max(by.length, ...lines.map((line) => line.by.length));
  const head = `${by.padEnd(widest)}  ${HEADS.join('  ')}  拒绝原因 refusals`;
  const rows = lines.map((line) => {
    const cells = COLUMNS.map((column, i) => String(cell(line, column)).padStart(widthOf(HEADS[i] ?? '')));
    return `${line.by.padEnd(widest)}  ${cells.join('  ')}  ${words(line)}`;
  });
  return `${[head, ...rows].join('\n')}\n`;
}

/** Columns on a terminal: a Chinese character takes two. */
const widthOf = (text: string): number => text.length + (text.match(/[\u2e80-\uffff]/g)?.length ?? 0);

export default {
  summary: { zh: '亮码、核验计数与对账', en: 'counts of presentations and verifications, and their reconciliation' },
  configure(command) {
    command
      .requiredOption('-c, --county <folder|url>', '县平台目录或看板地址 · folder of the county, or the address of its board')
      .option('--day <YYYY-MM-DD>', '某一日（北京时间） · one day of Asia/Shanghai')
      .option('--by <what>', REPORT_BY.join(' | '), 'scene')
      .option('--json')
      .option('--csv')
      .option(
        '--reconcile <journal...>',
        '与终端记录逐条对账（ankang journal export 的输出，- 为标准输入） · compare with journals as exported, entry by entry; - is standard input',
      )
      .action(run);
  },
} satisfies Command;
