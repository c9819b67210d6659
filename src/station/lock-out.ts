/**
 * Wrong PINs: five in a row lock their owner out for a quarter of an hour, the next five twice as long, a day at most. Each try is written down
 * before it is looked at, so that pulling the plug gives nobody another one.
 */
import type { Clock, Instant } from '../contracts.js';

export interface LockOut {
  /** undefined: may try. */
  lockedUntil(mark: string): Instant | undefined;
  /** Counts one more try as wrong; the `right` one is taken back. */
  tried(mark: string): void;
  right(mark: string): void;
}

export interface LockOutParts {
  kept(name: string): number | string | undefined;
  /** On disk when it returns. @throws when nothing can be written */
  keep(name: string, value: string): void;
  readonly clock: Clock;
}

const MOST = 5;
const FIRST_MS = 15 * 60_000;
const LONGEST_MS = 24 * 3_600_000;

interface Tries {
  readonly wrong: number;
  readonly locks: number;
  readonly until: Instant;
}

const NONE: Tries = { wrong: 0, locks: 0, until: 0 };

/** One wrong PIN more. */
export function afterWrong({ wrong, locks, until }: Tries, now: Instant): Tries {
  if (wrong + 1 < MOST) return { wrong: wrong + 1, locks, until };
  return { wrong: 0, locks: locks + 1, until: now + Math.min(LONGEST_MS, FIRST_MS * 2 ** locks) };
}

export function createLockOut({ kept, keep, clock }: LockOutParts): LockOut {
  const name = (mark: string): string => `staff/${mark.slice(0, 32)}`;
  const triesOf = (mark: string): Tries => {
    const text = kept(name(mark));
    return text === undefined ? NONE : (JSON.parse(String(text)) as Tries);
  };
  const now = (): Instant => clock.now().earliest;
  return {
    lockedUntil(mark) {
      const { until } = triesOf(mark);
      return until > now() ? until : undefined;
    },
    tried: (mark) => keep(name(mark), JSON.stringify(afterWrong(triesOf(mark), now()))),
    right: (mark) => keep(name(mark), JSON.stringify(NONE)),
  };
}
