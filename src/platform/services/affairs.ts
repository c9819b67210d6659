/**
 * Service `affairs`: the county hall (GOV-01). Applications come as entries, sealed; what is asked beside names no form.
 *
 *   affairs/materials {item} of who → what the e-licence library has for them; unknown: no longer on the list
 *   affairs/submit {kept}           → number of the case that this terminal's entry became; unknown: it has not come yet
 *   affairs/cases {number, token} | of who → state of one case, or of their own
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cbor } from '../../crypto/cbor.js';
import { APPLICATION, CASES_ASKED, MATERIALS_ASKED, MOST_CASES, SUBMIT_ASKED } from '../../messages/affairs.js';
import { localTime } from '../../messages/calendar.js';
import { cborOf, jsonOf } from '../../messages/plain.js';
import { caseOf, type Hall } from '../affairs/cases.js';
import { itemInForce } from '../affairs/in-force.js';
import { LIBRARY_FAULTS, onFile } from '../affairs/licences.js';
import { stoodAt } from '../presented.js';
import type { Case } from '../store-cases.js';
import type { Context, Outcome, Service } from './_service.js';

/** An entry of this moment is here within that, or comes later. */
const AWAITED_MS = 6000;
const LOOK_MS = 100;

const hallOf = ({ store, keys, now }: Context): Hall => ({ store, region: keys.region, now });

/** What is told of a person is written down first, as every release is. */
async function materials(body: Cbor, context: Context): Promise<Outcome> {
  const stood = await stoodAt(body, context);
  const asked = stood && MATERIALS_ASKED.safeParse(jsonOf(stood.rest)).data;
  if (!asked) return { status: 'refused' };
  const item = await itemInForce(context.store, asked.item);
  if (!item) return { status: 'unknown' };
  const licences = item.materials.flatMap(({ licence }) => licence ?? []);
  const wanted = await context.store.fault('licences');
  const fault = LIBRARY_FAULTS.find((one) => one === wanted) ?? 'well';
  const answer = await onFile({ subject: stood.who.subject, licences, fault, signal: context.signal });
  const facts = { scene: 'affairs', item: item.code, licences: answer.onFile.map(({ licence }) => licence), ...stood.who };
  await context.store.noteAudited({ at: context.now, terminal: context.terminal.id, kind: 'released', facts });
  return { status: 'ok', body: cborOf({ onFile: answer.onFile, complete: answer.complete }) };
}

async function submit(body: Cbor, context: Context): Promise<Outcome> {
  const asked = SUBMIT_ASKED.safeParse(jsonOf(body)).data;
  if (!asked) return { status: 'refused' };
  for (let waited = 0; ; waited += LOOK_MS) {
    const record = await context.store.numberedRecord(context.terminal.id, asked.kept);
    if (record && record.kind !== APPLICATION) return { status: 'refused' };
    if (record) {
      const { number, token } = await caseOf(hallOf(context), record);
      return { status: 'ok', body: cborOf({ number, token }) };
    }
    // A fault is not kept with the request's id: the same question may be asked again when the entry has come.
    if (waited >= AWAITED_MS || context.signal.aborted) return { status: 'fault' };
    await sleep(LOOK_MS);
  }
}

async function cases(body: Cbor, context: Context): Promise<Outcome> {
  const stood = await stoodAt(body, context);
  const asked = CASES_ASKED.safeParse(jsonOf(stood ? stood.rest : body)).data;
  if (!asked) return { status: 'refused' };
  if ('number' in asked) {
    const one = await context.store.case(asked.number);
    return one && one.token === asked.token ? listed([one]) : { status: 'unknown' };
  }
  return stood ? own(context, stood.who.subject) : { status: 'refused' };
}

/** What they applied for without the network is a case as soon as somebody looks. */
async function own(context: Context, subject: string): Promise<Outcome> {
  const hall = hallOf(context);
  for (const record of await hall.store.recorded({ kind: APPLICATION, subject })) await caseOf(hall, record);
  const mine = await hall.store.cases({ subject, limit: MOST_CASES });
  return mine.length > 0 ? listed(mine) : { status: 'unknown' };
}

function listed(all: readonly Case[]): Outcome {
  const shown = all.map(({ number, name, state, since, note }) => ({
    number,
    item: { zh: name.zh, en: name.en },
    state,
    at: localTime(since).day,
    ...(note !== null && { note }),
  }));
  return { status: 'ok', body: cborOf({ cases: shown }) };
}

export default {
  keeps: [APPLICATION],
  operations: { materials: { handle: materials }, submit: { handle: submit }, cases: { handle: cases } },
} satisfies Service;
