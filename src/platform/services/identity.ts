/**
 * Service `identity`: fields of the person who stands at a desk (SEC-06). Only fields that this terminal was granted for that scene are told,
 * to a key made for that one request, and every release is written down before it is answered.
 */

import type { Cbor } from '../../crypto/cbor.js';
import { RELEASE_ASKED } from '../../messages/identity.js';
import { jsonOf } from '../../messages/plain.js';
import { shownIn } from '../../messages/shown.js';
import type { Asks } from '../grants.js';
import { stoodAt } from '../presented.js';
import type { Context, Outcome, Service } from './_service.js';

const asked = (body: Cbor) => {
  const rest = shownIn(body)?.rest;
  return rest === undefined ? undefined : RELEASE_ASKED.safeParse(jsonOf(rest)).data;
};

/** A body that cannot be read asks for no scene: no grant fits it but one for every scene, and then `handle` refuses it. */
const asks = (body: Cbor): Asks => {
  const { scene, fields = [] } = asked(body) ?? {};
  return { scene, fields };
};

async function release(body: Cbor, { store, now, terminal }: Context): Promise<Outcome> {
  const wanted = asked(body);
  const stood = await stoodAt(body, { store, now });
  if (!wanted || !stood) return { status: 'refused' };
  const { fields, scene, purpose } = wanted;
  const person = await store.person(stood.who.subject);
  if (!person) return { status: 'unknown' };
  const facts = { scene, purpose, fields, subject: stood.who.subject, carrier: stood.who.carrier };
  await store.noteAudited({ at: now, terminal: terminal.id, kind: 'released', facts });
  return { status: 'ok', body: new Map(fields.flatMap((field) => (person[field] === undefined ? [] : [[field, person[field]]]))) };
}

export default { operations: { release: { asks, handle: release } } } satisfies Service;
