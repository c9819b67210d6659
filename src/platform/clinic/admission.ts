/**
 * Admission (MED-08). Each step may be repeated, and a stay that was left half-way is taken up again:
 *
 *   Encounter planned, one an order → RelatedPerson, Consent → a bed held by it (If-Match) → Encounter in progress → Account → order completed
 */
import type { Consent, Encounter, Location, Questionnaire, Reference, RelatedPerson, ServiceRequest } from 'fhir/r4.js';
import type { ClinicAsked } from '../../messages/clinic.js';
import { CODE, EXTENSION, KEY, NUMBER } from '../fhir/names.js';
import type { Operation } from '../services/_service.js';
import { forPatient, no, type PatientVisit, type Told } from './operation.js';
import { ifThere, tried } from './retry.js';
import { accountOf, bedOf, isFor, paidInto, stayOf, wardOf } from './stay.js';
import {
  addressOf,
  dayOf,
  extensionFen,
  extensionOf,
  idOf,
  instantOf,
  iso,
  numberOf,
  referenceWords,
  refersTo,
  textOf,
  token,
  unless,
  wordsOf,
} from './values.js';

const STATES = ['active', 'completed'] as const;

const admission = forPatient('admission', async (_asked, visit) => {
  const order = await orderOf(visit);
  const form = order && (await formOf(visit));
  if (!order || !form) return no('no-order');
  const paragraphs = (form.item ?? []).slice(0, 8).map(({ text, _text }) => wordsOf(text, _text, 600));
  return {
    id: order.id ?? '',
    day: dayOf(instantOf(order.authoredOn)),
    department: referenceWords(order.performer?.[0]),
    doctor: textOf(order.requester?.display),
    ward: referenceWords(order.locationReference?.[0]),
    deposit: extensionFen(order.extension, EXTENSION.deposit),
    consent: { version: versionOf(form), paragraphs },
  };
});

/** The newest that waits, or the one whose stay is going on. */
async function orderOf({ fhir, patient }: PatientVisit): Promise<ServiceRequest | undefined> {
  const query = { patient: `Patient/${patient.id}`, category: token(CODE.admission, 'admission'), status: STATES.join(',') };
  const orders = [...(await fhir.search('ServiceRequest', query))].sort((a, b) => instantOf(b.authoredOn) - instantOf(a.authoredOn));
  const stay = await stayOf(fhir, patient);
  return orders.find(({ status, id = '' }) => status === 'active' || (stay && isFor(stay, id)));
}

async function formOf({ fhir }: PatientVisit): Promise<Questionnaire | undefined> {
  const [form] = await fhir.search('Questionnaire', { identifier: token(KEY.consent, 'admission'), status: 'active' });
  return form;
}

const versionOf = ({ version }: Questionnaire): number => Number(/^\d{1,4}$/.exec(version ?? '')?.[0] ?? 0);

const admit = forPatient('admit', async (asked, visit) => {
  const { fhir, patient } = visit;
  const order = await ifThere(fhir.read('ServiceRequest', asked.order));
  if (order?.subject.reference !== `Patient/${patient.id}` || !STATES.some((state) => state === order.status)) return no('unknown');
  const [before] = await fhir.search('Encounter', { identifier: token(KEY.admission, asked.order) });
  if (before?.status === 'finished') return no('unknown');
  if (before?.status === 'in-progress') return admitted(visit, order, before);
  const form = await formOf(visit);
  if (!form || versionOf(form) !== asked.consent) return no('consent-changed');
  const planned = before ?? (await plan(visit, order));
  await writeDown(visit, asked, form);
  const stay = await moveIn(visit, order, planned);
  return stay ? admitted(visit, order, stay) : no('no-bed');
});

async function plan({ fhir, patient }: PatientVisit, order: ServiceRequest): Promise<Encounter> {
  const encounter: Encounter = {
    resourceType: 'Encounter',
    identifier: [{ system: KEY.admission, value: order.id ?? '' }],
    status: 'planned',
    class: { system: CODE.encounter, code: 'IMP' },
    subject: refersTo(patient),
    basedOn: [refersTo(order)],
  };
  return (await fhir.create(encounter, unless(KEY.admission, order.id ?? ''))).resource;
}

/** Whom to call, and what was agreed to. */
async function writeDown(
  { fhir, patient, now }: PatientVisit,
  { order, contact }: ClinicAsked<'admit'>,
  form: Questionnaire,
): Promise<void> {
  const identifier = [{ system: KEY.admission, value: order }];
  const person: RelatedPerson = {
    resourceType: 'RelatedPerson',
    identifier,
    active: true,
    patient: refersTo(patient),
    relationship: [{ coding: [{ system: CODE.relation, code: contact.relation }] }],
    name: [{ text: contact.name }],
    telecom: [{ system: 'phone', value: contact.phone }],
  };
  const consent: Consent = {
    resourceType: 'Consent',
    identifier,
    status: 'active',
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'treatment' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: refersTo(patient),
    dateTime: iso(now),
    policyRule: { text: `${form.title ?? 'admission'} ${form.version ?? ''}` },
    sourceReference: refersTo(form),
  };
  await fhir.create(person, unless(KEY.admission, order));
  await fhir.create(consent, unless(KEY.admission, order));
}

/** Undefined: there is no free bed. */
async function moveIn(visit: PatientVisit, order: ServiceRequest, planned: Encounter): Promise<Encounter | undefined> {
  const { fhir, now } = visit;
  const ward = order.locationReference?.[0];
  const bed = await bedFor(visit, ward, planned);
  if (!bed) return undefined;
  const at = (location: Reference, code: string) => ({
    location,
    physicalType: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/location-physical-type', code }] },
  });
  return tried(async () => {
    const stay = await fhir.read('Encounter', planned.id ?? '');
    if (stay.status === 'in-progress') return leave(visit, bed, stay);
    const location = [
      ...(ward ? [at(ward, 'wa')] : []),
      at({ ...refersTo(bed), ...(bed.name !== undefined && { display: bed.name }) }, 'bd'),
    ];
    return fhir.update({ ...stay, status: 'in-progress', period: { start: iso(now) }, location });
  });
}

/** Another terminal was first, with another bed: ours is free again. */
async function leave({ fhir }: PatientVisit, bed: Location, stay: Encounter): Promise<Encounter> {
  if (stay.location?.some(({ location }) => idOf(location) === bed.id)) return stay;
  await tried(async () => {
    const { extension: _, ...now } = await fhir.read('Location', bed.id ?? '');
    await fhir.update({ ...now, operationalStatus: { system: CODE.bed, code: 'U' } });
  });
  return stay;
}

/** The one it holds already, or the first free one that nobody else takes first. */
function bedFor({ fhir }: PatientVisit, ward: Reference | undefined, stay: Encounter): Promise<Location | undefined> {
  if (ward?.reference === undefined) return Promise.resolve(undefined);
  const partof = ward.reference;
  return tried(async () => {
    const beds = await fhir.search('Location', { partof, status: 'active' });
    const held = beds.find(({ extension }) => extensionOf(extension, EXTENSION.heldBy)?.valueReference?.reference === addressOf(stay));
    if (held) return held;
    const free = beds.find(({ operationalStatus }) => operationalStatus?.code === 'U');
    const extension = [{ url: EXTENSION.heldBy, valueReference: refersTo(stay) }];
    return free && fhir.update({ ...free, operationalStatus: { system: CODE.bed, code: 'O' }, extension });
  });
}

async function admitted({ fhir }: PatientVisit, order: ServiceRequest, stay: Encounter): Promise<Told<'admit'>> {
  const account = await accountOf(fhir, stay);
  await tried(async () => {
    const now = await fhir.read('ServiceRequest', order.id ?? '');
    if (now.status === 'active') await fhir.update({ ...now, status: 'completed' });
  });
  const deposit = Math.max(0, extensionFen(order.extension, EXTENSION.deposit) - (await paidInto(fhir, account)));
  return { stay: numberOf(stay, NUMBER.stay), ward: wardOf(stay), bed: bedOf(stay).zh, deposit };
}

export const admissions: Readonly<Record<string, Operation>> = { admission, admit };
