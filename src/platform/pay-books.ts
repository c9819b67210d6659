/** Holds three books of money against each other, to the fen: the provider's, the county's, and the journals of the terminals. Pure. */
import type { Facts } from '../contracts.js';
import { isUnsettled } from './payment-states.js';
import type { Movement } from './provider.js';
import type { Attempt } from './store-payments.js';

export interface Books {
  readonly movements: readonly Movement[];
  readonly attempts: readonly Attempt[];
  /** Public parts of the entries of kind `payment`. */
  readonly entries: readonly Facts[];
}

/** `attempt` '': an order that is only in the provider's book. */
export interface Difference {
  readonly bill: string;
  readonly attempt: string;
  readonly why: 'provider' | 'journal' | 'amount' | 'twice' | 'unknown-order' | 'unknown-attempt';
}

export interface Balance {
  /** Taken and not given back, in fen. */
  readonly provider: number;
  readonly platform: number;
  readonly journals: number;
  /** Attempts that the journals, the platform or the provider do not know the end of yet, and what was taken for them. */
  readonly waiting: number;
  readonly waitingFen: number;
  readonly differences: readonly Difference[];
  /** Nothing differs, and what is missing in one book waits for a word. */
  readonly holds: boolean;
}

/** What the journals say of one attempt. */
interface Written {
  readonly bill: string;
  readonly amount: number;
  readonly outcomes: readonly string[];
}

export function balance({ movements, attempts, entries }: Books): Balance {
  const taken = sums(movements);
  const written = writtenOf(entries);
  const known = new Map(attempts.map((one) => [one.attempt, one]));
  const found = attempts.map((one) => compared(one, taken.get(one.order) ?? 0, written.get(one.attempt)));
  const orders = new Set(attempts.map(({ order }) => order));
  const strange: Difference[] = [...taken]
    .filter(([order, amount]) => amount !== 0 && !orders.has(order))
    .map(([order]) => ({ bill: order, attempt: '', why: 'unknown-order' }));
  const unheard = [...written].filter(([attempt]) => !known.has(attempt));
  const invented: Difference[] = unheard
    .filter(([, { outcomes }]) => outcomes.some((outcome) => outcome !== 'not-charged'))
    .map(([attempt, { bill }]) => ({ bill, attempt, why: 'unknown-attempt' }));
  const differences = [...found.flatMap(({ difference }) => difference ?? []), ...twice(attempts, taken), ...strange, ...invented];
  const waiting = found.filter((one) => one.waiting);
  return {
    provider: total(taken.values()),
    platform: total(attempts.map(paidOf)),
    journals: total([...written.values()].map(({ outcomes, amount }) => (outcomes.includes('paid') ? amount : 0))),
    waiting: waiting.length + unheard.filter(([, { outcomes }]) => outcomes.length === 0).length,
    waitingFen: total(waiting.map(({ taken: fen }) => fen)),
    differences,
    holds: differences.length === 0,
  };
}

const paidOf = ({ state, amount }: Attempt): number => (state === 'paid' ? amount : 0);

interface Compared {
  readonly waiting: boolean;
  readonly taken: number;
  readonly difference?: Difference;
}

function compared(one: Attempt, taken: number, written: Written | undefined): Compared {
  const { bill, attempt } = one;
  const differs = (why: Difference['why']): Compared => ({ waiting: false, taken, difference: { bill, attempt, why } });
  if (isUnsettled(one.state)) return { waiting: true, taken };
  if (taken !== paidOf(one)) return differs('provider');
  if (!written || written.outcomes.length === 0) return { waiting: true, taken };
  if (written.amount !== one.amount || written.bill !== bill) return differs('amount');
  const [outcome, ...more] = written.outcomes;
  return (outcome === 'paid') === (one.state === 'paid') && more.length === 0 ? { waiting: false, taken } : differs('journal');
}

/** Bills that money was taken for more than once. */
function twice(attempts: readonly Attempt[], taken: ReadonlyMap<string, number>): readonly Difference[] {
  const charged = new Map<string, Attempt[]>();
  for (const one of attempts) if ((taken.get(one.order) ?? 0) > 0) charged.set(one.bill, [...(charged.get(one.bill) ?? []), one]);
  return [...charged].flatMap(([bill, [, second]]) => (second ? [{ bill, attempt: second.attempt, why: 'twice' as const }] : []));
}

function sums(movements: readonly Movement[]): Map<string, number> {
  const taken = new Map<string, number>();
  for (const { order, amount } of movements) taken.set(order, (taken.get(order) ?? 0) + amount);
  return taken;
}

function writtenOf(entries: readonly Facts[]): Map<string, Written> {
  const written = new Map<string, Written>();
  for (const { attempt, number, amount, outcome } of entries) {
    if (typeof attempt !== 'string' || typeof number !== 'string' || typeof amount !== 'number') continue;
    const outcomes = written.get(attempt)?.outcomes ?? [];
    written.set(attempt, { bill: number, amount, outcomes: typeof outcome === 'string' ? [...outcomes, outcome] : outcomes });
  }
  return written;
}

const total = (fen: Iterable<number>): number => [...fen].reduce((sum, one) => sum + one, 0);
