/** What people do at a clinic, and what must come of it at any hospital. */

import { randomBytes } from 'node:crypto';
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
import type { Test } from 'tap';
import { CODE, EXTENSION, RESIDENT_ID } from '../src/platform/fhir/names.js';
import { CONSENT_VERSION, WARD } from '../src/platform/hospital/seed.js';
import { DAY, MINUTE, MORNING } from './clinic-place.js';
import { CONTACT, freeSlot, type Stage, unpaidOf } from './clinic-stage.js';

type Play = (t: Test, stage: Stage) => Promise<void>;

export const PLAYS: Readonly<Record<string, Play>> = {
  'a record is made once, and found by the number of the resident ID': async (t, stage) => {
    const who = await stage.newcomer();
    t.equal(await stage.reason('card', who), 'no-record');
    t.equal(await stage.reason('charges', who), 'no-record', 'nothing else works before');
    const [first, second] = await Promise.all([stage.ok('card-open', who), stage.ok('card-open', who, {}, { terminal: 'DESK-2' })]);
    t.same(
      [first.existed, second.existed].sort((a, b) => Number(a) - Number(b)),
      [false, true],
      'two terminals at once',
    );
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
    t.same(await stage.ok('bill', who, { charges: ids.toReversed() }), bill, 'the same charges, the same bill');
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

    const account = (await stage.all<FhirResource & { identifier?: { system?: string }[] }>('Account')).at(-1)?.id ?? '';
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
