/** A printer on USB as the kernel gives it out: a device file such as /dev/usb/lp0, written and read a packet at a time (usblp). */
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { z } from 'zod';
import type { Bytes, LinkLost, Port } from '../contracts.js';
import { closing, reasonOf } from './_closing.js';
import { watch } from './_poll.js';

const address = z.strictObject({
  path: z.string().min(1).max(255).describe('a link that udev keeps, such as /dev/ankang/printer: lp0 is whichever came first'),
});
export type UsblpAddress = z.infer<typeof address>;

const PACKET = 8192;
/** The kernel holds one packet; the printer takes the next when it has room. */
const AGAIN_MS = 10;
/** Nobody prints so much before it is waited for. */
const LONGEST = 1 << 20;

/** @throws Error while it is away, or another program holds it */
async function open({ path }: UsblpAddress): Promise<Bytes> {
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY);
  const end = closing();
  const listeners: ((chunk: Uint8Array) => void)[] = [];
  let queue: Uint8Array = new Uint8Array(0);
  let timer: NodeJS.Timeout | undefined;
  let shutting: Promise<void> | undefined;

  const finish = (lost: LinkLost | undefined): Promise<void> => {
    end.end(lost);
    clearTimeout(timer);
    shutting ??= waiting.stop().then(() => closeSync(fd));
    return shutting;
  };
  const lose = (reason: string): void => void finish({ reason });
  const read = (): void => {
    const chunk = attempt(() => readSync(fd, packet));
    if (chunk) for (const listener of listeners) listener(Uint8Array.from(packet.subarray(0, chunk)));
  };
  /** What the call gave; 0: not now. */
  const attempt = (call: () => number): number => {
    if (end.ended) return 0;
    try {
      return call();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') lose(reasonOf(error));
      return 0;
    }
  };
  const drain = (): void => {
    timer = undefined;
    while (queue.length > 0) {
      const taken = attempt(() => writeSync(fd, queue, 0, Math.min(PACKET, queue.length)));
      queue = queue.subarray(taken);
      if (taken === 0) break;
    }
    if (queue.length > 0 && !end.ended) timer = setTimeout(drain, AGAIN_MS);
  };
  const packet = Buffer.alloc(PACKET);
  const waiting = watch(fd, read, lose);
  return {
    kind: 'bytes',
    closed: end.closed,
    onData: (listener) => void listeners.push(listener),
    write(bytes) {
      if (end.ended) return;
      if (queue.length + bytes.length > LONGEST) return lose('the printer takes nothing any more');
      queue = Buffer.concat([queue, bytes]);
      if (!timer) drain();
    },
    close: () => finish(undefined),
  };
}

export default { address, open } satisfies Port<Bytes, UsblpAddress>;
