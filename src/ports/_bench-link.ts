/** The terminal's end of the wire to a workbench: opens one named thing and keeps its connection. */
import { connect, type Socket } from 'node:net';
import type { LinkLost } from '../contracts.js';
import { type Closing, closing } from './_closing.js';
import { lineSplitter, parsed, TO_TERMINAL, type ToBench, type ToTerminal } from './_simulated.js';

export interface BenchLink extends Pick<Closing, 'closed'> {
  /** Where the inputs stood when it was opened. */
  readonly levels: Readonly<Record<string, boolean>>;
  send(word: ToBench): void;
  onWord(listener: (word: ToTerminal) => void): void;
  close(): Promise<void>;
}

const EARLY_LIMIT = 256;

type Opening = Extract<ToBench, { readonly open: unknown }>;

/** @throws Error while the workbench is away, or the thing is unplugged or open elsewhere */
export function openAtBench(path: string, opening: Opening): Promise<BenchLink> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const end = closing();
    const listeners: ((word: ToTerminal) => void)[] = [];
    /** What came in one piece with the answer, before anyone could listen. */
    const early: ToTerminal[] = [];
    const split = lineSplitter();
    const send = (word: ToBench): void => void socket.write(`${JSON.stringify(word)}\n`);
    const onWord = (listener: (word: ToTerminal) => void): void => {
      listeners.push(listener);
      // Not before whoever listens here has been listened to in turn.
      queueMicrotask(() => {
        for (const word of early.splice(0)) listener(word);
      });
    };
    const answered = (levels: Readonly<Record<string, boolean>>): void =>
      resolve({ levels, send, closed: end.closed, onWord, close: () => hangUp(socket, end) });

    const hear = (word: ToTerminal | undefined): void => {
      if (!word) socket.destroy(new Error('the workbench speaks another language'));
      else if ('opened' in word) answered(word.opened);
      else if ('refused' in word) socket.destroy(new Error(word.refused));
      else if (listeners.length > 0) for (const listener of listeners) listener(word);
      else if (early.push(word) > EARLY_LIMIT) socket.destroy(new Error('nobody listens'));
    };
    let reason = 'the workbench went away';
    socket.setEncoding('utf8');
    socket.on('connect', () => send(opening));
    socket.on('data', (chunk: string) => {
      for (const line of split(chunk) ?? ['']) if (!socket.destroyed) hear(parsed(TO_TERMINAL, line));
    });
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.on('close', () => {
      reject(new Error(reason));
      end.end({ reason });
    });
  });
}

async function hangUp(socket: Socket, end: { end(lost: LinkLost | undefined): void }): Promise<void> {
  end.end(undefined);
  if (socket.closed) return;
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.destroySoon();
  await closed;
}
