/** The table of docs/rows.md, and what the plays look for on the page at last. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Step } from './rows-play.js';

const FILE = join(import.meta.dirname, '../../docs/rows.md');

export interface TableRow {
  readonly id: string;
  readonly up: string;
  readonly down: string;
  readonly half: string;
  /** The file that it runs. */
  readonly file: string;
}

export function readTable(): readonly TableRow[] {
  const lines = readFileSync(FILE, 'utf8').split('\n');
  return lines.flatMap((line) => {
    const [, id = '', , up = '', down = '', half = '', command = ''] = line.split('|').map((cell) => cell.trim());
    if (!/^[A-Z]+-\d\d$/.test(id)) return [];
    return [{ id, up, down, half, file: /`node build\/(test\/[a-z-]+\.test)\.js`/.exec(command)?.[1] ?? '' }];
  });
}

/** What stands on the last page that is looked at. */
export const lastReads = (steps: readonly Step[]): RegExp => steps.findLast(({ reads }) => reads)?.reads ?? /^/;
