/**
 * An operation of the clinic: who stands there, what they ask, whose record that is at the hospital, and the answer, held to the contract.
 *
 *   body → stoodAt → the county's register → Patient (none, one, several) → work → answer of the contract, or a refusal with its reason
 */
import type { Patient } from 'fhir/r4.js';
import type { Instant, Json, Person } from '../../contracts.js';
import type { Cbor } from '../../crypto/cbor.js';
import { CLINIC, CLINIC_REFUSED, type ClinicAnswer, type ClinicAsked, type ClinicRefused, type ClinicWord } from '../../messages/clinic.js';
import { cborOf, jsonOf } from '../../messages/plain.js';
import { type Fhir, openFhir } from '../fhir/client.js';
import { type Stood, stoodAt } from '../presented.js';
import type { Bills, Context, Operation, Outcome } from '../services/_service.js';
import type { CountyStore } from '../store.js';
import { patientOf } from './patient.js';
import { inTurn } from './turns.js';

export interface Visit {
  readonly fhir: Fhir;
  readonly store: CountyStore;
  readonly bills: Bills;
  readonly subject: string;
  readonly terminal: string;
  /** Of the request, in hex. */
  readonly request: string;
  readonly now: Instant;
}

/** The hospital has one record of them. */
export interface PatientVisit extends Visit {
  readonly patient: Patient & { readonly id: string };
}

export class Refusal {
  readonly body: ClinicRefused;
  constructor(body: ClinicRefused) {
    this.body = body;
  }
}

export const no = (reason: ClinicRefused['reason'], more: Omit<ClinicRefused, 'reason'> = {}): Refusal => new Refusal({ reason, ...more });

export type Told<W extends ClinicWord> = ClinicAnswer<W> | Refusal;

type Work<W extends ClinicWord, V> = (asked: ClinicAsked<W>, visit: V) => Promise<Told<W>>;

/** For whoever stands there. */
export const forAnybody = <W extends ClinicWord>(word: W, work: Work<W, Visit>): Operation => ({
  handle: (body, context) => answered(word, { body, context, work }),
});

/** For whom the county knows, whether or not the hospital does. */
export const forPerson = <W extends ClinicWord>(word: W, work: Work<W, Visit & { readonly person: Person }>): Operation =>
  forAnybody(word, async (asked, visit) => {
    const person = await visit.store.person(visit.subject);
    return person ? inTurn(visit.subject, () => work(asked, { ...visit, person })) : no('not-known');
  });

/** For whom the hospital has a record of. */
export const forPatient = <W extends ClinicWord>(word: W, work: Work<W, PatientVisit>): Operation =>
  forPerson(word, async (asked, { person, ...visit }) => {
    const patient = await patientOf(visit.fhir, person);
    return typeof patient === 'string' ? no(patient) : work(asked, { ...visit, patient });
  });

interface Asking<W extends ClinicWord> {
  readonly body: Cbor;
  readonly context: Context;
  readonly work: Work<W, Visit>;
}

async function answered<W extends ClinicWord>(word: W, { body, context, work }: Asking<W>): Promise<Outcome> {
  const { store, bills, hospital, signal, terminal, now, id } = context;
  const stood = await stoodAt(body, context);
  const asked = stood && CLINIC[word].asked.safeParse(jsonOf(stood.rest)).data;
  if (!stood || !asked) return { status: 'refused' };
  if (!hospital) return { status: 'fault' };
  const { subject } = stood.who;
  const visit = {
    fhir: openFhir(hospital, signal),
    store,
    bills,
    subject,
    terminal: terminal.id,
    request: Buffer.from(id).toString('hex'),
    now,
  };
  const told = await work(asked as ClinicAsked<W>, visit);
  if (told instanceof Refusal) return { status: 'refused', body: bodyOf(CLINIC_REFUSED.parse(told.body)) };
  const answer = CLINIC[word].answer.parse(told);
  if (!OF_NOBODY.has(word)) await noted(word, stood.who, context);
  return { status: 'ok', body: bodyOf(answer) };
}

/** Members that are undefined are not there. */
const bodyOf = (answer: object): Cbor => cborOf(JSON.parse(JSON.stringify(answer)) as Json);

const OF_NOBODY: ReadonlySet<ClinicWord> = new Set(['departments', 'days', 'doctors', 'slots']);

/** SEC-06: what was told of somebody, by what it was asked for. */
const noted = (word: ClinicWord, { subject, carrier }: Stood, { store, terminal, now }: Context): Promise<void> =>
  store.noteAudited({
    at: now,
    terminal: terminal.id,
    kind: 'released',
    facts: { scene: 'clinic', purpose: `clinic/${word}`, subject, carrier },
  });
