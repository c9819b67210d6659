/** The calendar of Asia/Shanghai: one zone, eight hours ahead of UTC, no summer time since 1991. Pure. */
import type { Instant } from '../contracts.js';

const OFFSET = 8 * 3_600_000;
const DAY = 86_400_000;

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
