/** Work that is done again and again, less and less often while it fails. */
import type { Log } from '../contracts.js';

export interface RoundsParts {
  readonly name: string;
  readonly everyMs: number;
  /** While it fails the pause doubles up to this. */
  readonly slowestMs: number;
  readonly log: Log;
}

export interface Rounds {
  /** At once, or as soon as the round that runs is over. */
  wake(): void;
  /** Resolves when no round runs any more. */
  stop(): Promise<void>;
}

export function startRounds({ name, everyMs, slowestMs, log }: RoundsParts, work: () => Promise<void>): Rounds {
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> | undefined;
  let pause = everyMs;
  let again = false;
  let stopped = false;
  const done = (): void => {
    working = undefined;
    if (!stopped) timer = setTimeout(round, again ? 0 : pause).unref();
  };
  const round = (): void => {
    clearTimeout(timer);
    again = false;
    working = work()
      .then(
        () => {
          pause = everyMs;
        },
        (error: unknown) => {
          pause = Math.min(2 * pause, slowestMs);
          log.warn('round-failed', { round: name, error: error instanceof Error ? error.message : String(error) });
        },
      )
      .finally(done);
  };
  round();
  return {
    wake() {
      again = true;
      if (!stopped && !working) round();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await working;
    },
  };
}
