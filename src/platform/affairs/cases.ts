/** Applications become cases, and officials move them: each entry one case, each move by the table of case.ts. */
import { randomBytes } from 'node:crypto';
import type { Facts, Instant, Words } from '../../contracts.js';
import { APPLICATION, SEALED } from '../../messages/affairs.js';
import { localTime } from '../../messages/calendar.js';
import { OrderError } from '../orders.js';
import type { Recorded } from '../register-store.js';
import type { CountyStore } from '../store.js';
import type { Case, Step } from '../store-cases.js';
import { after, type Verb, verbsOf, wantsNote } from './case.js';
import { itemInForce } from './in-force.js';

export interface Hall {
  readonly store: CountyStore;
  readonly region: string;
  readonly now: Instant;
}

const UNKNOWN: Words = { zh: '目录中没有的事项', en: 'an item that is not on the list' };
const PAGE = 500;

/** The case that this entry is; made now unless it is one already. */
export async function caseOf({ store, region, now }: Hall, record: Recorded): Promise<Case> {
  const { terminal, journal, seq, subject, at } = record;
  const { item: said } = record.facts;
  const item = typeof said === 'string' ? said : '';
  const name = (await itemInForce(store, item))?.name ?? UNKNOWN;
  const made = { terminal, journal, seq, subject, at, item, name, token: randomBytes(8).toString('hex') };
  const day = localTime(now).day.slice(2).replaceAll('-', '');
  return store.addCase(made, `${region}-${day}-`);
}

/** Every application that has come is a case afterwards; how many became one now. */
export async function settle(hall: Hall): Promise<number> {
  let count = 0;
  for (;;) {
    const page = await hall.store.recordsWithoutCase(APPLICATION, PAGE);
    for (const record of page) await caseOf(hall, record);
    count += page.length;
    if (page.length < PAGE) return count;
  }
}

export interface Moving extends Hall {
  readonly number: string;
  readonly verb: Verb;
  readonly note: string | undefined;
}

/** @throws OrderError when there is no such case, or this cannot be done with it now */
export async function move(moving: Moving): Promise<Case> {
  const { store, number, verb, note, now } = moving;
  const one = await known(store, number);
  const to = after(one.state, verb);
  if (!to) throw new OrderError(`${number} is ${one.state}: it can be ${verbsOf(one.state).join(', ') || 'nothing more'}`, '办件状态不符');
  if (wantsNote(verb) && (note ?? '').trim().length < 2) throw new OrderError('say what is missing: --note', '退回须写明缺什么（--note）');
  const moved = await store.moveCase({ number, from: one.state, to, at: now, note: note?.slice(0, 200) ?? null });
  if (!moved) throw new OrderError(`${number} was moved by somebody else meanwhile`, '办件刚刚被他人处理');
  return known(store, number);
}

async function known(store: CountyStore, number: string): Promise<Case> {
  const one = await store.case(number);
  if (!one) throw new OrderError(`no case ${number}`, '没有这个办件');
  return one;
}

export interface OpenedCase extends Case {
  readonly steps: readonly Step[];
  /** The form by its labels, what the library supplies, and for whom; null: the seal could not be opened. */
  readonly application: Facts | null;
}

/** An official reads a case with its form; that they did, and why, is written down first. @throws OrderError */
export async function opened({ store, now }: Hall, number: string, purpose: string): Promise<OpenedCase> {
  if (purpose.trim().length < 4) throw new OrderError('state who reads it and what for', '须写明何人因何查看');
  const one = await known(store, number);
  const { terminal, journal, seq } = one;
  await store.noteAudited({ at: now, terminal, kind: 'released', facts: { case: number, purpose: purpose.slice(0, 200) } });
  const record = await store.numberedRecord(terminal, `${journal.slice(0, 4)}-${seq}`);
  const sealed = SEALED.safeParse(record?.personal).data;
  return {
    ...one,
    steps: await store.caseSteps(number),
    application: sealed ? await labelled(store, one.item, sealed.form, sealed) : null,
  };
}

async function labelled(
  store: CountyStore,
  code: string,
  form: Readonly<Record<string, string>>,
  { library, enterprise }: { library: readonly string[]; enterprise?: string | undefined },
): Promise<Facts> {
  const blanks = (await itemInForce(store, code))?.blanks ?? [];
  const lines = Object.entries(form).map(([id, typed]) => {
    const blank = blanks.find((one) => one.id === id);
    const chosen = blank?.kind === 'choice' ? blank.choices.find((choice) => choice.id === typed)?.label.zh : undefined;
    return [blank?.label.zh ?? id, chosen ?? typed] as const;
  });
  return { form: Object.fromEntries(lines), library: [...library], ...(enterprise !== undefined && { enterprise }) };
}
