/**
 * The hospital's book of a day held against the county's, to the fen (MED-05, MED-09): each paid bill is one PaymentReconciliation there, and
 * its PaymentNotices add up to it.
 */
import type { PaymentNotice, PaymentReconciliation } from 'fhir/r4.js';
import type { Fhir } from '../fhir/client.js';
import { KEY } from '../fhir/names.js';
import type { CountyStore } from '../store.js';
import type { Bill } from '../store-payments.js';
import { SERVICE } from './charges.js';
import { fenOf, identifierOf, spanOf, sum, within } from './values.js';

/**
 * `missing`: paid, told, and not in the hospital's book; `amount`: of another amount there; `twice`: there more than once; `unmatched`: its
 * notices do not add up to it; `unknown`: only the hospital knows it.
 */
export interface LedgerDifference {
  readonly bill: string;
  readonly why: 'missing' | 'amount' | 'twice' | 'unmatched' | 'unknown';
}

/** In fen. `waiting`: bills that the hospital was not told of yet. */
export interface Ledger {
  readonly platform: number;
  readonly hospital: number;
  readonly waiting: number;
  readonly differences: readonly LedgerDifference[];
  readonly holds: boolean;
}

/** `day`: YYYY-MM-DD of Asia/Shanghai. @throws FhirError */
export async function ledgerOf(fhir: Fhir, store: CountyStore, day: string): Promise<Ledger> {
  const span = spanOf(day);
  const bills = (await store.bills()).filter(
    ({ service, paidAt }) => service === SERVICE && paidAt !== null && paidAt >= span.from && paidAt < span.until,
  );
  const created = within(span);
  const payments = (await fhir.search('PaymentReconciliation', { created, status: 'active' })).filter((one) => numberOf(one) !== '');
  const notices = (await fhir.search('PaymentNotice', { created, status: 'active' })).filter((one) => numberOf(one) !== '');
  return compared(bills, payments, notices);
}

const numberOf = (one: PaymentReconciliation | PaymentNotice): string => identifierOf(one, KEY.bill) ?? '';

/** Pure. */
function compared(bills: readonly Bill[], payments: readonly PaymentReconciliation[], notices: readonly PaymentNotice[]): Ledger {
  const known = new Set(bills.map(({ number }) => number));
  const noticed = new Map<string, number>();
  for (const one of notices) noticed.set(numberOf(one), (noticed.get(numberOf(one)) ?? 0) + fenOf(one.amount));
  const differences = [
    ...bills.flatMap((bill) =>
      differenceOf(
        bill,
        payments.filter((one) => numberOf(one) === bill.number),
        noticed.get(bill.number) ?? 0,
      ),
    ),
    ...payments.filter((one) => !known.has(numberOf(one))).map((one) => ({ bill: numberOf(one), why: 'unknown' as const })),
  ];
  return {
    platform: sum(bills.map(({ amount }) => amount)),
    hospital: sum(payments.map(({ paymentAmount }) => fenOf(paymentAmount))),
    waiting: bills.filter(({ told }) => told === null).length,
    differences,
    holds: differences.length === 0,
  };
}

function differenceOf(
  { number, amount, told }: Bill,
  [first, ...more]: readonly PaymentReconciliation[],
  noticed: number,
): readonly LedgerDifference[] {
  const differs = (why: LedgerDifference['why']): readonly LedgerDifference[] => [{ bill: number, why }];
  if (!first) return told === null ? [] : differs('missing');
  if (more.length > 0) return differs('twice');
  if (fenOf(first.paymentAmount) !== amount) return differs('amount');
  return told !== null && noticed !== amount ? differs('unmatched') : [];
}
