/**
 * Who stood at a desk, as the platform can check it itself: the county's own codes by their signatures, every other carrier by the word of the
 * terminal that signed the question.
 *
 *   who {medium, bytes, subject} → AK1 | AK2 | AE1: issuer key, signature, claims, same subject → signed
 *                                → card, today's code: the terminal made the subject from it    → said
 */
import type { Instant } from '../contracts.js';
import { decodeBase45 } from '../crypto/base45.js';
import type { Cbor } from '../crypto/cbor.js';
import { kidOf, LABEL, parseSign1, type Sign1, sign1Of, toBeSigned } from '../crypto/cose.js';
import { decodePoint, pointOfSpki } from '../crypto/sm2.js';
import { opensslVerifier } from '../crypto/verifier.js';
import { decodeEnterprise, decodeMoment, decodePerson, FORM, TYP } from '../messages/claims.js';
import { type Shown, shownIn } from '../messages/shown.js';
import type { CountyStore } from './store.js';

export interface Stood {
  /** A pseudonym, or the credit code of an enterprise. */
  readonly subject: string;
  /** `signed`: by our own issuer, checked here; `said`: by the terminal. */
  readonly carrier: 'signed' | 'said';
}

/** A conversation may last so long beyond the end of the code that began it. */
const AFTER_MS = 30 * 60_000;

const { verify } = opensslVerifier();

/** `rest`: the body without whom it is about. undefined: nobody is named, or the code named does not hold. */
export async function stoodAt(
  body: Cbor,
  { store, now }: { readonly store: CountyStore; readonly now: Instant },
): Promise<{ readonly who: Stood; readonly rest: Cbor } | undefined> {
  const read = shownIn(body);
  if (!read) return undefined;
  const proved = await provedBy(read.shown, { store, now, early: AFTER_MS, after: AFTER_MS });
  if (proved === 'said') return { who: { subject: read.shown.subject, carrier: 'said' }, rest: read.rest };
  return proved === read.shown.subject ? { who: { subject: proved, carrier: 'signed' }, rest: read.rest } : undefined;
}

interface Looking {
  readonly store: CountyStore;
  readonly now: Instant;
  /** So long (ms) before its beginning and beyond its end a code still holds. */
  readonly early: number;
  readonly after: number;
}

interface Proved {
  readonly subject: string;
  readonly codeId: Uint8Array;
  /** Made by a phone just now. */
  readonly fresh: boolean;
}

/** wire.md 2: so far may the clock of a phone or an issuer be ahead. */
const SKEW_MS = 60_000;

/**
 * Whose phone shows this text: a screen code or a moment that holds now and is not revoked. Paper, cards and certificates prove nobody who is
 * not seen.
 */
export async function provedByPhone(text: string, { store, now }: Pick<Looking, 'store' | 'now'>): Promise<string | undefined> {
  const object = codeObject(Buffer.from(text, 'latin1'));
  const looking = { store, now, early: SKEW_MS, after: 0 };
  const proved = object && (text.startsWith('AK2:') ? await moment(object, looking) : await person(object, looking));
  return proved?.fresh && !(await store.isMember('revoked.code', proved.codeId)) ? proved.subject : undefined;
}

const prefixOf = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(0, 4)).toString('latin1');

function codeObject(bytes: Uint8Array): Sign1 | undefined {
  const prefix = prefixOf(bytes);
  const decoded = CODES.includes(prefix) ? decodeBase45(bytes, prefix.length) : undefined;
  return decoded && parseSign1(decoded);
}

const CODES: readonly string[] = ['AK1:', 'AK2:', 'AE1:'];

/** The subject that the code itself proves; undefined: it proves nothing. */
async function provedBy({ medium, bytes }: Shown, looking: Looking): Promise<string | undefined> {
  const prefix = medium === 'code' ? prefixOf(bytes) : '';
  if (!CODES.includes(prefix)) return 'said';
  const object = codeObject(bytes);
  if (!object) return undefined;
  if (prefix === 'AE1:') return enterprise(object, looking);
  return (await (prefix === 'AK1:' ? person(object, looking) : moment(object, looking)))?.subject;
}

async function person(object: Sign1, looking: Looking): Promise<Proved | undefined> {
  const claims = (await isSigned(object, TYP.person, looking)) ? decodePerson(object.payload) : undefined;
  if (!claims || claims.form === FORM.certificate || !isInTime(claims, looking)) return undefined;
  return { subject: claims.subject, codeId: claims.codeId, fresh: claims.form === FORM.screen };
}

async function moment(object: Sign1, looking: Looking): Promise<Proved | undefined> {
  const certificate = sign1Of(object.header?.get(LABEL.kcwt));
  const holder = certificate && (await isSigned(certificate, TYP.person, looking)) ? decodePerson(certificate.payload) : undefined;
  const phone = holder?.phone && decodePoint(holder.phone);
  if (!holder || !phone || object.header?.get(LABEL.typ) !== TYP.moment || !holds(object, phone)) return undefined;
  const claims = decodeMoment(object.payload);
  const inTime = claims && isInTime({ issued: claims.issued, expires: claims.issued + 60 }, looking);
  return inTime ? { subject: holder.subject, codeId: holder.codeId, fresh: true } : undefined;
}

async function enterprise(object: Sign1, looking: Looking): Promise<string | undefined> {
  const claims = (await isSigned(object, TYP.enterprise, looking)) ? decodeEnterprise(object.payload) : undefined;
  return claims && isInTime(claims, looking) ? claims.creditCode : undefined;
}

/** By a key of ours that may sign this, and that is not revoked. */
async function isSigned(object: Sign1, typ: string, { store, now }: Looking): Promise<boolean> {
  const kid = kidOf(object, typ);
  const key = kid && (await store.keys()).find((one) => Buffer.from(one.kid).equals(kid));
  if (!key || !key.types.includes(typ) || (key.revoked ?? now + 1) <= now) return false;
  const point = pointOfSpki(key.spki);
  return point !== undefined && holds(object, point);
}

const holds = (object: Sign1, point: Uint8Array): boolean =>
  object.signature.length === 64 && verify(point, toBeSigned(object.protectedBytes, object.payload), object.signature, 'once');

/** In Unix seconds. */
const isInTime = ({ issued, expires }: { readonly issued: number; readonly expires: number }, { now, early, after }: Looking): boolean =>
  issued * 1000 <= now + early && now < expires * 1000 + after;
