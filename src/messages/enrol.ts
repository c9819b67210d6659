/**
 * What a new terminal hands in and what it is given (wire.md 7), and how it asks for its next certificate. The request is COSE under the key
 * that was made on the device; the ticket's secret proves both ends to each other. Pure.
 */
import { type Cbor, decodeCborMap, encodeCbor, isBytes, isUint, sameBytes } from '../crypto/cbor.js';
import { kidOf, makeSign1, parseSign1, toBeSigned } from '../crypto/cose.js';
import { kidOfPoint, pointOfSpki, publicKey } from '../crypto/sm2.js';
import { hmacSm3 } from '../crypto/sm3.js';
import type { Signer } from './signed.js';
import { isName } from './topics.js';

export interface EnrolRequest {
  readonly terminal: string;
  /** messages/ticket.ts `ticketId`. */
  readonly ticket: Uint8Array;
  /** SubjectPublicKeyInfo (DER) of the SM2 keys made on the device. */
  readonly sign: Uint8Array;
  readonly open: Uint8Array;
  /** PKCS#10 (DER) of the TLS key made on the device. */
  readonly csr: Uint8Array;
}

export interface EnrolAnswer {
  /** DER: the terminal's, then the CA's. */
  readonly chain: readonly [Uint8Array, Uint8Array];
  /** SubjectPublicKeyInfo (DER) of the root. */
  readonly root: Uint8Array;
  /** `ak/trust` and `ak/secrets`. */
  readonly manifest: Uint8Array;
  readonly secrets: Uint8Array;
}

export interface RenewRequest {
  readonly terminal: string;
  readonly csr: Uint8Array;
  /** Unix seconds by the terminal; 0: it does not know the time. */
  readonly at: number;
}

/** Why the county does not enrol or renew. */
export const ENROL_REFUSALS = ['unreadable', 'unknown', 'expired', 'used', 'struck', 'forged', 'fault'] as const;
export type EnrolRefusal = (typeof ENROL_REFUSALS)[number];

export const LARGEST_ENROL = 65_536;
export const ENROL_PATH = '/enrol';
export const RENEW_PATH = '/renew';

const TYP = 'ak/enrol';
const LONGEST_KEY = 200;
const LONGEST_CSR = 2048;
const LONGEST_CERTIFICATE = 4096;

const macOf = (secret: Uint8Array, what: string, fields: readonly Cbor[]): Uint8Array => hmacSm3(secret, encodeCbor([what, ...fields]));
const sized = (value: Cbor | undefined, longest: number): value is Uint8Array => value instanceof Uint8Array && value.length <= longest;

export function makeEnrol(request: EnrolRequest, secret: Uint8Array, signer: Signer): Uint8Array {
  const { terminal, ticket, sign, open, csr } = request;
  const values: readonly Cbor[] = [terminal, ticket, sign, open, csr];
  return makeSign1(signer.kid, TYP, mapOf([...values, macOf(secret, 'enrol', values)]), signer.sign);
}

/** `proves`: made by who knows this secret. undefined: malformed, or not signed by the key it brings. */
export function readEnrol(bytes: Uint8Array): (EnrolRequest & { proves(secret: Uint8Array): boolean }) | undefined {
  const object = parseSign1(bytes);
  const kid = object && kidOf(object, TYP);
  const fields = object && decodeCborMap(object.payload);
  if (!object || !kid || fields?.size !== 6) return undefined;
  const [terminal, ticket, sign, open, csr, mac] = [1, 2, 3, 4, 5, 6].map((key) => fields.get(key));
  if (typeof terminal !== 'string' || !isName(terminal) || !isBytes(ticket, 8) || !isBytes(mac, 32)) return undefined;
  if (!sized(sign, LONGEST_KEY) || !sized(open, LONGEST_KEY) || !sized(csr, LONGEST_CSR)) return undefined;
  const point = pointOfSpki(sign);
  if (!point || !pointOfSpki(open) || !sameBytes(kidOfPoint(point), kid)) return undefined;
  if (!publicKey(point).verify(toBeSigned(object.protectedBytes, object.payload), object.signature)) return undefined;
  const values = [terminal, ticket, sign, open, csr];
  return { terminal, ticket, sign, open, csr, proves: (secret) => sameBytes(macOf(secret, 'enrol', values), mac) };
}

export function makeEnrolAnswer({ chain, root, manifest, secrets }: EnrolAnswer, secret: Uint8Array): Uint8Array {
  const values: readonly Cbor[] = [[...chain], root, manifest, secrets];
  return mapOf([...values, macOf(secret, 'answer', values)]);
}

/** undefined: malformed, or not made by who knows the ticket's secret. */
export function readEnrolAnswer(bytes: Uint8Array, secret: Uint8Array): EnrolAnswer | undefined {
  const fields = bytes.length <= LARGEST_ENROL ? decodeCborMap(bytes) : undefined;
  const [chain, root, manifest, secrets, mac] = [1, 2, 3, 4, 5].map((key) => fields?.get(key));
  if (fields?.size !== 5 || !Array.isArray(chain) || !isBytes(mac, 32)) return undefined;
  const [leaf, ca] = chain;
  if (chain.length !== 2 || !sized(leaf, LONGEST_CERTIFICATE) || !sized(ca, LONGEST_CERTIFICATE)) return undefined;
  if (!sized(root, LONGEST_KEY) || !(manifest instanceof Uint8Array) || !(secrets instanceof Uint8Array)) return undefined;
  const values = [chain, root, manifest, secrets];
  return sameBytes(macOf(secret, 'answer', values), mac) ? { chain: [leaf, ca], root, manifest, secrets } : undefined;
}

export function makeRenew({ terminal, csr, at }: RenewRequest, signer: Signer): Uint8Array {
  return makeSign1(signer.kid, TYP, mapOf([terminal, csr, at]), signer.sign);
}

/** `signedBy`: by this key (SubjectPublicKeyInfo)? undefined: malformed. */
export function readRenew(bytes: Uint8Array): (RenewRequest & { signedBy(spki: Uint8Array): boolean }) | undefined {
  const object = parseSign1(bytes);
  const kid = object && kidOf(object, TYP);
  const fields = object && decodeCborMap(object.payload);
  if (!object || !kid || fields?.size !== 3) return undefined;
  const [terminal, csr, at] = [1, 2, 3].map((key) => fields.get(key));
  if (typeof terminal !== 'string' || !isName(terminal) || !sized(csr, LONGEST_CSR) || !isUint(at)) return undefined;
  return {
    terminal,
    csr,
    at,
    signedBy(spki) {
      const point = pointOfSpki(spki);
      if (!point || !sameBytes(kidOfPoint(point), kid)) return false;
      return publicKey(point).verify(toBeSigned(object.protectedBytes, object.payload), object.signature);
    },
  };
}

const mapOf = (values: readonly Cbor[]): Uint8Array => encodeCbor(new Map(values.map((value, i) => [i + 1, value])));
