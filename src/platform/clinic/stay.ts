/** A stay in the ward: the Encounter of class IMP that is going on, its account, and what was paid into it. */
import type { Account, ChargeItem, Encounter, Location, PaymentNotice } from 'fhir/r4.js';
import type { Words } from '../../contracts.js';
import type { Fhir } from '../fhir/client.js';
import { KEY } from '../fhir/names.js';
import { fenOf, referenceWords, refersTo, sum, unless } from './values.js';

export async function stayOf(fhir: Fhir, { id }: { readonly id: string }): Promise<Encounter | undefined> {
  const [stay] = await fhir.search('Encounter', { patient: `Patient/${id}`, class: 'IMP', status: 'in-progress' });
  return stay;
}

export const wardOf = ({ location = [] }: Encounter): Words =>
  referenceWords(location.find(({ physicalType }) => kindOf(physicalType) === 'wa')?.location);

export const bedOf = ({ location = [] }: Encounter): Words =>
  referenceWords(location.find(({ physicalType }) => kindOf(physicalType) === 'bd')?.location);

const kindOf = (type: Location['physicalType']): string | undefined => type?.coding?.[0]?.code;

/** One account for one stay, made when it begins. */
export async function accountOf(fhir: Fhir, stay: Encounter): Promise<Account> {
  const account: Account = {
    resourceType: 'Account',
    identifier: [{ system: KEY.account, value: stay.id ?? '' }],
    status: 'active',
    subject: [stay.subject ?? {}, refersTo(stay)],
  };
  return (await fhir.create(account, unless(KEY.account, stay.id ?? ''))).resource;
}

export async function paidInto(fhir: Fhir, account: Account): Promise<number> {
  const notices: readonly PaymentNotice[] = await fhir.search('PaymentNotice', { request: `Account/${account.id}`, status: 'active' });
  return sum(notices.map(({ amount }) => fenOf(amount)));
}

/** What was done and counts. R4 cannot search ChargeItem by status. */
export async function expensesOf(fhir: Fhir, account: Account): Promise<readonly ChargeItem[]> {
  const items = await fhir.search('ChargeItem', { account: `Account/${account.id}` });
  return items.filter(({ status }) => status === 'billable' || status === 'billed');
}

export const costOf = ({ priceOverride }: ChargeItem): number => fenOf(priceOverride);

export async function billedTo(fhir: Fhir, account: Account): Promise<number> {
  const invoices = await fhir.search('Invoice', { account: `Account/${account.id}`, status: 'issued,balanced' });
  return sum(invoices.map(({ totalNet }) => fenOf(totalNet)));
}

export const isFor = (stay: Encounter, order: string): boolean =>
  stay.identifier?.some(({ system, value }) => system === KEY.admission && value === order) ?? false;
