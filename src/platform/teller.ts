/** Tells each service of its bills that were paid, again with growing pauses until it took the word, also after a restart. */
import type { Instant, Log } from '../contracts.js';
import { paidBill } from './cashier.js';
import type { County, Service } from './services/_service.js';
import type { Bill } from './store-payments.js';

export interface TellerParts {
  readonly county: County;
  /** By service; one without has nothing to be told. */
  readonly paid: ReadonlyMap<string, NonNullable<Service['paid']>>;
  readonly now: () => Instant;
  readonly log: Log;
}

export interface Teller {
  /** Begins to tell whoever is due; waits for none of them. */
  round(): Promise<void>;
  /** Resolves when nobody is being told. */
  idle(): Promise<void>;
}

const PAUSE = { first: 1000, most: 60_000 } as const;
/** At the same time: a hospital that hangs does not hold up the others. */
const AT_ONCE = 16;

export function createTeller({ county, paid, now, log }: TellerParts): Teller {
  const { store } = county;
  /** By bill: when to try again, and how long to wait after that. */
  const failed = new Map<string, { readonly due: Instant; readonly pause: number }>();
  const telling = new Map<string, Promise<void>>();

  const tell = async (bill: Bill): Promise<void> => {
    const told = paidBill(bill);
    if (!told) return;
    try {
      await paid.get(bill.service)?.(told, county);
      await store.noteTold(bill.number, now());
      failed.delete(bill.number);
    } catch (error) {
      const pause = failed.get(bill.number)?.pause ?? PAUSE.first;
      failed.set(bill.number, { due: now() + pause, pause: Math.min(2 * pause, PAUSE.most) });
      log.warn('paid-not-told', {
        bill: bill.number,
        service: bill.service,
        error: error instanceof Error ? error.message : String(error),
      });
    }
  };

  return {
    async round() {
      for (const bill of await store.untold()) {
        if (telling.size >= AT_ONCE) return;
        if (telling.has(bill.number) || (failed.get(bill.number)?.due ?? 0) > now()) continue;
        telling.set(
          bill.number,
          tell(bill).finally(() => telling.delete(bill.number)),
        );
      }
    },
    idle: async () => void (await Promise.all(telling.values())),
  };
}
