/**
 * What becomes of a form that a phone sent: the blanks, who it is, their colour, the scene's own limits; then one record, once for a visit.
 *
 *   form → checked → whoIs → colour → scene's registration → store (record and notice, one transaction) → page
 */
import type { Instant, Line, Words } from '../../contracts.js';
import { colourOf } from '../residents.js';
import type { CountyStore } from '../store.js';
import { type Form, type Offer, type Offering, words } from './_offer.js';
import type { Asked, PhoneIdentity } from './identity.js';
import type { SeenVenue } from './venue-read.js';

export interface Sent {
  readonly venue: SeenVenue;
  readonly offer: Offer;
  readonly form: Form;
  readonly visit: Uint8Array;
  readonly values: Readonly<Record<string, string>>;
  readonly asked: Asked;
}

export interface Parts {
  readonly store: CountyStore;
  readonly identity: PhoneIdentity;
  readonly now: () => Instant;
}

export type Became =
  | { readonly done: Words; readonly number: string; readonly at: Instant; readonly lines: readonly Line[]; readonly again: boolean }
  | { readonly faults: Readonly<Record<string, Words>> };

const DONE_BEFORE = words('已登记过，无需再次提交', 'Registered already: nothing more to do');
const NOT_PROVED = words(
  '这个码不能证明您是谁：请重新亮码后立即填写',
  'This code proves nobody now: show a fresh one and enter it at once',
);
const USED = words('这个码刚登记过，请重新亮码', 'This code was used to register just now: show a fresh one');
const COLOUR = words('您的安康码状态不能在此登记，请到服务台', 'The state of your code does not allow this: please go to the service desk');

const faultyAll = (fault: Words): Became => ({ faults: { '': fault } });

export async function register({ venue, offer, form, visit, values, asked }: Sent, { store, identity, now }: Parts): Promise<Became> {
  const before = await store.phoneVisit(visit);
  if (before) return { done: DONE_BEFORE, number: before.number, at: before.at, lines: [], again: true };
  const faults = faultsOf(form, values);
  if (Object.keys(faults).length > 0) return { faults };
  const who = await identity.whoIs(asked);
  if (!who) return { faults: { who: NOT_PROVED } };
  const { scene } = venue.claims;
  if (!(await mayRegister(store, scene, who.subject))) return faultyAll(COLOUR);
  const offering: Offering = { ...venue, store, now: now() };
  const made = await offer.registration({ ...offering, subject: who.subject, values });
  if ('refused' in made) return faultyAll(made.refused);
  const { kind, personal, notice, limit, done, lines } = made;
  const { id: terminal, checkpoint } = venue.terminal;
  const facts = { ...made.facts, scene, checkpoint, by: 'phone' };
  const about = { id: visit, code: who.once, terminal, kind, subject: who.subject, at: offering.now, facts, personal };
  const outcome = await store.registerByPhone({ ...about, notice: { scene, ...notice } }, limit);
  if (outcome.does === 'used') return { faults: { who: USED } };
  if (outcome.does === 'over') return faultyAll(overWords(outcome.left));
  return { done, number: outcome.number, at: outcome.at, lines, again: outcome.again };
}

const overWords = (left: number): Words =>
  left === 0
    ? words('已到限量，这次不能登记', 'The limit is reached: not this time')
    : words(`超过限量，最多还可登记 ${left}`, `Above the limit: at most ${left} more`);

/** As at admission (src/admission.ts), for a scene without a rule. */
const DEFAULT_COLOURS: readonly string[] = ['unknown', 'green'];

async function mayRegister(store: CountyStore, scene: string, subject: string): Promise<boolean> {
  const { colours } = (await store.rules())[scene] ?? {};
  const allowed: readonly unknown[] = Array.isArray(colours) ? colours : DEFAULT_COLOURS;
  return allowed.includes(await colourOf(store, subject));
}

function faultsOf({ blanks }: Form, values: Readonly<Record<string, string>>): Readonly<Record<string, Words>> {
  const faults: Record<string, Words> = {};
  for (const blank of blanks) {
    const value = values[blank.id] ?? '';
    if (blank.kind === 'number') {
      const { least, most } = blank;
      const number = /^\d{1,6}$/.test(value) ? Number(value) : Number.NaN;
      if (!(number >= least && number <= most))
        faults[blank.id] = words(`须为 ${least} 到 ${most} 的整数`, `A whole number from ${least} to ${most}`);
    } else if (!(value === '' && blank.optional) && !blank.choices.some(({ id }) => id === value))
      faults[blank.id] = words('请选择一项', 'Please choose one');
  }
  return faults;
}
