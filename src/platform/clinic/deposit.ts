/** Deposits for a stay (MED-09): what may be paid, and a bill that is one deposit. */
import { NUMBER } from '../fhir/names.js';
import type { Operation } from '../services/_service.js';
import { opened, SERVICE } from './charges.js';
import { forPatient, no, type PatientVisit } from './operation.js';
import { accountOf, costOf, expensesOf, paidInto, stayOf, wardOf } from './stay.js';
import { numberOf, sum } from './values.js';

export const DEPOSIT = 'deposit/';

/** In fen. */
const OFFERED = [50_000, 100_000, 200_000, 500_000];
const LEAST = 10_000;
const MOST = 5_000_000;
const WHAT = { zh: '住院预交金', en: 'Deposit for a stay' };

const deposit = forPatient('deposit', async (_asked, { fhir, patient }) => {
  const stay = await stayOf(fhir, patient);
  if (!stay) return no('not-admitted');
  const account = await accountOf(fhir, stay);
  const balance = (await paidInto(fhir, account)) - sum((await expensesOf(fhir, account)).map(costOf));
  return { stay: numberOf(stay, NUMBER.stay), ward: wardOf(stay), balance, offered: OFFERED, least: LEAST, most: MOST };
});

const depositBill = forPatient('deposit-bill', async ({ amount }, visit) => {
  const stay = await stayOf(visit.fhir, visit.patient);
  if (!stay) return no('not-admitted');
  if (amount < LEAST || amount > MOST) return no('not-that-amount');
  const account = await accountOf(visit.fhir, stay);
  return opened(visit, { reference: await nextOf(visit, account.id ?? ''), amount, what: WHAT });
});

/** One deposit after the other: the first that is not paid yet. */
async function nextOf({ bills }: PatientVisit, account: string): Promise<string> {
  for (let n = 1; ; n++) {
    const reference = `${DEPOSIT}${account}/${n}`;
    if (!(await bills.paid(SERVICE, reference))) return reference;
  }
}

export const deposits: Readonly<Record<string, Operation>> = { deposit, 'deposit-bill': depositBill };
