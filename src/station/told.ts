/** What a desk heard a moment ago stands on its page for a while, beside whatever is asked; the newest alone. */
import type { Words } from '../contracts.js';

const TOLD_MS = 60_000;

export interface Told {
  /** Says it when it is called; undefined: there is nothing to say. */
  after(words: Words | undefined): (() => void) | undefined;
  told(): Words | undefined;
  stop(): void;
}

export function createTold(changed: () => void): Told {
  let now: Words | undefined;
  let timer: NodeJS.Timeout | undefined;
  const tell = (words: Words): void => {
    now = words;
    clearTimeout(timer);
    timer = setTimeout(() => {
      now = undefined;
      changed();
    }, TOLD_MS).unref();
    changed();
  };
  return {
    after: (words) => words && (() => tell(words)),
    told: () => now,
    stop: () => clearTimeout(timer),
  };
}
