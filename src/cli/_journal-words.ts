/** What the journal's disk can do to us, in words. */
import type { JournalError, JournalFault } from '../journal/error.js';

const WORDS: Readonly<Record<JournalFault, string>> = {
  missing: '没有这个日志文件 · there is no such journal file',
  newer: '日志由更新版本的程序写成 · the journal was written by a newer program',
  corrupt: '文件已损坏或不是日志 · the file is damaged, or is no journal',
  'in-use': '日志正被占用 · the journal is in use',
  foreign: '日志属于另一台终端 · the journal is another terminal’s',
  full: '磁盘已满或到达上限 · the disk is full, or the limit is reached',
  'read-only': '日志不可写 · the journal cannot be written',
  io: '磁盘读写失败 · the disk does not read or write',
};

export function journalWords({ code, message }: JournalError): string {
  return `${WORDS[code]} (${message})`;
}
