/** The two signed words about a journal (wire.md 4): `ak/head`, how far I am, and `ak/ack`, how far you are safe. Pure. */
import type { z } from 'zod';
import { type CborMap, decodeCborMap, encodeCbor } from '../crypto/cbor.js';
import { kidOf, makeSign1, parseSign1, type Sign, toBeSigned } from '../crypto/cose.js';
import { named, numbered, octets, seconds, uint } from './numbered.js';

/** The last entry of a message: its seq and its hash. */
export const HEAD = numbered({
  terminal: named,
  journal: octets(8),
  seq: uint,
  hash: octets(32),
});
export type Head = Readonly<z.output<typeof HEAD.schema>>;

/** Everything up to and with `seq` is stored at the platform. */
export const ACK = numbered({ ...HEAD.schema.shape, issued: seconds });
export type Ack = Readonly<z.output<typeof ACK.schema>>;

export interface Signer {
  readonly kid: Uint8Array;
  readonly sign: Sign;
}

/** Does a key `kid` that may sign `typ` say that this is its signature? */
export type Verify = (kid: Uint8Array, typ: string, message: Uint8Array, signature: Uint8Array) => boolean;

const TYP_HEAD = 'ak/head';
const TYP_ACK = 'ak/ack';

export function makeHead(head: Head, signer: Signer): Uint8Array {
  return makeSign1(signer.kid, TYP_HEAD, encodeCbor(HEAD.write(head)), signer.sign);
}

export function makeAck(ack: Ack, signer: Signer): Uint8Array {
  return makeSign1(signer.kid, TYP_ACK, encodeCbor(ACK.write(ack)), signer.sign);
}

/** undefined: malformed, or not signed by whom it should be. */
export function readHead(bytes: Uint8Array, verify: Verify): Head | undefined {
  return HEAD.read(openSigned(bytes, TYP_HEAD, verify)?.fields);
}

/** undefined: malformed, or not signed by whom it should be. */
export function readAck(bytes: Uint8Array, verify: Verify): Ack | undefined {
  return ACK.read(openSigned(bytes, TYP_ACK, verify)?.fields);
}

/** A signed word: its payload as it was signed, and decoded; `fields` is undefined when it is not a deterministic map. */
export interface SignedWord {
  readonly payload: Uint8Array;
  readonly fields: CborMap | undefined;
}

/** undefined: not exactly such an object, or not signed by whom it should be. */
export function openSigned(bytes: Uint8Array, typ: string, verify: Verify): SignedWord | undefined {
  const object = parseSign1(bytes);
  const kid = object && kidOf(object, typ);
  if (!object || !kid || !verify(kid, typ, toBeSigned(object.protectedBytes, object.payload), object.signature)) return undefined;
  return { payload: object.payload, fields: decodeCborMap(object.payload) };
}
