/** `ankang errors`: every number that a person may meet, as the table of docs/errors.md. */
import { errorTable } from './_error-table.js';
import type { Command } from './command.js';

export default {
  summary: { zh: '输出编号一览', en: 'prints the table of numbers' },
  configure: (command) => void command.action(() => void process.stdout.write(errorTable())),
} satisfies Command;
