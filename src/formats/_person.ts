/** The claims of a person's code (wire.md 1.1), believed only after its signature: shared by AK1 and the certificate inside AK2. Pure. */
import type { FormatRefusal, KeyRing, SignerKey } from '../contracts.js';
import type { Sign1 } from '../crypto/cose.js';
import { decodePerson, type PersonClaims, TYP } from '../messages/claims.js';
import { signerOf, withinLife } from './_signed.js';
import { FORGED, isRefusal, UNREADABLE } from './_text.js';

export interface Person {
  readonly key: SignerKey;
  readonly claims: PersonClaims;
}

export function personOf(object: Sign1, keys: KeyRing): Person | FormatRefusal {
  const key = signerOf(object, TYP.person, keys);
  if (isRefusal(key)) return key;
  const claims = decodePerson(object.payload);
  if (!claims || claims.region !== key.region) return UNREADABLE;
  return withinLife(claims.issued, key) ? { key, claims } : FORGED;
}

/** In ms: from when a person's code holds. One that is to begin earlier than it was made begins when it was made. */
export function startOf({ issued, notBefore }: PersonClaims): number {
  return Math.max(issued, notBefore ?? 0) * 1000;
}
