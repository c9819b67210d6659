/** Answers who came later: every word, in pieces that leave the LAN and the lane their time; who asks meanwhile is answered with the next round. */
import type { KeptWord } from './memory.js';

export interface AnsweringParts {
  words(): Iterable<KeptWord>;
  say(word: KeptWord): void;
  monotonic(): number;
  later(ms: number, work: () => void): void;
}

export interface Answering {
  ask(): void;
}

/** Everybody hears an answer, so one in a while is enough for all who ask. */
const ROUND_MS = 3000;
const PIECE = 16;
const PIECE_MS = 10;

export function createAnswering({ words, say, monotonic, later }: AnsweringParts): Answering {
  let state: 'quiet' | 'soon' | 'answering' = 'quiet';
  let again = false;
  let began = Number.NEGATIVE_INFINITY;

  const soon = (): void => {
    state = 'soon';
    later(Math.max(0, began + ROUND_MS - monotonic()), () => {
      state = 'answering';
      began = monotonic();
      piece(words()[Symbol.iterator]());
    });
  };

  const piece = (rest: Iterator<KeptWord>): void => {
    for (let said = 0; said < PIECE; said++) {
      const next = rest.next();
      if (next.done === true) return ended();
      say(next.value);
    }
    later(PIECE_MS, () => piece(rest));
  };

  const ended = (): void => {
    state = 'quiet';
    if (again) soon();
    again = false;
  };

  return {
    ask() {
      if (state === 'quiet') soon();
      else if (state === 'answering') again = true;
    },
  };
}
