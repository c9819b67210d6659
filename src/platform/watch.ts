/** Looks for orders of other processes, and for a manifest that is due again. */
import type { Instant, Log } from '../contracts.js';
import type { CountyStore } from './store.js';

interface Watching {
  readonly store: CountyStore;
  readonly now: () => Instant;
  readonly refresh: () => Promise<void>;
  readonly log: Log;
}

const LOOK_MS = 200;
const LEAST_BETWEEN_MS = 60_000;

export function watching({ store, now, refresh, log }: Watching): { stop(): Promise<void> } {
  let stamp: number | string | undefined;
  let refreshed = now();
  let looking = Promise.resolve();
  const look = async (): Promise<void> => {
    const seen = await store.stamp();
    if (seen === stamp && Math.abs(now() - refreshed) < LEAST_BETWEEN_MS) return;
    await refresh();
    stamp = seen;
    refreshed = now();
  };
  const timer = setInterval(() => {
    looking = looking.then(look).catch((error: unknown) => log.error('county-refresh', { error: String(error) }));
  }, LOOK_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await looking;
    },
  };
}
