/** AK2: moments of a certified phone, and the chains that are none. */
import { type Cbor, type CborMap, decodeCbor, encodeCbor } from '../../crypto/cbor.js';
import { ALG_SM2, LABEL, makeSign1, toBeSigned } from '../../crypto/cose.js';
import { generateKey } from '../../crypto/sm2.js';
import { CLAIM, encodeMoment, encodePerson, FORM, type MomentClaims, type PersonClaims, personMap, TYP } from '../../messages/claims.js';
import { momentCode, newPhone, type Phone, personCode, personObject, type SigningKey, signingKey } from '../issue.js';
import { assembleRaw, headerOf, signRaw } from './raw.js';
import { ak2, type Kit, newCodeId, newSubject, paperClaims, type Sample, screenClaims } from './sample.js';

type Dates = Partial<Pick<PersonClaims, 'issued' | 'expires'>>;

function phoneOf(kit: Kit, dates: Dates = {}, issuer: SigningKey = kit.keys.issuer): Phone {
  const { region } = kit.keys;
  return newPhone(issuer, {
    region,
    subject: newSubject(),
    issued: kit.at - 3600,
    expires: kit.at + 86_400,
    codeId: newCodeId(),
    ...dates,
  });
}

const now = (kit: Kit, ahead = 0): MomentClaims => ({ issued: kit.at + ahead, codeId: newCodeId() });

export function* moments(kit: Kit): Iterable<Sample> {
  const phone = phoneOf(kit);
  const first = now(kit, -5);
  yield { name: 'a moment', line: phone.present(first), expect: 'admit' };
  yield { name: 'the same moment signed again by the phone', line: phone.present(first), expect: 'already-used' };
  yield { name: 'another moment of the same phone', line: phone.present(now(kit)), expect: 'admit' };
  yield { name: 'a moment from a phone 60 seconds ahead', line: phone.present(now(kit, 60)), expect: 'admit' };
  yield { name: 'a moment from a phone 61 seconds ahead', line: phone.present(now(kit, 61)), expect: 'not-yet-valid' };
  yield { name: 'a moment 59 seconds old', line: phone.present(now(kit, -59)), expect: 'admit' };
  yield { name: 'a moment 60 seconds old', line: phone.present(now(kit, -60)), expect: 'expired' };
  yield { name: 'a moment of next year', line: phone.present(now(kit, 31_536_000)), expect: 'not-yet-valid' };
  yield {
    name: 'a moment long past, from before its certificate',
    line: phoneOf(kit, { issued: kit.at - 60 }).present(now(kit, -120)),
    expect: 'expired',
  };
  yield { name: 'a moment after its certificate’s end', line: phoneOf(kit, { expires: kit.at - 1 }).present(now(kit)), expect: 'expired' };
  yield {
    name: 'a moment a little ahead, past its certificate’s end',
    line: phoneOf(kit, { expires: kit.at + 2 }).present(now(kit, 5)),
    expect: 'expired',
  };
  yield {
    name: 'a moment before its certificate’s begin',
    line: phoneOf(kit, { issued: kit.at + 30 }).present(now(kit)),
    expect: 'not-yet-valid',
  };
  yield { name: 'a certificate shown alone', line: `AK1:${personCodeOf(phone)}`, expect: 'not-for-here' };
}

function personCodeOf(phone: Phone): string {
  return ak2(phone.certificate).slice('AK2:'.length);
}

export function* wrongMoments(kit: Kit): Iterable<Sample> {
  const phone = phoneOf(kit);
  const other = phoneOf(kit);
  const claims = (): Uint8Array => encodeMoment(now(kit));
  const forged = (name: string, line: string): Sample => ({ name, line, expect: 'forged' });
  yield forged('a moment signed by another phone', momentCode(other.key, phone.certificate, claims()));
  yield forged('a moment signed by the issuer', momentCode(kit.keys.issuer, phone.certificate, claims()));
  yield forged(
    'a moment whose certificate is a screen code',
    momentCode(kit.keys.issuer, personObject(kit.keys.issuer, screenClaims(kit)), claims()),
  );
  yield forged(
    'a moment whose certificate is a paper code',
    momentCode(phone.key, personObject(kit.keys.issuer, paperClaims(kit)), claims()),
  );
  yield forged('a moment behind a resident’s prefix', `AK1:${phone.present(now(kit)).slice(4)}`);
  yield forged('a resident’s code behind a moment’s prefix', `AK2:${personCode(kit.keys.issuer, screenClaims(kit)).slice(4)}`);
  yield* wrongChains(kit, phone);
  yield* wrongMomentHeaders(kit, phone);
  for (const [name, payload] of brokenMoments(kit))
    yield { name, line: momentCode(phone.key, phone.certificate, payload), expect: 'unreadable' };
}

/** Peers 1.5, holes 1 and 2, in our own format. */
function* wrongChains(kit: Kit, phone: Phone): Iterable<Sample> {
  const self = signingKey(generateKey());
  const claims = (): Uint8Array => encodeMoment(now(kit));
  const underIssuer = { ...self, kid: kit.keys.issuer.kid };
  yield { name: 'a phone that certified itself', line: phoneOf(kit, {}, self).present(now(kit)), expect: 'unknown-issuer' };
  yield {
    name: 'a phone that certified itself under the issuer’s key id',
    line: phoneOf(kit, {}, underIssuer).present(now(kit)),
    expect: 'forged',
  };
  if (kit.keys.revoked)
    yield { name: 'a phone certified by a revoked key', line: phoneOf(kit, {}, kit.keys.revoked).present(now(kit)), expect: 'forged' };
  if (kit.keys.platform)
    yield {
      name: 'a phone certified by a key that may not',
      line: phoneOf(kit, {}, kit.keys.platform).present(now(kit)),
      expect: 'forged',
    };
  const forOther = { ...certificateClaims(kit), phone: self.point };
  const foreign = assembleRaw({
    protectedBytes: encodeCbor(headerOf(kit.keys.issuer.kid, TYP.person)),
    payload: encodePerson(forOther),
    signature: signatureOf(phone.certificate),
  });
  yield { name: 'a certificate with the signature of another', line: momentCode(self, foreign, claims()), expect: 'forged' };
  yield* brokenCertificates(kit);
}

function certificateClaims(kit: Kit): PersonClaims {
  return {
    region: kit.keys.region,
    subject: newSubject(),
    issued: kit.at - 3600,
    expires: kit.at + 86_400,
    codeId: newCodeId(),
    form: FORM.certificate,
  };
}

function signatureOf(object: Uint8Array): Uint8Array {
  return object.slice(object.length - 64);
}

/** Signed by the issuer, and yet not what wire.md 1.1 says of a certificate. */
function* brokenCertificates(kit: Kit): Iterable<Sample> {
  const key = signingKey(generateKey());
  const { issuer } = kit.keys;
  const map = (): CborMap => personMap({ ...certificateClaims(kit), phone: key.point });
  const offCurve = Uint8Array.from(key.point).fill(1);
  const cnf = (change: readonly (readonly [number, Cbor])[]): Map<number, Cbor> => {
    const known = map().get(CLAIM.cnf);
    const cose = known instanceof Map ? known.get(1) : undefined;
    return new Map([[1, new Map([...(cose instanceof Map ? cose : []), ...change])]]);
  };
  const broken: readonly (readonly [string, CborMap])[] = [
    ['a certificate that lives longer than 31 days', map().set(CLAIM.exp, kit.at + 31 * 86_400)],
    ['a certificate whose key is not on the curve', personMap({ ...certificateClaims(kit), phone: offCurve })],
    ['a certificate whose key is of P-256', map().set(CLAIM.cnf, cnf([[-1, 1]]))],
    ['a certificate whose key is short', map().set(CLAIM.cnf, cnf([[-2, new Uint8Array(31)]]))],
    ['a certificate whose key says more', map().set(CLAIM.cnf, cnf([[3, -7]]))],
    ['a certificate with a colour', map().set(CLAIM.colour, 1)],
    ['a certificate with a name', map().set(CLAIM.name, '张*山')],
  ];
  for (const [name, claims] of broken) {
    const certificate = makeSign1(issuer.kid, TYP.person, encodeCbor(claims), issuer.sign);
    yield { name, line: momentCode(key, certificate, encodeMoment(now(kit))), expect: 'unreadable' };
  }
}

function* wrongMomentHeaders(kit: Kit, phone: Phone): Iterable<Sample> {
  const certificate = decodeCbor(phone.certificate) ?? null;
  const header = (): CborMap =>
    new Map<number, Cbor>([
      [LABEL.alg, ALG_SM2],
      [LABEL.kcwt, certificate],
      [LABEL.typ, TYP.moment],
    ]);
  const wrong: readonly (readonly [string, CborMap])[] = [
    ['with a key id', header().set(LABEL.kid, kit.keys.issuer.kid)],
    ['that says ES256', header().set(LABEL.alg, -7)],
    ['of a resident’s type', header().set(LABEL.typ, TYP.person)],
    ['whose certificate is wrapped in bytes', header().set(LABEL.kcwt, phone.certificate)],
    ['whose certificate is text', header().set(LABEL.kcwt, 'certificate')],
  ];
  const payload = encodeMoment(now(kit));
  for (const [name, map] of wrong)
    yield { name: `a moment ${name}`, line: ak2(signRaw(phone.key, encodeCbor(map), payload)), expect: 'forged' };
  const bare = encodeCbor(header());
  yield {
    name: 'a moment with unprotected headers',
    line: ak2(signRaw(phone.key, bare, payload, encodeCbor(new Map([[1, 2]])))),
    expect: 'forged',
  };
  const swapped = phone.key.sign(toBeSigned(bare, encodeMoment(now(kit))));
  yield {
    name: 'a moment with the signature of another moment',
    line: ak2(assembleRaw({ protectedBytes: bare, payload, signature: swapped })),
    expect: 'forged',
  };
}

function brokenMoments(kit: Kit): readonly (readonly [string, Uint8Array])[] {
  const map = (...pairs: readonly (readonly [number, Cbor])[]): Uint8Array => encodeCbor(new Map(pairs));
  return [
    ['a moment without a time', map([CLAIM.cti, newCodeId()])],
    ['a moment without an id', map([CLAIM.iat, kit.at])],
    ['a moment whose id is short', map([CLAIM.iat, kit.at], [CLAIM.cti, new Uint8Array(4)])],
    ['a moment whose time is text', map([CLAIM.iat, String(kit.at)], [CLAIM.cti, newCodeId()])],
    ['a moment that is no map', encodeCbor([kit.at, newCodeId()])],
    ['a moment that is nothing', new Uint8Array(0)],
  ];
}
