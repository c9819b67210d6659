/** The one prompt that a visit stands at: what may answer it, what was wrong with the last answer, and how the visit's end rejects it. */
import type { Json, Prompt, Reading } from '../contracts.js';
import { type Answered, answered } from './prompt.js';

type Value = string | boolean | Readonly<Record<string, string>> | undefined;

interface Standing {
  readonly prompt: Prompt;
  readonly read?: (reading: Reading) => void;
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
  /** Shows it until something is read; undefined: it was touched away. */
  next(prompt: Prompt): Promise<Reading | undefined>;
  /** Nothing is asked meanwhile. */
  work<T>(job: () => Promise<T>): Promise<T>;
  /** False: not an answer to what is asked now. */
  answer(step: number, said: Json): boolean;
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
    put: (prompt) =>
      until<Value>((settle) =>
        stand({
          prompt,
          settle(value) {
            stand(BUSY);
            settle(value);
          },
        }),
      ),
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
