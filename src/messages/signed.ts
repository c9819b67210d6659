/** The two signed words about a journal (wire.md 4): `ak/head`, how far I am, and `ak/ack`, how far you are safe. Pure. */
import { type Cbor, type CborMap, decodeCborMap, encodeCbor, isBytes, isUint } from '../crypto/cbor.js';
import { kidOf, makeSign1, parseSign1, type Sign, toBeSigned } from '../crypto/cose.js';
import { isName } from './topics.js';

/** The last entry of a message: terminal, journal (8 bytes), its seq and its hash (32 bytes). */
export interface Head {
  readonly terminal: string;
  readonly journal: Uint8Array;
  readonly seq: number;
  readonly hash: Uint8Array;
}

/** Everything up to and with `seq` is stored at the platform. `issued`: Unix seconds. */
export interface Ack extends Head {
  readonly issued: number;
}

export interface Signer {
  readonly kid: Uint8Array;
  readonly sign: Sign;
}

/** Does a key `kid` that may sign `typ` say that this is its signature? */
export type Verify = (kid: Uint8Array, typ: string, message: Uint8Array, signature: Uint8Array) => boolean;

const TYP_HEAD = 'ak/head';
const TYP_ACK = 'ak/ack';

export function makeHead(head: Head, signer: Signer): Uint8Array {
  return makeSign1(signer.kid, TYP_HEAD, encodeCbor(fieldsOf(head)), signer.sign);
}

export function makeAck(ack: Ack, signer: Signer): Uint8Array {
  return makeSign1(signer.kid, TYP_ACK, encodeCbor(fieldsOf(ack).set(5, ack.issued)), signer.sign);
}

/** undefined: malformed, or not signed by whom it should be. */
export function readHead(bytes: Uint8Array, verify: Verify): Head | undefined {
  const fields = openSigned(bytes, TYP_HEAD, verify)?.fields;
  return fields?.size === 4 ? headOf(fields) : undefined;
}

/** undefined: malformed, or not signed by whom it should be. */
export function readAck(bytes: Uint8Array, verify: Verify): Ack | undefined {
  const fields = openSigned(bytes, TYP_ACK, verify)?.fields;
  const head = fields?.size === 5 ? headOf(fields) : undefined;
  const issued = fields?.get(5);
  return head && isUint(issued) ? { ...head, issued } : undefined;
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

function fieldsOf(head: Head): CborMap {
  return new Map<number, Cbor>([
    [1, head.terminal],
    [2, head.journal],
    [3, head.seq],
    [4, head.hash],
  ]);
}

function headOf(fields: CborMap): Head | undefined {
  const [terminal, journal, seq, hash] = [fields.get(1), fields.get(2), fields.get(3), fields.get(4)];
  if (typeof terminal !== 'string' || !isName(terminal) || !isBytes(journal, 8)) return undefined;
  return isUint(seq) && isBytes(hash, 32) ? { terminal, journal, seq, hash } : undefined;
}
