/**
 * Applications that desks kept and an official decides: for people who cannot apply alone (ELD-01), and for enterprises' codes (ENT-01).
 *
 *   record of the register (kind) + decision, if there is one → waiting | approved | declined
 */
import type { Instant, Person } from '../contracts.js';
import { subjectOf } from '../crypto/subject.js';
import type { APPLICATION_STATES } from '../messages/elder.js';
import { residentId } from '../messages/identifiers.js';
import type { CountyKeys } from './keys.js';
import { OrderError } from './orders.js';
import { type Recorded, slipNumber } from './register-store.js';
import type { CountyStore } from './store.js';

export type ApplicationState = (typeof APPLICATION_STATES)[number];

export const APPLICATION_KINDS = ['elder-application', 'enterprise-application'] as const;
type Kind = (typeof APPLICATION_KINDS)[number];

export interface Application {
  readonly record: Recorded;
  readonly kind: Kind;
  readonly number: string;
  readonly state: ApplicationState;
}

export async function applications(store: CountyStore, kinds: readonly Kind[] = APPLICATION_KINDS): Promise<readonly Application[]> {
  const decided = await store.decisions();
  const found = await Promise.all(kinds.map(async (kind) => (await store.recorded({ kind })).map((record) => ({ kind, record }))));
  return found.flat().map(({ kind, record }) => {
    const number = slipNumber(record);
    const decision = decided.find((one) => one.number === number && one.terminal === record.terminal);
    return { record, kind, number, state: decision?.state ?? 'waiting' };
  });
}

/** undefined: it has not come, or there is none. Of two with one number nothing is told. */
export async function applicationState(store: CountyStore, kind: Kind, number: string): Promise<ApplicationState | undefined> {
  const found = (await applications(store, [kind])).filter((one) => one.number === number);
  return found.length === 1 ? found[0]?.state : undefined;
}

export async function hasApproved(store: CountyStore, kind: Kind, is: (record: Recorded) => boolean): Promise<boolean> {
  return (await applications(store, [kind])).some(({ state, record }) => state === 'approved' && is(record));
}

interface Deciding {
  readonly store: CountyStore;
  readonly keys: CountyKeys;
  readonly terminal: string;
  readonly number: string;
  readonly state: Exclude<ApplicationState, 'waiting'>;
  readonly now: Instant;
}

/** `subject`: who has a place now. @throws OrderError for an application that is not there, is decided, or names nobody who may */
export async function decide({ store, keys, terminal, number, state, now }: Deciding): Promise<{ readonly subject: string | undefined }> {
  const known = (await applications(store)).find((one) => one.number === number && one.record.terminal === terminal);
  if (!known) throw new OrderError(`${terminal} sent no application ${number}`, '没有这份申领');
  if (known.state !== 'waiting') throw new OrderError(`${number} is decided already: ${known.state}`, '这份申领已办结');
  const subject = state === 'approved' ? await admitted(known, { store, keys, now }) : undefined;
  await store.decide({ terminal, number, state, at: now });
  return { subject };
}

type Admitting = Pick<Deciding, 'store' | 'keys' | 'now'>;

async function admitted({ kind, record, number }: Application, parts: Admitting): Promise<string> {
  if (kind === 'elder-application') return person(record, number, parts);
  const { creditCode } = record.facts;
  const known = typeof creditCode === 'string' ? await parts.store.enterprise(creditCode) : undefined;
  if (!known || record.subject === null || known.representative !== record.subject)
    throw new OrderError(`${number} was not made by the legal representative`, '申领人不是法定代表人');
  return record.subject;
}

/** The holder of the card, or who was typed in. */
async function person({ personal }: Recorded, number: string, { store, keys, now }: Admitting): Promise<string> {
  const typed = typedPerson(personal ?? {});
  const held = personal?.['elder'];
  const key = keys.regionKeys.at(-1);
  const subject = typeof held === 'string' ? held : typed && key && (await subjectOf(typed.idNumber, keys.region, key));
  if (subject === undefined) throw new OrderError(`${number} names nobody`, '申领没有写明为谁');
  if (typed && !(await store.person(subject))) await store.putPerson(subject, typed);
  await store.noteHolder(subject, now);
  return subject;
}

function typedPerson({ name, idNumber }: Readonly<Record<string, unknown>>): (Person & { readonly idNumber: string }) | undefined {
  const id = typeof idNumber === 'string' ? residentId(idNumber) : undefined;
  if (id === undefined || typeof name !== 'string') return undefined;
  return {
    name,
    idNumber: id,
    sex: Number(id[16]) % 2 === 1 ? '男' : '女',
    birth: `${id.slice(6, 10)}-${id.slice(10, 12)}-${id.slice(12, 14)}`,
  };
}
