/** When to try again: doubling, with full jitter, so that a thousand terminals that lost one broker do not come back together. Pure. */

/** Delays in ms. `steady`: how long a connection must live before the next failure counts as the first again. */
export const PACE = { first: 500, cap: 60_000, least: 50, steady: 30_000 } as const;

/** Three takeovers in ten minutes mean that two boxes call themselves by one name (wire.md 4). */
export const TWIN = { kicks: 3, within: 600_000, wait: 180_000, spread: 180_000 } as const;

export interface Backoff {
  /** A connection ended after `lived` ms (0: it never came up). `random`: from 0 to 1. Returns the ms to wait. */
  failed(lived: number, random: number): number;
  /** The broker gave this session to another connection. `at`: monotonic ms. */
  kicked(at: number): void;
  /** Is another box using this terminal's name? */
  twin(at: number): boolean;
}

export function createBackoff(): Backoff {
  let failures = 0;
  let kicks: number[] = [];
  let avoid = false;
  const recent = (at: number): number[] => kicks.filter((kick) => at - kick < TWIN.within);
  return {
    failed(lived, random) {
      if (avoid) {
        avoid = false;
        return TWIN.wait + random * TWIN.spread;
      }
      failures = lived >= PACE.steady ? 1 : failures + 1;
      const most = Math.min(PACE.cap, PACE.first * 2 ** Math.min(failures - 1, 16));
      return PACE.least + random * most;
    },
    kicked(at) {
      kicks = [...recent(at), at].slice(-TWIN.kicks);
      avoid = kicks.length === TWIN.kicks;
    },
    twin: (at) => recent(at).length === TWIN.kicks,
  };
}
