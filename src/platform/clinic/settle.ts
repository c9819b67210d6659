/**
 * What follows at the hospital when a bill is paid (MED-05, MED-09). The bill's number is the key of everything, so that it happens once,
 * however often it is begun:
 *
 *   PaymentReconciliation, one a bill → PaymentNotice, one a bill and thing, with the Invoice balanced by it | PaymentNotice to the Account
 */
import type { Invoice, PaymentNotice, PaymentReconciliation, Reference } from 'fhir/r4.js';
import { type Fhir, openFhir, versionOf } from '../fhir/client.js';
import { KEY, NUMBER } from '../fhir/names.js';
import type { County, PaidBill } from '../services/_service.js';
import { CHARGES } from './charges.js';
import { DEPOSIT } from './deposit.js';
import { tried } from './retry.js';
import { inTurn } from './turns.js';
import { addressOf, dayOf, fenOf, iso, moneyOf, refersTo, sum, token, unless } from './values.js';

/** Nobody waits for it but us. */
const PATIENCE_MS = 30_000;

/** Resolves when the hospital has it. @throws FhirError: again later */
export async function settle(bill: PaidBill, county: County): Promise<void> {
  if (!county.hospital) throw new Error('no hospital is connected');
  const fhir = openFhir(county.hospital, AbortSignal.timeout(PATIENCE_MS));
  await inTurn(bill.subject ?? bill.number, () => told(fhir, bill, county));
}

async function told(fhir: Fhir, bill: PaidBill, county: County): Promise<void> {
  const { reference } = bill;
  const payment = refersTo(await reconciled(fhir, bill));
  if (reference.startsWith(DEPOSIT)) return noticed(fhir, noticeOf(bill, payment, { reference: `Account/${reference.split('/')[1]}` }));
  const invoices = await fhir.search('Invoice', { identifier: token(KEY.claim, reference) });
  const isWhole = reference.startsWith(CHARGES) && sum(invoices.map(({ totalNet }) => fenOf(totalNet))) === bill.amount;
  const left = isWhole
    ? await balanced(fhir, invoices, (invoice) => noticeOf(bill, payment, refersTo(invoice), fenOf(invoice.totalNet)))
    : invoices;
  if (isWhole && left.length === 0) return;
  // The hospital changed its mind between the bill and the money: people must put it right.
  const facts = { bill: bill.number, amount: bill.amount, invoices: left.map(addressOf).slice(0, 60) };
  await county.store.raise({ at: bill.paidAt, terminal: bill.terminal, kind: 'payment-unmatched', facts });
}

async function reconciled(fhir: Fhir, { number, amount, receipt, paidAt }: PaidBill): Promise<PaymentReconciliation> {
  const reconciliation: PaymentReconciliation = {
    resourceType: 'PaymentReconciliation',
    identifier: [{ system: KEY.bill, value: number }],
    status: 'active',
    outcome: 'complete',
    created: iso(paidAt),
    paymentDate: dayOf(paidAt),
    paymentAmount: moneyOf(amount),
    paymentIdentifier: { system: NUMBER.receipt, value: receipt },
  };
  return (await fhir.create(reconciliation, unless(KEY.bill, number))).resource;
}

const noticeOf = ({ number, amount, paidAt }: PaidBill, payment: Reference, request: Reference, fen = amount): PaymentNotice => ({
  resourceType: 'PaymentNotice',
  identifier: [
    { system: KEY.notice, value: `${number}.${request.reference?.split('/')[1] ?? ''}` },
    { system: KEY.bill, value: number },
  ],
  status: 'active',
  created: iso(paidAt),
  request,
  payment,
  paymentDate: dayOf(paidAt),
  recipient: { display: '医院 · the hospital' },
  amount: moneyOf(fen),
  paymentStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/paymentstatus', code: 'paid' }] },
});

const keyOf = ({ identifier = [] }: PaymentNotice): string => identifier.find(({ system }) => system === KEY.notice)?.value ?? '';

const noticed = async (fhir: Fhir, notice: PaymentNotice): Promise<void> =>
  void (await fhir.create(notice, unless(KEY.notice, keyOf(notice))));

/** Those that could not be balanced by this payment: somebody else has closed them. */
async function balanced(
  fhir: Fhir,
  invoices: readonly Invoice[],
  noticeFor: (invoice: Invoice) => PaymentNotice,
): Promise<readonly Invoice[]> {
  const left: Invoice[] = [];
  for (const { id = '' } of invoices) {
    const other = await tried(async () => {
      const invoice = await fhir.read('Invoice', id);
      return (await balance(fhir, invoice, noticeFor(invoice))) ? undefined : invoice;
    });
    if (other) left.push(other);
  }
  return left;
}

async function balance(fhir: Fhir, invoice: Invoice, notice: PaymentNotice): Promise<boolean> {
  const key = unless(KEY.notice, keyOf(notice));
  const url = addressOf(invoice);
  if (invoice.status !== 'issued') return (await fhir.search('PaymentNotice', { identifier: token(KEY.notice, keyOf(notice)) })).length > 0;
  await fhir.transaction([
    { resource: notice, request: { method: 'POST', url: 'PaymentNotice', ifNoneExist: key } },
    { resource: { ...invoice, status: 'balanced' }, request: { method: 'PUT', url, ifMatch: versionOf(invoice) } },
  ]);
  return true;
}
