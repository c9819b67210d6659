/** Who came to a meeting, when and how long: from the stays of each person to what the organiser sees. Pure. */
import type { Direction, Instant, Meeting, MeetingCount } from '../contracts.js';
import { AGAIN_MS } from '../messages/meeting.js';

/** One time inside; null: that end was seen by another door, or not yet. */
export interface Stay {
  readonly in: Instant | null;
  readonly out: Instant | null;
}

export interface Attendee {
  /** In this meeting at this box, from 1. */
  readonly number: number;
  readonly invited: boolean;
  readonly stays: readonly Stay[];
}

/** Late and early are counted from so many minutes on. */
const GRACE_MS = 5 * 60_000;
const MOST_STAYS = 40;

const last = ({ stays }: Attendee): Stay | undefined => stays.at(-1);

export function isInside(attendee: Attendee | undefined): boolean {
  const stay = attendee && last(attendee);
  return stay !== undefined && stay.in !== null && stay.out === null;
}

/** When they last signed in or out here. */
export function lastSeen(attendee: Attendee | undefined): Instant | undefined {
  const stay = attendee && last(attendee);
  return stay?.out ?? stay?.in ?? undefined;
}

/** Held up twice, or too long. */
export function isAgain(attendee: Attendee | undefined, at: Instant): boolean {
  const seen = lastSeen(attendee);
  return seen !== undefined && at - seen < AGAIN_MS;
}

/** With one sign-in or sign-out more; who comes and goes more often than anybody does has their last stay made longer. */
export function signed(attendee: Attendee, direction: Direction, at: Instant): Attendee {
  const open = isInside(attendee);
  const stays = [...attendee.stays];
  if (direction === 'out') {
    const stay = stays.at(-1);
    if (open && stay) stays[stays.length - 1] = { ...stay, out: at };
    else stays.push({ in: null, out: at });
  } else if (!open) stays.push({ in: at, out: null });
  if (stays.length <= MOST_STAYS) return { ...attendee, stays };
  const [before, after] = stays.slice(-2);
  return { ...attendee, stays: [...stays.slice(0, -2), { in: before?.in ?? null, out: after?.out ?? null }] };
}

/** Until the end, or until now while it goes on. */
const endOf = ({ until }: Pick<Meeting, 'until'>, closed: Instant | null, now: Instant): Instant => Math.min(closed ?? now, until, now);

/** Without an end that was seen, nobody knows how long. */
export function minutesOf({ stays }: Pick<Attendee, 'stays'>, end: Instant): number {
  const ms = stays.reduce((sum, stay) => (stay.in === null ? sum : sum + Math.max(0, (stay.out ?? end) - stay.in)), 0);
  return Math.floor(ms / 60_000);
}

export interface Attended {
  readonly number: number;
  readonly state: 'present' | 'left' | 'absent';
  readonly late: boolean;
  readonly leftEarly: boolean;
  readonly first: Instant | null;
  readonly last: Instant | null;
  readonly minutes: number;
}

export interface Held {
  readonly meeting: Meeting;
  /** When it was closed; null: it is not. */
  readonly closed: Instant | null;
  readonly turned: number;
  /** Who signed in with a phone at the county's page: counted there, and here by its word alone. */
  readonly phones: { readonly came: number; readonly present: number };
  readonly people: ReadonlyMap<string, Attendee>;
}

export function attended(attendee: Attendee, { meeting, closed }: Pick<Held, 'meeting' | 'closed'>, now: Instant): Attended {
  const { number, stays } = attendee;
  const end = endOf(meeting, closed, now);
  const first = stays.find((stay) => stay.in !== null)?.in ?? null;
  const inside = isInside(attendee);
  const left = inside ? null : (stays.at(-1)?.out ?? null);
  return {
    number,
    state: stays.length === 0 ? 'absent' : inside && closed === null ? 'present' : 'left',
    late: first !== null && first > meeting.from + GRACE_MS,
    leftEarly: left !== null && left < Math.min(meeting.until, closed ?? meeting.until) - GRACE_MS,
    first,
    last: left ?? (inside && closed !== null ? end : null),
    minutes: minutesOf(attendee, end),
  };
}

export function countOf({ people, turned, closed, phones }: Held): MeetingCount {
  const all = [...people.values()];
  return {
    invited: all.filter(({ invited }) => invited).length,
    came: all.filter(({ stays }) => stays.length > 0).length + phones.came,
    present: closed === null ? all.filter(isInside).length + phones.present : 0,
    turned,
  };
}

/** How many were inside at a time, at every change; at most `most` points, evenly thinned. */
export function curveOf({ people, meeting, closed }: Held, now: Instant, most = 240): readonly (readonly [Instant, number])[] {
  const end = endOf(meeting, closed, now);
  const steps = [...people.values()].flatMap(({ stays }) =>
    stays.flatMap(({ in: from, out }) => (from === null ? [] : [[from, 1] as const, [out ?? end, -1] as const])),
  );
  const still = closed === null ? [...people.values()].filter(isInside).length : 0;
  const points = new Map<Instant, number>();
  let inside = 0;
  for (const [at, step] of steps.sort(([a], [b]) => a - b)) points.set(at, (inside += step));
  if (points.size > 0 && closed === null) points.set(Math.max(end, ...lastOf(points)), still);
  const all = [...points];
  const every = Math.max(1, Math.ceil(all.length / most));
  return all.filter((_, i) => i % every === 0 || i === all.length - 1);
}

const lastOf = (points: ReadonlyMap<Instant, number>): readonly Instant[] => [...points.keys()].slice(-1);
