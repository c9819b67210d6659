/** AK1, AE1 and venue codes: valid ones, and those with a wrong header, key, time or claim. */
import { randomBytes } from 'node:crypto';
import { encodeBase32 } from '../../crypto/base-n.js';
import { type Cbor, type CborMap, encodeCbor } from '../../crypto/cbor.js';
import { LABEL, makeSign1, toBeSigned } from '../../crypto/cose.js';
import { generateKey } from '../../crypto/sm2.js';
import {
  CLAIM,
  type EnterpriseClaims,
  encodePerson,
  enterpriseMap,
  FORM,
  type PersonClaims,
  personMap,
  TYP,
  type VenueClaims,
  venueMap,
} from '../../messages/claims.js';
import { syntheticCreditCode } from '../../messages/identifiers.js';
import { makeVenueCode } from '../../messages/venue.js';
import { enterpriseCode, personCode, personObject, representativeMark, type SigningKey, signingKey } from '../issue.js';
import { assembleRaw, headerOf, signRaw } from './raw.js';
import { ae1, ak1, type Kit, newCodeId, newSubject, paperClaims, type Sample, screenClaims } from './sample.js';
import { spoiledSignatures } from './signatures.js';

const HOST = 'AK.EXAMPLE';

export function enterpriseClaims({ at }: Pick<Kit, 'at'>): EnterpriseClaims {
  const creditCode = syntheticCreditCode(1);
  const representative = representativeMark(newSubject(), creditCode);
  return {
    creditCode,
    name: '霍山测试茶业有限公司',
    representative,
    status: 'active',
    issued: at - 10,
    expires: at + 86_400,
    codeId: newCodeId(),
  };
}

export function venueClaims({ keys, at }: Pick<Kit, 'keys' | 'at'>): VenueClaims {
  const dates = { issued: at - 10, expires: at + 86_400, codeId: newCodeId() };
  return { region: keys.region, checkpoint: 'test-hospital', scene: 'entry', title: '测试医院东门', ...dates };
}

export function* validPersons(kit: Kit): Iterable<Sample> {
  const { at } = kit;
  const { issuer } = kit.keys;
  const code = (name: string, change: Partial<PersonClaims>, expect: Sample['expect'] = 'admit'): Sample => ({
    name,
    line: personCode(issuer, { ...screenClaims(kit), ...change }),
    expect,
  });
  yield code('a screen code', {});
  yield code('a screen code that names no colour', { colour: undefined });
  yield code('a screen code in its last second', { issued: at - 299, expires: at + 1 });
  yield code('a screen code from a clock 59 seconds ahead', { issued: at + 59, expires: at + 299 });
  yield code('a screen code of a later key epoch', { epoch: 3 });
  for (const colour of ['yellow', 'red', 'grey'] as const) yield code(`a screen code that says ${colour}`, { colour }, 'colour');
  const paper = personCode(issuer, paperClaims(kit));
  yield { name: 'a paper code', line: paper, expect: 'admit' };
  yield { name: 'a paper code shown again', line: paper, expect: 'admit' };
  const future = personMap(screenClaims(kit)).set(-70_000, ['something', 2n ** 64n - 1n, new Map([[1, true]])]);
  yield {
    name: 'a code with a claim of a later version',
    line: ak1(makeSign1(issuer.kid, TYP.person, encodeCbor(future), issuer.sign)),
    expect: 'admit',
  };
  const object = personObject(issuer, screenClaims(kit));
  yield { name: 'a code under CBOR tag 18', line: ak1(Uint8Array.of(0xd2, ...object)), expect: 'admit' };
  yield { name: 'the same code without the tag', line: ak1(object), expect: 'already-used' };
}

/** What was shown once, shown again in other bytes. */
export function* replayedPersons(kit: Kit): Iterable<Sample> {
  const { issuer } = kit.keys;
  const claims = screenClaims(kit);
  yield { name: 'a code that will be shown again', line: personCode(issuer, claims), expect: 'admit' };
  yield { name: 'the same claims signed again by the issuer', line: personCode(issuer, claims), expect: 'already-used' };
}

export function* wrongTimes(kit: Kit): Iterable<Sample> {
  const { at, keys } = kit;
  const code = (name: string, change: Partial<PersonClaims>, expect: Sample['expect']): Sample => ({
    name,
    line: personCode(keys.issuer, { ...screenClaims(kit), ...change }),
    expect,
  });
  yield code('a screen code whose end is now', { issued: at - 300, expires: at }, 'expired');
  yield code('a screen code of yesterday', { issued: at - 86_400, expires: at - 86_100 }, 'expired');
  yield code('a screen code dated 61 seconds ahead', { issued: at + 61, expires: at + 300 }, 'not-yet-valid');
  yield code('a screen code of tomorrow', { issued: at + 86_400, expires: at + 86_700 }, 'not-yet-valid');
  yield code('a screen code that begins later than now', { notBefore: at + 120 }, 'not-yet-valid');
  const before = Math.floor(keys.issuer.validFrom / 1000) - 1;
  if (at < before + 400 * 86_400) {
    yield {
      ...code('a paper code from before its key’s life', {}, 'forged'),
      line: personCode(keys.issuer, { ...paperClaims(kit), issued: before, expires: before + 400 * 86_400 }),
    };
  }
  const after = Math.floor(keys.issuer.validUntil / 1000);
  yield code('a screen code dated after its key’s life', { issued: after, expires: after + 300 }, 'forged');
}

/** Signed by the issuer, and yet not what the tables say: unreadable. */
export function* brokenTables(kit: Kit): Iterable<Sample> {
  const { at } = kit;
  const screen = (): CborMap => personMap(screenClaims(kit));
  const paper = (): CborMap => personMap(paperClaims(kit));
  const phone = generateKey().public.point;
  const broken: readonly (readonly [name: string, claims: CborMap])[] = [
    ['a screen code that lives 301 seconds', screen().set(CLAIM.exp, at + 291)],
    ['a paper code that lives longer than 400 days', paper().set(CLAIM.exp, at - 9 + 400 * 86_400)],
    ['a code that ends before it begins', screen().set(CLAIM.exp, at - 11)],
    ['a code of another region under this region’s key', screen().set(CLAIM.iss, '110101')],
    ['a region that is a number', screen().set(CLAIM.iss, 341_525)],
    ['a pseudonym of 15 bytes', screen().set(CLAIM.sub, Buffer.alloc(15).toString('base64url'))],
    ['a pseudonym of 17 bytes', screen().set(CLAIM.sub, Buffer.alloc(17).toString('base64url'))],
    ['a pseudonym in a second spelling', screen().set(CLAIM.sub, `${'A'.repeat(21)}B`)],
    ['a pseudonym with padding', screen().set(CLAIM.sub, `${'A'.repeat(22)}==`)],
    ['a pseudonym as bytes', screen().set(CLAIM.sub, randomBytes(16))],
    ['an id of 7 bytes', screen().set(CLAIM.cti, new Uint8Array(7))],
    ['an id as text', screen().set(CLAIM.cti, 'deadbeef')],
    ['a time before 1970', screen().set(CLAIM.iat, -1)],
    ['a time with a fraction', screen().set(CLAIM.iat, at - 10.5)],
    ['a time as text', screen().set(CLAIM.exp, String(at + 290))],
    ['a time beyond what numbers hold', screen().set(CLAIM.exp, 2n ** 63n)],
    ['form 0', screen().set(CLAIM.form, 0)],
    ['form 4', screen().set(CLAIM.form, 4)],
    ['form as text', screen().set(CLAIM.form, '1')],
    ['a colour of its own', screen().set(CLAIM.colour, 5)],
    ['a colour on paper', paper().set(CLAIM.colour, 1)],
    ['a name on a screen code', screen().set(CLAIM.name, '张*山')],
    ['a name that is no text', paper().set(CLAIM.name, 7)],
    ['an epoch below zero', screen().set(CLAIM.epoch, -1)],
    ['a phone’s key in a screen code', screen().set(CLAIM.cnf, personMap({ ...screenClaims(kit), phone }).get(CLAIM.cnf) ?? null)],
    ['a certificate without a key', personMap({ ...screenClaims(kit), form: FORM.certificate, colour: undefined })],
    ...[CLAIM.iss, CLAIM.sub, CLAIM.exp, CLAIM.iat, CLAIM.cti, CLAIM.form].map(
      (claim) => [`a code without claim ${claim}`, without(screen(), claim)] as const,
    ),
  ];
  const { issuer } = kit.keys;
  for (const [name, claims] of broken)
    yield { name, line: ak1(makeSign1(issuer.kid, TYP.person, encodeCbor(claims), issuer.sign)), expect: 'unreadable' };
  yield* brokenEnterprises(kit);
  yield* brokenVenues(kit);
}

function without(map: CborMap, claim: number): CborMap {
  map.delete(claim);
  return map;
}

function* brokenEnterprises(kit: Kit): Iterable<Sample> {
  const { issuer } = kit.keys;
  const claims = (): CborMap => enterpriseMap(enterpriseClaims(kit));
  const broken: readonly (readonly [string, CborMap])[] = [
    [
      'an enterprise whose credit code has a wrong check character',
      claims().set(CLAIM.sub, `${syntheticCreditCode(1).slice(0, 17)}${syntheticCreditCode(1).endsWith('0') ? '1' : '0'}`),
    ],
    ['an enterprise in lower case', claims().set(CLAIM.sub, syntheticCreditCode(1).toLowerCase())],
    ['an enterprise in a state of its own', claims().set(CLAIM.status, 'excellent')],
    ['an enterprise whose representative is too short', claims().set(CLAIM.representative, new Uint8Array(15))],
    ['an enterprise without a name', without(claims(), CLAIM.enterpriseName)],
  ];
  for (const [name, map] of broken)
    yield { name, line: ae1(makeSign1(issuer.kid, TYP.enterprise, encodeCbor(map), issuer.sign)), expect: 'unreadable' };
}

function* brokenVenues(kit: Kit): Iterable<Sample> {
  const { terminal } = kit.keys;
  if (!terminal) return;
  for (const claim of [CLAIM.iss, CLAIM.sub, CLAIM.scene, CLAIM.title]) {
    const object = makeSign1(terminal.kid, TYP.venue, encodeCbor(without(venueMap(venueClaims(kit)), claim)), terminal.sign);
    yield { name: `a checkpoint’s code without claim ${claim}`, line: venueLine(object), expect: 'unreadable' };
  }
}

export const venueLine = (object: Uint8Array): string => `HTTPS://${HOST}/V/${encodeBase32(object)}`;

export function* enterprisesAndVenues(kit: Kit): Iterable<Sample> {
  const { issuer, terminal } = kit.keys;
  const enterprise = enterpriseClaims(kit);
  yield { name: 'an enterprise’s code', line: enterpriseCode(issuer, enterprise), expect: 'admit' };
  for (const status of ['suspended', 'revoked'] as const) {
    yield { name: `the code of a ${status} enterprise`, line: enterpriseCode(issuer, { ...enterprise, status }), expect: 'revoked' };
  }
  yield { name: 'an enterprise’s code past its end', line: enterpriseCode(issuer, { ...enterprise, expires: kit.at }), expect: 'expired' };
  if (!terminal) return;
  yield { name: 'a checkpoint’s code', line: makeVenueCode(terminal, HOST, venueClaims(kit)), expect: 'admit' };
  yield {
    name: 'a checkpoint’s code of an event',
    line: makeVenueCode(terminal, `${HOST}:8443`, { ...venueClaims(kit), event: 'event-7' }),
    expect: 'admit',
  };
  yield { name: 'a checkpoint’s code made by the issuer', line: makeVenueCode(issuer, HOST, venueClaims(kit)), expect: 'forged' };
  yield {
    name: 'a resident’s code behind a checkpoint’s address',
    line: venueLine(personObject(issuer, screenClaims(kit))),
    expect: 'forged',
  };
  yield {
    name: 'a checkpoint’s code as a resident’s',
    line: ak1(makeSign1(terminal.kid, TYP.venue, encodeCbor(venueMap(venueClaims(kit))), terminal.sign)),
    expect: 'forged',
  };
}

/** A header that is not exactly alg, kid and typ; a key that may not sign, or is not there. */
export function* wrongHeadersAndKeys(kit: Kit): Iterable<Sample> {
  const { issuer } = kit.keys;
  const payload = (): Uint8Array => encodePerson(screenClaims(kit));
  const header = (): CborMap => headerOf(issuer.kid, TYP.person);
  const wrong: readonly (readonly [string, CborMap])[] = [
    ['that says ES256', header().set(LABEL.alg, -7)],
    ['that says no algorithm', without(header(), LABEL.alg)],
    ['without a key id', without(header(), LABEL.kid)],
    ['with a key id of 7 bytes', header().set(LABEL.kid, issuer.kid.slice(0, 7))],
    ['with its key id as text', header().set(LABEL.kid, 'deadbeef')],
    ['of no type', without(header(), LABEL.typ)],
    ['of an enterprise’s type', header().set(LABEL.typ, TYP.enterprise)],
    ['of a command’s type', header().set(LABEL.typ, 'ak/command')],
    ['with a critical header of its own', header().set(2, [99])],
    ['with a header of its own', header().set(99, 1)],
  ];
  for (const [name, map] of wrong)
    yield { name: `a code ${name}`, line: ak1(signRaw(issuer, encodeCbor(map), payload())), expect: 'forged' };
  yield { name: 'a code with an empty header', line: ak1(signRaw(issuer, new Uint8Array(0), payload())), expect: 'forged' };
  const unprotected = encodeCbor(new Map<number, Cbor>([[LABEL.kid, issuer.kid]]));
  yield {
    name: 'a code with unprotected headers',
    line: ak1(signRaw(issuer, encodeCbor(header()), payload(), unprotected)),
    expect: 'forged',
  };
  yield { name: 'a resident’s code behind an enterprise’s prefix', line: ae1(personObject(issuer, screenClaims(kit))), expect: 'forged' };
  const enterprise = makeSign1(issuer.kid, TYP.enterprise, encodeCbor(enterpriseMap(enterpriseClaims(kit))), issuer.sign);
  yield { name: 'an enterprise’s code behind a resident’s prefix', line: ak1(enterprise), expect: 'forged' };
  yield* wrongKeys(kit);
}

function* wrongKeys(kit: Kit): Iterable<Sample> {
  const { issuer, platform, retired, revoked } = kit.keys;
  const stranger = signingKey(generateKey());
  const by = (name: string, key: SigningKey, expect: Sample['expect']): Sample => ({
    name,
    line: personCode(key, screenClaims(kit)),
    expect,
  });
  yield by('a code of an issuer nobody knows', stranger, 'unknown-issuer');
  yield by('a code of a stranger under the issuer’s key id', { ...stranger, kid: issuer.kid }, 'forged');
  const both = encodeCbor(headerOf(stranger.kid, TYP.person).set(LABEL.alg, -7));
  yield {
    name: 'a code of an unknown issuer with a wrong header',
    line: ak1(signRaw(stranger, both, new Uint8Array(3))),
    expect: 'unknown-issuer',
  };
  if (platform) yield by('a code signed by a key that may only acknowledge', platform, 'forged');
  if (revoked) yield by('a code of a revoked key', revoked, 'forged');
  if (retired) yield by('a code made after its key’s life', retired, 'forged');
}

/** Signatures that are not. */
export function* wrongSignatures(kit: Kit): Iterable<Sample> {
  const { issuer } = kit.keys;
  const protectedBytes = encodeCbor(headerOf(issuer.kid, TYP.person));
  const payload = encodePerson(screenClaims(kit));
  for (const [name, signature] of spoiledSignatures(issuer, toBeSigned(protectedBytes, payload))) {
    yield { name: `a code with a signature ${name}`, line: ak1(assembleRaw({ protectedBytes, payload, signature })), expect: 'forged' };
  }
  const other = issuer.sign(toBeSigned(protectedBytes, encodePerson(screenClaims(kit))));
  yield {
    name: 'a code with the signature of another code',
    line: ak1(assembleRaw({ protectedBytes, payload, signature: other })),
    expect: 'forged',
  };
  yield {
    name: 'a code signed without its frame',
    line: ak1(assembleRaw({ protectedBytes, payload, signature: issuer.sign(payload) })),
    expect: 'forged',
  };
}
