/** `ankang report`: what the county counted (OPS-01), as a table, CSV or JSON, and whether it is what the terminals wrote. */
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { localTime } from '../messages/calendar.js';
import type { ReportSource } from '../platform/board-view.js';
import { REPORT_BY, type ReportBy } from '../platform/counts.js';
import type { Reconciliation } from '../platform/reconcile.js';
import { written } from './_report-forms.js';
import { sceneTitles } from './_scene-titles.js';
import { type Command, EXIT, UsageError } from './command.js';

interface Options {
  readonly county: string;
  readonly day?: string;
  readonly by: string;
  readonly format?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly reconcile?: readonly string[];
}

const FORMATS = ['table', 'csv', 'json'] as const;
type Format = (typeof FORMATS)[number];

const isUrl = (county: string): boolean => /^https?:\/\//.test(county);

async function run(options: Options): Promise<void> {
  if (options.day !== undefined && !isDay(options.day)) throw new UsageError(`没有这一天 · there is no such day: --day ${options.day}`);
  const format = formatOf(options);
  const by = partsOf(options.by);
  if (options.reconcile) return print(await reconciled(options.county, options.reconcile), format);
  const [source, titles] = await Promise.all([sourceOf(options), sceneTitles()]);
  process.stdout.write(written({ ...source, by, titles, today: options.day ?? localTime(Date.now()).day }, format));
}

/** `--json` and `--csv` are short for `--format`. */
function formatOf({ format, json, csv }: Options): Format {
  const asked = [...(format === undefined ? [] : [format]), ...(json ? ['json'] : []), ...(csv ? ['csv'] : [])];
  if (new Set(asked).size > 1) throw new UsageError('格式只能选一 · one format, not both: --format, --json, --csv');
  const found = FORMATS.find((name) => name === (asked[0] ?? 'table'));
  if (!found) throw new UsageError(`格式须为其一 · --format is one of: ${FORMATS.join(' | ')}`);
  return found;
}

/** `scene,day`: a line for each combination. */
function partsOf(text: string): readonly ReportBy[] {
  const parts = text.split(',').map((part) => REPORT_BY.find((name) => name === part.trim()));
  const known = parts.flatMap((part) => part ?? []);
  if (known.length !== parts.length || new Set(known).size !== known.length)
    throw new UsageError(`统计方式须为其中几项，以逗号分隔 · --by takes some of, with commas between: ${REPORT_BY.join(',')}`);
  return known;
}

/** A date of the calendar: 2026-02-30 is none. */
function isDay(text: string): boolean {
  const at = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

async function sourceOf({ county, day }: Options): Promise<ReportSource> {
  if (isUrl(county)) return fetched(`/api/report${day === undefined ? '' : `?day=${day}`}`, county);
  const [{ openStore }, { reportOf }] = await Promise.all([import('../platform/sqlite.js'), import('../platform/board-data.js')]);
  const store = openStore(await storeOf(county));
  try {
    return await reportOf(store, day);
  } finally {
    await store.close();
  }
}

const count = z.int().nonnegative();
const SOURCE = z.object({
  tallies: z.array(
    z.object({
      day: z.string(),
      scene: z.string(),
      checkpoint: z.string(),
      township: z.string(),
      refusal: z.string(),
      unsure: z.boolean(),
      readings: count,
      presented: count,
      verified: count,
    }),
  ),
  holders: count,
  submitted: z.array(z.object({ kind: z.string(), day: z.string(), count })),
});

async function fetched(path: string, board: string): Promise<ReportSource> {
  if (!URL.canParse(path, board)) throw new UsageError(`不是网址 · not an address: ${board}`);
  const url = new URL(path, board);
  const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) }).catch((error: unknown) => {
    throw new UsageError(`连不上看板 · the board cannot be reached: ${url.href} (${reasonOf(error)})`);
  });
  const said = answer.ok ? SOURCE.safeParse(await answer.json().catch(() => undefined)) : undefined;
  if (!said?.success) throw new UsageError(`不是县平台的看板 · not the board of a county: ${url.href} (${answer.status})`);
  return said.data;
}

/** What is behind a failed fetch: its own message says only that it failed. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}

async function storeOf(folder: string): Promise<string> {
  const [{ existsSync }, { storePath }] = await Promise.all([import('node:fs'), import('../platform/county.js')]);
  const path = storePath(folder);
  if (!existsSync(path)) throw new UsageError(`${folder}: 没有县平台 · there is no county here`);
  return path;
}

async function reconciled(county: string, journals: readonly string[]): Promise<Reconciliation> {
  if (isUrl(county)) throw new UsageError('--reconcile 需要目录 · --reconcile needs the folder of the county');
  const [{ openStore }, { reconcile }] = await Promise.all([import('../platform/sqlite.js'), import('../platform/reconcile.js')]);
  const store = openStore(await storeOf(county));
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

function print(result: Reconciliation, format: Format): void {
  process.exitCode = result.holds ? EXIT.done : EXIT.no;
  if (format === 'json') return void process.stdout.write(`${JSON.stringify(result)}\n`);
  const lines = [
    `一致 matched      ${result.matched}`,
    `待送 waiting      ${result.waiting}`,
    `不同 different    ${result.different.length} ${result.different.join(' ')}`,
    `终端没有 unknown  ${result.unknown.length} ${result.unknown.join(' ')}`,
    `读不懂 unreadable ${result.unreadable}`,
    `计数表 table      ${result.tableHolds ? '相符 holds' : '不符 does not hold'}`,
    `业务记录 records  ${result.recordsHold ? '相符 holds' : '不符 does not hold'}`,
    conclusion(result),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function conclusion({ holds, entries }: Reconciliation): string {
  if (entries === 0) return '没有条目可对 · there are no entries to reconcile';
  return holds ? '对账相符 · reconciled' : '对账不符 · does not reconcile';
}

export default {
  summary: { zh: '亮码、核验计数与对账', en: 'counts of presentations and verifications, and their reconciliation' },
  configure(command) {
    command
      .requiredOption('-c, --county <folder|url>', '县平台目录或看板地址 · folder of the county, or the address of its board')
      .option('--day <YYYY-MM-DD>', '某一日（北京时间） · one day of Asia/Shanghai')
      .option('--by <parts>', `统计方式，可用逗号并列几项 · some of, with commas between: ${REPORT_BY.join(',')}`, 'scene')
      .option('--format <format>', FORMATS.join(' | '))
      .option('--json', '同 --format json · the same as --format json')
      .option('--csv', '同 --format csv · the same as --format csv')
      .option(
        '--reconcile <journal...>',
        '与终端记录逐条对账（ankang journal export 的输出，- 为标准输入） · compare with journals as exported, entry by entry; - is standard input',
      )
      .action(run);
  },
} satisfies Command;
