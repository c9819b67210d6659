/** What the county's own codes say: the claim tables of wire.md 1.1 to 1.3, written and read strictly. Times are Unix seconds. Pure. */
import { COLOURS, type Colour } from '../contracts.js';
import { decodeBase64Url } from '../crypto/base-n.js';
import { type Cbor, type CborMap, decodeCborMap, encodeCbor, isBytes, isUint } from '../crypto/cbor.js';
import { isCreditCode } from './identifiers.js';

export const TYP = { person: 'ak/person', moment: 'ak/moment', enterprise: 'ak/enterprise', venue: 'ak/venue' } as const;

export const CLAIM = {
  iss: 1,
  sub: 2,
  exp: 4,
  nbf: 5,
  iat: 6,
  cti: 7,
  cnf: 8,
  form: -65601,
  colour: -65602,
  name: -65603,
  epoch: -65605,
  enterpriseName: -65610,
  representative: -65611,
  status: -65612,
  contact: -65613,
  scene: -65620,
  event: -65621,
  title: -65622,
} as const;

export const FORM = { screen: 1, paper: 2, certificate: 3 } as const;
export type PersonForm = (typeof FORM)[keyof typeof FORM];

/** The longest that each form may live, in seconds. */
const LONGEST: Readonly<Record<PersonForm, number>> = { 1: 300, 2: 400 * 86_400, 3: 31 * 86_400 };

/** COSE_Key (RFC 9052 7) of a phone: kty EC2, the SM2 curve by a number of private use. */
const COSE_KEY = { kty: 1, crv: -1, x: -2, y: -3 } as const;
const KTY_EC2 = 2;
const CRV_SM2 = -65600;

interface Dated {
  readonly issued: number;
  readonly expires: number;
  /** 8 bytes: what a revocation list names. */
  readonly codeId: Uint8Array;
}

export interface PersonClaims extends Dated {
  /** GB/T 2260, six digits. */
  readonly region: string;
  /** base64url of 16 bytes. */
  readonly subject: string;
  readonly notBefore?: number | undefined;
  readonly form: PersonForm;
  /** Screen codes only. */
  readonly colour?: Colour | undefined;
  /** Masked; paper codes only. */
  readonly name?: string | undefined;
  /** Of the region key; absent on the wire is 0. */
  readonly epoch?: number | undefined;
  /** Certificates only: the phone's key, x‖y, 64 bytes; not yet proved to be on the curve. */
  readonly phone?: Uint8Array | undefined;
}

export type MomentClaims = Omit<Dated, 'expires'>;

export const STATUSES = ['active', 'suspended', 'revoked'] as const;
export type EnterpriseStatus = (typeof STATUSES)[number];

export interface EnterpriseClaims extends Dated {
  readonly creditCode: string;
  readonly name: string;
  /** SM3(sub of the legal representative ‖ credit code)[0..16). */
  readonly representative: Uint8Array;
  readonly status: EnterpriseStatus;
  readonly contact?: string | undefined;
}

export interface VenueClaims extends Dated {
  readonly region: string;
  readonly checkpoint: string;
  readonly scene: string;
  /** Event or sales batch. */
  readonly event?: string | undefined;
  readonly title: string;
}

// ── writing ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Pairs without those that have nothing to say. */
function mapOf(pairs: readonly (readonly [number, Cbor | undefined])[]): CborMap {
  return new Map(pairs.filter((pair): pair is readonly [number, Cbor] => pair[1] !== undefined));
}

export function personMap(claims: PersonClaims): CborMap {
  return mapOf([
    [CLAIM.iss, claims.region],
    [CLAIM.sub, claims.subject],
    ...dates(claims),
    [CLAIM.nbf, claims.notBefore],
    [CLAIM.cnf, claims.phone && new Map([[1, coseKey(claims.phone)]])],
    [CLAIM.form, claims.form],
    [CLAIM.colour, claims.colour && COLOURS.indexOf(claims.colour)],
    [CLAIM.name, claims.name],
    [CLAIM.epoch, claims.epoch || undefined],
  ]);
}

export function momentMap({ issued, codeId }: MomentClaims): CborMap {
  return mapOf([
    [CLAIM.iat, issued],
    [CLAIM.cti, codeId],
  ]);
}

export function enterpriseMap(claims: EnterpriseClaims): CborMap {
  return mapOf([
    [CLAIM.sub, claims.creditCode],
    ...dates(claims),
    [CLAIM.enterpriseName, claims.name],
    [CLAIM.representative, claims.representative],
    [CLAIM.status, claims.status],
    [CLAIM.contact, claims.contact],
  ]);
}

export function venueMap(claims: VenueClaims): CborMap {
  return mapOf([
    [CLAIM.iss, claims.region],
    [CLAIM.sub, claims.checkpoint],
    ...dates(claims),
    [CLAIM.scene, claims.scene],
    [CLAIM.event, claims.event],
    [CLAIM.title, claims.title],
  ]);
}

function dates(claims: Dated): (readonly [number, Cbor])[] {
  return [
    [CLAIM.exp, claims.expires],
    [CLAIM.iat, claims.issued],
    [CLAIM.cti, claims.codeId],
  ];
}

function coseKey(point: Uint8Array): CborMap {
  return new Map<number, Cbor>([
    [COSE_KEY.kty, KTY_EC2],
    [COSE_KEY.crv, CRV_SM2],
    [COSE_KEY.x, point.slice(0, 32)],
    [COSE_KEY.y, point.slice(32)],
  ]);
}

/** @throws when the claims break the tables: an issuer must not sign what no terminal reads. */
function encodeChecked(map: CborMap, decode: (payload: Uint8Array) => object | undefined): Uint8Array {
  const payload = encodeCbor(map);
  if (!decode(payload)) throw new RangeError('these claims break the tables of wire.md 1.1 to 1.3');
  return payload;
}

export const encodePerson = (claims: PersonClaims): Uint8Array => encodeChecked(personMap(claims), decodePerson);
export const encodeMoment = (claims: MomentClaims): Uint8Array => encodeChecked(momentMap(claims), decodeMoment);
export const encodeEnterprise = (claims: EnterpriseClaims): Uint8Array => encodeChecked(enterpriseMap(claims), decodeEnterprise);
export const encodeVenue = (claims: VenueClaims): Uint8Array => encodeChecked(venueMap(claims), decodeVenue);

// ── reading: undefined for a payload that breaks its table; claims that the table does not know are ignored ─────────

const isText = (value: unknown): value is string => typeof value === 'string' && value.length > 0;
const isTextOrAbsent = (value: unknown): value is string | undefined => value === undefined || isText(value);
const isUintOrAbsent = (value: unknown): value is number | undefined => value === undefined || isUint(value);
const isRegion = (value: unknown): value is string => typeof value === 'string' && /^\d{6}$/.test(value);
const isOneOf = <T>(value: unknown, all: readonly T[]): value is T => (all as readonly unknown[]).includes(value);

/** wire.md 1.1. */
export function decodePerson(payload: Uint8Array): PersonClaims | undefined {
  const map = decodeCborMap(payload);
  const dated = map && datedOf(map);
  if (!dated) return undefined;
  const region = map.get(CLAIM.iss);
  const subject = map.get(CLAIM.sub);
  const notBefore = map.get(CLAIM.nbf);
  const form = map.get(CLAIM.form);
  const epoch = map.get(CLAIM.epoch);
  if (!isRegion(region) || !isSubject(subject) || !isUintOrAbsent(notBefore) || !isUintOrAbsent(epoch)) return undefined;
  if (!isOneOf(form, Object.values(FORM)) || dated.expires - dated.issued > LONGEST[form]) return undefined;
  if (notBefore !== undefined && notBefore >= dated.expires) return undefined;
  const particular = particularOf(map, form);
  return particular && { ...dated, region, subject, notBefore, form, epoch: epoch ?? 0, ...particular };
}

/** What only one of the three forms may say. */
function particularOf(map: CborMap, form: PersonForm): Pick<PersonClaims, 'colour' | 'name' | 'phone'> | undefined {
  const number = map.get(CLAIM.colour);
  const name = map.get(CLAIM.name);
  const cnf = map.get(CLAIM.cnf);
  if (number !== undefined && form !== FORM.screen) return undefined;
  if (name !== undefined && form !== FORM.paper) return undefined;
  if ((cnf !== undefined) !== (form === FORM.certificate)) return undefined;
  const colour = isUint(number) ? COLOURS[number] : undefined;
  const phone = cnf === undefined ? undefined : phoneOf(cnf);
  if ((number !== undefined && !colour) || !isTextOrAbsent(name) || (cnf !== undefined && !phone)) return undefined;
  return { colour, name, phone };
}

function isSubject(value: unknown): value is string {
  return typeof value === 'string' && decodeBase64Url(value)?.length === 16;
}

/** RFC 8747 3.2, exactly `{1: {1: 2, -1: -65600, -2: x, -3: y}}`. */
function phoneOf(cnf: Cbor): Uint8Array | undefined {
  const key = cnf instanceof Map && cnf.size === 1 ? cnf.get(1) : undefined;
  if (!(key instanceof Map) || key.size !== 4 || key.get(COSE_KEY.kty) !== KTY_EC2 || key.get(COSE_KEY.crv) !== CRV_SM2) return undefined;
  const x = key.get(COSE_KEY.x);
  const y = key.get(COSE_KEY.y);
  if (!isBytes(x, 32) || !isBytes(y, 32)) return undefined;
  const point = new Uint8Array(64);
  point.set(x);
  point.set(y, 32);
  return point;
}

/** wire.md 1.2. */
export function decodeMoment(payload: Uint8Array): MomentClaims | undefined {
  const map = decodeCborMap(payload);
  const issued = map?.get(CLAIM.iat);
  const codeId = map?.get(CLAIM.cti);
  return isUint(issued) && isBytes(codeId, 8) ? { issued, codeId } : undefined;
}

/** wire.md 1.3. */
export function decodeEnterprise(payload: Uint8Array): EnterpriseClaims | undefined {
  const map = decodeCborMap(payload);
  const dated = map && datedOf(map);
  if (!dated) return undefined;
  const creditCode = map.get(CLAIM.sub);
  const name = map.get(CLAIM.enterpriseName);
  const representative = map.get(CLAIM.representative);
  const status = map.get(CLAIM.status);
  const contact = map.get(CLAIM.contact);
  if (typeof creditCode !== 'string' || !isCreditCode(creditCode) || !isText(name) || !isBytes(representative, 16)) return undefined;
  if (!isOneOf(status, STATUSES) || !isTextOrAbsent(contact)) return undefined;
  return { ...dated, creditCode, name, representative, status, contact };
}

/** wire.md 1.3. */
export function decodeVenue(payload: Uint8Array): VenueClaims | undefined {
  const map = decodeCborMap(payload);
  const dated = map && datedOf(map);
  if (!dated) return undefined;
  const region = map.get(CLAIM.iss);
  const checkpoint = map.get(CLAIM.sub);
  const scene = map.get(CLAIM.scene);
  const event = map.get(CLAIM.event);
  const title = map.get(CLAIM.title);
  if (!isRegion(region) || !isText(checkpoint) || !isText(scene) || !isTextOrAbsent(event) || !isText(title)) return undefined;
  return { ...dated, region, checkpoint, scene, event, title };
}

/** A code that ends before it begins has no validity to speak of: it breaks the table. */
function datedOf(map: CborMap): Dated | undefined {
  const issued = map.get(CLAIM.iat);
  const expires = map.get(CLAIM.exp);
  const codeId = map.get(CLAIM.cti);
  return isUint(issued) && isUint(expires) && issued < expires && isBytes(codeId, 8) ? { issued, expires, codeId } : undefined;
}
