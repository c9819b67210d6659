/** Our own signed codes up to where their claims may be believed: structure, kid, header, signature, in the order of wire.md 2. Pure. */
import type { FormatRefusal, KeyRing, SignerKey } from '../contracts.js';
import { decodeBase45 } from '../crypto/base45.js';
import { isBytes } from '../crypto/cbor.js';
import { kidOf, LABEL, parseSign1, type Sign1, toBeSigned } from '../crypto/cose.js';
import { FORGED, LONGEST_TEXT, startsWith, UNKNOWN_ISSUER, UNREADABLE } from './_text.js';

/** The COSE_Sign1 in Base45 behind `prefix`; undefined: another prefix. Nothing of it is believed yet. */
export function sign1Behind(prefix: string, text: Uint8Array): Sign1 | FormatRefusal | undefined {
  if (!startsWith(text, prefix)) return undefined;
  const bytes = text.length > LONGEST_TEXT ? undefined : decodeBase45(text, prefix.length);
  return readSign1(bytes);
}

export function readSign1(bytes: Uint8Array | undefined): Sign1 | FormatRefusal {
  const object = bytes && parseSign1(bytes);
  return object && hasHeader(object) ? object : UNREADABLE;
}

/** RFC 9052 3: a zero-length protected header is the empty map, so it is readable, though not as wire.md 1 says. */
export function hasHeader({ header, protectedBytes }: Sign1): boolean {
  return header !== undefined || protectedBytes.length === 0;
}

/** The key whose signature holds. Only after this the payload may be looked at. */
export function signerOf(object: Sign1, typ: string, keys: KeyRing): SignerKey | FormatRefusal {
  const kid = object.header?.get(LABEL.kid);
  const key = isBytes(kid, 8) ? keys.signer(kid) : undefined;
  if (isBytes(kid, 8) && !key) return UNKNOWN_ISSUER;
  if (!key || !kidOf(object, typ) || !key.types.includes(typ)) return FORGED;
  return holds(object, { keys, point: key.point, use: 'kept' }) ? key : FORGED;
}

export function holds(object: Sign1, by: { keys: KeyRing; point: Uint8Array; use: 'kept' | 'once' }): boolean {
  if (object.signature.length !== 64) return false;
  return by.keys.verify(by.point, toBeSigned(object.protectedBytes, object.payload), object.signature, by.use);
}

/** wire.md 3: nbf ≤ iat < exp of what a key signs. `issued` in Unix seconds. */
export function withinLife(issued: number, key: SignerKey): boolean {
  return issued * 1000 >= key.validFrom && issued * 1000 < key.validUntil;
}

/** wire.md 2: SM3 of protected ‖ payload, which stays the same whatever the signature's bytes are. */
export function replayIdOf({ protectedBytes, payload }: Sign1, keys: KeyRing): Uint8Array {
  return keys.sm3(protectedBytes, payload);
}
