/** The keys of one manifest as formats see them, and what was proved under them. */
import type { KeyRing, SignerKey, TransitKey } from '../contracts.js';
import { encodeHex } from '../crypto/base-n.js';
import { Recent } from '../crypto/recent.js';
import { sm3 } from '../crypto/sm3.js';
import type { Verifier } from '../crypto/verifier.js';

/** Certificates of phones seen lately: an answer is a few hundred bytes. */
const REMEMBERED = 1024;

/** `verifier` outlives the ring: what it prepared for a key is not lost when the manifest changes. */
export function keyRing(keys: readonly SignerKey[], transit: readonly TransitKey[], verifier: Verifier): KeyRing {
  const signers = new Map(keys.map((key) => [encodeHex(key.kid), key]));
  const authorities = new Map<string, TransitKey[]>();
  for (const key of transit) {
    const name = `${key.system}/${key.index}`;
    authorities.set(name, [...(authorities.get(name) ?? []), key]);
  }
  const answers = new Recent<unknown>(REMEMBERED);
  return {
    signer: (kid) => signers.get(encodeHex(kid)),
    transit: (system, index) => authorities.get(`${system}/${index}`) ?? [],
    point: (encoded) => verifier.point(encoded),
    verify: (point, message, signature, use) => verifier.verify(point, message, signature, use),
    sm3,
    // One `check` per kind of bytes is the caller's part of the bargain, hence the answer has its type.
    once: <T>(bytes: Uint8Array, check: () => T) => answers.of(sm3(bytes), check) as T,
  };
}
