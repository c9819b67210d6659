/** Appointments as the contract tells them, and those of somebody on a day. */
import type { Appointment, Reference } from 'fhir/r4.js';
import type { Appointment as Told } from '../../messages/clinic.js';
import type { Fhir } from '../fhir/client.js';
import { EXTENSION } from '../fhir/names.js';
import { dayOf, extensionFen, instantOf, ofType, referenceWords, spanOf, textOf, timeOf, within } from './values.js';

/** Still to come, under way, or over: not cancelled. */
export type Live = 'booked' | 'arrived' | 'checked-in' | 'fulfilled';

export const actors = ({ participant }: Pick<Appointment, 'participant'>): readonly (Reference | undefined)[] =>
  participant.map(({ actor }) => actor);

export const departmentOf = (appointment: Appointment): string => ofType(actors(appointment), 'HealthcareService')?.reference ?? '';

export const isOf = (appointment: Appointment, patient: { readonly id: string }): boolean =>
  ofType(actors(appointment), 'Patient')?.reference === `Patient/${patient.id}`;

/** In the order of their times. */
export async function appointmentsOn(
  fhir: Fhir,
  { id }: { readonly id: string },
  { day, states }: { readonly day: string; readonly states: readonly Live[] },
): Promise<readonly Appointment[]> {
  const found = await fhir.search('Appointment', { patient: `Patient/${id}`, status: states.join(','), date: within(spanOf(day)) });
  return [...found].sort((a, b) => instantOf(a.start) - instantOf(b.start));
}

export function told(appointment: Appointment): Told {
  const among = actors(appointment);
  const start = instantOf(appointment.start);
  return {
    id: appointment.id ?? '',
    department: referenceWords(ofType(among, 'HealthcareService')),
    doctor: textOf(ofType(among, 'PractitionerRole')?.display),
    day: dayOf(start),
    from: timeOf(start),
    until: timeOf(instantOf(appointment.end)),
    room: referenceWords(ofType(among, 'Location')),
    fee: extensionFen(appointment.extension, EXTENSION.fee),
  };
}
