/** A running county settles rides every ten minutes, and puts what is not confirmed on the broker. */
import type { Instant, Log } from '../contracts.js';
import { settlementTopic } from '../messages/settlement.js';
import type { CountyKeys } from './keys.js';
import type { Link } from './link.js';
import { confirm, publishSettlements, settle, takeOff } from './settle.js';
import type { CountyStore } from './store.js';

interface SettlingParts {
  readonly store: CountyStore;
  readonly keys: CountyKeys;
  readonly link: Link;
  readonly now: () => Instant;
  readonly log: Log;
  /** One of several workers does it. */
  readonly active: boolean;
}

const EVERY_MS = 600_000;

export interface SettlingRun {
  confirmed(operator: string, payload: Uint8Array): Promise<void>;
  /** Settles and publishes now; one after the other. */
  publish(): void;
  stop(): Promise<void>;
}

export function startSettling({ store, keys, link, now, log, active }: SettlingParts): SettlingRun {
  const { region } = keys;
  let working: Promise<unknown> = Promise.resolve();
  const once = async (): Promise<void> => {
    const { rides, batches } = await settle({ store, keys, now: now() });
    if (rides > 0) log.info('rides-settled', { rides, batches });
    if (link.connected) await publishSettlements({ store, link, region });
  };
  const publish = (): void => {
    if (active) working = working.then(once).catch((error: unknown) => log.error('not-settled', { error: String(error) }));
  };
  const timer = setInterval(publish, EVERY_MS).unref();
  return {
    publish,
    async confirmed(operator, payload) {
      const numbers = await confirm({ store, operator, payload, now: now(), log });
      // Not waited for: the broker's answer comes on the line that is waiting for us.
      const topics = numbers.map((number) => settlementTopic(region, operator, number));
      working = working
        .then(() => takeOff(link, topics))
        .catch((error: unknown) => log.warn('settlement-not-taken-off', { operator, error: String(error) }));
    },
    async stop() {
      clearInterval(timer);
      await working;
    },
  };
}
