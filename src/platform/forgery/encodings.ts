/** The same claims in other bytes: CBOR, Base45 and Base32 that say a thing in a second way, bits turned over, ends cut off or added. */
import { randomBytes } from 'node:crypto';
import { encodeBase32 } from '../../crypto/base-n.js';
import { type Cbor, encodeCbor } from '../../crypto/cbor.js';
import { LABEL, toBeSigned } from '../../crypto/cose.js';
import { CLAIM, encodeEnterprise, encodePerson, encodeVenue, personMap, TYP } from '../../messages/claims.js';
import { personCode, type SigningKey } from '../issue.js';
import { enterpriseClaims, venueClaims, venueLine } from './persons.js';
import { assembleRaw, EMPTY_MAP, head, headerOf, pairsOf, rawMap, signRaw } from './raw.js';
import { ae1, ak1, flipped, joined, type Kit, type Sample, screenClaims, spread } from './sample.js';

const BREAK = Uint8Array.of(0xff);

/** The frame around a good signature: the signature still holds, the bytes are not the one encoding. */
export function* frames(kit: Kit): Iterable<Sample> {
  const { issuer } = kit.keys;
  const protectedBytes = encodeCbor(headerOf(issuer.kid, TYP.person));
  const payload = encodePerson(screenClaims(kit));
  const signature = issuer.sign(toBeSigned(protectedBytes, payload));
  const object = assembleRaw({ protectedBytes, payload, signature });
  const [p, l, s] = [encodeCbor(protectedBytes), encodeCbor(payload), encodeCbor(signature)];
  const body = object.subarray(1);
  const again: readonly (readonly [string, Uint8Array])[] = [
    ['whose array counts in two bytes', joined(head(4, 4, 1), body)],
    ['whose array counts in nine bytes', joined(head(4, 4, 8), body)],
    ['whose array is without a count', joined(Uint8Array.of(0x9f), body, BREAK)],
    ['whose map is without a count', joined(Uint8Array.of(0x84), p, Uint8Array.of(0xbf), BREAK, l, s)],
    ['whose map counts in two bytes', joined(Uint8Array.of(0x84), p, head(5, 0, 1), l, s)],
    ['whose payload counts in three bytes', joined(Uint8Array.of(0x84), p, EMPTY_MAP, head(2, payload.length, 2), payload, s)],
    ['whose payload comes in pieces', joined(Uint8Array.of(0x84), p, EMPTY_MAP, Uint8Array.of(0x5f), l, BREAK, s)],
    ['whose header comes in pieces', joined(Uint8Array.of(0x84, 0x5f), p, BREAK, EMPTY_MAP, l, s)],
    ['without a payload', joined(Uint8Array.of(0x84), p, EMPTY_MAP, Uint8Array.of(0xf6), s)],
    ['of five parts', joined(Uint8Array.of(0x85), body, EMPTY_MAP)],
    ['of three parts', joined(Uint8Array.of(0x83), p, EMPTY_MAP, l)],
    ['under CBOR tag 61', joined(Uint8Array.of(0xd8, 61), object)],
    ['under CBOR tags 61 and 18', joined(Uint8Array.of(0xd8, 61, 0xd2), object)],
    ['under CBOR tag 18 written long', joined(Uint8Array.of(0xd8, 18), object)],
    ['under CBOR tag 18 twice', joined(Uint8Array.of(0xd2, 0xd2), object)],
    ['under the tag of a MAC', joined(Uint8Array.of(0xd1), object)],
    ['inside bytes', encodeCbor(object)],
    ['inside an array', joined(Uint8Array.of(0x81), object)],
    ['with a byte behind it', joined(object, Uint8Array.of(0))],
    ['with itself behind it', joined(object, object)],
    ['of 300 arrays in each other', joined(new Uint8Array(300).fill(0x81), object)],
  ];
  for (const [name, bytes] of again) yield { name: `a code ${name}`, line: ak1(bytes), expect: 'unreadable' };
}

/** Headers and claims that the issuer signed in bytes that are not the one encoding. */
export function* nonDeterministic(kit: Kit): Iterable<Sample> {
  const { issuer } = kit.keys;
  const header = headerOf(issuer.kid, TYP.person);
  for (const [name, bytes] of secondWays(header, LABEL.alg)) {
    yield { name: `a header ${name}`, line: ak1(signRaw(issuer, bytes, encodePerson(screenClaims(kit)))), expect: 'unreadable' };
  }
  for (const [name, bytes] of secondWays(personMap(screenClaims(kit)), CLAIM.form)) {
    yield { name: `claims ${name}`, line: ak1(signRaw(issuer, encodeCbor(header), bytes)), expect: 'unreadable' };
  }
}

/** `integer`: a key of the map whose value is an integer. */
function secondWays(map: Map<number | string, Cbor>, integer: number): readonly (readonly [string, Uint8Array])[] {
  const right = encodeCbor(map);
  const pairs = pairsOf(new Map([...map].sort(([a], [b]) => Buffer.compare(encodeCbor(a), encodeCbor(b)))));
  const [first, second, ...rest] = pairs;
  if (!first || !second) throw new RangeError('a map of two pairs or more');
  const value = Number(map.get(integer));
  const long = value < 0 ? head(1, -1 - value, 8) : head(0, value, 8);
  const withLong = pairs.map(([k, v]) => (Buffer.compare(k, encodeCbor(integer)) === 0 ? ([k, long] as const) : ([k, v] as const)));
  const float = Buffer.alloc(9, 0xfb);
  float.writeDoubleBE(value, 1);
  const withFloat = pairs.map(([k, v]) => (Buffer.compare(k, encodeCbor(integer)) === 0 ? ([k, float] as const) : ([k, v] as const)));
  const key = (value: number): Uint8Array => encodeCbor(value);
  let deep: Cbor = 0;
  for (let i = 0; i < 9; i++) deep = [deep];
  return [
    ['with an integer in nine bytes', rawMap(withLong)],
    ['with an integer as a float', rawMap(withFloat)],
    ['in another order', rawMap([second, first, ...rest])],
    ['backwards', rawMap(pairs.toReversed())],
    ['with a pair twice', rawMap([first, first, second, ...rest])],
    ['with a claim twice, differing', rawMap([first, [first[0], encodeCbor(0)], second, ...rest])],
    ['without a count', joined(Uint8Array.of(0xbf), right.subarray(1), BREAK)],
    ['counted in two bytes', joined(head(5, map.size, 1), right.subarray(1))],
    ['counting one too many', joined(head(5, map.size + 1, 0), right.subarray(1))],
    ['with a byte behind', joined(right, Uint8Array.of(0))],
    ['under CBOR tag 61', joined(Uint8Array.of(0xd8, 61), right)],
    ['with “undefined” in it', rawMap([...pairs, [key(-70_000), Uint8Array.of(0xf7)]])],
    ['with a simple value in it', rawMap([...pairs, [key(-70_000), Uint8Array.of(0xf8, 0x20)]])],
    ['with not-a-number in it', rawMap([...pairs, [key(-70_000), Uint8Array.of(0xf9, 0x7e, 0)]])],
    ['with text that is not UTF-8', rawMap([...pairs, [key(-70_000), Uint8Array.of(0x62, 0xc3, 0x28)]])],
    ['with a big number that is small', rawMap([...pairs, [key(-70_000), Uint8Array.of(0xc2, 0x41, 1)]])],
    ['nested nine deep', rawMap([...pairs, [key(-70_000), encodeCbor(deep)]])],
    ['nested a thousand deep', rawMap([...pairs, [key(-70_000), new Uint8Array(600).fill(0x81)]])],
    ['with a length of four gigabytes', rawMap([...pairs, [key(-70_000), Uint8Array.of(0x5a, 0xff, 0xff, 0xff, 0xff)]])],
    ['with an array of eighteen quintillion', rawMap([...pairs, [key(-70_000), Uint8Array.of(0x9b, ...new Uint8Array(8).fill(0xff))]])],
  ];
}

/** Base45 (RFC 9285) and Base32 in a second spelling, or in none. */
export function* spellings(kit: Kit): Iterable<Sample> {
  const code = (): string => personCode(kit.keys.issuer, screenClaims(kit));
  const unreadable = (name: string, line: string): Sample => ({ name, line, expect: 'unreadable' });
  const body = code().slice(4);
  yield unreadable('a code in lower case behind its prefix', `AK1:${body.toLowerCase()}`);
  yield { name: 'a code in lower case', line: code().toLowerCase(), expect: 'unknown-format' };
  yield unreadable('a code with a triple beyond its bytes', `AK1:${body.slice(0, 30)}:::${body.slice(33)}`);
  yield unreadable('a code with a pair beyond its byte', `AK1:${body.slice(0, 30)}::`);
  yield unreadable('a code with a character left over', `AK1:${body.slice(0, 31)}`);
  yield unreadable('a code with a space behind it', `${code()} `);
  yield unreadable('a code with a carriage return behind it', `${code()}\r`);
  yield unreadable('a code with a tab in it', `AK1:${body.slice(0, 30)}\t${body.slice(31)}`);
  yield unreadable('a code with full-width letters', `AK1:${body.slice(0, 30)}Ａ${body.slice(33)}`);
  yield unreadable('a prefix and nothing else', 'AK1:');
  yield unreadable('two codes in one line', code() + code());
  yield { name: 'a code with a space before it', line: ` ${code()}`, expect: 'unknown-format' };
  yield { name: 'a code behind a byte order mark', line: `\ufeff${code()}`, expect: 'unknown-format' };
  yield { name: 'a code of a version to come', line: `AK9:${body}`, expect: 'unknown-format' };
  yield* venueSpellings(kit);
}

function* venueSpellings(kit: Kit): Iterable<Sample> {
  const { terminal } = kit.keys;
  if (!terminal) return;
  const object = signRaw(terminal, encodeCbor(headerOf(terminal.kid, TYP.venue)), encodeVenue(venueClaims(kit)));
  const line = venueLine(object);
  const unreadable = (name: string, changed: string): Sample => ({
    name: `a checkpoint’s code ${name}`,
    line: changed,
    expect: 'unreadable',
  });
  const at = line.indexOf('/V/') + 3;
  yield unreadable('in lower case behind its address', line.slice(0, at) + line.slice(at).toLowerCase());
  yield unreadable('with padding', `${line}=`);
  yield unreadable('with a digit that Base32 does not have', `${line.slice(0, -8)}1${line.slice(-7)}`);
  yield unreadable('with a part of an address behind it', `${line}?A=1`);
  yield unreadable('without a code', line.slice(0, at));
  // 1 or 3 or 4 characters over whole groups leave bits that must be zero.
  const spare = [2, 4, 5, 7].find((length) => encodeBase32(object).length % 8 === length);
  if (spare !== undefined) yield unreadable('in a second spelling', line.slice(0, -1) + nextBase32(line.slice(-1)));
}

function nextBase32(character: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return alphabet.charAt(alphabet.indexOf(character) ^ 1);
}

/** Every kind of our own code, bit by bit and byte by byte. */
export function* damaged(kit: Kit): Iterable<Sample> {
  const { issuer, terminal } = kit.keys;
  yield* damage(kit, { what: 'a resident’s code', typ: TYP.person, key: issuer, payload: encodePerson(screenClaims(kit)), line: ak1 });
  yield* damage(kit, {
    what: 'an enterprise’s code',
    typ: TYP.enterprise,
    key: issuer,
    payload: encodeEnterprise(enterpriseClaims(kit)),
    line: ae1,
  });
  if (terminal)
    yield* damage(kit, {
      what: 'a checkpoint’s code',
      typ: TYP.venue,
      key: terminal,
      payload: encodeVenue(venueClaims(kit)),
      line: venueLine,
    });
}

interface Target {
  readonly what: string;
  readonly typ: string;
  readonly key: SigningKey;
  readonly payload: Uint8Array;
  readonly line: (object: Uint8Array) => string;
}

function* damage(kit: Kit, { what, typ, key, payload, line }: Target): Iterable<Sample> {
  const protectedBytes = encodeCbor(headerOf(key.kid, typ));
  const object = signRaw(key, protectedBytes, payload);
  const kidAt = Buffer.from(object).indexOf(key.kid);
  const payloadAt = Buffer.from(object).indexOf(payload);
  const parts = [
    { part: 'key id', from: kidAt, to: kidAt + 8, expect: 'unknown-issuer' },
    { part: 'claims', from: payloadAt, to: payloadAt + payload.length, expect: 'forged' },
    { part: 'signature', from: object.length - 64, to: object.length, expect: 'forged' },
  ] as const;
  for (const { part, from, to, expect } of parts) {
    for (const bit of spread(8 * from, 8 * to, kit.flips))
      yield { name: `${what} with bit ${bit} turned over in its ${part}`, line: line(flipped(object, bit)), expect };
  }
  for (const length of spread(1, object.length, kit.flips))
    yield { name: `${what} cut to ${length} bytes`, line: line(object.slice(0, length)), expect: 'unreadable' };
  for (const more of [1, 7, 64])
    yield { name: `${what} with ${more} bytes more`, line: line(joined(object, randomBytes(more))), expect: 'unreadable' };
}
