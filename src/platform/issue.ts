/** Makes codes of the county's own kinds from its private keys (wire.md 1), as issuer, phone and terminal make them. */

import { encodeBase45 } from '../crypto/base45.js';
import { type Cbor, decodeCbor } from '../crypto/cbor.js';
import { ALG_SM2, assembleSign1, LABEL, makeSign1, type Sign } from '../crypto/cose.js';
import { generateKey, kidOfPoint, type PrivateKey } from '../crypto/sm2.js';
import { sm3 } from '../crypto/sm3.js';
import {
  type EnterpriseClaims,
  encodeEnterprise,
  encodeMoment,
  encodePerson,
  FORM,
  type MomentClaims,
  type PersonClaims,
  TYP,
} from '../messages/claims.js';

/** A key that signs; `CountyKey` is one. `point`: x‖y; `kid`: 8 bytes. */
export interface SigningKey {
  readonly kid: Uint8Array;
  readonly point: Uint8Array;
  readonly sign: Sign;
}

export function signingKey(key: PrivateKey): SigningKey {
  const { point } = key.public;
  return { kid: kidOfPoint(point), point, sign: (message) => key.sign(message) };
}

/** `AK1:…`, screen or paper; a certificate only to show that it is refused alone. @throws RangeError when the claims break wire.md 1.1. */
export function personCode(issuer: SigningKey, claims: PersonClaims): string {
  return `AK1:${encodeBase45(personObject(issuer, claims))}`;
}

/** The COSE_Sign1 of a person's claims. */
export function personObject(issuer: SigningKey, claims: PersonClaims): Uint8Array {
  return makeSign1(issuer.kid, TYP.person, encodePerson(claims), issuer.sign);
}

/** `AE1:…`. */
export function enterpriseCode(issuer: SigningKey, claims: EnterpriseClaims): string {
  return `AE1:${encodeBase45(makeSign1(issuer.kid, TYP.enterprise, encodeEnterprise(claims), issuer.sign))}`;
}

/** Claim -65611 (wire.md 1.3). `subject`: the 22 characters of the legal representative's `sub`. */
export function representativeMark(subject: string, creditCode: string): Uint8Array {
  return Uint8Array.from(sm3(Buffer.from(subject + creditCode)).subarray(0, 16));
}

/** A simulated phone: its key never leaves it, its certificate comes from the county. */
export interface Phone {
  readonly key: SigningKey;
  /** AK1 form 3, an untagged COSE_Sign1. */
  readonly certificate: Uint8Array;
  /** `AK2:…`, made offline. */
  present(claims: MomentClaims): string;
}

export type CertificateClaims = Omit<PersonClaims, 'form' | 'phone' | 'colour' | 'name'>;

export function newPhone(issuer: SigningKey, claims: CertificateClaims, key: SigningKey = signingKey(generateKey())): Phone {
  const certificate = personObject(issuer, { ...claims, form: FORM.certificate, phone: key.point });
  return { key, certificate, present: (moment) => momentCode(key, certificate, encodeMoment(moment)) };
}

/** `AK2:…` of any certificate and payload. @throws when the certificate is not deterministic CBOR. */
export function momentCode(phone: SigningKey, certificate: Uint8Array, payload: Uint8Array): string {
  const value = decodeCbor(certificate);
  if (value === undefined) throw new RangeError('the certificate is not deterministic CBOR');
  const header = new Map<number, Cbor>([
    [LABEL.alg, ALG_SM2],
    [LABEL.kcwt, value],
    [LABEL.typ, TYP.moment],
  ]);
  return `AK2:${encodeBase45(assembleSign1(header, payload, phone.sign))}`;
}
