/** Signing in another thread, for a backlog: a signature takes longer than all else that a message needs. The thread lives only while it is used. */
import { Worker } from 'node:worker_threads';

export interface SigningThread {
  /** In the order of the calls. Rejects when the thread failed; the next call begins another. */
  sign(message: Uint8Array): Promise<Uint8Array>;
  close(): Promise<void>;
}

const IDLE = 10_000;

interface Waiting {
  resolve(signature: Uint8Array): void;
  reject(error: Error): void;
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: Waiting[];
}

/** `pkcs8`: the key, asked for when a thread begins. */
export function createSigningThread(pkcs8: () => Uint8Array): SigningThread {
  let current: Thread | undefined;
  let idle: NodeJS.Timeout | undefined;

  const begin = (): Thread => {
    const thread: Thread = { worker: new Worker(new URL('./signing-worker.js', import.meta.url), { workerData: pkcs8() }), waiting: [] };
    const { worker, waiting } = thread;
    const ended = (error: Error): void => {
      if (current === thread) current = undefined;
      for (const { reject } of waiting.splice(0)) reject(error);
    };
    worker.unref();
    worker.on('message', (signature: Uint8Array) => waiting.shift()?.resolve(signature));
    worker.on('error', ended);
    worker.on('exit', (code) => ended(new Error(`signing thread ended with ${code}`)));
    return thread;
  };
  const close = async (): Promise<void> => {
    clearTimeout(idle);
    await current?.worker.terminate();
  };
  return {
    sign(message) {
      current ??= begin();
      const { worker, waiting } = current;
      clearTimeout(idle);
      idle = setTimeout(() => void close(), IDLE).unref();
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        worker.postMessage(message);
      });
    },
    close,
  };
}
