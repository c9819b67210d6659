/** What a ride scene keeps of one subject from 04:00 to 04:00: counts, money and the last ride; under 1 KiB, integers only. Pure. */
import { z } from 'zod';
import type { Instant, Json, Moment } from '../contracts.js';
import { localTime } from '../messages/calendar.js';
import { PLACE } from '../messages/fares.js';

/** The day of service ends at 04:00, when the journal destroys the day's key (wire.md 2). */
const DAY_BEGINS = 4 * 3_600_000;

const count = z.int().min(0).max(1_000_000);
const fen = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const instant = z.int();

const lastRide = z.strictObject({
  version: z.int().min(0),
  line: PLACE,
  /** null: the vehicle did not know where it was. */
  stop: PLACE.nullable(),
  /** Boarding, as an interval in ms; `until` null: the clock had no upper bound. */
  at: instant,
  until: instant.nullable(),
  riders: count,
  /** Transfers made in this journey so far, how many riders of this ride have the transfer, and when the journey began. */
  transfers: count,
  transferring: count,
  since: instant,
  sinceUntil: instant.nullable(),
  /** Charged for this ride: the holder alone, and all riders. */
  own: fen,
  all: fen,
  /** null: waits for a tap-off (or the line has none). */
  off: instant.nullable(),
});

const rides = z.strictObject({
  day: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
  /** Of the holder and of those on the same code. */
  rides: count,
  /** Number of the holder's last boarding today: with the sealed subject it names the ride to the platform. */
  ride: count,
  own: fen,
  all: fen,
  last: lastRide.nullable(),
});

export type Rides = z.infer<typeof rides>;
export type LastRide = z.infer<typeof lastRide>;

/** `reset`: what was kept is not readable (another version wrote it), the rider starts anew and the entry says so. */
export function recall(memory: Json | undefined, at: Moment): { readonly rides: Rides; readonly reset: boolean } {
  const day = localTime(at.earliest - DAY_BEGINS).day;
  const none: Rides = { day, rides: 0, ride: 0, own: 0, all: 0, last: null };
  if (memory === undefined) return { rides: none, reset: false };
  const kept = rides.safeParse(memory).data;
  return { rides: kept?.day === day ? kept : none, reset: kept === undefined };
}

export function boarded(at: Moment): { readonly at: Instant; readonly until: Instant | null } {
  return { at: Math.floor(at.earliest), until: ceilingOf(at.latest) };
}

export function ceilingOf(latest: Instant): Instant | null {
  return Number.isFinite(latest) ? Math.ceil(latest) : null;
}

/** Time since then, in ms: at least and at most, as far as both clocks knew. */
export function elapsed(since: { readonly at: Instant; readonly until: Instant | null }, now: Moment): { least: number; most: number } {
  return { least: since.until === null ? 0 : Math.max(0, now.earliest - since.until), most: now.latest - since.at };
}
