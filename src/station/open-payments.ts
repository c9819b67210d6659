/**
 * What this box set out to charge and does not know the end of. An intent is on disk before anybody is asked to charge it, its end is a second
 * entry; what is open is kept in the same transactions, so that a program that was killed finds it again.
 */
import { z } from 'zod';
import type { Clock, Facts, Log } from '../contracts.js';
import { BILL_NUMBER, fen, PAYMENT_KIND } from '../messages/payment.js';
import type { DeskJournal } from './desk-work.js';

const INTENT = z.strictObject({
  attempt: z.string(),
  number: BILL_NUMBER,
  amount: fen,
  station: z.string(),
  scene: z.string(),
});
export type Intent = Readonly<z.infer<typeof INTENT>>;
const INTENTS = z.array(INTENT).readonly();

/** `receipt` of what was paid; `reason`: why nothing was charged. */
export interface Outcome {
  readonly outcome: 'paid' | 'not-charged' | 'refunded';
  readonly receipt?: string;
  readonly reason?: string;
}

export interface OpenPayments {
  all(): readonly Intent[];
  /** @throws when nothing can be written; then nothing may be charged */
  begin(intent: Intent): void;
  /** False: it could not be written, and stays open. An intent that is not open is left alone. */
  end(intent: Intent, outcome: Outcome): boolean;
}

export interface OpenPaymentsParts {
  readonly checkpoint: string;
  readonly journal: Pick<DeskJournal, 'transaction' | 'kept'>;
  readonly clock: Clock;
  readonly log: Log;
}

const KEPT = 'payments';
/** So many in doubt at once mean that the platform is not to be paid through: no more is begun. */
const MOST_OPEN = 100;

/** What was kept and cannot be read is left as it is, and nothing more is begun. */
export function createOpenPayments({ checkpoint, journal, clock, log }: OpenPaymentsParts): OpenPayments {
  const text = journal.kept(KEPT);
  const read = INTENTS.safeParse(text === undefined ? [] : parsed(String(text)));
  if (!read.success) log.error('payments-unreadable', { kept: KEPT });
  let open: readonly Intent[] = read.data ?? [];

  const write = ({ attempt, number, amount, station, scene }: Intent, facts: Facts, left: readonly Intent[]): void => {
    journal.transaction((tx) => {
      tx.append({ kind: PAYMENT_KIND, at: clock.now(), facts: { ...facts, attempt, number, amount, station, scene, checkpoint } });
      tx.keep(KEPT, JSON.stringify(left));
    });
    open = left;
  };

  return {
    all: () => open,
    begin(intent) {
      // What was open would be overwritten.
      if (!read.success) throw new Error('payments of before cannot be read');
      if (open.length >= MOST_OPEN) throw new RangeError(`${MOST_OPEN} payments are in doubt`);
      write(intent, { event: 'intent' }, [...open, intent]);
    },
    end(intent, outcome) {
      const left = open.filter(({ attempt }) => attempt !== intent.attempt);
      if (left.length === open.length) return true;
      try {
        write(intent, { event: 'outcome', ...outcome }, left);
        return true;
      } catch (error) {
        log.error('journal-failed', { station: intent.station, error: error instanceof Error ? error.message : String(error) });
        return false;
      }
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // told as unreadable
  }
}
