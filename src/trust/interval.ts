/**
 * The time as an interval that holds the true time (architecture decision 5). Pure: `mono` is a monotonic reading in ms.
 *
 *   earliest  a floor of signed words, and what has passed since by a clock that may run fast
 *   latest    the least of what each source bounded, and what has passed since by a clock that may run slow
 */
import type { Instant, Moment } from '../contracts.js';

/** What may say that it is not later than so and so. `rtc`: only until one of the others spoke. */
export type Source = 'ntp' | 'gps' | 'platform' | 'system' | 'rtc';

/** `fault`: it contradicts what is known, and changed nothing but that a refuted bound is gone. */
export type Taken = 'taken' | 'fault';

/** Two clocks that are both right may differ by so much. */
const AGREEMENT = 2000;

interface Mark {
  readonly instant: Instant;
  readonly mono: number;
}

export class Interval {
  readonly #slowest: number;
  readonly #fastest: number;
  #floor: Mark;
  readonly #bounds = new Map<Source, Mark>();

  /** `driftPpm`: how far off the monotonic clock may run, either way. */
  constructor(driftPpm: number, floor: Instant, mono: number) {
    this.#slowest = 1 - driftPpm / 1e6;
    this.#fastest = 1 + driftPpm / 1e6;
    this.#floor = { instant: floor, mono };
  }

  at(mono: number): Moment {
    return { earliest: Math.floor(this.#earliest(mono)), latest: Math.ceil(this.#latest(mono)) };
  }

  /** A signed `issued` (ms): it is not earlier than that. Beyond a known `latest` it is a fault, not a floor. */
  heard(issued: Instant, mono: number): Taken {
    const latest = this.#latest(mono);
    if (issued > latest + AGREEMENT) return 'fault';
    if (issued <= latest && issued > this.#earliest(mono)) this.#floor = { instant: issued, mono };
    return 'taken';
  }

  /** A source says that it is not later than `latest`. Below `earliest` the source is wrong, and its old word goes with it. */
  bounded(source: Source, latest: Instant, mono: number): Taken {
    if (latest < this.#earliest(mono)) {
      this.#bounds.delete(source);
      return 'fault';
    }
    if (source !== 'rtc') this.#bounds.delete('rtc');
    this.#bounds.set(source, { instant: latest, mono });
    return 'taken';
  }

  /** The one way down, for an operator or the root. */
  lower(to: Instant, mono: number): void {
    if (to < this.#earliest(mono)) this.#floor = { instant: to, mono };
  }

  /** Ms since each source last spoke. */
  sources(mono: number): ReadonlyMap<Source, number> {
    return new Map([...this.#bounds].map(([source, mark]) => [source, mono - mark.mono]));
  }

  #earliest(mono: number): Instant {
    return this.#floor.instant + (mono - this.#floor.mono) * this.#slowest;
  }

  #latest(mono: number): Instant {
    let latest = Number.POSITIVE_INFINITY;
    for (const { instant, mono: then } of this.#bounds.values()) latest = Math.min(latest, instant + (mono - then) * this.#fastest);
    return latest;
  }
}
