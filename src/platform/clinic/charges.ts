/**
 * Unpaid charges and bills over them (MED-05). An invoice carries the mark of each bill that was opened over it, so that the one that is paid
 * finds its invoices, and two bills over one invoice are never payable at once.
 */
import type { Invoice } from 'fhir/r4.js';
import { sm3 } from '../../crypto/sm3.js';
import type { Charge } from '../../messages/clinic.js';
import type { Fhir } from '../fhir/client.js';
import { KEY } from '../fhir/names.js';
import { BillTaken, type Opening, type Operation } from '../services/_service.js';
import { forPatient, no, type PatientVisit, type Refusal } from './operation.js';
import { ifThere, tried } from './retry.js';
import { conceptWords, dayOf, fenOf, instantOf, sum } from './values.js';

export const SERVICE = 'clinic';
export const CHARGES = 'charges/';
const LISTED = 60;
const SEVERAL = (n: number) => ({ zh: `门诊费用 ${n} 项`, en: `${n} outpatient charges` });

const charges = forPatient('charges', async (_asked, visit) => {
  const open = await openInvoices(visit.fhir, visit.patient);
  const unpaid: Invoice[] = [];
  for (const one of open) if (!(await isPaidHere(visit, one))) unpaid.push(one);
  return { charges: unpaid.slice(0, LISTED).map(told) };
});

const told = (invoice: Invoice): Charge => ({
  id: invoice.id ?? '',
  what: conceptWords(invoice.type),
  day: dayOf(instantOf(invoice.date)),
  amount: fenOf(invoice.totalNet),
});

/** Of outpatients, with something to pay; the newest first. What is of a stay goes by its account. */
async function openInvoices(fhir: Fhir, { id }: { readonly id: string }): Promise<readonly Invoice[]> {
  const issued = await fhir.search('Invoice', { patient: `Patient/${id}`, status: 'issued' });
  return issued.filter(({ account, totalNet }) => !account && fenOf(totalNet) > 0).sort((a, b) => instantOf(b.date) - instantOf(a.date));
}

/** References of the bills that were opened over it. */
const claimsOf = ({ identifier = [] }: Invoice): readonly string[] =>
  identifier.flatMap(({ system, value }) => (system === KEY.claim && value !== undefined ? [value] : []));

/** Paid, and the hospital was not told yet. */
async function isPaidHere({ bills }: PatientVisit, invoice: Invoice): Promise<boolean> {
  for (const claim of claimsOf(invoice)) if (await bills.paid(SERVICE, claim)) return true;
  return false;
}

const bill = forPatient('bill', async ({ charges: ids }, visit) => {
  const wanted = [...new Set(ids)].sort();
  const open = await openInvoices(visit.fhir, visit.patient);
  const chosen = wanted.map((id) => open.find((one) => one.id === id));
  const invoices = chosen.flatMap((one) => one ?? []);
  if (invoices.length < wanted.length) return no((await areAll(visit, wanted)) ? 'nothing-due' : 'unknown');
  const reference = `${CHARGES}${Buffer.from(sm3(Buffer.from(wanted.join(',')))).toString('hex')}`;
  const refusal = await withdrawn(visit, invoices, reference);
  if (refusal) return refusal;
  for (const { id = '' } of invoices) if (!(await claim(visit.fhir, id, reference))) return no('nothing-due');
  const what = invoices.length === 1 ? conceptWords(invoices[0]?.type) : SEVERAL(invoices.length);
  return opened(visit, { reference, amount: sum(invoices.map(({ totalNet }) => fenOf(totalNet))), what });
});

/** Are they all charges of this person, whatever became of them? */
async function areAll({ fhir, patient }: PatientVisit, ids: readonly string[]): Promise<boolean> {
  for (const id of ids) {
    const invoice = await ifThere(fhir.read('Invoice', id));
    if (invoice?.subject?.reference !== `Patient/${patient.id}`) return false;
  }
  return true;
}

/** Other bills over any of these can be paid no more; or why that cannot be. */
async function withdrawn({ bills, store }: PatientVisit, invoices: readonly Invoice[], reference: string): Promise<Refusal | undefined> {
  const claims = new Set(invoices.flatMap(claimsOf));
  for (const claim of claims) if (await bills.paid(SERVICE, claim)) return no('nothing-due');
  for (const claim of claims) {
    const own = claim === reference ? await store.billOf(SERVICE, claim) : undefined;
    const number = claim === reference ? (own?.state === 'charging' ? own.number : undefined) : await bills.withdraw(SERVICE, claim);
    if (number !== undefined) return no('payment-in-doubt', { number });
  }
  return undefined;
}

/** False: it is not to be paid any more. */
function claim(fhir: Fhir, id: string, reference: string): Promise<boolean> {
  return tried(async () => {
    const invoice = await fhir.read('Invoice', id);
    if (invoice.status !== 'issued') return false;
    if (claimsOf(invoice).includes(reference)) return true;
    await fhir.update({ ...invoice, identifier: [...(invoice.identifier ?? []), { system: KEY.claim, value: reference }] });
    return true;
  });
}

/** A bill of the clinic, or that one stands in its way. */
export async function opened(
  { bills, subject, terminal }: PatientVisit,
  { reference, amount, what }: Pick<Opening, 'reference' | 'amount' | 'what'>,
): Promise<{ readonly number: string; readonly amount: number } | Refusal> {
  try {
    return { number: await bills.open({ service: SERVICE, reference, amount, subject, terminal, what }), amount };
  } catch (error) {
    if (error instanceof BillTaken) return no('payment-in-doubt', { number: error.number });
    throw error;
  }
}

export const payments: Readonly<Record<string, Operation>> = { charges, bill };
