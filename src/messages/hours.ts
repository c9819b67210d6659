/** Hours of a week as data, in local time of Asia/Shanghai, for opening hours and for concessions that hold off-peak. Pure. */
import { z } from 'zod';
import type { Moment } from '../contracts.js';
import { localTime } from './calendar.js';

const DAY = 24 * 60;
const WEEK = 7 * DAY;

const clock = z
  .string()
  .regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, '须为 HH:MM，00:00 至 24:00，加引号 · HH:MM, 00:00 to 24:00, in quotes');

const span = z
  .strictObject({
    days: z.array(z.int().min(1).max(7)).min(1).max(7).default([1, 2, 3, 4, 5, 6, 7]).describe('1 Monday … 7 Sunday, on which it begins'),
    from: clock,
    to: clock.describe('this minute no longer; earlier than `from`: on the next day'),
  })
  .refine(({ from, to }) => from !== to, '起止相同；全天写 00:00 至 24:00 · from and to are the same: the whole day is 00:00 to 24:00');

export const HOURS = z.array(span).min(1).max(32);
export type Hours = z.infer<typeof HOURS>;

/** `unsure`: open for a part of what the clock allows, closed for the rest (wire.md 2: never a guess). */
export type Open = 'open' | 'closed' | 'unsure';

export function openDuring(hours: Hours, at: Moment): Open {
  const { weekday, minute } = localTime(at.earliest);
  const first = (weekday - 1) * DAY + minute;
  const more = Math.min(Math.floor(at.latest / 60_000) - Math.floor(at.earliest / 60_000), WEEK);
  const now = isOpen(hours, first);
  for (let later = 1; later <= more; later++) if (isOpen(hours, first + later) !== now) return 'unsure';
  return now ? 'open' : 'closed';
}

/** `minute`: since Monday 00:00, of this week or the next. */
function isOpen(hours: Hours, minute: number): boolean {
  return hours.some(({ days, from, to }) => {
    const start = minuteOf(from);
    const length = (minuteOf(to) - start + DAY) % DAY || DAY;
    return days.some((day) => (minute - (day - 1) * DAY - start + 2 * WEEK) % WEEK < length);
  });
}

function minuteOf(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
}
