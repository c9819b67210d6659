/** CBOR and COSE put together by hand, so that they can be wrong: what the library refuses to write, a forger writes. */
import type { Cbor, CborMap } from '../../crypto/cbor.js';
import { encodeCbor } from '../../crypto/cbor.js';
import { ALG_SM2, LABEL, toBeSigned } from '../../crypto/cose.js';
import type { SigningKey } from '../issue.js';
import { joined } from './sample.js';

/** CBOR initial byte and argument in `width` bytes, whether or not fewer would do (RFC 8949 3). */
export function head(major: number, value: number, width: 0 | 1 | 2 | 4 | 8): Uint8Array {
  if (width === 0) return Uint8Array.of((major << 5) | value);
  const bytes = Buffer.alloc(1 + width);
  bytes[0] = (major << 5) | (24 + Math.log2(width));
  if (width === 8) bytes.writeBigUInt64BE(BigInt(value), 1);
  else bytes.writeUIntBE(value, 1, width);
  return bytes;
}

export const EMPTY_MAP = Uint8Array.of(0xa0);

export interface RawObject {
  readonly protectedBytes: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /** Encoded; default: the empty map. */
  readonly unprotected?: Uint8Array;
}

export function assembleRaw({ protectedBytes, payload, signature, unprotected = EMPTY_MAP }: RawObject): Uint8Array {
  return joined(Uint8Array.of(0x84), encodeCbor(protectedBytes), unprotected, encodeCbor(payload), encodeCbor(signature));
}

export function headerOf(kid: Uint8Array, typ: string): CborMap {
  return new Map<number, Cbor>([
    [LABEL.alg, ALG_SM2],
    [LABEL.kid, kid],
    [LABEL.typ, typ],
  ]);
}

/** Signed over exactly these bytes, whatever they are. */
export function signRaw(key: SigningKey, protectedBytes: Uint8Array, payload: Uint8Array, unprotected?: Uint8Array): Uint8Array {
  const signature = key.sign(toBeSigned(protectedBytes, payload));
  return assembleRaw({ protectedBytes, payload, signature, ...(unprotected && { unprotected }) });
}

/** The pairs of a map, each encoded on its own. */
export function pairsOf(map: CborMap): readonly (readonly [Uint8Array, Uint8Array])[] {
  return [...map].map(([key, value]) => [encodeCbor(key), encodeCbor(value)] as const);
}

/** Pairs in the order given, as a map with that count. */
export function rawMap(pairs: readonly (readonly [Uint8Array, Uint8Array])[]): Uint8Array {
  return joined(head(5, pairs.length, pairs.length < 24 ? 0 : 1), ...pairs.flat());
}
