/** The county's payments as one running part: the cashier, the teller, and the rounds in which they look after what is unsettled. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Instant, Log } from '../contracts.js';
import { type Cashier, createCashier } from './cashier.js';
import type { Provider } from './provider.js';
import { type Rounds, startRounds } from './rounds.js';
import type { County, Service } from './services/_service.js';
import { createTeller } from './teller.js';

export interface MoneyParts extends Omit<County, 'bills' | 'cashier'> {
  readonly provider: Provider | undefined;
  readonly paid: ReadonlyMap<string, NonNullable<Service['paid']>>;
  /** False: another worker looks after it. */
  readonly rounds: boolean;
  readonly now: () => Instant;
  readonly log: Log;
}

export interface Money {
  readonly cashier: Cashier;
  stop(): Promise<void>;
}

const ROUND = { everyMs: 1000, slowestMs: 30_000 } as const;
const SWEEP = { everyMs: 600_000, slowestMs: 600_000 } as const;
/** Who is being told when the county stops gets so long to say that it heard. */
const TOLD_MS = 2000;

export function startMoney({ provider, paid, rounds, now, log, ...county }: MoneyParts): Money {
  const running: Rounds[] = [];
  let wake: () => void = () => undefined;
  const cashier = createCashier({ store: county.store, provider, now, paid: () => wake(), log });
  const teller = createTeller({ county: { ...county, bills: cashier, cashier }, paid, now, log });
  if (rounds) {
    const telling = startRounds({ name: 'tell', ...ROUND, log }, teller.round);
    wake = telling.wake;
    running.push(telling);
  }
  if (rounds && provider) {
    running.push(
      startRounds({ name: 'reconcile', ...ROUND, log }, cashier.reconcile),
      startRounds({ name: 'sweep', ...SWEEP, log }, cashier.sweep),
    );
  }
  return {
    cashier,
    async stop() {
      await Promise.all(running.map((one) => one.stop()));
      await Promise.race([teller.idle(), sleep(TOLD_MS, undefined, { ref: false })]);
    },
  };
}
