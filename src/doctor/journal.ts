/** Is the journal whole, and this terminal's? Looks at every entry; the daemon may go on writing. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { JournalError } from '../journal/error.js';
import { inspectJournal } from '../journal/inspect.js';
import { type Check, found, type Outcome, right, skipped } from './check.js';

export const journal: Check = {
  title: { zh: '日志', en: 'journal' },
  look({ configuration, resolve }) {
    const { state, id } = configuration.terminal;
    const file = join(resolve(state), 'journal.db');
    if (!existsSync(file)) return [skipped(`还没有日志：${file}`, `there is no journal yet: ${file}`)];
    try {
      return [inspected(file, id)];
    } catch (error) {
      if (error instanceof JournalError) return [found('journal-broken', `${file}: ${error.message}`)];
      throw error;
    }
  },
};

function inspected(file: string, terminal: string): Outcome {
  const inspection = inspectJournal(file);
  try {
    if (inspection.terminal !== terminal) return found('journal-foreign', `${file}: ${inspection.terminal}, not ${terminal}`);
    const { fault, entries } = inspection.verify();
    return fault ? found('journal-broken', `${file}: ${fault.seq} ${fault.why}`) : right(`${file}: ${entries}, acked ${inspection.acked}`);
  } finally {
    inspection.close();
  }
}
