/** Scene `affairs`: the county hall at a terminal (GOV-01). An item is found and applied for; the state of a case is looked up. */
import { z } from 'zod';
import type { Choice, Desk, DeskScene, Line } from '../contracts.js';
import { CASES, readReceipt, type ShownCase } from '../messages/affairs.js';
import type { Item } from '../messages/items.js';
import { type Search, searchOver } from '../messages/search.js';
import { apply, found } from './_affair.js';
import { STATES, WORDS } from './_affair-words.js';

const WAYS = [
  { id: 'name', label: WORDS.byName },
  { id: 'event', label: WORDS.byEvent },
  { id: 'department', label: WORDS.byDepartment },
  { id: 'state', label: WORDS.state },
] as const satisfies readonly Choice[];

async function visit(desk: Desk): Promise<void> {
  const search = searchOver(desk.data('items'));
  if (!search) return desk.show(WORDS.none);
  const { id } = await desk.choose<(typeof WAYS)[number]>(WORDS.what, WAYS);
  if (id === 'state') return state(desk);
  const among = await scoped(desk, search, id);
  const item = await found(desk, search, among);
  if (item) await apply(desk, { item, version: search.version });
}

/** Which items are searched among. */
async function scoped(desk: Desk, search: Search, by: 'name' | 'event' | 'department'): Promise<(item: Item) => boolean> {
  if (by === 'event') {
    const { id } = await desk.choose(WORDS.whichEvent, search.events.map(named));
    return ({ events }) => events.some((event) => event.id === id);
  }
  if (by === 'department') {
    const { id } = await desk.choose(WORDS.whichDepartment, search.departments.map(named));
    return ({ department }) => department.id === id;
  }
  return () => true;
}

const named = ({ id, name }: Search['events'][number]): Choice => ({ id, label: name });

async function state(desk: Desk): Promise<void> {
  const { id } = await desk.choose(WORDS.howState, [
    { id: 'receipt', label: WORDS.byReceipt },
    { id: 'me', label: WORDS.byMe },
  ]);
  if (id === 'receipt') return byReceipt(desk);
  const who = await desk.identify(WORDS.who, ['person']);
  return tell(desk, await desk.ask('affairs/cases', {}, who));
}

async function byReceipt(desk: Desk): Promise<void> {
  const text = await desk.scan(WORDS.scanReceipt);
  if (text === undefined) return;
  const receipt = readReceipt(text);
  if (!receipt) return desk.show(WORDS.noReceipt);
  return tell(desk, await desk.ask('affairs/cases', receipt));
}

async function tell(desk: Desk, answer: Awaited<ReturnType<Desk['ask']>>): Promise<void> {
  if (answer?.status === 'unknown') return desk.show(WORDS.noCase);
  const cases = answer?.status === 'ok' ? CASES.safeParse(answer.body).data?.cases : undefined;
  if (!cases) return desk.show(WORDS.away);
  const [only] = cases;
  if (!only) return desk.show(WORDS.noCase);
  if (cases.length === 1) return desk.show(WORDS.oneCase, linesOf(only));
  for (;;) {
    const chosen = await desk.choose(WORDS.cases, [...cases.map(choiceOf), { id: 'end', label: WORDS.enough }]);
    const one = cases.find(({ number }) => number === chosen.id);
    if (!one) return;
    await desk.show(WORDS.oneCase, linesOf(one));
  }
}

const choiceOf = ({ number, item, state }: ShownCase): Choice => ({
  id: number,
  label: item,
  detail: { zh: `${STATES[state].zh} ${number}`, en: `${STATES[state].en}, ${number}` },
});

function linesOf({ number, item, state, at, note }: ShownCase): readonly Line[] {
  return [
    { label: WORDS.item, value: item },
    { label: WORDS.number, value: number },
    { label: WORDS.state, value: STATES[state] },
    { label: WORDS.since, value: at },
    ...(note === undefined ? [] : [{ label: WORDS.note, value: note }]),
  ];
}

export default {
  accepts: ['person'],
  settings: z.strictObject({}),
  title: WORDS.what,
  words: WORDS,
  visit,
} satisfies DeskScene<Record<string, never>>;
