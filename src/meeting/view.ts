/** A meeting as its organiser sees it: numbers for everybody, names while a list is loaded. Pure. */
import type { Instant } from '../contracts.js';
import type { MeetingSummary, MeetingView } from '../page/organiser-view.js';
import { attended, countOf, curveOf } from './attendance.js';
import type { Lists } from './lists.js';
import type { Shelved } from './shelf.js';

export function summaryOf({ meeting, closed }: Pick<Shelved, 'meeting' | 'closed'>, now: Instant): MeetingSummary {
  return { ...meeting, state: closed !== null || now >= meeting.until ? 'closed' : now < meeting.from ? 'before' : 'on' };
}

export function meetingView(of: Shelved, lists: Pick<Lists, 'name' | 'state'>, now: Instant): MeetingView {
  const { id } = of.meeting;
  const people = [...of.people]
    // Who was taken off the list and never came is nobody here.
    .filter(([, { invited, stays }]) => invited || stays.length > 0)
    .map(([token, person]) => ({ ...attended(person, of, now), name: lists.name(id, token) ?? null }))
    .sort((a, b) => a.number - b.number);
  const came = people.filter(({ state }) => state !== 'absent');
  const count = (which: (one: (typeof people)[number]) => boolean): number => people.filter(which).length;
  return {
    ...summaryOf(of, now),
    ...countOf(of),
    absent: people.length - came.length,
    late: count(({ late }) => late),
    leftEarly: count(({ leftEarly }) => leftEarly),
    averageMinutes: came.length === 0 ? 0 : Math.round(came.reduce((sum, { minutes }) => sum + minutes, 0) / came.length),
    curve: curveOf(of, now),
    people,
    list: lists.state(id),
  };
}
