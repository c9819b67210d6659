/** The decoder's thread as seen from the daemon: pictures go in one at a time, what was found comes out, its end is told. */
import { Worker } from 'node:worker_threads';
import { reasonOf } from './_closing.js';
import type { Grey } from './_grey.js';
import type { Answer, Effort, Question } from './_qr-worker.js';

export interface Decoder {
  /** Resolves once with the reason, when the thread has ended by itself or hangs. */
  readonly lost: Promise<string>;
  /**
   * One at a time. The picture's pixels are moved away and come back in the answer.
   * Never settles once the decoder is lost or closed: `lost` is what tells.
   */
  look(picture: Grey, effort: Effort): Promise<Answer>;
  close(): Promise<void>;
}

/** A picture that takes so long is a decoder that hangs. */
const HANGS_MS = 15_000;
/** Heap of the thread; the pictures themselves lie outside it. */
const HEAP_MB = 64;

/** @throws Error when the thread cannot start, or does not read the code that it must know */
export async function openDecoder(): Promise<Decoder> {
  const worker = new Worker(new URL('./_qr-worker.js', import.meta.url), {
    name: 'qr-decoder',
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    // The daemon's settings and secrets are not the decoder's business.
    env: {},
    argv: [],
    execArgv: [],
  });
  const ended = new Promise<string>((resolve) => {
    worker.once('error', (error) => resolve(`the decoder failed: ${reasonOf(error)}`));
    worker.once('messageerror', (error) => resolve(`the decoder failed: ${reasonOf(error)}`));
    worker.once('exit', (code) => resolve(`the decoder ended (${code})`));
  });
  const ready = new Promise<undefined>((resolve) => worker.once('message', () => resolve(undefined)));
  const failed = await Promise.race([ready, ended]);
  if (failed !== undefined) throw new Error(failed);
  return decoderOver(worker, ended);
}

function decoderOver(worker: Worker, ended: Promise<string>): Decoder {
  let hang: (reason: string) => void = () => undefined;
  const hung = new Promise<string>((resolve) => {
    hang = resolve;
  });
  let patience: ReturnType<typeof setTimeout> | undefined;
  let answered: (answer: Answer) => void = () => undefined;
  worker.on('message', (answer: Answer) => {
    clearTimeout(patience);
    answered(answer);
  });
  return {
    lost: Promise.race([ended, hung]),
    look: ({ width, height, pixels }, effort) =>
      new Promise((resolve) => {
        answered = resolve;
        patience = setTimeout(() => hang(`the decoder gave no answer for ${HANGS_MS / 1000} s`), HANGS_MS);
        const question: Question = { width, height, pixels, effort };
        worker.postMessage(question, [pixels.buffer as ArrayBuffer]);
      }),
    close: async () => {
      clearTimeout(patience);
      await worker.terminate();
    },
  };
}
