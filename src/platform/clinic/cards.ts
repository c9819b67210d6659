/** The record at the hospital, which is the outpatient card (MED-02): told, or made where there is none. */
import type { Patient } from 'fhir/r4.js';
import type { Person } from '../../contracts.js';
import { residentId } from '../../messages/identifiers.js';
import { isFault } from '../fhir/error.js';
import { NUMBER, RESIDENT_ID } from '../fhir/names.js';
import type { Operation } from '../services/_service.js';
import { forPatient, forPerson, no } from './operation.js';
import { patientOf } from './patient.js';
import { numberOf, unless } from './values.js';

const GENDER: Readonly<Record<string, Patient['gender']>> = { 男: 'male', 女: 'female' };

/** undefined: the county does not know enough of them. */
function recordOf({ name, sex, birth, idNumber, phone }: Person): Patient | undefined {
  const id = residentId(idNumber ?? '');
  if (id === undefined || name === undefined || birth === undefined) return undefined;
  return {
    resourceType: 'Patient',
    identifier: [{ system: RESIDENT_ID, value: id }],
    active: true,
    name: [{ text: name }],
    gender: GENDER[sex ?? ''] ?? 'unknown',
    birthDate: birth,
    ...(phone !== undefined && { telecom: [{ system: 'phone' as const, value: phone }] }),
  };
}

const card = forPatient('card', async (_asked, { patient }) => ({ card: numberOf(patient, NUMBER.card) }));

const cardOpen = forPerson('card-open', async (_asked, { fhir, person }) => {
  const there = await patientOf(fhir, person);
  if (typeof there === 'object') return { card: numberOf(there, NUMBER.card), existed: true };
  if (there !== 'no-record') return no(there);
  const record = recordOf(person);
  if (!record) return no('not-known');
  try {
    const { resource, created } = await fhir.create(record, unless(RESIDENT_ID, record.identifier?.[0]?.value ?? ''));
    return { card: numberOf(resource, NUMBER.card), existed: !created };
  } catch (error) {
    if (isFault(error, 'conflict')) return no('many-matches');
    throw error;
  }
});

export const cards: Readonly<Record<string, Operation>> = { card, 'card-open': cardOpen };
