/** What the county ordered a lane to be until further notice: free until an end, locked, or normal. */
import type { Clock, Instant } from '../contracts.js';

export type OrderedMode = 'normal' | 'free' | 'locked';

export interface OrderedParts {
  readonly clock: Clock;
  /** The mode is another now; `ended`: its time was up. */
  changed(why: 'ordered' | 'ended'): void;
}

export interface Ordered {
  readonly mode: OrderedMode;
  /** Until then, or not at all when that is past: ask `whyNotFree` first. */
  free(until: Instant): void;
  set(mode: 'normal' | 'locked'): void;
  stop(): void;
}

/** Longer than a day nobody leaves a gate open by mistake. */
const LONGEST_FREE = 86_400_000;

/** Why a lane cannot be free until then; undefined: it can. The end is where `latest` reaches it, so never too late. */
export function whyNotFree(until: Instant, clock: Clock): string | undefined {
  const { earliest, latest } = clock.now();
  if (earliest >= until) return 'ended';
  if (latest >= until) return 'clock-uncertain';
  return until - latest > LONGEST_FREE ? 'overlong' : undefined;
}

export function createOrdered({ clock, changed }: OrderedParts): Ordered {
  let mode: OrderedMode = 'normal';
  let timer: NodeJS.Timeout | undefined;
  const become = (next: OrderedMode, why: 'ordered' | 'ended'): void => {
    clearTimeout(timer);
    mode = next;
    changed(why);
  };
  return {
    get mode() {
      return mode;
    },
    free(end) {
      become('free', 'ordered');
      timer = setTimeout(() => become('normal', 'ended'), Math.max(0, end - clock.now().latest)).unref();
    },
    set: (next) => become(next, 'ordered'),
    stop: () => clearTimeout(timer),
  };
}
