/** Check-in for today's visit (MED-04): one Encounter for one appointment, and with it the number in the queue. */
import type { Appointment, Encounter } from 'fhir/r4.js';
import type { Instant } from '../../contracts.js';
import { CODE, KEY, NUMBER } from '../fhir/names.js';
import type { Operation } from '../services/_service.js';
import { actors, appointmentsOn, isOf, told } from './appointment.js';
import { forPatient, no, type PatientVisit, type Refusal } from './operation.js';
import { ifThere, tried } from './retry.js';
import { dayOf, identifierOf, instantOf, iso, ofType, refersTo, spanOf, timeOf, token, unless, within } from './values.js';

/** Before the appointment begins, and after it ends. */
const EARLY_MS = 60 * 60_000;
const LATE_MS = 30 * 60_000;
const STATES = ['booked', 'arrived'] as const;

const appointments = forPatient('appointments', async (_asked, { fhir, patient, now }) => {
  const today = await appointmentsOn(fhir, patient, { day: dayOf(now), states: STATES });
  return { appointments: today.slice(0, 12).map((one) => ({ ...told(one), state: one.status === 'arrived' ? 'arrived' : 'booked' })) };
});

const checkIn = forPatient('check-in', async ({ appointment: id }, visit) => {
  const { fhir, patient, now } = visit;
  const appointment = await ifThere(fhir.read('Appointment', id));
  const isHere = appointment && isOf(appointment, patient) && dayOf(instantOf(appointment.start)) === dayOf(now);
  if (!isHere || !STATES.some((state) => state === appointment.status)) return no('unknown');
  const [before] = await fhir.search('Encounter', { identifier: token(KEY.checkIn, id) });
  const refusal = before ? undefined : outside(appointment, now);
  if (refusal) return refusal;
  const encounter = before ?? (await arrive(visit, appointment));
  if (!(await markArrived(visit, id))) return no('unknown');
  const queue = queueOf(encounter, appointment);
  const { room, department, doctor } = told(appointment);
  return { queue, ahead: await aheadOf(visit, encounter, queue), room, department, doctor };
});

/** Too early or too late; undefined: now is the time. */
function outside({ start, end }: Appointment, now: Instant): Refusal | undefined {
  const from = instantOf(start) - EARLY_MS;
  if (now < from) return no('too-early', { at: timeOf(from) });
  return now > instantOf(end) + LATE_MS ? no('too-late') : undefined;
}

async function arrive({ fhir, patient, now }: PatientVisit, appointment: Appointment): Promise<Encounter> {
  const doctor = ofType(actors(appointment), 'PractitionerRole');
  const room = ofType(actors(appointment), 'Location');
  const encounter: Encounter = {
    resourceType: 'Encounter',
    identifier: [{ system: KEY.checkIn, value: appointment.id ?? '' }],
    status: 'arrived',
    class: { system: CODE.encounter, code: 'AMB' },
    subject: refersTo(patient),
    appointment: [refersTo(appointment)],
    period: { start: iso(now) },
    ...(doctor && { participant: [{ individual: doctor }] }),
    ...(room && { location: [{ location: room }] }),
  };
  return (await fhir.create(encounter, unless(KEY.checkIn, appointment.id ?? ''))).resource;
}

/** False: it was cancelled meanwhile. */
function markArrived({ fhir }: PatientVisit, id: string): Promise<boolean> {
  return tried(async () => {
    const appointment = await fhir.read('Appointment', id);
    if (appointment.status === 'booked') await fhir.update({ ...appointment, status: 'arrived' });
    return appointment.status === 'booked' || appointment.status === 'arrived';
  });
}

/** The hospital's number; where it gives none, people are called by the time of their appointment. */
const queueOf = (encounter: Encounter, { start }: Appointment): string =>
  identifierOf(encounter, NUMBER.queue) ?? timeOf(instantOf(start)).replace(':', '');

/** Waiting for the same doctor today with a smaller number of the same row. */
async function aheadOf({ fhir, now }: PatientVisit, { id, participant = [] }: Encounter, queue: string): Promise<number> {
  const doctor = participant[0]?.individual?.reference;
  if (doctor === undefined) return 0;
  const waiting = await fhir.search('Encounter', { participant: doctor, status: 'arrived', date: within(spanOf(dayOf(now))) });
  const before = waiting.filter((one) => one.id !== id && (identifierOf(one, NUMBER.queue) ?? queue) < queue);
  return Math.min(before.length, 9_999);
}

export const checkIns: Readonly<Record<string, Operation>> = { appointments, 'check-in': checkIn };
