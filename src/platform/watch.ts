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
/** Rest after a look, in times of what it took. */
const REST = 9;
const LONGEST_REST_MS = 500;

export function watching({ store, now, refresh, log }: Watching): { stop(): Promise<void> } {
  let stamp: number | string | undefined;
  let refreshed = now();
  let looking = Promise.resolve();
  /** Where everything is written to all the time, a look is followed by a rest. */
  let rested = 0;
  const look = async (): Promise<void> => {
    if (performance.now() < rested) return;
    const seen = await store.stamp();
    if (seen === stamp && Math.abs(now() - refreshed) < LEAST_BETWEEN_MS) return;
    const began = performance.now();
    await refresh();
    rested = performance.now() + Math.min((performance.now() - began) * REST, LONGEST_REST_MS);
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
