/** Service `enterprise`: which enterprise it is, who acts for it, and what it may be shown (ENT-01 to ENT-06). */
import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import type { Json } from '../../contracts.js';
import type { Cbor } from '../../crypto/cbor.js';
import { localTime } from '../../messages/calendar.js';
import { APPLICATION_ASKED } from '../../messages/elder.js';
import { ACTING_ASKED, creditCodeIn, FIND_ASKED, LICENCE_ASKED } from '../../messages/enterprise.js';
import { cborOf, jsonOf } from '../../messages/plain.js';
import { applicationState, hasApproved } from '../applications.js';
import { enterpriseCode, representativeMark } from '../issue.js';
import { signingIssuer } from '../orders.js';
import { stoodAt } from '../presented.js';
import type { KnownEnterprise } from '../store-enterprises.js';
import type { Context, Outcome, Service } from './_service.js';

const REFUSED: Outcome = { status: 'refused' };
const UNKNOWN: Outcome = { status: 'unknown' };
const CODE_S = 365 * 86_400;
const DAY = 86_400_000;

const ok = (body: Json): Outcome => ({ status: 'ok', body: cborOf(body) });

async function find(body: Cbor, { store }: Context): Promise<Outcome> {
  const asked = FIND_ASKED.safeParse(jsonOf(body)).data;
  if (!asked) return REFUSED;
  const creditCode = 'creditCode' in asked ? asked.creditCode : creditCodeIn(asked.licence);
  const known = creditCode === undefined ? undefined : await store.enterprise(creditCode);
  if (!known) return UNKNOWN;
  const { name, status, industry, size } = known;
  return ok({ creditCode: known.creditCode, name, status, industry, size });
}

interface Acting<T> {
  readonly known: KnownEnterprise;
  readonly subject: string;
  readonly asked: T;
}

/** A question of a person about an enterprise; undefined: not proved, not a question, or nobody knows the enterprise. */
async function acting<T extends { readonly creditCode: string }>(
  body: Cbor,
  { store, now }: Context,
  schema: z.ZodType<T>,
): Promise<Acting<T> | undefined> {
  const stood = await stoodAt(body, { store, now });
  const asked = stood && schema.safeParse(jsonOf(stood.rest)).data;
  const known = asked && (await store.enterprise(asked.creditCode));
  return known && { known, subject: stood.who.subject, asked };
}

const roleOf = ({ known, subject }: Pick<Acting<unknown>, 'known' | 'subject'>): 'representative' | 'agent' | 'nobody' =>
  known.representative === subject ? 'representative' : known.agents.includes(subject) ? 'agent' : 'nobody';

async function role(body: Cbor, context: Context): Promise<Outcome> {
  const who = await acting(body, context, ACTING_ASKED);
  return who ? ok({ role: roleOf(who) }) : REFUSED;
}

async function credit(body: Cbor, { store }: Context): Promise<Outcome> {
  const asked = ACTING_ASKED.safeParse(jsonOf(body)).data;
  if (!asked) return REFUSED;
  const known = await store.enterprise(asked.creditCode);
  return known ? ok(known.credit) : UNKNOWN;
}

async function licences(body: Cbor, context: Context): Promise<Outcome> {
  const who = await acting(body, context, ACTING_ASKED);
  if (!who || roleOf(who) === 'nobody') return REFUSED;
  return ok({
    licences: who.known.licences.map(({ id, name, until }) => ({ id, name: { ...name }, ...(until !== undefined && { until }) })),
  });
}

/** Written down before it is shown. */
async function licence(body: Cbor, context: Context): Promise<Outcome> {
  const { store, now, terminal } = context;
  const who = await acting(body, context, LICENCE_ASKED);
  if (!who || roleOf(who) === 'nobody') return REFUSED;
  const { id, purpose, creditCode } = who.asked;
  const found = who.known.licences.find((one) => one.id === id);
  if (!found) return UNKNOWN;
  await store.noteAudited({
    at: now,
    terminal: terminal.id,
    kind: 'released',
    facts: { scene: 'enterprise', licence: id, creditCode, purpose, subject: who.subject },
  });
  const { day, minute } = localTime(now);
  const clock = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  const lines = found.lines.map(({ label, value }) => ({ label: { ...label }, value }));
  return ok({ name: { ...found.name }, lines, watermark: `${day} ${clock} ${terminal.id} ${purpose}` });
}

/** Only for who may act for it, once the county approved that it has one. */
async function code(body: Cbor, context: Context): Promise<Outcome> {
  const { store, keys, now } = context;
  const who = await acting(body, context, ACTING_ASKED);
  if (!who || roleOf(who) === 'nobody' || who.known.status !== 'active') return REFUSED;
  const { creditCode, name, status, representative, contact } = who.known;
  if (!(await hasApproved(store, 'enterprise-application', ({ facts }) => facts['creditCode'] === creditCode))) return UNKNOWN;
  const issuer = await signingIssuer(store, keys, now);
  const issued = Math.floor(now / 1000);
  const expires = Math.min(issued + CODE_S, Math.floor(issuer.validUntil / 1000));
  const made = enterpriseCode(issuer, {
    creditCode,
    name,
    status,
    contact,
    issued,
    expires,
    codeId: Uint8Array.from(randomBytes(8)),
    representative: representativeMark(representative, creditCode),
  });
  return ok({ code: made, name, until: localTime(expires * 1000 - DAY).day });
}

async function application(body: Cbor, { store }: Context): Promise<Outcome> {
  const asked = APPLICATION_ASKED.safeParse(jsonOf(body)).data;
  const state = asked && (await applicationState(store, 'enterprise-application', asked.number));
  return state ? ok({ state }) : asked ? UNKNOWN : REFUSED;
}

export default {
  keeps: ['enterprise-application'],
  operations: {
    find: { handle: find },
    acting: { handle: role },
    credit: { handle: credit },
    licences: { handle: licences },
    licence: { handle: licence },
    code: { handle: code },
    application: { handle: application },
  },
} satisfies Service;
