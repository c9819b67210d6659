/**
 * One waiting thread for all GPIO requests of the process: poll(2) in a worker of koffi, woken through an eventfd when the
 * set of descriptors changes. A thread each would use up the small pool that files and serial lines need.
 */
import { readSync } from 'node:fs';
import koffi from 'koffi';

const POLLIN = 1;
const SLICE_MS = 500;
/** After a call that failed (out of memory, a signal): again, but not at once. */
const RETRY_MS = 50;
const EFD_CLOEXEC = 0o2000000;
const EFD_NONBLOCK = 0o4000;

const libc = koffi.load('libc.so.6');
const cPoll = libc.func('int poll(void *fds, unsigned long count, int timeout)');
const cEventfd = libc.func('int eventfd(unsigned int initial, int flags)');
const cWrite = libc.func('long write(int fd, const void *bytes, size_t count)');

export interface Watch {
  /** Resolves when the waiting thread has let go of the descriptor: only then does closing it release its lines. */
  stop(): Promise<void>;
}

interface Watched {
  readonly fd: number;
  readonly onReady: () => void;
  readonly onGone: (reason: string) => void;
}

const watched = new Set<Watched>();
const released: (() => void)[] = [];
let bell = -1;
let waiting = false;

/** `onReady`: there is something to read; `onGone`: the device went away, nothing more will come. Both may call `stop`. */
export function watch(fd: number, onReady: () => void, onGone: (reason: string) => void): Watch {
  const entry: Watched = { fd, onReady, onGone };
  watched.add(entry);
  if (waiting) ring();
  wait();
  return {
    stop: () => {
      watched.delete(entry);
      if (!waiting) return Promise.resolve();
      return new Promise((resolve) => {
        released.push(resolve);
        ring();
      });
    },
  };
}

/** The slice bounds how late a vanished chip is noticed by kernels that wake nobody for it, and the end of a crashed process. */
function wait(): void {
  if (waiting || watched.size === 0) return;
  if (bell < 0) {
    bell = eventfd();
    process.once('exit', ring);
  }
  const entries = [...watched];
  const fds = pollfds([bell, ...entries.map(({ fd }) => fd)]);
  waiting = true;
  cPoll.async(fds, entries.length + 1, SLICE_MS, (error: unknown, ready: number) => {
    waiting = false;
    for (const letGo of released.splice(0)) letGo();
    if (error === null && ready > 0) serve(entries, fds);
    if (error === null && ready >= 0) wait();
    else setTimeout(wait, RETRY_MS);
  });
}

function serve(entries: readonly Watched[], fds: Buffer): void {
  if (eventsOf(fds, 0) & POLLIN) readSync(bell, Buffer.alloc(8));
  entries.forEach((entry, i) => {
    const events = eventsOf(fds, i + 1);
    if (events === 0 || !watched.has(entry)) return;
    if (events & POLLIN) entry.onReady();
    if (events & ~POLLIN) {
      watched.delete(entry);
      entry.onGone(`poll answered 0x${events.toString(16)}`);
    }
  });
}

/** struct pollfd[]: int fd, short events, short revents. */
function pollfds(fds: readonly number[]): Buffer {
  const buffer = Buffer.alloc(8 * fds.length);
  fds.forEach((fd, i) => {
    buffer.writeInt32LE(fd, 8 * i);
    buffer.writeInt16LE(POLLIN, 8 * i + 4);
  });
  return buffer;
}

const eventsOf = (fds: Buffer, index: number): number => fds.readInt16LE(8 * index + 6);

function eventfd(): number {
  const fd = Number(cEventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (fd < 0) throw new Error(`eventfd: errno ${koffi.errno()}`);
  return fd;
}

function ring(): void {
  const one = Buffer.alloc(8);
  one.writeUInt8(1, 0);
  if (Number(cWrite(bell, one, 8)) !== 8) throw new Error(`eventfd write: errno ${koffi.errno()}`);
}
