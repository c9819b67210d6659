/**
 * Opens bills and charges them, each once:
 *
 *   pay/charge → attempt `charging` in the store → provider → paid, refused            the provider's notices ─┐
 *   pay/state  → an attempt that never began is `void`; of one that is charging the provider is asked          ├→ attempt → store
 *   reconcile  → query what is unsettled; close what the provider never heard of; refund what came after `void` ┘
 */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Instant, Log } from '../contracts.js';
import { localTime } from '../messages/calendar.js';
import { MOST_FEN, type PaySaid } from '../messages/payment.js';
import type { AttemptEvent } from './payment-states.js';
import type { Provider, ProviderSays } from './provider.js';
import { type Bills, BillTaken, type Opening, type PaidBill } from './services/_service.js';
import type { Attempt, Bill, PaymentStore } from './store-payments.js';

export interface CashierParts {
  readonly store: PaymentStore;
  /** undefined: this county takes no payments. */
  readonly provider: Provider | undefined;
  readonly now: () => Instant;
  /** Called after a bill became paid. */
  readonly paid: () => void;
  readonly log: Log;
}

export interface ChargeAsked {
  readonly terminal: string;
  readonly number: string;
  readonly amount: number;
  readonly attempt: string;
  readonly code: string;
}

export interface Cashier extends Bills {
  /** `refused`: not this terminal's bill, or another amount; `unknown`: no such bill. Nothing was charged then. */
  charge(asked: ChargeAsked, signal: AbortSignal): Promise<PaySaid | 'refused' | 'unknown'>;
  /** After it an attempt that had not begun never begins. */
  state(asked: Pick<ChargeAsked, 'number' | 'attempt'>): Promise<PaySaid | 'unknown'>;
  /** Asks the provider after what is unsettled, the oldest first. @throws when one question was not answered */
  reconcile(): Promise<void>;
  /** Holds the provider's book of the last days against ours, and gives back what nobody owes. @throws as above */
  sweep(): Promise<void>;
}

/** The terminal is told how it stands after so long; the provider may take longer. */
const ANSWER_MS = 10_000;
const PROVIDER_MS = 30_000;
/** So long may a person take to type a password. */
const PENDING_MS = 90_000;
const SWEPT_MS = 3 * 86_400_000;
const LONGEST_REFERENCE = 120;
const AT_ONCE = 32;

export function createCashier(parts: CashierParts): Cashier {
  const { store, provider, now, log } = parts;
  /** Attempts that this process has at the provider right now: nobody closes them meanwhile. */
  const calling = new Map<string, Promise<void>>();

  const apply = async ({ bill, attempt, amount }: Attempt, says: ProviderSays): Promise<Attempt | undefined> => {
    const event = EVENT_OF[says.state];
    if (!event) return undefined;
    if ('amount' in says && says.amount !== amount) log.error('provider-amount', { bill, attempt, ours: amount, theirs: says.amount });
    const moved = await store.moveAttempt({
      attempt,
      bill,
      event,
      at: now(),
      ...('receipt' in says && { receipt: says.receipt }),
      ...(says.state === 'refused' && { reason: says.reason }),
      ...(says.state === 'closed' && { reason: 'void' as const }),
    });
    if (moved.moved && moved.attempt.state === 'paid') parts.paid();
    if (moved.moved && moved.attempt.state === 'refunding') log.warn('paid-after-void', { bill, attempt });
    return moved.attempt;
  };

  /** One word of the provider more about an attempt, and what follows from it. */
  const lookAt = async (attempt: Attempt, from: Provider): Promise<void> => {
    if (calling.has(attempt.attempt)) return;
    const { order, state, since } = attempt;
    const signal = AbortSignal.timeout(PROVIDER_MS);
    if (state === 'refunding') return void (await apply(attempt, await from.refund(order, signal)));
    let says = await from.query(order, signal);
    const given = says.state === 'unknown' || (says.state === 'pending' && now() - since > PENDING_MS);
    if (given && !calling.has(attempt.attempt)) says = await from.close(order, signal);
    await apply(attempt, says);
  };

  const call = async (attempt: Attempt, { code }: ChargeAsked, bill: Bill, from: Provider): Promise<void> => {
    try {
      const { order, amount } = attempt;
      await apply(attempt, await from.charge({ order, amount, code, what: bill.what.zh }, AbortSignal.timeout(PROVIDER_MS)));
    } catch (error) {
      log.warn('provider-silent', { bill: bill.number, error: error instanceof Error ? error.message : String(error) });
    } finally {
      calling.delete(attempt.attempt);
    }
  };

  const said = async (attempt: Attempt): Promise<PaySaid> => {
    const [latest, bill] = await Promise.all([store.attempt(attempt.bill, attempt.attempt), store.bill(attempt.bill)]);
    return saidOf(latest ?? attempt, bill);
  };

  provider?.onNotice((order, says) => {
    const noticed = async (): Promise<void> => {
      const attempt = await store.attemptOfOrder(order);
      if (attempt) await apply(attempt, says);
    };
    noticed().catch((error: unknown) => log.error('notice-lost', { order, error: String(error) }));
  });

  return {
    async open(opening) {
      check(opening);
      const opened = await store.openBill(opening, { number: newNumber(now()), at: now() });
      if ('taken' in opened) throw new BillTaken(opened.taken);
      return opened.number;
    },
    async paid(service, reference) {
      const bill = await store.billOf(service, reference);
      return bill && paidBill(bill);
    },
    async charge(asked, signal) {
      const { number, amount, attempt: id, terminal } = asked;
      const bill = await store.bill(number);
      if (!bill) return 'unknown';
      // A repeat is told how it stands, whatever became of the bill meanwhile: 'refused' says that nothing was charged.
      const before = await store.attempt(number, id);
      if (before) return said(before);
      if (bill.terminal !== terminal || bill.amount !== amount) return 'refused';
      if (!provider) return { state: 'not-charged', reason: 'no-provider' };
      const { attempt, moved } = await store.moveAttempt({ attempt: id, bill: number, event: 'begun', at: now() });
      if (moved && attempt.state === 'charging') {
        const job = call(attempt, asked, bill, provider);
        calling.set(id, job);
        // Whoever stops the county does not wait for the provider.
        const done = new AbortController();
        const patience = sleep(ANSWER_MS, undefined, { signal: AbortSignal.any([signal, done.signal]) }).catch(() => undefined);
        await Promise.race([job, patience]);
        done.abort();
      }
      return said(attempt);
    },
    async state({ number, attempt: id }) {
      if (!(await store.bill(number))) return 'unknown';
      const { attempt } = await store.moveAttempt({ attempt: id, bill: number, event: 'asked', at: now(), reason: 'void' });
      if (!provider || attempt.state !== 'charging') return saidOf(attempt, await store.bill(number));
      await lookAt(attempt, provider).catch((error: unknown) =>
        log.warn('provider-silent', { bill: number, error: error instanceof Error ? error.message : String(error) }),
      );
      return said(attempt);
    },
    async reconcile() {
      if (!provider) return;
      const looked = await Promise.allSettled((await store.unsettled()).slice(0, AT_ONCE).map((attempt) => lookAt(attempt, provider)));
      const failed = looked.find((one) => one.status === 'rejected');
      if (failed) throw failed.reason;
    },
    async sweep() {
      if (!provider) return;
      const movements = await provider.statement(now() - SWEPT_MS, AbortSignal.timeout(PROVIDER_MS));
      for (const order of new Set(movements.map(({ order }) => order))) {
        const attempt = await store.attemptOfOrder(order);
        if (attempt && (attempt.state === 'void' || attempt.state === 'refused'))
          await apply(attempt, await provider.query(order, AbortSignal.timeout(PROVIDER_MS)));
      }
    },
  };
}

const EVENT_OF: Readonly<Record<ProviderSays['state'], AttemptEvent | undefined>> = {
  paid: 'took',
  refunded: 'returned',
  refused: 'declined',
  closed: 'closed',
  pending: undefined,
  unknown: undefined,
};

export function paidBill({ number, service, reference, amount, subject, terminal, what, receipt, paidAt }: Bill): PaidBill | undefined {
  if (receipt === null || paidAt === null) return undefined;
  return { number, service, reference, amount, subject, terminal, what, receipt, paidAt };
}

function saidOf({ state, receipt, reason }: Attempt, bill: Bill | undefined): PaySaid {
  switch (state) {
    case 'paid':
      return { state, receipt: receipt ?? '' };
    case 'refunding':
    case 'refunded':
      return { state };
    case 'refused':
    case 'void':
      return {
        state: 'not-charged',
        reason: reason ?? 'void',
        ...(reason === 'already-paid' && bill?.receipt != null && { receipt: bill.receipt }),
      };
    case 'open':
    case 'charging':
      return { state: 'charging' };
  }
}

function newNumber(at: Instant): string {
  const chance = randomInt(2 ** 40)
    .toString()
    .padStart(12, '0')
    .slice(-12);
  return `${localTime(at).day.replaceAll('-', '')}${chance}`;
}

/** A service that opens nonsense is wrong itself. */
function check({ service, reference, amount }: Opening): void {
  if (!Number.isSafeInteger(amount) || amount < 1 || amount > MOST_FEN) throw new RangeError(`${service}: not an amount in fen: ${amount}`);
  if (reference === '' || reference.length > LONGEST_REFERENCE)
    throw new RangeError(`${service}: a reference of 1 to ${LONGEST_REFERENCE} characters`);
}
