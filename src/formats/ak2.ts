/** AK2: a fresh presentation made offline by a phone whose key the county certified (wire.md 1.2). */
import type { Credential, Format, FormatRefusal, KeyRing } from '../contracts.js';
import { encodeHex } from '../crypto/base-n.js';
import { encodeCbor } from '../crypto/cbor.js';
import { ALG_SM2, LABEL, type Sign1, sign1Of } from '../crypto/cose.js';
import { decodeMoment, FORM, TYP } from '../messages/claims.js';
import { type Person, personOf, startOf } from './_person.js';
import { hasHeader, holds, replayIdOf, sign1Behind } from './_signed.js';
import { FORGED, isRefusal, UNREADABLE } from './_text.js';

/** A moment holds so long after it was made, and as long before (the skew that admission allows), in ms. */
const MOMENT = 60_000;

interface Holder extends Person {
  /** The phone's key, on the curve. */
  readonly phone: Uint8Array;
}

export default {
  kind: 'person',
  media: ['code'],
  read(bytes, keys) {
    const moment = sign1Behind('AK2:', bytes);
    if (!moment || isRefusal(moment)) return moment;
    const holder = holderOf(moment, keys);
    if (isRefusal(holder)) return holder;
    if (!isHeaderAsSaid(moment) || !holds(moment, { keys, point: holder.phone, use: 'once' })) return FORGED;
    const claims = decodeMoment(moment.payload);
    return claims ? credential(holder, claims.issued * 1000, replayIdOf(moment, keys)) : UNREADABLE;
  },
} satisfies Format;

/** Exactly alg, certificate and typ; no kid. */
function isHeaderAsSaid({ header, unprotectedEmpty }: Sign1): boolean {
  if (!header || header.size !== 3 || !unprotectedEmpty) return false;
  return header.get(LABEL.alg) === ALG_SM2 && header.has(LABEL.kcwt) && header.get(LABEL.typ) === TYP.moment;
}

/** The certificate comes first; what it proved is remembered, the moment never. */
function holderOf(moment: Sign1, keys: KeyRing): Holder | FormatRefusal {
  const value = moment.header?.get(LABEL.kcwt);
  const certificate = sign1Of(value);
  if (value === undefined || !certificate) return FORGED;
  if (!hasHeader(certificate)) return UNREADABLE;
  return keys.once(encodeCbor(value), () => certified(certificate, keys));
}

function certified(certificate: Sign1, keys: KeyRing): Holder | FormatRefusal {
  const person = personOf(certificate, keys);
  if (isRefusal(person)) return person;
  if (person.claims.form !== FORM.certificate || !person.claims.phone) return FORGED;
  const phone = keys.point(person.claims.phone);
  return phone ? { ...person, phone } : UNREADABLE;
}

function credential(holder: Holder, issued: number, replayId: Uint8Array): Credential {
  const { claims, key } = holder;
  return {
    kind: 'person',
    format: 'ak2',
    form: 'moment',
    subject: claims.subject,
    codeId: encodeHex(claims.codeId),
    ...windowOf(holder, issued),
    revokedAt: key.revokedAt,
    colour: 'unknown',
    replayId,
    claims: Object.freeze({ region: claims.region, form: claims.form, epoch: claims.epoch }),
  };
}

/**
 * A moment made outside its certificate's life is never admitted: its window is empty, and lies so that an old moment is `expired`
 * and one from before the certificate, or of the future, `not-yet-valid`. `issued` in ms.
 */
function windowOf({ claims, key }: Holder, issued: number): Pick<Credential, 'validFrom' | 'validUntil'> {
  if (issued < startOf(claims)) return { validFrom: issued + 2 * MOMENT, validUntil: issued + MOMENT };
  if (issued >= claims.expires * 1000) return { validFrom: issued, validUntil: issued - MOMENT };
  return { validFrom: issued, validUntil: Math.min(issued + MOMENT, key.validUntil) };
}
