/** COSE_Sign1 (RFC 9052 4.2) as wire.md 1 narrows it: taking apart and putting together; signing is the caller's. Pure. */
import { type Cbor, type CborMap, decodeCbor, decodeCborMap, encodeCbor, isBytes } from './cbor.js';

/** Private use (RFC 9053): SM2 with SM3 and the default ID. */
export const ALG_SM2 = -65537;
export const LABEL = { alg: 1, kid: 4, kcwt: 13, typ: 16 } as const;

/** wire.md 0: no signed object is larger. */
const LARGEST = 65_536;
const TAG_18 = 0xd2;

export interface Sign1 {
  /** The protected header as it was encoded, and decoded; `header` is undefined when it is not a deterministic map. */
  readonly protectedBytes: Uint8Array;
  readonly header: CborMap | undefined;
  readonly unprotectedEmpty: boolean;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

/** A COSE_Sign1, untagged or tag 18; undefined when the bytes are not one. Nothing of it is believed yet. */
export function parseSign1(bytes: Uint8Array): Sign1 | undefined {
  if (bytes.length > LARGEST) return undefined;
  return sign1Of(decodeCbor(bytes[0] === TAG_18 ? bytes.subarray(1) : bytes));
}

/** The same from a decoded array, as AK2 carries its certificate (label 13, kcwt). */
export function sign1Of(value: Cbor | undefined): Sign1 | undefined {
  if (!Array.isArray(value) || value.length !== 4) return undefined;
  const [protectedBytes, unprotected, payload, signature] = value;
  if (!isBytes(protectedBytes) || !(unprotected instanceof Map) || !isBytes(payload) || !isBytes(signature)) return undefined;
  return { protectedBytes, header: decodeCborMap(protectedBytes), unprotectedEmpty: unprotected.size === 0, payload, signature };
}

/** The bytes that are signed: Sig_structure of RFC 9052 4.4 with an empty external_aad. */
export function toBeSigned(protectedBytes: Uint8Array, payload: Uint8Array): Uint8Array {
  return encodeCbor(['Signature1', protectedBytes, new Uint8Array(0), payload]);
}

export type Sign = (message: Uint8Array) => Uint8Array;

/** An untagged COSE_Sign1 under a key of the trust list. */
export function makeSign1(kid: Uint8Array, typ: string, payload: Uint8Array, sign: Sign): Uint8Array {
  const header: CborMap = new Map<number, Cbor>([
    [LABEL.alg, ALG_SM2],
    [LABEL.kid, kid],
    [LABEL.typ, typ],
  ]);
  return assembleSign1(header, payload, sign);
}

export function assembleSign1(header: CborMap, payload: Uint8Array, sign: Sign): Uint8Array {
  const protectedBytes = encodeCbor(header);
  return encodeCbor([protectedBytes, new Map(), payload, sign(toBeSigned(protectedBytes, payload))]);
}

/** The kid of a header that is exactly alg, kid, typ with this typ; undefined: the header is not as wire.md 1 says. */
export function kidOf(object: Sign1, typ: string): Uint8Array | undefined {
  const { header } = object;
  if (!header || header.size !== 3 || !object.unprotectedEmpty) return undefined;
  if (header.get(LABEL.alg) !== ALG_SM2 || header.get(LABEL.typ) !== typ) return undefined;
  const kid = header.get(LABEL.kid);
  return isBytes(kid, 8) ? kid : undefined;
}
