/** The expense list of a stay (MED-10): by day and by category, beside what the hospital has billed, to the fen. */
import type { ChargeItem, Encounter } from 'fhir/r4.js';
import { CATEGORIES, type Category } from '../../messages/clinic.js';
import { CODE, NUMBER } from '../fhir/names.js';
import type { Operation } from '../services/_service.js';
import { forPatient, no, type PatientVisit } from './operation.js';
import { accountOf, billedTo, costOf, expensesOf, stayOf, wardOf } from './stay.js';
import { conceptWords, dayOf, instantOf, numberOf, sum } from './values.js';

const expenses = forPatient('expenses', async (_asked, visit) => {
  const found = await itemsOf(visit);
  if (!found) return no('not-admitted');
  const { stay, items } = found;
  const days = [...new Set(items.map(dayOfItem))]
    .sort()
    .map((day) => ({ day, total: totalOf(items.filter((one) => dayOfItem(one) === day)) }));
  const categories = CATEGORIES.map((category) => ({ category, items: items.filter((one) => categoryOf(one) === category) }))
    .filter((one) => one.items.length > 0)
    .map((one) => ({ category: one.category, total: totalOf(one.items) }));
  const from = dayOf(instantOf(stay.period?.start));
  return { stay: numberOf(stay, NUMBER.stay), ward: wardOf(stay), from, days, categories, total: totalOf(items), billed: found.billed };
});

const expenseDay = forPatient('expense-day', async ({ day }, visit) => {
  const found = await itemsOf(visit);
  if (!found) return no('not-admitted');
  const items = found.items.filter((one) => dayOfItem(one) === day);
  if (items.length === 0) return no('unknown');
  const lines = items.map((one) => ({
    category: categoryOf(one),
    what: conceptWords(one.code),
    count: Math.ceil(one.quantity?.value ?? 1),
    amount: costOf(one),
  }));
  return { day, lines, total: totalOf(items) };
});

interface Found {
  readonly stay: Encounter;
  readonly items: readonly ChargeItem[];
  readonly billed: number;
}

async function itemsOf({ fhir, patient }: PatientVisit): Promise<Found | undefined> {
  const stay = await stayOf(fhir, patient);
  if (!stay) return undefined;
  const account = await accountOf(fhir, stay);
  return { stay, items: await expensesOf(fhir, account), billed: await billedTo(fhir, account) };
}

const totalOf = (items: readonly ChargeItem[]): number => sum(items.map(costOf));
const dayOfItem = ({ occurrenceDateTime, occurrencePeriod }: ChargeItem): string =>
  dayOf(instantOf(occurrenceDateTime ?? occurrencePeriod?.start));

function categoryOf({ code }: ChargeItem): Category {
  const word = code.coding?.find(({ system }) => system === CODE.category)?.code;
  return CATEGORIES.find((one) => one === word) ?? 'other';
}

export const expensing: Readonly<Record<string, Operation>> = { expenses, 'expense-day': expenseDay };
