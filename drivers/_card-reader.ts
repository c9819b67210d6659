/** Readers that let us talk to the card ourselves: looks for a card again and again, reads each one once until it is taken away. */
import { z } from 'zod';
import type { Log, Scanner } from '../src/contracts.js';
import { cardBytes, UNREADABLE_CARD } from '../src/framing/card.js';
import { readSocialSecurityCard, type Transmit } from '../src/framing/social-security-card.js';

export const pollMs = z.number().int().min(100).max(5000).default(300).describe('how often the reader is asked for a card');
export const answerMs = z.number().int().min(50).max(10_000).default(2000).describe('a reader that is silent for so long is opened anew');

/** A reader's slot or field. Each step rejects when the reader does not answer. */
export interface Slot {
  /** Is a card there, and can it be talked to? */
  isPresent(): Promise<boolean>;
  powerOn(): Promise<boolean>;
  readonly transmit: Transmit;
  powerOff(): Promise<void>;
}

export interface CardReader {
  readonly scanner: Scanner & { close(): void };
  /** Something happened: look now. */
  wake(): void;
  /** The card was taken away: the next one is another. */
  taken(): void;
}

/** `lose`: the reader does not answer any more. */
export function cardReaderOver(slot: Slot, { pollMs, lose }: { readonly pollMs: number; lose(): void }, log: Log): CardReader {
  const readings: Parameters<Scanner['onReading']>[0][] = [];
  const starts: (() => void)[] = [];
  const pause = pauses();
  let isClosed = false;
  let isRead = false;

  const read = async (): Promise<Uint8Array> => {
    if (!(await slot.powerOn())) return UNREADABLE_CARD;
    const found = await readSocialSecurityCard(slot.transmit);
    await slot.powerOff();
    if ('card' in found) return cardBytes(found.card);
    log.warn('card-unreadable', { why: found.why });
    return UNREADABLE_CARD;
  };
  const look = async (): Promise<void> => {
    const isThere = await slot.isPresent();
    if (!isThere || isRead) {
      isRead &&= isThere;
      return;
    }
    isRead = true;
    for (const listener of starts) listener();
    const bytes = await read();
    if (!isClosed) for (const listener of readings) listener(bytes, 'card');
  };
  const watch = async (): Promise<void> => {
    while (!isClosed) {
      await look();
      await pause.take(pollMs);
    }
  };
  const close = (): void => {
    isClosed = true;
    pause.end();
  };
  // A card pulled out half-way ends as a reader that gives no answer, or as `no-application`.
  watch().catch((error: unknown) => {
    if (!isClosed) log.warn('card-reader-silent', { reason: error instanceof Error ? error.message : String(error) });
    if (!isClosed) lose();
  });
  return {
    scanner: {
      role: 'scanner',
      onStart: (listener) => void starts.push(listener),
      onReading: (listener) => void readings.push(listener),
      close,
    },
    wake: () => pause.end(),
    taken: () => {
      isRead = false;
    },
  };
}

function pauses() {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let end = (): void => undefined;
  return {
    take: (ms: number): Promise<void> =>
      new Promise((resolve) => {
        end = () => {
          clearTimeout(timer);
          resolve();
        };
        timer = setTimeout(resolve, ms);
      }),
    end: () => end(),
  };
}

/** One question at a time: its answer, or a rejection when none came in time. */
export interface Question<A> {
  ask(send: () => void, ms: number): Promise<A>;
  answer(answer: A): void;
  /** The one who is asked wants more time. */
  extend(): void;
  close(): void;
}

export function question<A>(): Question<A> {
  let waiting: { readonly resolve: (answer: A) => void; readonly late: () => void; readonly ms: number } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const done = (): void => {
    clearTimeout(timer);
    waiting = undefined;
  };
  return {
    ask: (send, ms) =>
      new Promise((resolve, reject) => {
        const late = (): void => {
          done();
          reject(new Error('no answer'));
        };
        waiting = { resolve, late, ms };
        timer = setTimeout(late, ms);
        send();
      }),
    answer(answer) {
      const asked = waiting;
      done();
      asked?.resolve(answer);
    },
    extend() {
      if (!waiting) return;
      clearTimeout(timer);
      timer = setTimeout(waiting.late, waiting.ms);
    },
    close: done,
  };
}

/** What is no frame is told once between two questions: noise fills no log. */
export function noise(log: Log): { heard(): void; forget(): void } {
  let told = false;
  return {
    heard() {
      if (!told) log.warn('frame-broken');
      told = true;
    },
    forget() {
      told = false;
    },
  };
}
