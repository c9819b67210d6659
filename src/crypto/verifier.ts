/** Who checks SM2 signatures for the key ring: one small interface, so that another implementation can stand behind it. */
import { Recent } from './recent.js';
import { decodePoint, type PublicKey, publicKey } from './sm2.js';

export interface Verifier {
  /** x‖y of a compressed (33 bytes) or plain (64 bytes) point; undefined when it is not on the SM2 curve. */
  point(encoded: Uint8Array): Uint8Array | undefined;
  /** SM2 with SM3 and the default ID; signature raw r‖s. `kept`: worth preparing for; `once`: seen for a moment. Never throws. */
  verify(point: Uint8Array, message: Uint8Array, signature: Uint8Array, use: 'kept' | 'once'): boolean;
}

/** Two manifests' worth of keys during a swap, and the phones of the last minutes. */
const KEPT = 1024;
const ONCE = 64;

/** By Node's OpenSSL. A key is prepared (Z, key object: 0.2 ms) when it is first used. */
export function opensslVerifier(): Verifier {
  const prepared = { kept: new Recent<PublicKey | undefined>(KEPT), once: new Recent<PublicKey | undefined>(ONCE) };
  return {
    point: decodePoint,
    verify: (point, message, signature, use) => prepared[use].of(point, () => keyOf(point))?.verify(message, signature) ?? false,
  };
}

function keyOf(point: Uint8Array): PublicKey | undefined {
  const proved = decodePoint(point);
  return proved && publicKey(proved);
}
