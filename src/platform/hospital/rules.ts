/** What the reference hospital takes and what not: who may write what, what must be there, and from which state to which. */
import type { Encounter, FhirResource, Invoice, Location, PaymentNotice } from 'fhir/r4.js';
import { EXTENSION } from '../fhir/names.js';
import { Refused } from './outcome.js';
import { PARAMETERS, valuesAt } from './parameters.js';
import type { Resources } from './resources.js';

/** What others may create, and what must be in it; everything else is the hospital's own. */
const CREATED: Readonly<Record<string, readonly string[]>> = {
  Patient: ['identifier', 'name', 'birthDate', 'gender'],
  RelatedPerson: ['identifier', 'patient', 'name', 'relationship'],
  Appointment: ['identifier', 'status', 'start', 'end', 'slot', 'participant'],
  Encounter: ['identifier', 'status', 'class', 'subject'],
  Account: ['identifier', 'status', 'subject'],
  Invoice: ['identifier', 'status', 'subject', 'date', 'totalNet', 'type'],
  PaymentReconciliation: ['identifier', 'status', 'created', 'paymentDate', 'paymentAmount'],
  PaymentNotice: ['identifier', 'status', 'created', 'payment', 'recipient', 'amount', 'request'],
  MedicationDispense: ['identifier', 'status', 'subject', 'authorizingPrescription', 'whenHandedOver'],
  Consent: ['identifier', 'status', 'scope', 'category', 'patient', 'policyRule', 'dateTime'],
};

/** `from to`, by type; what is not here stays as it is. */
const STEPS: Readonly<Record<string, readonly string[]>> = {
  Slot: ['free busy', 'busy free'],
  Appointment: [
    'proposed booked',
    'proposed cancelled',
    'proposed proposed',
    'booked arrived',
    'booked cancelled',
    'cancelled proposed',
    'noshow proposed',
  ],
  Encounter: ['planned in-progress', 'arrived in-progress', 'in-progress finished', 'planned cancelled'],
  Invoice: ['issued issued', 'issued balanced', 'issued cancelled'],
  MedicationRequest: ['active completed'],
  ServiceRequest: ['active completed'],
  Location: ['U O', 'O U'],
};

/** @throws Refused */
export function assertCreate(resource: FhirResource, resources: Resources): void {
  const needed = CREATED[resource.resourceType];
  if (!needed) throw new Refused(405, 'not-supported', `${resource.resourceType} is not created from outside`);
  for (const name of needed)
    if (valuesAt(resource, [name]).length === 0) throw new Refused(422, 'required', `${resource.resourceType}.${name}`);
  assertWhole(resource, resources);
}

/** @throws Refused */
export function assertUpdate(before: FhirResource, after: FhirResource, resources: Resources): void {
  const step = `${stateOf(before)} ${stateOf(after)}`;
  if (!STEPS[after.resourceType]?.includes(step))
    throw new Refused(422, 'business-rule', `${after.resourceType} from ${step.replace(' ', ' to ')}`);
  assertWhole(after, resources);
  if (after.resourceType === 'Invoice') assertInvoice(before as Invoice, after, resources);
  if (after.resourceType === 'Location') assertBed(after);
  if (after.resourceType === 'Encounter') assertStay(after, resources);
}

function stateOf(resource: FhirResource): string {
  if (resource.resourceType === 'Location') return resource.operationalStatus?.code ?? '';
  return 'status' in resource && typeof resource.status === 'string' ? resource.status : '';
}

function assertWhole(resource: FhirResource, resources: Resources): void {
  for (const to of referencesOf(resource)) {
    const [type = '', id = ''] = to.split('/');
    if (!PARAMETERS[type] || !resources.get(type, id))
      throw new Refused(422, 'not-found', `${resource.resourceType} refers to what is not there`);
  }
}

function referencesOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(referencesOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'reference' && typeof member === 'string' && !member.startsWith('#') ? [member] : referencesOf(member),
  );
}

/** Its amount is the hospital's word; it is balanced by notices of just that amount. */
function assertInvoice(before: Invoice, after: Invoice, resources: Resources): void {
  if (before.totalNet?.value !== after.totalNet?.value)
    throw new Refused(422, 'business-rule', 'the amount of an invoice is the hospital’s');
  if (after.status !== 'balanced') return;
  const request = { parameter: 'request', any: [{ kind: 'reference', value: `Invoice/${after.id}` }] } as const;
  const notices = resources.find('PaymentNotice', [request]).map((id) => resources.get('PaymentNotice', id) as PaymentNotice);
  const paid = notices.reduce((sum, { amount }) => sum + Math.round((amount.value ?? 0) * 100), 0);
  if (paid !== Math.round((after.totalNet?.value ?? 0) * 100))
    throw new Refused(422, 'business-rule', 'an invoice is balanced by its own amount');
}

function assertBed({ operationalStatus, extension = [] }: Location): void {
  const isHeld = extension.some(({ url }) => url === EXTENSION.heldBy);
  if (isHeld !== (operationalStatus?.code === 'O'))
    throw new Refused(422, 'business-rule', 'an occupied bed names its stay, a free one does not');
}

/** Who lies in a bed lies in one that names them. */
function assertStay({ id, status, class: kind, location = [] }: Encounter, resources: Resources): void {
  if (kind.code !== 'IMP' || status !== 'in-progress') return;
  const beds = location.map((at) => resources.get('Location', at.location.reference?.split('/')[1] ?? '') as Location | undefined);
  const holds = ({ extension = [] }: Location): boolean =>
    extension.some(({ url, valueReference }) => url === EXTENSION.heldBy && valueReference?.reference === `Encounter/${id}`);
  if (!beds.some((bed) => bed && holds(bed))) throw new Refused(422, 'business-rule', 'a stay without a bed');
}
