/** Departments, days, doctors and slots that can be booked (MED-03). */
import type { Schedule, Slot } from 'fhir/r4.js';
import type { Instant } from '../../contracts.js';
import type { Fhir } from '../fhir/client.js';
import { EXTENSION } from '../fhir/names.js';
import type { Operation } from '../services/_service.js';
import { forAnybody } from './operation.js';
import {
  conceptWords,
  dayOf,
  extensionFen,
  idOf,
  instantOf,
  ofType,
  referenceWords,
  spanOf,
  textOf,
  timeOf,
  within,
  wordsOf,
} from './values.js';

/** How far ahead. */
const DAYS = 7;

const departments = forAnybody('departments', async (_asked, { fhir }) => {
  const found = await fhir.search('HealthcareService', { active: 'true' });
  return { departments: found.slice(0, 60).map(({ id = '', name, _name }) => ({ id, name: wordsOf(name, _name) })) };
});

const days = forAnybody('days', async ({ department }, { fhir, now }) => {
  const free = await freeOf(fhir, await schedulesOf(fhir, department), { from: now, until: spanOf(dayOf(now), DAYS).until });
  const counts = new Map<string, number>();
  for (const { start } of free) counts.set(dayOf(instantOf(start)), (counts.get(dayOf(instantOf(start))) ?? 0) + 1);
  return { days: [...counts].map(([day, count]) => ({ day, free: count })).sort((a, b) => (a.day < b.day ? -1 : 1)) };
});

const doctors = forAnybody('doctors', async ({ department, day }, { fhir, now }) => {
  const schedules = await schedulesOf(fhir, department);
  const free = await freeOf(fhir, schedules, ahead(day, now));
  const roles = await fhir.search('PractitionerRole', { service: `HealthcareService/${department}` });
  const told = schedules.map(({ id = '', actor, extension }) => {
    const role = ofType(actor, 'PractitionerRole');
    const title = conceptWords(roles.find((one) => one.id === idOf(role))?.code?.[0]);
    const fee = extensionFen(extension, EXTENSION.fee);
    return { id, name: textOf(role?.display), title, fee, free: free.filter(({ schedule }) => idOf(schedule) === id).length };
  });
  return { doctors: told.filter((one) => one.free > 0).slice(0, 40) };
});

const slots = forAnybody('slots', async ({ department, day, doctor }, { fhir, now }) => {
  const schedule = (await schedulesOf(fhir, department)).find(({ id }) => id === doctor);
  if (!schedule) return { slots: [] };
  const free = await freeOf(fhir, [schedule], ahead(day, now));
  const room = referenceWords(ofType(schedule.actor, 'Location'));
  return {
    slots: free
      .slice(0, 60)
      .map(({ id = '', start, end }) => ({ id, from: timeOf(instantOf(start)), until: timeOf(instantOf(end)), room })),
  };
});

interface Span {
  readonly from: Instant;
  readonly until: Instant;
}

/** What is left of a day. */
function ahead(day: string, now: Instant): Span {
  const { from, until } = spanOf(day);
  return { from: Math.max(from, now), until };
}

const schedulesOf = (fhir: Fhir, department: string): Promise<readonly Schedule[]> =>
  fhir.search('Schedule', { actor: `HealthcareService/${department}`, active: 'true' });

/** In the order of their times. */
async function freeOf(fhir: Fhir, schedules: readonly Schedule[], span: Span): Promise<readonly Slot[]> {
  if (schedules.length === 0 || span.from >= span.until) return [];
  const schedule = schedules.map(({ id }) => `Schedule/${id}`).join(',');
  const found = await fhir.search('Slot', { schedule, status: 'free', start: within(span) });
  return [...found].sort((a, b) => instantOf(a.start) - instantOf(b.start));
}

export const choosing: Readonly<Record<string, Operation>> = { departments, days, doctors, slots };
