/** AK1: a resident's code, on a screen or on paper (wire.md 1.1). */
import type { Credential, Format, KeyRing } from '../contracts.js';
import { encodeHex } from '../crypto/base-n.js';
import type { Sign1 } from '../crypto/cose.js';
import { FORM } from '../messages/claims.js';
import { type Person, personOf, startOf } from './_person.js';
import { replayIdOf, sign1Behind } from './_signed.js';
import { isRefusal } from './_text.js';

export default {
  kind: 'person',
  media: ['code'],
  read(bytes, keys) {
    const object = sign1Behind('AK1:', bytes);
    if (!object || isRefusal(object)) return object;
    const person = personOf(object, keys);
    if (isRefusal(person)) return person;
    if (person.claims.form === FORM.screen) return screen(person, object, keys);
    return lasting(person, person.claims.form === FORM.paper ? 'paper' : 'certificate');
  },
} satisfies Format;

/** wire.md 3: past the end of its key's life a screen code is expired. */
function screen(person: Person, object: Sign1, keys: KeyRing): Credential {
  const { claims, key } = person;
  return {
    ...common(person),
    form: 'screen',
    validUntil: Math.min(claims.expires * 1000, key.validUntil),
    colour: claims.colour ?? 'unknown',
    replayId: replayIdOf(object, keys),
  };
}

/** wire.md 1.1: for paper and certificates only the lists decide the colour. */
function lasting(person: Person, form: 'paper' | 'certificate'): Credential {
  return { ...common(person), form, validUntil: person.claims.expires * 1000, colour: 'unknown' };
}

function common({ claims, key }: Person): Omit<Credential, 'form' | 'validUntil' | 'colour'> {
  const { region, form, epoch, name } = claims;
  return {
    kind: 'person',
    format: 'ak1',
    subject: claims.subject,
    codeId: encodeHex(claims.codeId),
    validFrom: startOf(claims),
    revokedAt: key.revokedAt,
    claims: Object.freeze({ region, form, epoch, ...(name === undefined ? {} : { name }) }),
  };
}
