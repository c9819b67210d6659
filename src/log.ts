/** The log: one JSON line an event on standard output, with the priority that journald reads; never anything personal. */
import { pino } from 'pino';
import type { Log } from './contracts.js';

/** sd-daemon(3): `<N>` in front of the line. */
const PRIORITY: Readonly<Record<number, string>> = { 30: '<6>', 40: '<4>', 50: '<3>' };

export interface LogParts {
  readonly level: 'info' | 'warn' | 'error' | 'silent';
  /** Standard output goes to journald (JOURNAL_STREAM is set). */
  readonly toJournald: boolean;
  /** Every line carries it. */
  readonly terminal: string;
  /** 1 standard output, 2 standard error. */
  readonly fd?: 1 | 2;
}

export function createLog({ level, toJournald, terminal, fd = 1 }: LogParts): Log {
  const out = pino.destination({ fd, sync: true });
  const priority = (line: string): string => PRIORITY[Number(/"level":(\d+)/.exec(line)?.[1])] ?? '<6>';
  const stream = toJournald ? { write: (line: string) => out.write(priority(line) + line) } : out;
  const logger = pino({ level, base: { terminal }, messageKey: 'event' }, stream);
  return {
    info: (event, facts = {}) => logger.info(facts, event),
    warn: (event, facts = {}) => logger.warn(facts, event),
    error: (event, facts = {}) => logger.error(facts, event),
  };
}

/** Work whose failure is told and changes nothing else. */
export function attempt(log: Log, failed: string, work: () => unknown): void {
  try {
    work();
  } catch (error) {
    log.error(failed, { error: error instanceof Error ? error.message : String(error) });
  }
}
