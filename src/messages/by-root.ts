/** What the root signs (wire.md 1): the manifest and a terminal's secrets, believed only from a pinned root. */
import { sameBytes } from '../crypto/cbor.js';
import { kidOf, parseSign1, toBeSigned } from '../crypto/cose.js';
import { kidOfPoint, publicKey } from '../crypto/sm2.js';

export type RootTyp = 'ak/trust' | 'ak/secrets';

/** `malformed`: no such COSE object; `stranger`: under a key that is not pinned; `forged`: the signature does not hold. */
export type RootError = 'malformed' | 'stranger' | 'forged';

export type ByRoot = { readonly payload: Uint8Array; readonly root: Uint8Array } | { readonly error: RootError };

/** The payload, and which of `roots` (points x‖y, on the curve) signed it. Never throws for anything in `bytes`. */
export function openByRoot(bytes: Uint8Array, typ: RootTyp, roots: readonly Uint8Array[]): ByRoot {
  const object = parseSign1(bytes);
  const kid = object && kidOf(object, typ);
  if (!object || !kid) return { error: 'malformed' };
  const root = roots.find((point) => sameBytes(kidOfPoint(point), kid));
  if (!root) return { error: 'stranger' };
  const holds = publicKey(root).verify(toBeSigned(object.protectedBytes, object.payload), object.signature);
  return holds ? { payload: object.payload, root } : { error: 'forged' };
}
