/** A terminal that is unsure of the time asks the platform: the signed answer to its own question bounds the clock on both sides. */
import type { Clock, Log } from '../contracts.js';
import type { Ask } from './requests.js';

/** wire.md 6; what it says is not needed for the time, and any status will do, `late` too. */
const QUESTION = 'command/state';
/** Worse than this (ms) is worth a question. */
const UNSURE = 10_000;
const PATIENCE = 10_000;

export interface AskTimeParts {
  readonly ask: Ask;
  readonly clock: Clock;
  readonly log: Log;
}

/** To be called when the line comes up, and now and then. */
export function askTime({ ask, clock, log }: AskTimeParts): void {
  const { earliest, latest } = clock.now();
  if (latest - earliest <= UNSURE) return;
  ask(QUESTION, null, { deadlineMs: PATIENCE }).catch((error: unknown) => log.warn('time-not-told', { error: String(error) }));
}
