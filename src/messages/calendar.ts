/** The calendar of Asia/Shanghai: one zone, eight hours ahead of UTC, no summer time since 1991. Pure. */
import type { Instant } from '../contracts.js';

const OFFSET = 8 * 3_600_000;
const DAY = 86_400_000;

/** What is remembered of a day is forgotten at 04:00 in Asia/Shanghai (wire.md 2), 20:00 UTC. */
const NIGHT = 4 * 3_600_000;

/** The number of the day that begins at 04:00. */
export const dayOf = (at: Instant): number => Math.floor((at + NIGHT) / DAY);
/** When the day of `at` ends. */
export const endOfDay = (at: Instant): Instant => (dayOf(at) + 1) * DAY - NIGHT;

export interface LocalTime {
  /** YYYY-MM-DD */
  readonly day: string;
  /** 1 Monday … 7 Sunday */
  readonly weekday: number;
  /** of the day, 0 … 1439 */
  readonly minute: number;
}

export function localTime(at: Instant): LocalTime {
  const local = at + OFFSET;
  const days = Math.floor(local / DAY);
  return {
    day: new Date(local).toISOString().slice(0, 10),
    weekday: ((((days + 3) % 7) + 7) % 7) + 1,
    minute: Math.floor((local - days * DAY) / 60_000),
  };
}
