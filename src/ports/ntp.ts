/** What the kernel says of its own clock (adjtimex(2)): disciplined by NTP or not, and how far off at most. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type Koffi from 'koffi';

/** Offsets of `struct timex` where `long` has 64 bits; longer than the structure is. */
const TIMEX = { bytes: 256, maxerror: 24, status: 40, seconds: 72, fraction: 80 } as const;
const STA_UNSYNC = 0x0040;
const STA_NANO = 0x2000;
const TIME_ERROR = 5;

/** systemd-timesyncd declares no error of its own while it still slews by up to 0.4 s. */
const SLEWING = 1000;

/** `synchronised`: the true time is between `earliest` and `latest` (ms). */
export type KernelClock =
  | { readonly synchronised: true; readonly earliest: number; readonly latest: number }
  | { readonly synchronised: false };

/** A function that asks the kernel, or undefined where it cannot be asked (another system, 32 bits, no libc). */
export function kernelClock(): (() => KernelClock) | undefined {
  if (process.platform !== 'linux' || !['x64', 'arm64', 'riscv64'].includes(process.arch)) return undefined;
  const adjtimex = adjtimexOf();
  if (!adjtimex) return undefined;
  const timex = Buffer.alloc(TIMEX.bytes);
  return () => {
    timex.fill(0);
    const state = adjtimex(timex);
    const status = timex.readInt32LE(TIMEX.status);
    if (state < 0 || state === TIME_ERROR || (status & STA_UNSYNC) !== 0) return { synchronised: false };
    const fraction = Number(timex.readBigInt64LE(TIMEX.fraction)) / ((status & STA_NANO) === 0 ? 1e3 : 1e6);
    const now = Number(timex.readBigInt64LE(TIMEX.seconds)) * 1000 + fraction;
    const error = Number(timex.readBigInt64LE(TIMEX.maxerror)) / 1000 + SLEWING;
    return { synchronised: true, earliest: Math.floor(now - error), latest: Math.ceil(now + error) };
  };
}

/** Loaded here, because a terminal whose clock is another does without it. */
function adjtimexOf(): ((timex: Buffer) => number) | undefined {
  const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
  for (const name of ['libc.so.6', 'libc.musl-x86_64.so.1', 'libc.musl-aarch64.so.1']) {
    try {
      return koffi.load(name).func('int adjtimex(void *timex)') as (timex: Buffer) => number;
    } catch {
      // Not this libc: the next one is tried, and none at all is the caller's `undefined`.
    }
  }
  return undefined;
}

/** The battery clock (ms, whole seconds), or undefined where there is none. */
export function rtcNow(path = '/sys/class/rtc/rtc0/since_epoch'): number | undefined {
  try {
    const text = readFileSync(path, 'latin1').trim();
    return /^\d{1,12}$/.test(text) ? Number(text) * 1000 : undefined;
  } catch {
    return undefined; // no such file: no battery clock
  }
}
