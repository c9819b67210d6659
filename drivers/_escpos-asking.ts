/**
 * Questions to a printer whose answers are single bytes without a name: one of each kind at a time, what nobody asked for is dropped.
 * What is asked now waits its turn; whoever asks when something is done has given up what was asked before.
 */
import type { Bytes } from '../src/contracts.js';
import { answers } from '../src/framing/escpos-status.js';

type Kind = NonNullable<ReturnType<typeof answers>>;

export interface Asking {
  readonly closed: boolean;
  /** undefined: no answer in time, or the line is gone. */
  ask(kind: Kind, question: Uint8Array, ms?: number): Promise<number | undefined>;
  close(): void;
}

const NOW_MS = 1000;

export function asking(link: Bytes): Asking {
  const waiting = new Map<Kind, (answer: number | undefined) => void>();
  let turn: Promise<unknown> = Promise.resolve();
  let closed = false;
  link.onData((chunk) => {
    for (const byte of chunk) {
      const kind = answers(byte);
      if (kind) waiting.get(kind)?.(byte);
    }
  });

  const asked = (kind: Kind, question: Uint8Array, ms: number): Promise<number | undefined> =>
    new Promise((resolve) => {
      if (closed) return resolve(undefined);
      const answer = (byte: number | undefined): void => {
        clearTimeout(timer);
        waiting.delete(kind);
        resolve(byte);
      };
      const timer = setTimeout(() => answer(undefined), ms);
      waiting.set(kind, answer);
      link.write(question);
    });

  return {
    get closed() {
      return closed;
    },
    ask(kind, question, ms = NOW_MS) {
      if (kind === 'done') {
        waiting.get(kind)?.(undefined);
        return asked(kind, question, ms);
      }
      const mine = turn.then(() => asked(kind, question, ms));
      turn = mine;
      return mine;
    },
    close() {
      closed = true;
      for (const answer of waiting.values()) answer(undefined);
    },
  };
}
