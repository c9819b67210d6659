/** What was started, to be stopped in reverse. */
import type { Log } from './contracts.js';

export interface Ending {
  add(what: string, stop: () => unknown): void;
  /** Stops everything, whatever one of them says; never rejects. */
  end(): Promise<void>;
}

export function createEnding(log: Log): Ending {
  const stops: { readonly what: string; readonly stop: () => unknown }[] = [];
  return {
    add: (what, stop) => void stops.push({ what, stop }),
    async end() {
      for (const { what, stop } of stops.splice(0).toReversed()) {
        try {
          await stop();
        } catch (error) {
          log.error('not-stopped', { what, error: error instanceof Error ? error.message : String(error) });
        }
      }
    },
  };
}
