/** Service `elder`: codes on paper, cards as carriers, and applications for people who cannot apply alone (ELD-01 to ELD-03). */
import { randomBytes } from 'node:crypto';
import { encodeHex } from '../../crypto/base-n.js';
import type { Cbor } from '../../crypto/cbor.js';
import { sm3 } from '../../crypto/sm3.js';
import { localTime } from '../../messages/calendar.js';
import { decodeCard } from '../../messages/card.js';
import { FORM } from '../../messages/claims.js';
import { APPLICATION_ASKED, LOST_ASKED } from '../../messages/elder.js';
import { cborOf, jsonOf } from '../../messages/plain.js';
import { shownIn } from '../../messages/shown.js';
import { applicationState } from '../applications.js';
import { personCode } from '../issue.js';
import { revokeCode, signingIssuer } from '../orders.js';
import { stoodAt } from '../presented.js';
import { masked } from '../residents.js';
import type { Context, Outcome, Service } from './_service.js';

const PAPER_S = 365 * 86_400;
/** So many codes on paper of one person hold at once. */
const MOST_PAPERS = 3;
const NOTHING = new Map();

const REFUSED: Outcome = { status: 'refused' };
const day = (at: number): string => localTime(at).day;

async function paper(body: Cbor, context: Context): Promise<Outcome> {
  const { store, keys, now, terminal } = context;
  const subject = await subjectOf(body, context);
  if (subject === undefined) return REFUSED;
  const person = await store.person(subject);
  if (person?.name === undefined) return { status: 'unknown', body: cborOf({ reason: 'no-holder' }) };
  const held = (await store.carriers(subject)).filter(({ kind, until }) => kind === 'code' && until > now);
  if (held.length >= MOST_PAPERS) return { status: 'refused', body: cborOf({ reason: 'too-many' }) };
  const issuer = await signingIssuer(store, keys, now);
  const issued = Math.floor(now / 1000);
  const expires = Math.min(issued + PAPER_S, Math.floor(issuer.validUntil / 1000));
  const codeId = Uint8Array.from(randomBytes(8));
  const name = masked(person.name);
  const epoch = keys.regionKeys.length - 1;
  const code = personCode(issuer, { region: keys.region, subject, issued, expires, codeId, form: FORM.paper, name, epoch });
  const id = encodeHex(codeId);
  await store.addCarrier({ id, subject, kind: 'code', since: now, until: expires * 1000, terminal: terminal.id });
  // It holds up to its last second; the last whole day is the day before.
  return { status: 'ok', body: cborOf({ id, code, name, until: day(expires * 1000 - 86_400_000) }) };
}

async function bind(body: Cbor, context: Context): Promise<Outcome> {
  const { store, now, terminal } = context;
  const shown = shownIn(body)?.shown;
  const subject = await subjectOf(body, context);
  const card = shown?.medium === 'card' ? decodeCard(shown.bytes) : undefined;
  if (subject === undefined || card?.holder?.subject !== subject) return REFUSED;
  if (!(await store.person(subject))) return { status: 'unknown' };
  const id = encodeHex(sm3(Buffer.from(card.code, 'hex')).subarray(0, 8));
  await store.addCarrier({ id, subject, kind: 'card', since: now, until: Number.MAX_SAFE_INTEGER, terminal: terminal.id });
  return { status: 'ok' };
}

async function carriers(body: Cbor, context: Context): Promise<Outcome> {
  const subject = await subjectOf(body, context);
  if (subject === undefined) return REFUSED;
  const held = (await context.store.carriers(subject)).filter(({ until }) => until > context.now).slice(0, 20);
  const papers = held.flatMap(({ kind, id, since, until }) =>
    kind === 'code' ? [{ id, since: day(since), until: day(until - 86_400_000) }] : [],
  );
  const cards = held.flatMap(({ kind, id, since }) => (kind === 'card' ? [{ id, since: day(since) }] : []));
  return { status: 'ok', body: cborOf({ papers, cards }) };
}

/** Only one's own; it stands on the revocation list with the next issue. */
async function lost(body: Cbor, context: Context): Promise<Outcome> {
  const subject = await subjectOf(body, context, LOST_ASKED.keyof().options);
  const asked = LOST_ASKED.safeParse(jsonOf(shownIn(body)?.rest ?? null)).data;
  const mine = subject === undefined || !asked ? undefined : (await context.store.carriers(subject)).find(({ id }) => id === asked.id);
  if (!mine) return REFUSED;
  await revokeCode(context.store, mine.kind, mine.id);
  await context.store.dropCarrier(mine.id);
  return { status: 'ok' };
}

/** Who shows it; undefined: nobody who is proved, or a body with more than the operation knows. */
async function subjectOf(body: Cbor, { store, now }: Context, fields: readonly string[] = []): Promise<string | undefined> {
  const stood = await stoodAt(body, { store, now });
  const known = stood?.rest instanceof Map && [...stood.rest.keys()].every((key) => fields.includes(String(key)));
  return known ? stood.who.subject : undefined;
}

async function application(body: Cbor, { store }: Context): Promise<Outcome> {
  const asked = APPLICATION_ASKED.safeParse(jsonOf(body)).data;
  if (!asked) return REFUSED;
  const state = await applicationState(store, 'elder-application', asked.number);
  return state ? { status: 'ok', body: cborOf({ state }) } : { status: 'unknown', body: NOTHING };
}

export default {
  keeps: ['elder-application'],
  operations: {
    paper: { handle: paper },
    bind: { handle: bind },
    carriers: { handle: carriers },
    lost: { handle: lost },
    application: { handle: application },
  },
} satisfies Service;
