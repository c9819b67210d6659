/** Numbers that the reference hospital gives to what is created there: cards, queues, stays, dispenses. */
import type { Appointment, Encounter, FhirResource, Identifier } from 'fhir/r4.js';
import { localTime } from '../../messages/calendar.js';
import { NUMBER } from '../fhir/names.js';
import type { Resources } from './resources.js';

const padded = (n: number, digits: number): string => String(n).padStart(digits, '0');

/** The resource with its number; `day`: YYYYMMDD at the hospital. */
export function numbered(resource: FhirResource, resources: Resources, day: string): FhirResource {
  const give = (system: string, value: string): FhirResource =>
    ({
      ...resource,
      identifier: [...((resource as { readonly identifier?: readonly Identifier[] }).identifier ?? []), { system, value }],
    }) as FhirResource;
  if (resource.resourceType === 'Patient') return give(NUMBER.card, `HSYY${padded(resources.count('card'), 12)}`);
  if (resource.resourceType === 'MedicationDispense')
    return give(NUMBER.dispense, `F${day}${padded(resources.count(`dispense ${day}`), 4)}`);
  if (resource.resourceType !== 'Encounter') return resource;
  if (resource.class.code === 'IMP') return give(NUMBER.stay, `Z${day}${padded(resources.count(`stay ${day}`), 4)}`);
  return give(NUMBER.queue, queueNumber(resource, resources, day));
}

/** One queue for each doctor and day, in the order of arrival. */
function queueNumber({ appointment = [], participant = [] }: Encounter, resources: Resources, day: string): string {
  const [first] = appointment;
  const booked = resources.get('Appointment', first?.reference?.split('/')[1] ?? '') as Appointment | undefined;
  const doctor = participant[0]?.individual?.reference ?? booked?.id ?? '';
  const n = resources.count(`queue ${doctor} ${day}`);
  const isMorning = localTime(Date.parse(booked?.start ?? '')).minute < 12 * 60;
  return `${isMorning ? 'A' : 'B'}${padded(n, 3)}`;
}
