/** The clinic with a fault at every step: begun again, everything is at the hospital once. */

import { randomBytes } from 'node:crypto';
import type { Appointment, Encounter, FhirResource, Invoice, Location, Patient, PaymentNotice, Slot } from 'fhir/r4.js';
import t from 'tap';
import { ledgerOf } from '../src/platform/clinic/ledger.js';
import { openFhir } from '../src/platform/fhir/client.js';
import { KEY } from '../src/platform/fhir/names.js';
import { CONSENT_VERSION } from '../src/platform/hospital/seed.js';
import { dice } from '../src/platform/hospital/synthetic.js';
import { DAY, MORNING } from './clinic-place.js';
import { CONTACT, freeSlot, type OurStage, ours, type Stage, unpaidOf } from './clinic-stage.js';

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
          const order = await stage.get<FhirResource & { status?: string }>('ServiceRequest', asked.order);
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

/** The same chances each time. */
const chance = dice(20_261_125);

t.test('a hundred bills, the hospital failing at random while it is told: both books agree to the fen', async (t) => {
  const stage = await ours(t);
  const { hospital } = stage;
  const fhir = openFhir(hospital, AbortSignal.timeout(120_000));
  const FAULTS = ['cut', 'lost', 'broken', 'nonsense', 'outrun'] as const;
  const day = '2026-11-25';
  for (let n = 0; n < 40; n++) {
    const { who, id } = await stage.patient();
    const charges = await unpaidOf(stage, who);
    const chosen = chance() < 0.5 ? [charges] : charges.map((one) => [one]);
    for (const some of chosen) t.equal(await stage.pay(await stage.ok('bill', who, { charges: some })), 'paid');
    if (n < 5) {
      await stage.ok('admit', who, { order: `${id}-admission`, contact: CONTACT, consent: CONSENT_VERSION });
      for (let more = 0; more < 8; more++)
        await stage.pay(await stage.ok('deposit-bill', who, { amount: 10_000 + Math.floor(chance() * 99_999) }));
    }
    if (n === 20)
      t.match(await ledgerOf(fhir, stage.store, day), { hospital: 0, holds: true }, 'nothing is told yet, and that is no difference');
  }
  const paid = (await stage.store.bills()).length;
  t.ok(paid >= 90, `${paid} bills`);
  for (let left = paid, round = 0; left > 0; round++) {
    hospital.fault({
      fault: FAULTS[Math.floor(chance() * FAULTS.length)] ?? 'cut',
      after: Math.floor(chance() * 12),
      times: 1 + Math.floor(chance() * 9),
    });
    left = await stage.tell();
    hospital.fault(undefined);
    const { holds, differences } = await ledgerOf(fhir, stage.store, day);
    t.ok(holds, `round ${round}: ${JSON.stringify(differences)}`);
  }
  const { platform, hospital: theirs, waiting } = await ledgerOf(fhir, stage.store, day);
  t.equal(theirs, platform);
  t.equal(waiting, 0);
  t.same(await stage.store.alarms(9), []);
  const open = (await stage.all<Invoice>('Invoice')).filter(({ account, status }) => !account && status !== 'balanced');
  t.same(open, [], 'never a paid but open invoice');

  const [one, two] = await stage.all<FhirResource & { readonly identifier: object[] }>('PaymentReconciliation');
  if (!one || !two) throw new Error('no payments');
  await stage.put({ ...one, paymentAmount: { value: 0.01, currency: 'CNY' } } as FhirResource);
  await stage.put({ ...two, id: 'again' });
  await stage.put({ ...two, id: 'strange', identifier: [{ system: KEY.bill, value: '20261125999999999999' }] } as FhirResource);
  const { holds, differences } = await ledgerOf(fhir, stage.store, day);
  t.notOk(holds);
  t.same(differences.map(({ why }) => why).sort(), ['amount', 'twice', 'unknown'], 'and each difference is seen');
  t.match(await ledgerOf(fhir, stage.store, '2026-11-24'), { platform: 0, hospital: 0, holds: true }, 'another day');
});
