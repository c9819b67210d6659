/** The clinic: every operation at the reference hospital and at a FHIR server that is not ours, and many people at once. */

import { join } from 'node:path';
import type { Appointment, FhirResource, Invoice, Location, Patient, Slot } from 'fhir/r4.js';
import t from 'tap';
import { subjectOf } from '../src/crypto/subject.js';
import { decodeResolved, encodeResolve } from '../src/messages/credential.js';
import { holdCeremony } from '../src/platform/ceremony.js';
import type { FhirAddress } from '../src/platform/fhir/http.js';
import { NUMBER } from '../src/platform/fhir/names.js';
import { CONSENT_VERSION, hospitalOf, WARD } from '../src/platform/hospital/seed.js';
import { setColour } from '../src/platform/orders.js';
import credential from '../src/platform/services/credential.js';
import { DAY, MORNING, NO_PEER, newPlace, startPeer } from './clinic-place.js';
import { PLAYS } from './clinic-plays.js';
import { CONTACT, freeSlot, isNeeded, ours, SEED, theirs, unpaidOf } from './clinic-stage.js';

const never = new AbortController().signal;

for (const [name, play] of Object.entries(PLAYS)) t.test(`the reference hospital: ${name}`, async (t) => play(t, await ours(t)));

t.test('a FHIR server that is not ours', { skip: NO_PEER }, async (t) => {
  const peer = await startPeer();
  t.teardown(() => peer.stop());
  const { put } = await theirs(t, peer);
  for (const one of hospitalOf({ seed: SEED, now: MORNING }).filter(isNeeded)) await put(one);
  for (const [name, play] of Object.entries(PLAYS)) await t.test(name, async (t) => play(t, await theirs(t, peer)));
});

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
      trustedIdentity: undefined,
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
  const hasty = newPlace({ url: hospital.url, token: hospital.token, patienceMs: 300 });
  t.teardown(() => hasty.end());
  const who = await hasty.newcomer();
  hospital.fault({ fault: 'slow' });
  t.match(await hasty.ask('charges', who), { status: 'fault', error: { fault: 'away' } });
  hospital.fault(undefined);
  t.equal(await stage.reason('charges', await stage.newcomer()), 'no-record', 'and works again');
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
    const money = (await stage.all<FhirResource & { identifier?: { value?: string }[] }>('PaymentReconciliation')).at(-1);
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
