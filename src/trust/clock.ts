/** The clock of the terminal: the interval, fed by its sources, kept over restarts. The only reader of clocks. */
import { z } from 'zod';
import type { Clock, Instant, Log } from '../contracts.js';
import { type KernelClock, kernelClock, rtcNow } from '../ports/ntp.js';
import { Interval, type Source, type Taken } from './interval.js';
import type { Keep } from './keep.js';

export interface ClockSettings {
  /** `system`: the operator vouches for the clock of the box, as NTP is not visible in the kernel. */
  readonly source: 'ntp' | 'system' | 'none';
  /** There is a battery clock: `latest` is known after a power cut, 10 s wider for every day. */
  readonly rtc: boolean;
  readonly driftPpm: number;
}

/** The clocks of the box; `boxClocks` are the real ones. `every` returns what ends it. */
export interface Clocks {
  monotonic(): number;
  wall(): Instant;
  kernel: (() => KernelClock) | undefined;
  rtc(): Instant | undefined;
  every(ms: number, job: () => void): () => void;
}

export function boxClocks(): Clocks {
  let kernel: { readonly ask: Clocks['kernel'] } | undefined;
  return {
    monotonic: () => performance.now(),
    wall: () => Date.now(),
    /** Opened when it is first asked for: not every terminal looks at the kernel's clock. */
    get kernel() {
      kernel ??= { ask: kernelClock() };
      return kernel.ask;
    },
    rtc: () => rtcNow(),
    every(ms, job) {
      const timer = setInterval(job, ms);
      timer.unref();
      return () => clearInterval(timer);
    },
  };
}

export interface ClockParts {
  readonly settings: ClockSettings;
  /** When this program was built: it is not earlier than that. */
  readonly built: Instant;
  readonly clocks: Clocks;
  readonly keep: Keep;
  readonly log: Log;
  /** Writes the journal entry before the floor goes down. @throws when it cannot: then the floor stays. */
  readonly lowered: (event: { readonly from: Instant; readonly to: Instant; readonly by: 'operator' | 'root' }) => void;
}

export interface TrustClock extends Clock {
  /** A signed word of the platform or the root: issued then (ms). False: beyond what is possible, a clock fault. */
  issued(at: Instant): boolean;
  /** The platform's signed answer to a request of ours, sent at monotonic `asked`: it bounds the time on both sides. */
  answered(issued: Instant, asked: number): boolean;
  /** A receiver of satellites (or another source the terminal was given) says it is not later than `latest`. */
  bounded(source: 'gps', latest: Instant): boolean;
  lowerFloor(to: Instant, by: 'operator' | 'root'): void;
  /** For health and the page: ms since each source last spoke, and how many contradictions there were since the start. */
  quality(): { readonly sources: Readonly<Record<string, number>>; readonly faults: number };
  /** Keeps the floor a last time. */
  close(): void;
}

const POLL = 16_000;
const KEEP_EVERY = 60_000;
const SAY_EVERY = 60_000;
/** What an operator's word for the clock of the box is worth. */
const VOUCHED = 2000;
/** Whole seconds of `issued` are rounded down. */
const SECOND = 1000;
/** A battery clock is read in whole seconds twice, and is off by 10 s a day (decision 5). */
const RTC_READ = 2000;
const RTC_A_DAY = 10_000;
const DAY = 86_400_000;

const NAME = 'clock';
const kept = z.object({
  floor: z.int().nonnegative(),
  /** Both at the same moment: what the battery clock said, and that it was not later than this. */
  rtc: z.object({ said: z.int(), latest: z.int() }).optional(),
});
type Kept = z.infer<typeof kept>;

/** Starts polling its source; `close` ends it. */
export function openClock({ settings, built, clocks, keep, log, lowered }: ClockParts): TrustClock {
  const before = readKept(keep, log);
  const interval = new Interval(settings.driftPpm, Math.max(built, before?.floor ?? 0), clocks.monotonic());
  const now = (): number => clocks.monotonic();
  let faults = 0;
  let said = Number.NEGATIVE_INFINITY;
  let rtc = before?.rtc;
  let seen: boolean | undefined;

  function note(taken: Taken, facts: Readonly<Record<string, unknown>>): boolean {
    if (taken === 'taken') return true;
    faults++;
    if (now() - said < SAY_EVERY) return false;
    said = now();
    log.warn('clock-fault', { ...facts, ...interval.at(said), faults });
    return false;
  }

  function bound(source: Source, latest: Instant): boolean {
    const good = note(interval.bounded(source, latest, now()), { source, said: latest });
    const battery = settings.rtc && good && source !== 'rtc' ? clocks.rtc() : undefined;
    if (battery !== undefined) rtc = { said: battery, latest: interval.at(now()).latest };
    return good;
  }

  function poll(): void {
    if (settings.source === 'system') bound('system', clocks.wall() + VOUCHED);
    if (settings.source !== 'ntp') return;
    const kernel = clocks.kernel?.() ?? { synchronised: false };
    if (kernel.synchronised !== seen) log.info(kernel.synchronised ? 'ntp-seen' : 'ntp-lost', { readable: clocks.kernel !== undefined });
    seen = kernel.synchronised;
    if (kernel.synchronised) bound('ntp', kernel.latest);
  }

  function keepNow(): void {
    const value: Kept = { floor: Math.max(0, interval.at(now()).earliest), ...(rtc && { rtc }) };
    keep.keep(NAME, JSON.stringify(value));
  }

  function keepOrSay(): void {
    try {
      keepNow();
    } catch (error) {
      log.error('clock-not-kept', { reason: String(error) });
    }
  }

  function heard(issued: Instant): boolean {
    return note(interval.heard(issued, now()), { source: 'signed', said: issued });
  }

  const battery = settings.rtc ? clocks.rtc() : undefined;
  const afterCut = battery === undefined ? undefined : afterPowerCut(before?.rtc, battery);
  if (afterCut !== undefined) bound('rtc', afterCut);
  poll();
  const ends = [clocks.every(POLL, poll), clocks.every(KEEP_EVERY, keepOrSay)];

  return {
    now: () => interval.at(now()),
    monotonic: now,
    issued: heard,
    answered(issued, asked) {
      const took = (now() - asked) * (1 + settings.driftPpm / 1e6);
      return heard(issued) && bound('platform', issued + SECOND + took);
    },
    bounded: bound,
    lowerFloor(to, by) {
      const from = interval.at(now()).earliest;
      const lowest = Math.max(to, built);
      if (lowest >= from) return;
      lowered({ from, to: lowest, by });
      interval.lower(lowest, now());
      keepNow();
    },
    quality: () => ({ sources: Object.fromEntries(interval.sources(now())), faults }),
    close() {
      for (const end of ends) end();
      keepOrSay();
    },
  };
}

/** What the battery clock makes of the last known `latest`; undefined: it was reset, or nothing was known. */
function afterPowerCut(then: Kept['rtc'], said: Instant): Instant | undefined {
  if (!then || said < then.said) return undefined;
  const away = said - then.said;
  return then.latest + away + (away / DAY) * RTC_A_DAY + RTC_READ;
}

function readKept(keep: Keep, log: Log): Kept | undefined {
  const text = keep.kept(NAME);
  if (text === undefined) return undefined;
  const read = kept.safeParse(parsed(text));
  if (!read.success) log.error('clock-unreadable', { field: read.error.issues[0]?.path.join('.') ?? '' });
  return read.data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // said by the schema
  }
}
