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
  const proved = await provedBy(read.shown, store, now);
  if (proved === 'said') return { who: { subject: read.shown.subject, carrier: 'said' }, rest: read.rest };
  return proved === read.shown.subject ? { who: { subject: proved, carrier: 'signed' }, rest: read.rest } : undefined;
}

/** The subject that the code itself proves; undefined: it proves nothing. */
async function provedBy({ medium, bytes }: Shown, store: CountyStore, now: Instant): Promise<string | undefined> {
  const prefix = medium === 'code' ? Buffer.from(bytes.subarray(0, 4)).toString('latin1') : '';
  if (prefix !== 'AK1:' && prefix !== 'AK2:' && prefix !== 'AE1:') return 'said';
  const decoded = decodeBase45(bytes, prefix.length);
  const object = decoded && parseSign1(decoded);
  if (!object) return undefined;
  if (prefix === 'AE1:') return enterprise(object, store, now);
  return prefix === 'AK1:' ? person(object, store, now) : moment(object, store, now);
}

async function person(object: Sign1, store: CountyStore, now: Instant): Promise<string | undefined> {
  const claims = (await isSigned(object, TYP.person, store, now)) ? decodePerson(object.payload) : undefined;
  if (!claims || claims.form === FORM.certificate) return undefined;
  return isInTime(claims, now) ? claims.subject : undefined;
}

async function moment(object: Sign1, store: CountyStore, now: Instant): Promise<string | undefined> {
  const certificate = sign1Of(object.header?.get(LABEL.kcwt));
  const holder = certificate && (await isSigned(certificate, TYP.person, store, now)) ? decodePerson(certificate.payload) : undefined;
  const phone = holder?.phone && decodePoint(holder.phone);
  if (!holder || !phone || object.header?.get(LABEL.typ) !== TYP.moment || !holds(object, phone)) return undefined;
  const claims = decodeMoment(object.payload);
  return claims && isInTime({ issued: claims.issued, expires: claims.issued + 60 }, now) ? holder.subject : undefined;
}

async function enterprise(object: Sign1, store: CountyStore, now: Instant): Promise<string | undefined> {
  const claims = (await isSigned(object, TYP.enterprise, store, now)) ? decodeEnterprise(object.payload) : undefined;
  return claims && isInTime(claims, now) ? claims.creditCode : undefined;
}

/** By a key of ours that may sign this, and that is not revoked. */
async function isSigned(object: Sign1, typ: string, store: CountyStore, now: Instant): Promise<boolean> {
  const kid = kidOf(object, typ);
  const key = kid && (await store.keys()).find((one) => Buffer.from(one.kid).equals(kid));
  if (!key || !key.types.includes(typ) || (key.revoked ?? now + 1) <= now) return false;
  const point = pointOfSpki(key.spki);
  return point !== undefined && holds(object, point);
}

const holds = (object: Sign1, point: Uint8Array): boolean =>
  object.signature.length === 64 && verify(point, toBeSigned(object.protectedBytes, object.payload), object.signature, 'once');

/** In Unix seconds. */
const isInTime = ({ issued, expires }: { readonly issued: number; readonly expires: number }, now: Instant): boolean =>
  issued * 1000 <= now + AFTER_MS && now < expires * 1000 + AFTER_MS;
