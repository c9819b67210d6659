/** Prescriptions and their hand-over at the pharmacy's window, once (MED-07). A prescription is the MedicationRequests of one group. */
import type { FhirResource, MedicationDispense, MedicationRequest } from 'fhir/r4.js';
import type { Prescription } from '../../messages/clinic.js';
import { type Entry, versionOf } from '../fhir/client.js';
import { KEY, NUMBER } from '../fhir/names.js';
import type { Operation } from '../services/_service.js';
import { forPatient, no, type PatientVisit, type Told } from './operation.js';
import { tried } from './retry.js';
import {
  addressOf,
  conceptWords,
  dayOf,
  identifierOf,
  idOf,
  instantOf,
  iso,
  maskedName,
  numberOf,
  ofType,
  referenceWords,
  refersTo,
  textOf,
  timeOf,
  unless,
  wordsOf,
} from './values.js';

const DAYS_MS = 7 * 86_400_000;
const LISTED = 20;

type Group = readonly [MedicationRequest, ...MedicationRequest[]];

const prescriptions = forPatient('prescriptions', async (_asked, visit) => {
  const unpaid = await unpaidOf(visit);
  return {
    patient: maskedName(visit.patient),
    prescriptions: (await groupsOf(visit)).slice(0, LISTED).map((group) => told(group, unpaid)),
  };
});

/** Of the last days, the newest first. */
async function groupsOf({ fhir, patient, now }: PatientVisit): Promise<readonly Group[]> {
  const query = { patient: `Patient/${patient.id}`, status: 'active,completed', authoredon: `ge${iso(now - DAYS_MS)}` };
  const groups = new Map<string, [MedicationRequest, ...MedicationRequest[]]>();
  for (const one of await fhir.search('MedicationRequest', query)) {
    const group = groups.get(groupOf(one));
    if (group) group.push(one);
    else groups.set(groupOf(one), [one]);
  }
  return [...groups.values()].sort(([a], [b]) => instantOf(b.authoredOn) - instantOf(a.authoredOn));
}

const groupOf = ({ groupIdentifier, id }: MedicationRequest): string => groupIdentifier?.value ?? id ?? '';

/** Ids of this person's invoices that are still open. */
async function unpaidOf({ fhir, patient }: PatientVisit): Promise<ReadonlySet<string>> {
  return new Set((await fhir.search('Invoice', { patient: `Patient/${patient.id}`, status: 'issued' })).map(({ id = '' }) => id));
}

function told(group: Group, unpaid: ReadonlySet<string>): Prescription {
  const [first] = group;
  return {
    id: groupOf(first),
    day: dayOf(instantOf(first.authoredOn)),
    department: referenceWords(first.performer),
    doctor: textOf(first.requester?.display),
    state: stateOf(group, unpaid),
    medicines: group.slice(0, 20).map((one) => ({
      what: conceptWords(one.medicationCodeableConcept),
      amount: textOf([one.dispenseRequest?.quantity?.value, one.dispenseRequest?.quantity?.unit].join(' ')),
      use: textOf(one.dosageInstruction?.[0]?.text),
    })),
  };
}

function stateOf(group: Group, unpaid: ReadonlySet<string>): Prescription['state'] {
  if (group.every(({ status }) => status === 'completed')) return 'dispensed';
  return group.some(({ supportingInformation = [] }) => unpaid.has(idOf(ofType(supportingInformation, 'Invoice')))) ? 'unpaid' : 'ready';
}

const handOver = forPatient('hand-over', ({ prescription: id }, visit) =>
  // Who was outrun looks again at what is there.
  tried(async () => {
    const group = (await groupsOf(visit)).find(([first]) => groupOf(first) === id);
    if (!group) return no('unknown');
    const before = await dispensesOf(visit, group);
    if (before[0] && !before.every((one) => isOurs(one, visit))) return dispensed(before[0]);
    const state = stateOf(group, await unpaidOf(visit));
    if (state === 'unpaid') return no('unpaid');
    return answerOf(state === 'dispensed' ? before : await dispense(visit, group), visit);
  }),
);

const dispensesOf = ({ fhir }: PatientVisit, group: Group): Promise<readonly MedicationDispense[]> =>
  fhir.search('MedicationDispense', { prescription: group.map(addressOf).join(',') });

/** Begun by this same request, whose answer was lost. */
const isOurs = (dispense: MedicationDispense, { request }: PatientVisit): boolean => identifierOf(dispense, KEY.request) === request;

function dispensed(dispense: MedicationDispense): Told<'hand-over'> {
  const where = dispense.performer?.[0]?.actor.display;
  return no('dispensed', { at: timeOf(instantOf(dispense.whenHandedOver)), ...(where !== undefined && { where: wordsOf(where) }) });
}

function answerOf(dispenses: readonly MedicationDispense[], visit: PatientVisit): Told<'hand-over'> {
  const [first] = dispenses;
  if (!first) return no('dispensed');
  if (!dispenses.every((one) => isOurs(one, visit))) return dispensed(first);
  return { number: numberOf(first, NUMBER.dispense), at: timeOf(instantOf(first.whenHandedOver)) };
}

/** All medicines at once: each has one dispense, and none is handed over twice. What is there already is answered, whosever it is. @throws FhirError `conflict` */
async function dispense(visit: PatientVisit, group: Group): Promise<readonly MedicationDispense[]> {
  const requests = group.filter(({ status }) => status === 'active');
  const done = await visit.fhir.transaction([...requests.map((one) => created(visit, one)), ...requests.map(completed)]);
  return done.filter(isDispense);
}

const isDispense = (resource: FhirResource): resource is MedicationDispense => resource.resourceType === 'MedicationDispense';

function created({ patient, now, request, terminal }: PatientVisit, prescribed: MedicationRequest): Entry {
  const resource: MedicationDispense = {
    resourceType: 'MedicationDispense',
    identifier: [
      { system: KEY.dispense, value: prescribed.id ?? '' },
      { system: KEY.request, value: request },
    ],
    status: 'completed',
    subject: refersTo(patient),
    authorizingPrescription: [refersTo(prescribed)],
    ...(prescribed.medicationCodeableConcept && { medicationCodeableConcept: prescribed.medicationCodeableConcept }),
    ...(prescribed.dispenseRequest?.quantity && { quantity: prescribed.dispenseRequest.quantity }),
    performer: [{ actor: { display: terminal } }],
    whenHandedOver: iso(now),
  };
  return { resource, request: { method: 'POST', url: 'MedicationDispense', ifNoneExist: unless(KEY.dispense, prescribed.id ?? '') } };
}

const completed = (prescribed: MedicationRequest): Entry => ({
  resource: { ...prescribed, status: 'completed' },
  request: { method: 'PUT', url: addressOf(prescribed), ifMatch: versionOf(prescribed) },
});

export const pharmacy: Readonly<Record<string, Operation>> = { prescriptions, 'hand-over': handOver };
