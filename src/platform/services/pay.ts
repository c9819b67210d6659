/** Service `pay`: charges the bills that other services opened (MED-05, MED-09), and tells how an attempt stands. */
import type { Cbor } from '../../crypto/cbor.js';
import { BILL_ASKED, CHARGE_ASKED, PAY_STATE_ASKED, PAYMENT_KIND, type PaySaid } from '../../messages/payment.js';
import { cborOf, jsonOf } from '../../messages/plain.js';
import type { Context, Outcome, Service } from './_service.js';

async function charge(body: Cbor, { cashier, terminal, signal }: Context): Promise<Outcome> {
  const asked = CHARGE_ASKED.safeParse(jsonOf(body)).data;
  return asked ? outcome(await cashier.charge({ ...asked, terminal: terminal.id }, signal)) : { status: 'refused' };
}

async function state(body: Cbor, { cashier }: Context): Promise<Outcome> {
  const asked = PAY_STATE_ASKED.safeParse(jsonOf(body)).data;
  return asked ? outcome(await cashier.state(asked)) : { status: 'refused' };
}

/** Whoever has its number may pay it, where they stand. */
async function bill(body: Cbor, { store, terminal }: Context): Promise<Outcome> {
  const asked = BILL_ASKED.safeParse(jsonOf(body)).data;
  if (!asked) return { status: 'refused' };
  const found = await store.bill(asked.number);
  if (!found) return { status: 'unknown' };
  const { number, amount, what, state: how, receipt } = found;
  if (how === 'open') await store.moveBill(number, terminal.id);
  const { zh, en } = what;
  return { status: 'ok', body: cborOf({ number, amount, what: { zh, en }, state: how, ...(receipt !== null && { receipt }) }) };
}

/** Its fields are words all. */
const outcome = (said: PaySaid | 'refused' | 'unknown'): Outcome =>
  typeof said === 'string' ? { status: said } : { status: 'ok', body: new Map(Object.entries(said)) };

export default {
  keeps: [PAYMENT_KIND],
  operations: { charge: { handle: charge }, state: { handle: state }, bill: { handle: bill } },
} satisfies Service;
