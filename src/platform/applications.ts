/** Applications for people who cannot apply alone (ELD-01): kept as records, decided by an official, who then gives the person a place among the holders. */
import type { Instant, Person } from '../contracts.js';
import { subjectOf } from '../crypto/subject.js';
import type { APPLICATION_STATES } from '../messages/elder.js';
import { residentId } from '../messages/identifiers.js';
import type { CountyKeys } from './keys.js';
import { OrderError } from './orders.js';
import type { Recorded } from './register-store.js';
import type { CountyStore } from './store.js';

export type ApplicationState = (typeof APPLICATION_STATES)[number];

export interface Application {
  readonly number: string;
  readonly terminal: string;
  readonly at: Instant;
  readonly relation: string;
  /** Who applies, and for whom: a pseudonym each; the second is worked out of a typed number when it is decided. */
  readonly helper: string | null;
  readonly elder: string | undefined;
  readonly state: ApplicationState;
}

/** As the desk writes it on slips (src/station/desk-work.ts). */
const numberOf = ({ journal, seq }: Recorded): string => `${journal.slice(0, 4).toUpperCase()}-${seq}`;

export async function applications(store: CountyStore): Promise<readonly Application[]> {
  const decided = await store.decisions();
  return (await store.recorded({ kind: 'elder-application' })).map((record) => {
    const number = numberOf(record);
    const elder = record.personal?.['elder'];
    const { relation } = record.facts;
    return {
      number,
      terminal: record.terminal,
      at: record.at,
      relation: typeof relation === 'string' ? relation : 'other',
      helper: record.subject,
      elder: typeof elder === 'string' ? elder : undefined,
      state: decided.find((one) => one.number === number && one.terminal === record.terminal)?.state ?? 'waiting',
    };
  });
}

/** undefined: it has not come, or there is none. Of two with one number nothing is told. */
export async function applicationState(store: CountyStore, number: string): Promise<ApplicationState | undefined> {
  const found = (await applications(store)).filter((one) => one.number === number);
  return found.length === 1 ? found[0]?.state : undefined;
}

interface Deciding {
  readonly store: CountyStore;
  readonly keys: CountyKeys;
  readonly terminal: string;
  readonly number: string;
  readonly state: Exclude<ApplicationState, 'waiting'>;
  readonly now: Instant;
}

/** @throws OrderError for an application that is not there, is decided, or names nobody */
export async function decide({ store, keys, terminal, number, state, now }: Deciding): Promise<{ readonly subject: string | undefined }> {
  const known = (await applications(store)).find((one) => one.number === number && one.terminal === terminal);
  if (!known) throw new OrderError(`${terminal} sent no application ${number}`, '没有这份申领');
  if (known.state !== 'waiting') throw new OrderError(`${number} is decided already: ${known.state}`, '这份申领已办结');
  const subject = state === 'approved' ? await admitted({ store, keys, known, now }) : undefined;
  await store.decide({ terminal, number, state, at: now });
  return { subject };
}

async function admitted({
  store,
  keys,
  known,
  now,
}: Pick<Deciding, 'store' | 'keys' | 'now'> & { readonly known: Application }): Promise<string> {
  const record = (await store.recorded({ kind: 'elder-application' })).find(
    (one) => one.terminal === known.terminal && numberOf(one) === known.number,
  );
  const typed = typedPerson(record?.personal ?? {});
  const key = keys.regionKeys.at(-1);
  const subject = known.elder ?? (typed && key && (await subjectOf(typed.idNumber, keys.region, key)));
  if (subject === undefined) throw new OrderError(`${known.number} names nobody`, '申领没有写明为谁');
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
