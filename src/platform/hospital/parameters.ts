/** Search parameters that the reference hospital knows (http://hl7.org/fhir/R4/searchparameter-registry.html), and what of a resource they find it by. Pure. */
import type { FhirResource } from 'fhir/r4.js';

/** A token has a system and a value, a reference a value `Type/id`, a date the ms from `low` to before `high`. */
export type Term =
  | { readonly kind: 'token'; readonly system: string; readonly value: string }
  | { readonly kind: 'reference'; readonly value: string }
  | { readonly kind: 'date'; readonly low: number; readonly high: number };

export interface Parameter {
  readonly kind: Term['kind'];
  /** Where it stands, from the resource down. */
  readonly path: string;
  /** Only references to this type count. */
  readonly to?: string;
}

const token = (path: string): Parameter => ({ kind: 'token', path });
const reference = (path: string, to?: string): Parameter => ({ kind: 'reference', path, ...(to !== undefined && { to }) });
const date = (path: string): Parameter => ({ kind: 'date', path });

const IDENTIFIER = { identifier: token('identifier') };
const STATUS = { status: token('status') };
const SUBJECT = { subject: reference('subject'), patient: reference('subject', 'Patient') };

/** A type that is not here is not kept by this hospital. */
export const PARAMETERS: Readonly<Record<string, Readonly<Record<string, Parameter>>>> = {
  Patient: IDENTIFIER,
  RelatedPerson: { ...IDENTIFIER, patient: reference('patient') },
  HealthcareService: { active: token('active') },
  PractitionerRole: { active: token('active'), service: reference('healthcareService') },
  Location: { ...STATUS, partof: reference('partOf'), 'operational-status': token('operationalStatus') },
  Schedule: { active: token('active'), actor: reference('actor') },
  Slot: { ...STATUS, schedule: reference('schedule'), start: date('start') },
  Appointment: {
    ...IDENTIFIER,
    ...STATUS,
    patient: reference('participant.actor', 'Patient'),
    slot: reference('slot'),
    date: date('start'),
  },
  Encounter: {
    ...IDENTIFIER,
    ...STATUS,
    ...SUBJECT,
    class: token('class'),
    appointment: reference('appointment'),
    participant: reference('participant.individual'),
    date: date('period'),
  },
  Account: { ...IDENTIFIER, ...STATUS, ...SUBJECT },
  Invoice: { ...IDENTIFIER, ...STATUS, ...SUBJECT, account: reference('account') },
  ChargeItem: { ...SUBJECT, account: reference('account') },
  PaymentReconciliation: { ...IDENTIFIER, ...STATUS, created: date('created') },
  PaymentNotice: { ...IDENTIFIER, ...STATUS, request: reference('request'), created: date('created') },
  DiagnosticReport: { ...STATUS, ...SUBJECT, issued: date('issued') },
  Observation: { ...STATUS, ...SUBJECT },
  MedicationRequest: { ...STATUS, ...SUBJECT, authoredon: date('authoredOn') },
  MedicationDispense: { ...IDENTIFIER, ...STATUS, ...SUBJECT, prescription: reference('authorizingPrescription') },
  ServiceRequest: { ...STATUS, ...SUBJECT, category: token('category') },
  Consent: { ...IDENTIFIER, ...STATUS, patient: reference('patient') },
  Questionnaire: { ...IDENTIFIER, ...STATUS },
};

/** What `resource` is found by under `name`. */
export function termsOf(resource: FhirResource, { kind, path, to }: Parameter): readonly Term[] {
  const values = valuesAt(resource, path.split('.'));
  if (kind === 'token') return values.flatMap(tokensOf);
  if (kind === 'date') return values.flatMap((value) => spanOf(value) ?? []);
  return values.flatMap((value) => referenceOf(value, to) ?? []);
}

export function valuesAt(value: unknown, [name, ...rest]: readonly string[]): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((one: unknown) => valuesAt(one, name === undefined ? [] : [name, ...rest]));
  return name === undefined ? [value] : valuesAt((value as Record<string, unknown>)[name], rest);
}

interface Coded {
  readonly system?: string;
  readonly value?: string;
  readonly code?: string;
  readonly coding?: readonly Coded[];
}

function tokensOf(value: unknown): readonly Term[] {
  if (typeof value !== 'object' || value === null) return [{ kind: 'token', system: '', value: String(value) }];
  const { system = '', value: of, code, coding } = value as Coded;
  if (coding) return coding.flatMap(tokensOf);
  const found = of ?? code;
  return found === undefined ? [] : [{ kind: 'token', system, value: found }];
}

function referenceOf(value: unknown, to: string | undefined): Term | undefined {
  const { reference: text } = value as { readonly reference?: string };
  if (text === undefined || (to !== undefined && !text.startsWith(`${to}/`))) return undefined;
  return { kind: 'reference', value: text };
}

/** An instant, a day, a year or a Period, as the time it covers. */
function spanOf(value: unknown): Term | undefined {
  if (typeof value === 'string') return timeOf(value);
  const { start, end } = value as { readonly start?: string; readonly end?: string };
  const low = start === undefined ? undefined : timeOf(start);
  const high = end === undefined ? undefined : timeOf(end);
  return { kind: 'date', low: low?.low ?? Number.MIN_SAFE_INTEGER, high: high?.high ?? Number.MAX_SAFE_INTEGER };
}

const DAY = 86_400_000;

/** A day is a day of UTC, as this server has no zone of its own. */
export function timeOf(text: string): { readonly kind: 'date'; readonly low: number; readonly high: number } | undefined {
  const low = Date.parse(text);
  if (Number.isNaN(low)) return undefined;
  return { kind: 'date', low, high: /^\d{4}-\d{2}-\d{2}$/.test(text) ? low + DAY : low + 1 };
}
