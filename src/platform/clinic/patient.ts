/** Whose record it is at the hospital (MED-12): found by the number of the resident ID. */
import type { Patient } from 'fhir/r4.js';
import type { Person } from '../../contracts.js';
import { residentId } from '../../messages/identifiers.js';
import type { Fhir } from '../fhir/client.js';
import { RESIDENT_ID } from '../fhir/names.js';
import { ifThere } from './retry.js';
import { idOf, token } from './values.js';

type Found = (Patient & { readonly id: string }) | 'not-known' | 'no-record' | 'many-matches';

export async function patientOf(fhir: Fhir, { idNumber }: Person): Promise<Found> {
  const id = residentId(idNumber ?? '');
  if (id === undefined) return 'not-known';
  const matches = await fhir.search('Patient', { identifier: token(RESIDENT_ID, id) });
  const [first, second] = matches.filter(isActive);
  if (first) return second ? 'many-matches' : withId(first);
  return matches[0] ? mergedInto(fhir, matches[0]) : 'no-record';
}

const isActive = ({ active }: Patient): boolean => active !== false;
const withId = (patient: Patient): Patient & { readonly id: string } => ({ ...patient, id: patient.id ?? '' });

/** Patient.link: a record that was merged into another one. One that was closed otherwise is for staff. */
async function mergedInto(fhir: Fhir, { link = [] }: Patient): Promise<Found> {
  const other = link.find(({ type }) => type === 'replaced-by')?.other;
  const patient = other && (await ifThere(fhir.read('Patient', idOf(other))));
  return patient && isActive(patient) ? withId(patient) : 'many-matches';
}
