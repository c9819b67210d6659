/** Service `stay`: guests are confirmed by the trusted-identity service and told to the police's register of guests (STAY-01). */

import type { Cbor } from '../../crypto/cbor.js';
import { jsonOf } from '../../messages/plain.js';
import { shownIn } from '../../messages/shown.js';
import { CONFIRM_ASKED, REGISTER_ASKED } from '../../messages/stay.js';
import { stoodAt } from '../presented.js';
import type { Context, Outcome, Service } from './_service.js';

async function confirm(body: Cbor, { store, now, signal, trustedIdentity }: Context): Promise<Outcome> {
  const stood = await stoodAt(body, { store, now });
  if (!stood || !CONFIRM_ASKED.safeParse(jsonOf(stood.rest)).success) return { status: 'refused' };
  if (!trustedIdentity) return { status: 'fault' };
  const idNumber = (await store.person(stood.who.subject))?.idNumber;
  if (idNumber === undefined) return { status: 'unknown' };
  const confirmed = await trustedIdentity.confirm(idNumber, signal);
  return confirmed ? { status: 'ok', body: new Map([['mark', confirmed.mark]]) } : { status: 'refused' };
}

/** Once for a stay, however often it is asked: the number is the terminal's, the receipt the police's. */
async function register(body: Cbor, { store, terminal, now }: Context): Promise<Outcome> {
  const asked = shownIn(body) ? undefined : REGISTER_ASKED.safeParse(jsonOf(body)).data;
  if (!asked) return { status: 'refused' };
  const { acknowledgement } = await store.acknowledgeStay({ terminal: terminal.id, stay: asked.stay, guests: asked.guests, at: now });
  return { status: 'ok', body: new Map([['acknowledgement', acknowledgement]]) };
}

export default {
  keeps: ['stay-guest', 'stay-left'],
  operations: { confirm: { handle: confirm }, register: { handle: register } },
} satisfies Service;
