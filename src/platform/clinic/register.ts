/**
 * Registration (MED-03). Every step may be repeated, and none needs the one before to be taken back by the server:
 *
 *   Appointment proposed, one for person, department and day → Slot busy, held by it (If-Match) → Appointment booked → Invoice over the fee
 */
import type { Appointment, Invoice, Schedule, Slot } from 'fhir/r4.js';
import { isFault } from '../fhir/error.js';
import { EXTENSION, KEY } from '../fhir/names.js';
import type { Operation } from '../services/_service.js';
import { appointmentsOn, departmentOf, told } from './appointment.js';
import { forPatient, no, type PatientVisit, type Told } from './operation.js';
import { ifThere, tried } from './retry.js';
import {
  addressOf,
  dayOf,
  extensionFen,
  extensionOf,
  idOf,
  instantOf,
  iso,
  moneyOf,
  ofType,
  referenceWords,
  refersTo,
  unless,
} from './values.js';

const TAKING = ['booked', 'arrived', 'checked-in', 'fulfilled'] as const;
const FEE_WORDS = { zh: '挂号费', en: 'Registration fee' };

export const register = forPatient('register', async ({ slot: id }, visit) => {
  const { fhir, patient, now } = visit;
  const slot = await ifThere(fhir.read('Slot', id));
  const schedule = slot && (await ifThere(fhir.read('Schedule', idOf(slot.schedule))));
  if (!slot || !schedule || instantOf(slot.start) < now) return no('unknown');
  const wanted = appointmentOf(visit, slot, schedule);
  const day = dayOf(instantOf(slot.start));
  const there = (await appointmentsOn(fhir, patient, { day, states: TAKING })).find((one) => departmentOf(one) === departmentOf(wanted));
  if (there) return isAt(there, slot) ? answer(visit, there) : alreadyBooked(there);
  if (slot.status !== 'free' && !(await isMine(visit, slot, wanted))) return no('slot-taken');
  const proposed = await propose(visit, wanted);
  if (proposed.status !== 'proposed') return isAt(proposed, slot) ? answer(visit, proposed) : alreadyBooked(proposed);
  if (!(await take(visit, id, proposed))) {
    await cancel(visit, proposed);
    return no('slot-taken');
  }
  return book(visit, proposed);
});

const isAt = ({ slot = [] }: Appointment, { id }: Slot): boolean => slot.some((one) => idOf(one) === id);

function alreadyBooked(appointment: Appointment): Told<'register'> {
  const { from, department } = told(appointment);
  return no('already-booked', { at: from, where: department });
}

function appointmentOf({ patient }: PatientVisit, slot: Slot, { actor, extension }: Schedule): Appointment {
  const key = [patient.id, idOf(ofType(actor, 'HealthcareService')), dayOf(instantOf(slot.start))].join('.');
  const fee = extensionOf(extension, EXTENSION.fee);
  return {
    resourceType: 'Appointment',
    identifier: [{ system: KEY.booking, value: key }],
    status: 'proposed',
    start: slot.start,
    end: slot.end,
    slot: [refersTo(slot)],
    participant: [refersTo(patient), ...actor].map((one) => ({ actor: one, status: 'accepted' as const })),
    ...(fee && { extension: [fee] }),
  };
}

const keyOf = ({ identifier = [] }: Appointment): string => identifier.find(({ system }) => system === KEY.booking)?.value ?? '';

/** Taken by this same booking, which did not come to its end. */
async function isMine({ fhir }: PatientVisit, slot: Slot, wanted: Appointment): Promise<boolean> {
  const holder = idOf(extensionOf(slot.extension, EXTENSION.heldBy)?.valueReference);
  const held = holder === '' ? undefined : await ifThere(fhir.read('Appointment', holder));
  return held !== undefined && keyOf(held) === keyOf(wanted) && held.status === 'proposed';
}

/** The one of this person, department and day: new, or taken up again for another slot after it was cancelled or left half-way. */
function propose(visit: PatientVisit, wanted: Appointment): Promise<Appointment> {
  const { fhir } = visit;
  return tried(async () => {
    const { resource, created } = await fhir.create(wanted, unless(KEY.booking, keyOf(wanted)));
    if (created || !['proposed', 'cancelled', 'noshow'].includes(resource.status)) return resource;
    const before = idOf(resource.slot?.[0]);
    if (before !== idOf(wanted.slot?.[0])) await free(visit, before, resource);
    return fhir.update({ ...wanted, id: resource.id, meta: resource.meta });
  });
}

/** False: somebody else has it. */
function take({ fhir }: PatientVisit, id: string, by: Appointment): Promise<boolean> {
  return tried(async () => {
    const slot = await fhir.read('Slot', id);
    if (holds(slot, by)) return true;
    if (slot.status !== 'free') return false;
    await fhir.update({ ...slot, status: 'busy', extension: [{ url: EXTENSION.heldBy, valueReference: refersTo(by) }] });
    return true;
  });
}

const holds = ({ extension }: Slot, by: Appointment): boolean =>
  extensionOf(extension, EXTENSION.heldBy)?.valueReference?.reference === addressOf(by);

/** A slot that this appointment holds, or none. */
async function free({ fhir }: PatientVisit, id: string, by: Appointment): Promise<void> {
  await tried(async () => {
    const slot = await ifThere(fhir.read('Slot', id));
    if (!slot || !holds(slot, by)) return;
    const { extension: _, ...rest } = slot;
    await fhir.update({ ...rest, status: 'free' });
  });
}

async function cancel({ fhir }: PatientVisit, proposed: Appointment): Promise<void> {
  try {
    await fhir.update({ ...proposed, status: 'cancelled' });
  } catch (error) {
    // Another terminal has taken it up already.
    if (!isFault(error, 'conflict')) throw error;
  }
}

function book(visit: PatientVisit, proposed: Appointment): Promise<Told<'register'>> {
  const { fhir } = visit;
  const slot = idOf(proposed.slot?.[0]);
  return tried(async () => {
    const now = await fhir.read('Appointment', proposed.id ?? '');
    const isStill = idOf(now.slot?.[0]) === slot;
    if (isStill && now.status === 'proposed') return answer(visit, await fhir.update({ ...now, status: 'booked' }));
    if (isStill && now.status === 'booked') return answer(visit, now);
    // Taken up meanwhile for another slot, or cancelled.
    await free(visit, slot, proposed);
    return now.status === 'proposed' || now.status === 'cancelled' ? no('slot-taken') : alreadyBooked(now);
  });
}

async function answer(visit: PatientVisit, appointment: Appointment): Promise<Told<'register'>> {
  const fee = extensionFen(appointment.extension, EXTENSION.fee);
  const invoice = fee > 0 ? await charge(visit, appointment, fee) : undefined;
  return { ...told(appointment), ...(invoice?.status === 'issued' && { charge: invoice.id }) };
}

async function charge({ fhir, patient, now }: PatientVisit, appointment: Appointment, fee: number): Promise<Invoice> {
  const { zh, en } = referenceWords(
    ofType(
      appointment.participant.map(({ actor }) => actor),
      'HealthcareService',
    ),
  );
  const translation = {
    url: EXTENSION.translation,
    extension: [
      { url: 'lang', valueCode: 'en' },
      { url: 'content', valueString: `${FEE_WORDS.en}, ${en}` },
    ],
  };
  const invoice: Invoice = {
    resourceType: 'Invoice',
    identifier: [{ system: KEY.registration, value: appointment.id ?? '' }],
    status: 'issued',
    type: { text: `${FEE_WORDS.zh}（${zh}）`, _text: { extension: [translation] } },
    subject: refersTo(patient),
    date: iso(now),
    totalNet: moneyOf(fee),
  };
  return (await fhir.create(invoice, unless(KEY.registration, appointment.id ?? ''))).resource;
}

export const registration: Readonly<Record<string, Operation>> = { register };
