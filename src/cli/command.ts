/** What a command of `ankang` is: one file in this folder, found by its name, loaded only when it is called. */
import type { Command as Commander } from 'commander';
import type { Words } from '../contracts.js';

/** What a person did wrong, with words for it: printed without a stack, exit code 2. */
export class UsageError extends Error {}

export interface Command {
  readonly summary: Words;
  /** Declares arguments and options on `command` and sets its action. */
  configure(command: Commander): void;
}

/** Exit codes, the same for every command: 0 done, 1 the answer is no (a check failed), 2 asked wrongly, 70 a fault of ours. */
export const EXIT = { done: 0, no: 1, usage: 2, fault: 70 } as const;
