/** What the county knows of meetings: everybody who came at any door of any terminal, and how long. */
import type { Facts, Instant } from '../contracts.js';
import type { Recorded } from './register-store.js';
import type { CountyStore } from './store.js';

export interface MeetingReport {
  readonly event: string;
  readonly title: string;
  readonly place: string;
  readonly from: Instant;
  readonly until: Instant;
  /** Different people; who could not be told apart (no key to seal to) counts by their number at their terminal. */
  readonly came: number;
  readonly signIns: number;
  readonly signOuts: number;
  readonly refused: number;
  readonly averageMinutes: number;
  readonly closed: boolean;
  readonly terminals: number;
}

/** The newest first; of one meeting with `event`. */
export async function meetingReports(store: CountyStore, event?: string): Promise<readonly MeetingReport[]> {
  const [events, signs, ends] = await Promise.all(['meeting-event', 'meeting', 'meeting-closed'].map((kind) => store.recorded({ kind })));
  const ids = new Set([...(events ?? []), ...(signs ?? [])].map(({ facts }) => textOf(facts, 'event')));
  return [...ids]
    .filter((id) => id !== '' && (event === undefined || id === event))
    .map((id) => reportOf(id, of(events, id), of(signs, id), of(ends, id)))
    .sort((a, b) => b.from - a.from);
}

const of = (records: readonly Recorded[] | undefined, id: string): readonly Recorded[] =>
  (records ?? []).filter(({ facts }) => facts['event'] === id);

function reportOf(event: string, events: readonly Recorded[], signs: readonly Recorded[], ends: readonly Recorded[]): MeetingReport {
  const facts = events[0]?.facts ?? {};
  const until = numberOf(facts, 'until') * 1000;
  const people = byPerson(signs.filter(({ facts: { does } }) => does === 'in' || does === 'out'));
  const closing = Math.max(0, ...ends.map((one) => numberOf(one.facts, 'at') * 1000));
  const end = closing || Math.min(until || Number.POSITIVE_INFINITY, signs.at(-1)?.at ?? 0);
  const minutes = [...people.values()].map((one) => minutesOf(one, end));
  const count = (does: string): number => signs.filter((one) => one.facts['does'] === does).length;
  return {
    event,
    title: textOf(facts, 'title'),
    place: textOf(facts, 'place'),
    from: numberOf(facts, 'from') * 1000 || (signs[0]?.at ?? 0),
    until,
    came: people.size,
    signIns: count('in'),
    signOuts: count('out'),
    refused: count('refused'),
    averageMinutes: minutes.length === 0 ? 0 : Math.round(minutes.reduce((sum, one) => sum + one, 0) / minutes.length),
    closed: ends.length > 0,
    terminals: new Set(signs.map(({ terminal }) => terminal)).size,
  };
}

function byPerson(signs: readonly Recorded[]): ReadonlyMap<string, readonly Recorded[]> {
  const people = new Map<string, Recorded[]>();
  for (const one of signs) {
    const who = one.subject ?? `${one.terminal}/${numberOf(one.facts, 'number')}`;
    people.set(who, [...(people.get(who) ?? []), one]);
  }
  return people;
}

/** In and out in the order of their times, at whichever door; an open end lasts until `end`. */
function minutesOf(signs: readonly Recorded[], end: Instant): number {
  let [sum, since]: [number, Instant | undefined] = [0, undefined];
  for (const { at, facts } of [...signs].sort((a, b) => a.at - b.at)) {
    if (facts['does'] === 'in') since ??= at;
    else if (since !== undefined) {
      sum += at - since;
      since = undefined;
    }
  }
  return (sum + (since === undefined ? 0 : Math.max(0, end - since))) / 60_000;
}

const textOf = (facts: Facts, name: string): string => {
  const value = facts[name];
  return typeof value === 'string' ? value : '';
};
const numberOf = (facts: Facts, name: string): number => {
  const value = facts[name];
  return typeof value === 'number' ? value : 0;
};
