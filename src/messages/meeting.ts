/** Meetings (MEET-01…04): the signed data `meetings`, the facts of their entries, and what is asked about them. Pure. */
import { z } from 'zod';
import { type Instant, MEETING_FOR, type Meeting } from '../contracts.js';
import type { Cbor } from '../crypto/cbor.js';
import { jsonOf } from './plain.js';

export const MEETING_ID = /^[A-Za-z0-9_-]{1,40}$/;
export const LONGEST_TITLE = 40;
/** A meeting is over within a day of its beginning. */
export const LONGEST_MS = 24 * 3_600_000;

const text = z.string().min(1).max(LONGEST_TITLE);
/** Unix seconds. */
const at = z.int().min(0).max(99_999_999_999);

export const MEETING = z
  .strictObject({
    id: z.string().regex(MEETING_ID),
    title: text,
    place: text,
    from: at.describe('Unix seconds'),
    until: at.describe('Unix seconds'),
    who: z.enum(MEETING_FOR).describe('list: those on the status list event.<id>, or on one that the organiser loads'),
  })
  .refine(({ from, until }) => from < until && (until - from) * 1000 <= LONGEST_MS, {
    path: ['until'],
    message: 'within a day after `from`',
  });

export const MEETINGS = z.strictObject({
  version: z.int().min(1).max(999_999_999),
  meetings: z.array(MEETING).max(200),
});

/** Name of the status list of those who may come. */
export const listOf = (id: string): string => `event.${id}`;

/** Data of one trust is one object that never changes, so it is read once. */
const read = new WeakMap<object, readonly Meeting[]>();

/** Of the signed data; none where it is no such data. */
export function meetingsOf(value: unknown): readonly Meeting[] {
  if (typeof value !== 'object' || value === null) return [];
  const known = read.get(value) ?? parsed(value);
  read.set(value, known);
  return known;
}

const parsed = (value: object): readonly Meeting[] =>
  (MEETINGS.safeParse(jsonOf(value as Cbor)).data?.meetings ?? []).map((one) => ({
    ...one,
    from: one.from * 1000,
    until: one.until * 1000,
  }));

/** Public facts of a meeting, as its entry has them. */
export const factsOf = ({ id, title, place, from, until, who }: Meeting) => ({
  event: id,
  title,
  place,
  from: Math.floor(from / 1000),
  until: Math.floor(until / 1000),
  who,
});

/** Shanghai is eight hours ahead all the year. `time`: 0930 or 09:30. */
export function instantAt(day: string, time: string): Instant {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const digits = time.replace(':', '');
  return Date.UTC(year, month - 1, date, Number(digits.slice(0, 2)) - 8, Number(digits.slice(2)));
}

/** What a lane keeps of somebody at its door; other lanes of the site add who is inside. */
export const AT_DOOR = z.object({
  inside: z.boolean(),
  event: z.string().optional(),
  /** Unix seconds of the last sign-in or sign-out here. */
  at: z.int().optional(),
});
export type AtDoor = z.output<typeof AT_DOOR>;

/** Nobody signs in and out within this time: the phone was held up too long. */
export const AGAIN_MS = 10_000;

export const INVITED = 'meeting/invited';
/** `meeting/invited`: whose are these phone numbers? In their order; null: nobody's, or several people's. */
export const INVITED_ASKED = z.strictObject({
  phones: z
    .array(z.string().regex(/^1\d{10}$/))
    .min(1)
    .max(50),
});
export const INVITED_ANSWER = z.strictObject({
  subjects: z
    .array(
      z
        .string()
        .regex(/^[A-Za-z0-9_-]{22}$/)
        .nullable(),
    )
    .max(50),
});
