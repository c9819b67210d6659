/** `ankang journal`: does the chain hold, what is in it, and all of it as JSON lines. */
import { once } from 'node:events';
import { statSync } from 'node:fs';
import type { Command as Commander } from 'commander';
import type { Verification } from '../journal/chain.js';
import { JournalError, journalFault } from '../journal/error.js';
import { type Inspection, inspectJournal, lineOf } from '../journal/inspect.js';
import { journalWords } from './_journal-words.js';
import { type Command, EXIT, UsageError } from './command.js';

interface Options {
  readonly journal: string;
  readonly json?: boolean;
  readonly last?: string;
}

const FILE = ['--journal <file>', '日志文件 · the journal file'] as const;
const JSON_OUT = ['--json', '输出 JSON · print JSON'] as const;

/** Opens, works, closes. A file that is not there or not for us is the caller's mistake; damage is the answer no. */
async function withJournal(options: Options, work: (journal: Inspection) => void | Promise<void>): Promise<void> {
  if (statSync(options.journal, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`是文件夹，不是日志文件 · a folder, not a journal file: ${options.journal}`);
  try {
    const journal = inspectJournal(options.journal);
    try {
      await work(journal);
    } finally {
      journal.close();
    }
  } catch (thrown) {
    const error = journalFault(thrown);
    if (!(error instanceof JournalError)) throw error;
    const words = journalWords(error);
    if (error.code === 'missing' || error.code === 'newer') throw new UsageError(words);
    if (options.json) process.stdout.write(`${JSON.stringify({ ok: false, fault: { why: error.code } })}\n`);
    process.stderr.write(`ankang journal: ${words}\n`);
    process.exitCode = error.code === 'corrupt' ? EXIT.no : EXIT.fault;
  }
}

/** In words, where the chain does not hold. */
function brokenAt({ seq, why }: NonNullable<Verification['fault']>, { last, acked }: Inspection): string {
  const lost = last < acked ? `；止于 ${last}，已确认到 ${acked} · it ends at ${last}, acknowledged up to ${acked}` : '';
  return `链断于 · chain broken at ${seq}: ${why}${lost}`;
}

function verify(options: Options): Promise<void> {
  return withJournal(options, (journal) => {
    const { head, ...walked } = journal.verify();
    const found = {
      terminal: journal.terminal,
      journal: journal.journal,
      ...walked,
      head: Buffer.from(head).toString('hex'),
      acked: journal.acked,
    };
    const range = `${walked.entries} 条 · entries, ${walked.first}–${walked.last}`;
    const { fault } = walked;
    const words = fault ? brokenAt(fault, journal) : `链完整 · chain whole: ${range}, head ${found.head}`;
    process.stdout.write(`${options.json ? JSON.stringify(found) : words}\n`);
    if (!walked.ok) process.exitCode = EXIT.no;
  });
}

function exportLines(options: Options): Promise<void> {
  return withJournal(options, async (journal) => {
    const write = async (line: string): Promise<void> => {
      if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
    };
    await write(JSON.stringify({ terminal: journal.terminal, journal: journal.journal, acked: journal.acked }));
    for (const entry of journal.entries()) await write(lineOf(entry));
    const { fault } = journal.verify();
    if (!fault) return;
    process.stderr.write(`ankang journal: ${brokenAt(fault, journal)}\n`);
    process.exitCode = EXIT.no;
  });
}

const MOST_SHOWN = 10_000;

function show(options: Options): Promise<void> {
  const count = Number(options.last);
  if (!Number.isInteger(count) || count < 1 || count > MOST_SHOWN)
    throw new UsageError(`--last 须为 · must be 1–${MOST_SHOWN}: ${options.last ?? ''}`);
  return withJournal(options, (journal) => {
    const { terminal, acked, last } = journal;
    const entries = journal.tail(count);
    if (options.json) return void process.stdout.write(entries.map((entry) => `${lineOf(entry)}\n`).join(''));
    process.stdout.write(
      `终端 · terminal ${terminal}, 日志 · journal ${journal.journal}, ${last} 条 · entries, 已确认 · acknowledged ${acked}\n`,
    );
    for (const { seq, earliest, kind, public: facts } of entries) {
      process.stdout.write(`${String(seq).padStart(8)}  ${new Date(earliest).toISOString()}  ${kind.padEnd(12)} ${facts}\n`);
    }
  });
}

export default {
  summary: { zh: '检查、查看、导出日志', en: 'verify, show or export the journal' },
  configure(command: Commander) {
    const sub = (name: string, words: string): Commander =>
      command
        .command(name)
        .description(words)
        .requiredOption(...FILE);
    sub('verify', '哈希链是否完整 · does the hash chain hold')
      .option(...JSON_OUT)
      .action(verify);
    sub('show', '最近的条目 · the last entries')
      .option(...JSON_OUT)
      .option('--last <count>', '条数 · how many', '20')
      .action(show);
    sub('export', '每行一条 JSON · one JSON line for each entry').action(exportLines);
  },
} satisfies Command;
