/** The one prompt that a visit stands at: what may answer it, what was wrong with the last answer, and how the visit's end rejects it. */
import type { Found, Json, Prompt, Reading, Words } from '../contracts.js';
import { candidates } from '../messages/candidates.js';
import { type Answered, answered } from './prompt.js';

type Value = string | boolean | Readonly<Record<string, string>> | undefined;

interface Standing {
  readonly prompt: Prompt;
  readonly read?: (reading: Reading) => void;
  readonly find?: (typed: string) => Found;
  settle(value: Value): void;
}

export interface Waiting {
  /** Of the prompt that stands: an answer to an earlier one is not taken. */
  readonly step: number;
  readonly prompt: Prompt;
  /** What was wrong with what was typed last. */
  readonly faults: Extract<Answered, { faults: unknown }>['faults'];
  /** Shows it until it is answered by touch. */
  put(prompt: Prompt): Promise<Value>;
  /** Likewise; what is typed is looked for, and only what was found last may be chosen. */
  search(ask: Words, find: (typed: string) => Found): Promise<Value>;
  /** Shows it until something is read; undefined: it was touched away. */
  next(prompt: Prompt): Promise<Reading | undefined>;
  /** Nothing is asked meanwhile. */
  work<T>(job: () => Promise<T>): Promise<T>;
  /** False: not an answer to what is asked now. */
  answer(step: number, said: Json): boolean;
  /** What is found for what was typed; undefined: nothing is typed there now. */
  type(step: number, text: string): Found | undefined;
  /** False: no code or card is asked for now. */
  read(reading: Reading): boolean;
  /** Nothing of the person is kept by a prompt that still stands. */
  clear(): void;
}

const BUSY: Standing = { prompt: { kind: 'busy' }, settle: () => undefined };

/** Whatever is waited for rejects with the signal's reason. */
export function createWaiting(signal: AbortSignal, changed: () => void): Waiting {
  let standing: Standing = BUSY;
  let step = 0;
  let faults: Waiting['faults'] = {};

  const stand = (next: Standing): void => {
    standing = next;
    faults = {};
    step++;
    changed();
  };

  const until = <T>(begin: (settle: (value: T) => void, fail: (error: Error) => void) => void): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const stop = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', stop, { once: true });
      const settled = (): void => signal.removeEventListener('abort', stop);
      begin(
        (value) => {
          settled();
          resolve(value);
        },
        (error) => {
          settled();
          reject(error);
        },
      );
    });

  const asked = (prompt: Prompt, find?: Standing['find']): Promise<Value> =>
    until<Value>((settle) =>
      stand({
        prompt,
        ...(find && { find }),
        settle(value) {
          stand(BUSY);
          settle(value);
        },
      }),
    );

  return {
    get step() {
      return step;
    },
    get prompt() {
      return standing.prompt;
    },
    get faults() {
      return faults;
    },
    put: (prompt) => asked(prompt),
    search: (ask, find) => asked({ kind: 'search', ask, ...find('') }, find),
    next: (prompt) =>
      until<Reading | undefined>((settle) => {
        const taken = (reading: Reading | undefined): void => {
          stand(BUSY);
          settle(reading);
        };
        stand({ prompt, read: taken, settle: () => taken(undefined) });
      }),
    work: (job) => until((settle, fail) => void job().then(settle, fail)),
    answer(to, said) {
      const answer = to === step ? answered(standing.prompt, said) : undefined;
      if (!answer) return false;
      if ('value' in answer) {
        standing.settle(answer.value);
        return true;
      }
      faults = answer.faults;
      changed();
      return true;
    },
    type(to, text) {
      if (to !== step) return undefined;
      const { prompt, find } = standing;
      if (prompt.kind === 'fill') return candidates(text);
      if (prompt.kind !== 'search' || !find) return undefined;
      const found = find(text);
      standing = { ...standing, prompt: { ...prompt, ...found } };
      return found;
    },
    read(reading) {
      if (!standing.read) return false;
      standing.read(reading);
      return true;
    },
    clear() {
      standing = BUSY;
    },
  };
}
