/** The clinic: every operation at the reference hospital and at a FHIR server that is not ours, what goes wrong between, and many people at once. */
import { randomBytes } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type {
  Appointment,
  ChargeItem,
  Encounter,
  FhirResource,
  Invoice,
  Location,
  MedicationDispense,
  Patient,
  PaymentNotice,
  Slot,
} from 'fhir/r4.js';
import t, { type Test } from 'tap';
import { subjectOf } from '../src/crypto/subject.js';
import { decodeResolved, encodeResolve } from '../src/messages/credential.js';
import { holdCeremony } from '../src/platform/ceremony.js';
import { MOST_FOUND, openFhir } from '../src/platform/fhir/client.js';
import { FhirError, type FhirFault, saidBy } from '../src/platform/fhir/error.js';
import type { FhirAddress } from '../src/platform/fhir/http.js';
import { CODE, EXTENSION, KEY, NUMBER, RESIDENT_ID } from '../src/platform/fhir/names.js';
import { followOf } from '../src/platform/hospital/course.js';
import { CONSENT_VERSION, hospitalOf, WARD } from '../src/platform/hospital/seed.js';
import { type ReferenceHospital, startHospital } from '../src/platform/hospital/server.js';
import { setColour } from '../src/platform/orders.js';
import credential from '../src/platform/services/credential.js';
import { DAY, MINUTE, MORNING, NO_PEER, newPlace, type Peer, type Place, startPeer } from './clinic-place.js';

const SEED = 7;
const CONTACT = { name: '测试家属', relation: 'spouse', phone: '10000000000' };

/** A place and its hospital's data, wherever they are kept. */
interface Stage extends Place {
  put(resource: FhirResource): Promise<void>;
  all<R extends FhirResource>(type: R['resourceType']): Promise<readonly R[]>;
  get<R extends FhirResource>(type: R['resourceType'], id: string): Promise<R>;
  /** Somebody with a card, and what a day brings them. */
  patient(): Promise<{ readonly who: string; readonly id: string }>;
}

interface OurStage extends Stage {
  readonly hospital: ReferenceHospital;
}

async function ours(test: Test): Promise<OurStage> {
  const clock = { now: MORNING };
  const hospital = await startHospital({ port: 0, seed: SEED, now: () => clock.now });
  const place = newPlace({ url: hospital.url, token: hospital.token, patienceMs: 800 });
  test.teardown(async () => {
    await hospital.stop();
    await place.end();
  });
  // One clock for both.
  Object.defineProperty(clock, 'now', { get: () => place.clock.now });
  const { resources } = hospital;
  const all = async (type: string) => resources.find(type, []).map((id) => resources.get(type, id)) as never;
  return {
    ...place,
    hospital,
    put: async (resource) => void resources.put(resource),
    all,
    get: async (type, id) => resources.get(type, id) as never,
    patient: () => cardOf(place, all),
  };
}

async function cardOf(
  place: Place,
  all: (type: 'Patient') => Promise<readonly Patient[]>,
): Promise<{ readonly who: string; readonly id: string }> {
  const who = await place.newcomer();
  await place.ok('card-open', who);
  const { idNumber } = (await place.store.person(who)) ?? {};
  const found = (await all('Patient')).find(({ identifier }) => identifier?.[0]?.value === idNumber);
  return { who, id: found?.id ?? '' };
}

/** Where fewer slots do, searches of a server that has no index take less time. */
const isNeeded = ({ resourceType, id = '' }: FhirResource): boolean => resourceType !== 'Slot' || /^(internal|surgery|eyes)-/.test(id);

async function theirs(test: Test, peer: Peer): Promise<Stage> {
  const place = newPlace(peer);
  test.teardown(() => place.end());
  const at = async (path: string, body?: FhirResource): Promise<unknown> => {
    const headers = { 'content-type': 'application/fhir+json' };
    const response = await fetch(new URL(path, peer.url), body ? { method: 'PUT', headers, body: JSON.stringify(body) } : {});
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const put = async (resource: FhirResource): Promise<void> => void (await at(`${resource.resourceType}/${resource.id}`, resource));
  const all = async (type: string) =>
    ((await at(type)) as { readonly entry?: readonly { readonly resource: unknown }[] }).entry?.map(({ resource }) => resource) as never;
  return {
    ...place,
    put,
    all,
    get: async (type, id) => (await at(`${type}/${id}`)) as never,
    async patient() {
      const patient = await cardOf(place, all);
      for (const one of followOf((await at(`Patient/${patient.id}`)) as Patient, SEED, place.clock.now)) await put(one);
      return patient;
    },
  };
}

/** The first slot from then on that is still free, of this doctor or of anybody. */
async function freeSlot({ all }: Stage, from: number, doctor = 'internal-1'): Promise<Slot> {
  const free = (await all<Slot>('Slot')).filter(({ schedule, status }) => schedule.reference === `Schedule/${doctor}` && status === 'free');
  const later = free.filter(({ start }) => Date.parse(start) >= from).sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
  if (!later[0]) throw new Error('no free slot');
  return later[0];
}

const unpaidOf = async (stage: Stage, who: string): Promise<readonly string[]> =>
  (await stage.ok('charges', who)).charges.map(({ id }) => id);

// ── the same at both hospitals ──────────────────────────────────────────────────────────────────────────────────────

type Play = (t: Test, stage: Stage) => Promise<void>;

const PLAYS: Readonly<Record<string, Play>> = {
  'a record is made once, and found by the number of the resident ID': async (t, stage) => {
    const who = await stage.newcomer();
    t.equal(await stage.reason('card', who), 'no-record');
    t.equal(await stage.reason('charges', who), 'no-record', 'nothing else works before');
    const [first, second] = await Promise.all([stage.ok('card-open', who), stage.ok('card-open', who, {}, { terminal: 'DESK-2' })]);
    t.same([first.existed, second.existed].sort(), [false, true], 'two terminals at once');
    t.equal(first.card, second.card);
    t.same(await stage.ok('card', who), { card: first.card });
    const person = (await stage.store.person(who)) ?? {};
    const records = (await stage.all<Patient>('Patient')).filter(({ identifier }) => identifier?.[0]?.value === person.idNumber);
    t.match(records, [
      { name: [{ text: person.name }], birthDate: person.birth, identifier: [{ system: RESIDENT_ID, value: person.idNumber }] },
    ]);
    t.equal(await stage.reason('card', randomBytes(16).toString('base64url')), 'not-known', 'the county does not know them');
  },

  'several records are for staff, a merged one leads to its other': async (t, stage) => {
    const { who, id } = await stage.patient();
    const { card } = await stage.ok('card', who);
    const record = await stage.get<Patient>('Patient', id);
    const twin: Patient = { ...record, id: `${id.slice(0, 20)}-twin`, identifier: record.identifier?.slice(0, 1) };
    await stage.put(twin);
    for (const word of ['card', 'card-open', 'reports'] as const) t.equal(await stage.reason(word, who), 'many-matches', word);
    await stage.put({ ...twin, active: false });
    t.same(await stage.ok('card', who), { card }, 'the one that is not in use does not count');
    await stage.put({ ...record, active: false });
    t.equal(await stage.reason('card', who), 'many-matches', 'closed, and not said why');
    t.equal(await stage.reason('card-open', who), 'many-matches', 'and no new one is made');
    const { identifier: _, ...other } = record;
    await stage.put({ ...other, id: `${id.slice(0, 20)}-heir` });
    await stage.put({ ...record, active: false, link: [{ type: 'replaced-by', other: { reference: `Patient/${id.slice(0, 20)}-heir` } }] });
    t.match((await stage.ok('card', who)).card, /heir/, 'merged');
  },

  'department, day, doctor, slot: booked once, with its fee as a charge': async (t, stage) => {
    const { who } = await stage.patient();
    const { departments } = await stage.ok('departments', who);
    t.match(departments, [{ id: 'internal', name: { zh: '内科', en: 'Internal medicine' } }]);
    const { days } = await stage.ok('days', who, { department: 'internal' });
    t.equal(days.length, 7);
    t.equal(days[0]?.day, '2026-11-25');
    const { doctors } = await stage.ok('doctors', who, { department: 'internal', day: '2026-11-26' });
    t.match(doctors[0], { id: 'internal-1', name: '测试医生11', title: { zh: '主任医师' }, fee: 2500 });
    t.equal(
      doctors.reduce((sum, { free }) => sum + free, 0),
      days[1]?.free,
    );
    const asked = { department: 'internal', day: '2026-11-26', doctor: 'internal-1' };
    const { slots } = await stage.ok('slots', who, asked);
    t.equal(slots.length, doctors[0]?.free);
    const slot = slots[0]?.id ?? '';
    const booked = await stage.ok('register', who, { slot });
    t.match(booked, {
      day: '2026-11-26',
      from: slots[0]?.from,
      doctor: '测试医生11',
      department: { zh: '内科' },
      fee: 2500,
      room: { zh: /诊室/ },
    });
    t.same(await stage.ok('register', who, { slot }, { terminal: 'DESK-2' }), booked, 'the same again is the same');
    t.notOk(
      (await stage.ok('slots', who, asked)).slots.some(({ id }) => id === slot),
      'gone from the list',
    );
    t.ok((await unpaidOf(stage, who)).includes(booked.charge ?? ''), 'the fee is a charge');
    const other = await stage.ask('register', who, { slot: slots[1]?.id ?? '' });
    t.match(
      other,
      { status: 'refused', body: { reason: 'already-booked', at: booked.from, where: { zh: '内科' } } },
      'same department, same day',
    );
    t.equal((await stage.get<Slot>('Slot', slots[1]?.id ?? '')).status, 'free', 'and nothing is taken for it');
    t.match(await stage.ok('register', who, { slot: (await freeSlot(stage, MORNING, 'surgery-1')).id ?? '' }), {
      department: { zh: '外科' },
    });
    const { who: late } = await stage.patient();
    t.equal(await stage.reason('register', late, { slot }), 'slot-taken');
    t.equal(await stage.reason('register', late, { slot: 'nothing' }), 'unknown');
    t.same((await stage.ok('days', who, { department: 'nothing' })).days, []);
    t.same((await stage.ok('doctors', who, { department: 'internal', day: '2027-01-01' })).doctors, []);
    t.same((await stage.ok('slots', who, { ...asked, doctor: 'surgery-1' })).slots, [], 'a doctor of another department');
  },

  'a cancelled appointment makes room for another': async (t, stage) => {
    const { who } = await stage.patient();
    const first = await freeSlot(stage, MORNING + DAY, 'eyes-1');
    const { id } = await stage.ok('register', who, { slot: first.id ?? '' });
    await stage.put({ ...(await stage.get<Appointment>('Appointment', id)), status: 'cancelled' });
    const { extension: _, ...slot } = await stage.get<Slot>('Slot', first.id ?? '');
    await stage.put({ ...slot, status: 'free' });
    const second = await freeSlot(stage, Date.parse(first.start) + 1, 'eyes-1');
    t.match(await stage.ok('register', who, { slot: second.id ?? '' }), { id }, 'the one of this day is used again');
    t.match(await stage.get('Slot', second.id ?? ''), { status: 'busy', extension: [{ url: EXTENSION.heldBy }] });
    t.equal((await stage.get<Slot>('Slot', first.id ?? '')).status, 'free');
  },

  'check-in has a window, and one number however often it is asked': async (t, stage) => {
    const { who } = await stage.patient();
    const slot = await freeSlot(stage, MORNING + 4 * 60 * MINUTE, 'internal-2');
    const start = Date.parse(slot.start);
    const { id, from } = await stage.ok('register', who, { slot: slot.id ?? '' });
    t.match((await stage.ok('appointments', who)).appointments, [{ id, from, state: 'booked' }]);
    stage.clock.now = start - 61 * MINUTE;
    const early = await stage.ask('check-in', who, { appointment: id });
    t.match(early, {
      status: 'refused',
      body: { reason: 'too-early', at: `${String(Number(from.slice(0, 2)) - 1).padStart(2, '0')}${from.slice(2)}` },
    });
    const { who: other } = await stage.patient();
    t.equal(await stage.reason('check-in', other, { appointment: id }), 'unknown', 'somebody else’s');
    t.equal(await stage.reason('check-in', who, { appointment: 'nothing' }), 'unknown');
    stage.clock.now = start - 30 * MINUTE;
    const both = await Promise.all(['DESK-1', 'DESK-2'].map((terminal) => stage.ok('check-in', who, { appointment: id }, { terminal })));
    t.same(both[0], both[1], 'at two terminals at once');
    t.match(both[0], { doctor: '测试医生12', room: { zh: /诊室/ }, queue: /^[AB]?\d{3,4}$/ });
    stage.clock.now = start + 300 * MINUTE;
    t.same((await stage.ok('check-in', who, { appointment: id })).queue, both[0]?.queue, 'long after, the number stays');
    t.match((await stage.ok('appointments', who)).appointments, [{ id, state: 'arrived' }]);
    const seen = (await stage.all<Encounter>('Encounter')).filter(({ appointment }) => appointment?.[0]?.reference === `Appointment/${id}`);
    t.equal(seen.length, 1);
    stage.clock.now = MORNING;
    const missed = await freeSlot(stage, MORNING + MINUTE, 'surgery-2');
    const { id: late } = await stage.ok('register', who, { slot: missed.id ?? '' });
    stage.clock.now = Date.parse(missed.end) + 31 * MINUTE;
    t.equal(await stage.reason('check-in', who, { appointment: late }), 'too-late');
    const tomorrow = await freeSlot(stage, MORNING + DAY, 'internal-3');
    const { id: next } = await stage.ok('register', who, { slot: tomorrow.id ?? '' });
    t.equal(await stage.reason('check-in', who, { appointment: next }), 'unknown', 'not today');
    t.notOk((await stage.ok('appointments', who)).appointments.some((one) => one.id === next));
    stage.clock.now = MORNING;
  },

  'charges are paid by one bill, and balanced at the hospital once': async (t, stage) => {
    const { who } = await stage.patient();
    const { charges } = await stage.ok('charges', who);
    t.equal(charges.length, 2, 'the open ones');
    const ids = charges.map(({ id }) => id);
    const bill = await stage.ok('bill', who, { charges: ids });
    t.equal(bill.amount, (charges[0]?.amount ?? 0) + (charges[1]?.amount ?? 0));
    t.same(await stage.ok('bill', who, { charges: [...ids].reverse() }), bill, 'the same charges, the same bill');
    const one = await stage.ok('bill', who, { charges: [ids[0] ?? ''] });
    t.not(one.number, bill.number);
    t.equal(await stage.pay(bill), 'bill-void', 'two bills over one charge are never payable at once');
    const whole = await stage.ok('bill', who, { charges: ids });
    t.equal(await stage.pay(one), 'bill-void');
    t.equal(await stage.pay(whole), 'paid');
    t.same(await unpaidOf(stage, who), [], 'paid here, whether or not the hospital knows');
    t.equal(await stage.reason('bill', who, { charges: ids }), 'nothing-due');
    t.equal(await stage.reason('bill', who, { charges: [ids[1] ?? ''] }), 'nothing-due');
    t.equal((await stage.get<Invoice>('Invoice', ids[0] ?? '')).status, 'issued', 'not told yet');
    t.equal(await stage.tell(), 0);
    for (const id of ids) t.equal((await stage.get<Invoice>('Invoice', id)).status, 'balanced');
    const notices = (await stage.all<PaymentNotice>('PaymentNotice')).filter(({ request }) =>
      ids.some((id) => request?.reference === `Invoice/${id}`),
    );
    t.equal(notices.length, 2);
    t.equal(Math.round(notices.reduce((sum, { amount }) => sum + (amount.value ?? 0) * 100, 0)), whole.amount, 'to the fen');
    t.equal(await stage.reason('bill', who, { charges: ids }), 'nothing-due');
    t.equal(await stage.reason('bill', who, { charges: ['nothing'] }), 'unknown');
    const { who: other } = await stage.patient();
    t.equal(await stage.reason('bill', other, { charges: ids }), 'unknown', 'somebody else’s');
    t.same(await stage.store.alarms(9), []);
  },

  'only final reports; a sensitive one is for the doctor; prints are counted': async (t, stage) => {
    const { who, id } = await stage.patient();
    const { reports } = await stage.ok('reports', who);
    t.same(new Set(reports.map(({ what }) => what.zh)), new Set(['血常规', '腹部超声', '专项检验']), 'the preliminary one is not told');
    t.same(
      reports.filter(({ sensitive }) => sensitive).map(({ what }) => what.zh),
      ['专项检验'],
    );
    const blood = `${id}-blood`;
    const shown = await stage.ok('report', who, { report: blood });
    t.match(shown.lines, [
      { label: { zh: '白细胞', en: 'White blood cells' }, value: '11.2 10^9/L', range: '3.5–9.5', flag: 'high' },
      { label: { zh: '血红蛋白' }, value: '131 g/L' },
      { label: { zh: '血小板' }, flag: 'low' },
    ]);
    t.equal(shown.lines[1]?.flag, undefined);
    t.match(shown.patient, /^测\*+\d$/, 'a masked name');
    t.match(await stage.ok('report', who, { report: `${id}-sonogram` }), { lines: [], conclusion: { zh: /肝胆胰脾/ } });
    for (const word of ['report', 'report-print'] as const) {
      t.equal(await stage.reason(word, who, { report: `${id}-special` }), 'sensitive');
      t.equal(await stage.reason(word, who, { report: `${id}-scan` }), 'unknown', 'not final');
      const { who: other } = await stage.patient();
      t.equal(await stage.reason(word, other, { report: blood }), 'unknown', 'somebody else’s');
    }
    const request = { id: Uint8Array.from(randomBytes(16)) };
    const first = await stage.ok('report-print', who, { report: blood }, request);
    t.equal(first.left, 1);
    t.same(await stage.ok('report-print', who, { report: blood }, request), first, 'the same request is one print');
    t.same(await stage.ok('report-unprinted', who, { print: first.print }), { left: 2 });
    t.same(await stage.ok('report-unprinted', who, { print: first.print }), { left: 2 }, 'given back once');
    const many = await Promise.all(Array.from({ length: 5 }, () => stage.ask('report-print', who, { report: blood })));
    t.equal(many.filter(({ status }) => status === 'ok').length, 2, 'as often as the hospital allows');
    t.equal(await stage.reason('report-print', who, { report: blood }), 'printed-out');
    t.match(
      (await stage.ok('reports', who)).reports.find((one) => one.id === blood),
      { left: 0 },
    );
    const { who: other } = await stage.patient();
    t.equal(await stage.reason('report-unprinted', other, { print: first.print }), 'unknown', 'somebody else’s print');
    t.equal(await stage.reason('report-unprinted', who, { print: 'nothing' }), 'unknown');
  },

  'a prescription is paid, then handed over once': async (t, stage) => {
    const { who, id } = await stage.patient();
    const [ready, unpaid] = [`${id}-rx1`, `${id}-rx2`];
    const { prescriptions, patient } = await stage.ok('prescriptions', who);
    t.match(patient, /^测\*+\d$/, 'a masked name');
    t.same(
      new Map(prescriptions.map((one) => [one.id, one.state])),
      new Map([
        [ready, 'ready'],
        [unpaid, 'unpaid'],
      ]),
    );
    t.match(prescriptions[0], {
      department: { zh: '内科' },
      doctor: '测试医生11',
      medicines: [{ what: { zh: /阿莫西林/ }, amount: '2 盒', use: /一日 3 次/ }, {}],
    });
    t.equal(await stage.reason('hand-over', who, { prescription: unpaid }), 'unpaid');
    const bill = await stage.ok('bill', who, { charges: [`${id}-drugs`] });
    await stage.pay(bill);
    await stage.tell();
    t.match(
      (await stage.ok('prescriptions', who)).prescriptions.map(({ state }) => state),
      ['ready', 'ready'],
    );
    const request = { id: Uint8Array.from(randomBytes(16)), terminal: 'WINDOW-3' };
    const done = await stage.ok('hand-over', who, { prescription: unpaid }, request);
    t.equal(done.at, '09:00');
    stage.clock.now += 10 * MINUTE;
    t.same(await stage.ok('hand-over', who, { prescription: unpaid }, request), done, 'the same request, its answer was lost');
    t.match(await stage.ask('hand-over', who, { prescription: unpaid }), {
      body: { reason: 'dispensed', at: '09:00', where: { zh: 'WINDOW-3' } },
    });
    stage.clock.now = MORNING;
    const two = await Promise.all(['W-1', 'W-2'].map((terminal) => stage.ask('hand-over', who, { prescription: ready }, { terminal })));
    t.same(two.map(({ status }) => status).sort(), ['ok', 'refused'], 'two windows at once');
    const dispenses = (await stage.all<MedicationDispense>('MedicationDispense')).filter(
      ({ subject }) => subject?.reference === `Patient/${id}`,
    );
    t.equal(dispenses.length, 4, 'one for each medicine');
    t.match(
      (await stage.ok('prescriptions', who)).prescriptions.map(({ state }) => state),
      ['dispensed', 'dispensed'],
    );
    t.equal(await stage.reason('hand-over', who, { prescription: 'nothing' }), 'unknown');
    const { who: other } = await stage.patient();
    t.equal(await stage.reason('hand-over', other, { prescription: ready }), 'unknown', 'somebody else’s');
  },

  'an order becomes a stay with one bed; deposits and expenses go by its account': async (t, stage) => {
    const { who } = await stage.patient();
    for (const word of ['deposit', 'expenses'] as const) t.equal(await stage.reason(word, who), 'not-admitted');
    t.equal(await stage.reason('deposit-bill', who, { amount: 50_000 }), 'not-admitted');
    const order = await stage.ok('admission', who);
    t.match(order, {
      ward: WARD.name,
      deposit: 200_000,
      doctor: '测试医生11',
      consent: { version: CONSENT_VERSION, paragraphs: [{}, {}, {}] },
    });
    const asked = { order: order.id, contact: CONTACT, consent: order.consent.version };
    t.equal(await stage.reason('admit', who, { ...asked, consent: 2 }), 'consent-changed');
    const { who: other } = await stage.patient();
    t.equal(await stage.reason('admit', other, asked), 'unknown', 'somebody else’s order');
    const [stay, again] = await Promise.all([stage.ok('admit', who, asked), stage.ok('admit', who, asked, { terminal: 'DESK-2' })]);
    t.same(stay, again, 'at two terminals at once');
    t.match(stay, { ward: WARD.name, bed: /^\d 床$/, deposit: 200_000 });
    const beds = (await stage.all<Location>('Location')).filter(({ extension }) => extension?.some(({ url }) => url === EXTENSION.heldBy));
    t.equal(beds.filter(({ name }) => name === stay.bed).length, 1);
    t.equal((await stage.ok('admission', who)).id, order.id, 'listed until the stay ends');

    const before = await stage.ok('deposit', who);
    t.match(before, { stay: stay.stay, ward: WARD.name, least: 10_000 });
    for (const amount of [9_999, 5_000_001]) t.equal(await stage.reason('deposit-bill', who, { amount }), 'not-that-amount');
    const bill = await stage.ok('deposit-bill', who, { amount: 123_456 });
    t.same(await stage.ok('deposit-bill', who, { amount: 123_456 }), bill, 'the same until it is paid');
    t.equal(await stage.pay(bill), 'paid');
    const next = await stage.ok('deposit-bill', who, { amount: 123_456 });
    t.not(next.number, bill.number, 'a second deposit is a second bill');
    await stage.tell();
    await stage.tell();
    t.equal((await stage.ok('deposit', who)).balance, before.balance + 123_456);
    t.equal((await stage.ok('admit', who, asked)).deposit, 200_000 - 123_456, 'what is still due');

    const account = (await stage.all<FhirResource & { identifier?: { system?: string }[] }>('Account' as never)).at(-1)?.id ?? '';
    const had = await stage.ok('expenses', who);
    await stage.put(expense(account, 'a', { fen: 1_999, category: 'nursing', at: MORNING - DAY }));
    await stage.put(expense(account, 'b', { fen: 3_333, category: 'strange', at: MORNING - DAY }));
    const list = await stage.ok('expenses', who);
    t.equal(list.total, had.total + 5_332);
    t.equal(list.billed, had.billed, 'what is not billed yet shows');
    const total = (of: readonly { readonly total: number }[]): number => of.reduce((sum, one) => sum + one.total, 0);
    t.equal(total(list.days), list.total);
    t.equal(total(list.categories), list.total);
    t.ok(list.categories.some(({ category }) => category === 'other'));
    const day = await stage.ok('expense-day', who, { day: '2026-11-24' });
    t.equal(day.total, 5_332);
    t.match(day.lines, [
      { category: 'nursing', amount: 1_999 },
      { category: 'other', amount: 3_333 },
    ]);
    t.equal(await stage.reason('expense-day', who, { day: '2026-11-01' }), 'unknown');
    t.equal((await stage.ok('charges', who)).charges.length, 2, 'what is of a stay is no outpatient charge');
  },
};

function expense(
  account: string,
  id: string,
  { fen, category, at }: { readonly fen: number; readonly category: string; readonly at: number },
): ChargeItem {
  return {
    resourceType: 'ChargeItem',
    id: `${account.slice(0, 30)}-${id}`,
    status: 'billable',
    subject: {},
    account: [{ reference: `Account/${account}` }],
    code: { text: '护理', coding: [{ system: CODE.category, code: category }] },
    occurrenceDateTime: new Date(at).toISOString(),
    quantity: { value: 1 },
    priceOverride: { value: fen / 100, currency: 'CNY' },
  };
}

for (const [name, play] of Object.entries(PLAYS)) t.test(`the reference hospital: ${name}`, async (t) => play(t, await ours(t)));

t.test('a FHIR server that is not ours', { skip: NO_PEER }, async (t) => {
  const peer = await startPeer();
  t.teardown(() => peer.stop());
  const { put } = await theirs(t, peer);
  for (const one of hospitalOf({ seed: SEED, now: MORNING }).filter(isNeeded)) await put(one);
  for (const [name, play] of Object.entries(PLAYS)) await t.test(name, async (t) => play(t, await theirs(t, peer)));
});

// ── what goes wrong ─────────────────────────────────────────────────────────────────────────────────────────────────

/** What is done at a desk, and what must be there afterwards, however often it was begun. */
interface Effect {
  /** May be called again after a fault; what it answers is the same then. */
  begin(
    stage: OurStage,
  ): Promise<{ readonly attempt: () => Promise<unknown>; readonly check: () => Promise<Readonly<Record<string, unknown>>> }>;
  readonly holds: Readonly<Record<string, unknown>>;
}

const ofPatient = async <R extends FhirResource>(stage: Stage, type: R['resourceType'], id: string): Promise<readonly R[]> =>
  (await stage.all<R>(type)).filter((one) => JSON.stringify(one).includes(`"Patient/${id}"`));

const EFFECTS: Readonly<Record<string, Effect>> = {
  'card-open': {
    async begin(stage) {
      const who = await stage.newcomer();
      const { idNumber } = (await stage.store.person(who)) ?? {};
      return {
        attempt: async () => (await stage.ok('card-open', who)).card,
        check: async () => ({
          patients: (await stage.all<Patient>('Patient')).filter(({ identifier }) => identifier?.[0]?.value === idNumber).length,
        }),
      };
    },
    holds: { patients: 1 },
  },
  register: {
    async begin(stage) {
      const { who, id } = await stage.patient();
      const slot = await freeSlot(stage, MORNING + DAY, 'emergency-1');
      return {
        attempt: () => stage.ok('register', who, { slot: slot.id ?? '' }),
        async check() {
          const [one, ...more] = await ofPatient<Appointment>(stage, 'Appointment', id);
          const held = (await stage.all<Slot>('Slot')).filter(
            ({ extension }) => extension?.[0]?.valueReference?.reference === `Appointment/${one?.id}`,
          );
          const fees = (await ofPatient<Invoice>(stage, 'Invoice', id)).filter(
            ({ identifier }) => identifier?.[0]?.system === KEY.registration,
          );
          return {
            status: one?.status,
            more: more.length,
            held: held.map((each) => each.id === slot.id && each.status),
            fees: fees.length,
          };
        },
      };
    },
    holds: { status: 'booked', more: 0, held: ['busy'], fees: 1 },
  },
  'check-in': {
    async begin(stage) {
      const { who, id } = await stage.patient();
      const slot = await freeSlot(stage, MORNING, 'emergency-1');
      const { id: appointment } = await stage.ok('register', who, { slot: slot.id ?? '' });
      stage.clock.now = Date.parse(slot.start);
      return {
        attempt: async () => (await stage.ok('check-in', who, { appointment })).queue,
        async check() {
          const [one] = await ofPatient<Appointment>(stage, 'Appointment', id);
          stage.clock.now = MORNING;
          return { status: one?.status, encounters: (await ofPatient<Encounter>(stage, 'Encounter', id)).length };
        },
      };
    },
    holds: { status: 'arrived', encounters: 1 },
  },
  'bill and payment': {
    async begin(stage) {
      const { who, id } = await stage.patient();
      const charges = await unpaidOf(stage, who);
      let number: string | undefined;
      return {
        async attempt() {
          // Once it is paid, only the hospital is still to be told.
          const bill = number === undefined ? await stage.ok('bill', who, { charges }) : undefined;
          if (bill && (await stage.pay(bill)) === 'paid') number = bill.number;
          if ((await stage.tell()) > 0) throw new Error('the hospital was not told');
          return number;
        },
        async check() {
          const invoices = await ofPatient<Invoice>(stage, 'Invoice', id);
          const paid = invoices.filter((one) => charges.includes(one.id ?? ''));
          const notices = (await stage.all<PaymentNotice>('PaymentNotice')).filter(({ request }) =>
            paid.some((one) => request?.reference === `Invoice/${one.id}`),
          );
          const fen = (money: readonly ({ value?: number | undefined } | undefined)[]): number =>
            money.reduce((sum, one) => sum + Math.round((one?.value ?? 0) * 100), 0);
          const bills = (await stage.store.bills()).filter(({ subject, state }) => subject === who && state === 'paid');
          return {
            open: paid.filter(({ status }) => status !== 'balanced').length,
            notices: notices.length,
            agree:
              fen(notices.map(({ amount }) => amount)) === fen(paid.map(({ totalNet }) => totalNet)) &&
              bills[0]?.amount === fen(paid.map(({ totalNet }) => totalNet)),
            bills: bills.length,
          };
        },
      };
    },
    holds: { open: 0, notices: 2, agree: true, bills: 1 },
  },
  'hand-over': {
    async begin(stage) {
      const { who, id } = await stage.patient();
      const request = { id: Uint8Array.from(randomBytes(16)) };
      return {
        attempt: () => stage.ok('hand-over', who, { prescription: `${id}-rx1` }, request),
        async check() {
          const { prescriptions } = await stage.ok('prescriptions', who);
          const other = await stage.reason('hand-over', who, { prescription: `${id}-rx1` });
          return {
            state: prescriptions.find((one) => one.id === `${id}-rx1`)?.state,
            dispenses: (await ofPatient(stage, 'MedicationDispense', id)).length,
            other,
          };
        },
      };
    },
    holds: { state: 'dispensed', dispenses: 2, other: 'dispensed' },
  },
  admit: {
    async begin(stage) {
      const { who, id } = await stage.patient();
      const asked = { order: `${id}-admission`, contact: CONTACT, consent: CONSENT_VERSION };
      return {
        attempt: () => stage.ok('admit', who, asked),
        async check() {
          const [stay, ...more] = (await ofPatient<Encounter>(stage, 'Encounter', id)).filter(({ class: kind }) => kind.code === 'IMP');
          const beds = (await stage.all<Location>('Location')).filter(
            ({ extension }) => extension?.[0]?.valueReference?.reference === `Encounter/${stay?.id}`,
          );
          const count = async (type: FhirResource['resourceType']): Promise<number> => (await ofPatient(stage, type, id)).length;
          const order = await stage.get<FhirResource & { status?: string }>('ServiceRequest' as never, asked.order);
          // The bed is for the next one.
          for (const { extension: _, ...bed } of beds) await stage.put({ ...bed, operationalStatus: { code: 'U' } });
          return {
            status: stay?.status,
            more: more.length,
            beds: beds.map(({ operationalStatus }) => operationalStatus?.code),
            accounts: await count('Account'),
            consents: await count('Consent'),
            contacts: await count('RelatedPerson'),
            order: order.status,
          };
        },
      };
    },
    holds: { status: 'in-progress', more: 0, beds: ['O'], accounts: 1, consents: 1, contacts: 1, order: 'completed' },
  },
};

/** Of each, one at a time, at the first request, the second, … until the last. `outrun` is no fault of the line: it must work at once. */
for (const fault of ['cut', 'lost', 'broken', 'nonsense', 'outrun'] as const) {
  t.test(`${fault} at every step: begun again, everything is there once`, async (t) => {
    const stage = await ours(t);
    const { hospital } = stage;
    // Nothing is done at a server that breaks, as at one that is cut off.
    const stride = fault === 'broken' || fault === 'nonsense' ? 3 : 1;
    for (const [name, { begin, holds }] of Object.entries(EFFECTS)) {
      let step = 0;
      for (let met = true; met; step += stride) {
        const { attempt, check } = await begin(stage);
        const before = hospital.faults;
        hospital.fault({ fault, after: step, times: 1 });
        const first = await attempt().catch((error: Error) => error);
        hospital.fault(undefined);
        met = hospital.faults > before;
        if (fault === 'outrun') t.notOk(first instanceof Error, `${name}, step ${step}: ${String(first)}`);
        const second = await attempt();
        if (!(first instanceof Error)) t.same(second, first, `${name}, step ${step}: the same answer`);
        t.same(await check(), holds, `${name}, step ${step}`);
        if (step > 40) throw new Error('no end');
      }
      t.ok(step > 1, `${name} has ${step} steps`);
    }
  });
}

t.test('the hospital’s own card is resolved to its holder, by the hospital and the county together', async (t) => {
  const stage = await ours(t);
  const { who, id } = await stage.patient();
  const { card } = await stage.ok('card', who);
  const folder = join(t.testdir(), 'county');
  const keys = holdCeremony({ folder, now: MORNING - DAY, region: '341525', terminals: [] });
  const address = { url: stage.hospital.url, token: stage.hospital.token };
  const resolve = async (code: string, hospital: FhirAddress | undefined = address) => {
    const unused = Uint8Array.of(0);
    const terminal = { id: 'DESK-1', checkpoint: 'HOSPITAL', site: '', sign: unused, open: unused, region: false, struck: false };
    const { store, cashier } = stage;
    const context = {
      store,
      bills: cashier,
      cashier,
      keys,
      gateway: undefined,
      hospital,
      terminal,
      id: unused,
      now: MORNING,
      signal: never,
    };
    const { status, body = null } = await credential.operations.resolve.handle(encodeResolve({ code, scene: 'clinic/reports' }), context);
    return { status, resolved: decodeResolved(body) };
  };
  const { idNumber = '' } = (await stage.store.person(who)) ?? {};
  const subject = await subjectOf(idNumber, keys.region, keys.regionKeys[0] ?? new Uint8Array(0));
  t.match(await resolve(card), { status: 'ok', resolved: { subject, colour: 'green' } });
  await setColour(stage.store, subject, 'yellow');
  t.match(await resolve(card), { status: 'ok', resolved: { subject, colour: 'yellow' } });
  t.match(await resolve('HSYY999999999999'), { status: 'unknown' });
  const record = await stage.get<Patient>('Patient', id);
  const health = { system: NUMBER.healthCard, value: 'a'.repeat(64) };
  await stage.put({ ...record, identifier: [...(record.identifier ?? []), health] });
  t.match(await resolve('a'.repeat(64)), { status: 'ok', resolved: { subject } });
  await stage.put({ ...record, id: 'twin' });
  t.match(await resolve(card), { status: 'fault' }, 'two of one number: staff must look');
  t.match(await resolve(card, undefined), { status: 'fault' }, 'no hospital, no province');
});

t.test('a hospital that hangs, that is away, or that does not know us is a fault, not an answer', async (t) => {
  const stage = await ours(t);
  const { hospital } = stage;
  const { who } = await stage.patient();
  hospital.fault({ fault: 'slow' });
  const hung = await stage.ask('charges', who);
  t.match(hung, { status: 'fault', error: { fault: 'away' } });
  hospital.fault(undefined);
  t.equal((await stage.ask('charges', who)).status, 'ok', 'and works again');
  const nobody = newPlace({ url: hospital.url, token: 'wrong' });
  t.teardown(() => nobody.end());
  t.match(await nobody.ask('card', await nobody.newcomer()), { status: 'fault', error: { fault: 'refused' } });
  const none = newPlace(undefined);
  t.teardown(() => none.end());
  t.match(await none.ask('card', await none.newcomer()), { status: 'fault' }, 'no hospital is connected');
});

t.test('a body that is none, and somebody who shows nothing, are refused without a reason', async (t) => {
  const stage = await ours(t);
  const { who } = await stage.patient();
  for (const [word, body] of [
    ['card', { more: 1 }],
    ['bill', { charges: [] }],
    ['bill', { charges: ['a b'] }],
    ['days', {}],
    ['deposit-bill', { amount: 0 }],
    ['admit', { order: 'x', contact: { ...CONTACT, phone: '0' }, consent: 1 }],
  ] as const)
    t.same(await stage.ask(word, who, body), { status: 'refused', body: null }, `${word} ${JSON.stringify(body)}`);
});

t.test('the last slot: twenty people at once, one gets it', async (t) => {
  const stage = await ours(t);
  const slot = (await freeSlot(stage, MORNING + DAY)).id ?? '';
  const people = await Promise.all(Array.from({ length: 20 }, () => stage.patient()));
  const answers = await Promise.all(people.map(({ who }, n) => stage.ask('register', who, { slot }, { terminal: `DESK-${n}` })));
  t.equal(answers.filter(({ status }) => status === 'ok').length, 1);
  t.equal(answers.filter((one) => one.status === 'refused' && one.body?.reason === 'slot-taken').length, 19);
  const left = (await stage.all<Appointment>('Appointment')).map(({ status }) => status);
  t.notOk(left.includes('proposed'), 'nothing is left half-way');
  t.equal(left.filter((status) => status === 'booked').length, 1);
});

t.test('a window that takes the slot or the bed in the same moment', async (t) => {
  const stage = await ours(t);
  const { hospital } = stage;
  const { who } = await stage.patient();
  const slot = await freeSlot(stage, MORNING + DAY);
  hospital.fault({ fault: 'taken', on: /^PUT Slot\// });
  t.equal(await stage.reason('register', who, { slot: slot.id ?? '' }), 'slot-taken');
  hospital.fault(undefined);
  const next = await freeSlot(stage, Date.parse(slot.start) + 1);
  t.match(await stage.ok('register', who, { slot: next.id ?? '' }), { doctor: '测试医生11' }, 'and another one is free');
  const order = await stage.ok('admission', who);
  const asked = { order: order.id, contact: CONTACT, consent: CONSENT_VERSION };
  hospital.fault({ fault: 'taken', on: /^PUT Location\//, times: 1 });
  t.match(await stage.ok('admit', who, asked), { bed: '2 床' }, 'the next bed');
  hospital.fault(undefined);
  for (const bed of await stage.all<Location>('Location'))
    if (bed.operationalStatus?.code === 'U') await stage.put({ ...bed, operationalStatus: { code: 'O' } });
  const { who: late, id } = await stage.patient();
  t.equal(await stage.reason('admit', late, { ...asked, order: `${id}-admission` }), 'no-bed');
  t.equal(await stage.reason('deposit', late), 'not-admitted', 'without a bed there is no stay');
  const bed = await stage.get<Location>('Location', `${WARD.id}-5`);
  await stage.put({ ...bed, operationalStatus: { code: 'U' } });
  t.match(
    await stage.ok('admit', late, { ...asked, order: `${id}-admission` }),
    { bed: '5 床' },
    'when one is free, the same order goes on',
  );
});

t.test('a person at two terminals, two slots of one department: one is booked, the other stays free', async (t) => {
  const stage = await ours(t);
  const { who } = await stage.patient();
  const first = await freeSlot(stage, MORNING + DAY);
  const second = await freeSlot(stage, Date.parse(first.start) + 1);
  const answers = await Promise.all([first, second].map(({ id = '' }) => stage.ask('register', who, { slot: id })));
  t.same(answers.map(({ status }) => status).sort(), ['ok', 'refused']);
  const states = await Promise.all([first, second].map(async ({ id = '' }) => (await stage.get<Slot>('Slot', id)).status));
  t.same(states.sort(), ['busy', 'free']);
});

t.test('left half-way, then another slot: the first one is free again', async (t) => {
  const stage = await ours(t);
  const { who } = await stage.patient();
  const first = await freeSlot(stage, MORNING + DAY);
  stage.hospital.fault({ fault: 'cut', on: /^PUT Appointment\// });
  t.equal((await stage.ask('register', who, { slot: first.id ?? '' })).status, 'fault');
  stage.hospital.fault(undefined);
  t.equal((await stage.get<Slot>('Slot', first.id ?? '')).status, 'busy');
  const second = await freeSlot(stage, Date.parse(first.start) + 1);
  await stage.ok('register', who, { slot: second.id ?? '' });
  t.equal((await stage.get<Slot>('Slot', first.id ?? '')).status, 'free');
});

t.test('an invoice that the window closed or changed after the bill: nothing is paid twice, people are told', async (t) => {
  const stage = await ours(t);
  const play = async (change: Partial<Invoice>): Promise<void> => {
    const { who } = await stage.patient();
    const [charge = ''] = await unpaidOf(stage, who);
    const bill = await stage.ok('bill', who, { charges: [charge] });
    await stage.put({ ...(await stage.get<Invoice>('Invoice', charge)), ...change });
    await stage.pay(bill);
    t.equal(await stage.tell(), 0, 'the county is not asked for ever');
    t.match(await stage.store.alarms(1), [
      { kind: 'payment-unmatched', facts: { bill: bill.number, amount: bill.amount, invoices: [`Invoice/${charge}`] } },
    ]);
    const money = (await stage.all<FhirResource & { identifier?: { value?: string }[] }>('PaymentReconciliation' as never)).at(-1);
    t.equal(money?.identifier?.[0]?.value, bill.number, 'the hospital knows of the money');
    t.notOk((await unpaidOf(stage, who)).includes(charge), 'and nobody is asked for it again');
  };
  await play({ status: 'balanced' });
  await play({ status: 'cancelled' });
  await play({ totalNet: { value: 0.01, currency: 'CNY' } });
});

t.test('a bill whose payment is in doubt stands in the way of every other over its charges', async (t) => {
  const stage = await ours(t);
  const { who } = await stage.patient();
  const charges = await unpaidOf(stage, who);
  const bill = await stage.ok('bill', who, { charges });
  stage.sandbox.turn(false);
  const attempt = 'f'.repeat(32);
  const asked = { number: bill.number, amount: bill.amount, attempt, code: '134567890123456789', terminal: 'DESK-1' };
  t.match(await stage.cashier.charge(asked, AbortSignal.timeout(50)), { state: 'charging' });
  for (const some of [charges, charges.slice(0, 1)])
    t.match(await stage.ask('bill', who, { charges: some }), {
      status: 'refused',
      body: { reason: 'payment-in-doubt', number: bill.number },
    });
  stage.sandbox.turn(true);
});

// ── the client ──────────────────────────────────────────────────────────────────────────────────────────────────────

async function serverOf(test: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  test.teardown(() => void server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`;
}

const json =
  (body: unknown, status = 200): RequestListener =>
  (request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': 'application/fhir+json' }).end(JSON.stringify(body));
  };
const never = new AbortController().signal;

t.test('whatever a server says is of the type that was asked for, or one of five faults', async (t) => {
  const faultWith = async (
    listener: RequestListener,
    ask = (fhir: ReturnType<typeof openFhir>): Promise<unknown> => fhir.read('Patient', '1'),
  ) => {
    const fhir = openFhir({ url: await serverOf(t, listener), patienceMs: 300 }, never);
    return ask(fhir).then(
      () => undefined,
      (error: FhirError) => error.fault,
    );
  };
  const statuses: readonly (readonly [number, FhirFault])[] = [
    [400, 'refused'],
    [401, 'refused'],
    [403, 'refused'],
    [422, 'refused'],
    [404, 'gone'],
    [410, 'gone'],
    [409, 'conflict'],
    [412, 'conflict'],
    [408, 'away'],
    [429, 'away'],
    [500, 'away'],
    [503, 'away'],
    [302, 'unreadable'],
  ];
  for (const [status, fault] of statuses)
    t.equal(await faultWith(json({ resourceType: 'Patient', id: '1' }, status)), fault, String(status));
  t.equal(await faultWith(json({ resourceType: 'Patient', id: '1' })), undefined);
  t.equal(await faultWith(json({ resourceType: 'Slot', id: '1' })), 'unreadable');
  t.equal(await faultWith(json({ resourceType: 'Patient' })), 'unreadable');
  t.equal(await faultWith(json(null)), 'unreadable');
  t.equal(await faultWith((_request, response) => void response.end('<html>')), 'unreadable');
  t.equal(await faultWith((_request, response) => void response.end('x'.repeat(5 * 1024 * 1024))), 'unreadable', 'too much');
  t.equal(await faultWith((request) => void request.destroy()), 'away');
  t.equal(await faultWith(() => undefined), 'away', 'no answer');
  t.equal(await faultWith((_request, response) => void response.writeHead(200).write('{')), 'away', 'half an answer');

  const search = (fhir: ReturnType<typeof openFhir>): Promise<unknown> => fhir.search('Slot', { status: 'free' });
  const page = (count: number, rest: object): RequestListener => {
    const entry = Array.from({ length: count }, (_, n) => ({ resource: { resourceType: 'Slot', id: String(n) } }));
    return json({ resourceType: 'Bundle', type: 'searchset', entry, ...rest });
  };
  t.equal(await faultWith(page(3, { total: 3 }), search), undefined);
  t.equal(await faultWith(page(3, { total: 4 }), search), 'unreadable', 'cut short');
  t.equal(
    await faultWith(page(1, { link: [{ relation: 'next', url: 'http://127.0.0.1:1/fhir/Slot' }] }), search),
    'unreadable',
    'a link to somebody else',
  );
  t.equal(await faultWith(page(1, { link: [{ relation: 'next', url: '/elsewhere' }] }), search), 'unreadable', 'a link out of the base');
  t.equal(await faultWith(page(1, { link: [{ relation: 'next', url: 'Slot?_page=1' }] }), search), 'unreadable', 'pages without end');
  t.equal(await faultWith(page(MOST_FOUND + 1, {}), search), 'unreadable', 'too many');
  t.equal(
    await faultWith(json({ resourceType: 'Bundle', entry: [{ resource: { resourceType: 'Patient', id: '1' } }] }), search),
    'unreadable',
  );
  const update = (fhir: ReturnType<typeof openFhir>): Promise<unknown> => fhir.update({ resourceType: 'Patient', id: '1' });
  t.equal(await faultWith(json({ resourceType: 'Patient', id: '1' }), update), 'unreadable', 'nobody told us its version');
  const both = (fhir: ReturnType<typeof openFhir>): Promise<unknown> =>
    fhir.transaction([{ request: { method: 'GET', url: 'Patient/1' } }]);
  t.equal(await faultWith(json({ resourceType: 'Bundle', entry: [] }), both), 'unreadable');
  t.equal(
    await faultWith(json({ resourceType: 'Bundle', entry: [{ response: { status: '412 Precondition Failed' } }] }), both),
    'conflict',
  );
  t.equal(await faultWith(json({ resourceType: 'Bundle', entry: [{ response: { status: '422' } }] }), both), 'refused');

  const secret = await serverOf(
    t,
    json({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'invalid', diagnostics: '999999193001011234' }] }, 400),
  );
  const error = (await openFhir({ url: secret }, never)
    .read('Patient', '1')
    .catch((one: unknown) => one)) as FhirError;
  t.same(error.said, ['invalid: 999999193001011234']);
  t.notMatch(`${error.message} ${String(error)}`, /9999/, 'what a server says of somebody is not in the message');
  t.same(saidBy({ issue: 'x' }), []);
  t.equal(
    (await openFhir({ url: 'http://127.0.0.1:1/' }, never)
      .read('Patient', '1')
      .catch((one: FhirError) => one.fault)) as FhirFault,
    'away',
  );
  const gone = AbortSignal.abort();
  t.equal(
    (await openFhir({ url: secret }, gone)
      .read('Patient', '1')
      .catch((one: FhirError) => one.fault)) as FhirFault,
    'away',
  );
});

// ── the reference hospital ──────────────────────────────────────────────────────────────────────────────────────────

t.test('the reference hospital is as strict as a real one should be', async (t) => {
  const stage = await ours(t);
  const { hospital } = stage;
  const { id, who } = await stage.patient();
  const send = async (method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const all = { authorization: `Bearer ${hospital.token}`, 'content-type': 'application/fhir+json', ...headers };
    const response = await fetch(new URL(path, hospital.url), {
      method,
      headers: all,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return {
      status: response.status,
      body: (await response.json()) as FhirResource & { link?: { url: string }[]; total?: number; entry?: unknown[] },
    };
  };
  const status = async (...asked: Parameters<typeof send>): Promise<number> => (await send(...asked)).status;
  const version = async (type: string, one: string): Promise<string> =>
    `W/"${(await stage.get<FhirResource>(type as never, one)).meta?.versionId}"`;

  t.equal(await status('GET', `Patient/${id}`, undefined, { authorization: 'Bearer x' }), 401);
  t.equal(await status('GET', 'Patient?name=x'), 400, 'a parameter it does not know is not ignored');
  t.equal(await status('GET', 'Slot?start=ge-nonsense'), 400);
  t.equal(await status('GET', 'Goal'), 404);
  t.equal(await status('GET', '../Patient'), 404);
  t.equal(await status('DELETE', `Patient/${id}`), 400);
  t.equal(await status('POST', 'Patient', 'text'), 400);
  t.equal(await status('POST', 'Patient', { resourceType: 'Patient', more: 'x'.repeat(1_100_000) }), 413);
  const patient = await stage.get<Patient>('Patient', id);
  t.equal(await status('POST', 'Patient', patient), 428, 'a create must name its key');
  t.equal(await status('POST', 'Patient', { resourceType: 'Patient' }, { 'if-none-exist': 'identifier=x|y' }), 422);
  t.equal(
    await status('POST', 'ChargeItem', { resourceType: 'ChargeItem' }, { 'if-none-exist': '_id=x' }),
    405,
    'what is the hospital’s own',
  );
  const slot = await freeSlot(stage, MORNING + DAY);
  const busy = { ...slot, status: 'busy' };
  t.equal(await status('PUT', `Slot/${slot.id}`, busy), 428, 'an update must name its version');
  t.equal(await status('PUT', `Slot/${slot.id}`, busy, { 'if-match': 'W/"99"' }), 412);
  t.equal(await status('PUT', 'Slot/nothing', { ...busy, id: 'nothing' }, { 'if-match': 'W/"1"' }), 404);
  t.equal(
    await status(
      'PUT',
      `Slot/${slot.id}`,
      { ...busy, schedule: { reference: 'Schedule/none' } },
      { 'if-match': await version('Slot', slot.id ?? '') },
    ),
    422,
  );
  const [charge = ''] = await unpaidOf(stage, who);
  const invoice = await stage.get<Invoice>('Invoice', charge);
  const match = { 'if-match': await version('Invoice', charge) };
  t.equal(await status('PUT', `Invoice/${charge}`, { ...invoice, status: 'balanced' }, match), 422, 'not without its money');
  t.equal(await status('PUT', `Invoice/${charge}`, { ...invoice, totalNet: { value: 1 } }, match), 422);
  t.equal(await status('PUT', `Invoice/${charge}`, { ...invoice, status: 'draft' }, match), 422);

  const patients = (await stage.all('Patient')).length;
  const twin = { ...patient, id: undefined, identifier: [{ system: RESIDENT_ID, value: 'another' }] };
  const bundle = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      { resource: twin, request: { method: 'POST', url: 'Patient', ifNoneExist: 'identifier=another' } },
      { resource: busy, request: { method: 'PUT', url: `Slot/${slot.id}`, ifMatch: 'W/"99"' } },
    ],
  };
  t.equal(await status('POST', '', bundle), 412);
  t.equal((await stage.all('Patient')).length, patients, 'all or nothing');
  t.equal(await status('POST', '', { ...bundle, type: 'batch' }), 400);

  const { body } = await send('GET', 'Slot?_count=50');
  t.equal(body.entry?.length, 50);
  t.match(body.link?.[0]?.url, /^http:\/\/127\.0\.0\.1:\d+\/fhir\/Slot\?_page=[0-9a-f]{16}$/, 'a link that says nothing of what was asked');
  t.ok(((await send('GET', body.link?.[0]?.url ?? '')).body.entry?.length ?? 0) > 0);
  t.equal((await openFhir(hospital, never).search('Slot', {})).length, body.total, 'the client follows it to the end');

  for (const one of await stage.all<FhirResource>('Slot'))
    if (!one.meta?.tag?.[0]?.code?.includes('synthetic')) t.fail('not marked as synthetic');
  t.same(hospitalOf({ seed: 1, now: MORNING }), hospitalOf({ seed: 1, now: MORNING }), 'the same seed, the same hospital');
  t.notSame(hospitalOf({ seed: 1, now: MORNING }), hospitalOf({ seed: 2, now: MORNING }));
});
