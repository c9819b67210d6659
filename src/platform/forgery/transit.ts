/** Ride codes: valid ones, and those that the validators of facts peers 1.5 let through. */
import { generateKey } from '../../crypto/sm2.js';
import { type SigningKey, signingKey } from '../issue.js';
import { type MotAccount, motAuthorised, motCertificate, motCode, type UnionPayFields, unionPayCode } from '../issue-transit.js';
import { flipped, hexLine, joined, type Kit, type KitKeys, newCodeId, type Sample, spread } from './sample.js';
import { spoiledSignatures } from './signatures.js';

type Mot = NonNullable<KitKeys['mot']>;
type UnionPay = NonNullable<KitKeys['unionpay']>;

const TEST_DATA = Buffer.from('TEST');

/** A ride code in its parts, so that each can be changed before the next is made. */
interface MotPlan {
  readonly ca: SigningKey;
  readonly issuer: SigningKey;
  readonly user: SigningKey;
  readonly index: number;
  readonly month: number;
  readonly year: number;
  readonly generated: number;
  readonly custom: Uint8Array;
  readonly validity: number;
  readonly authorised: number;
  /** The point the certificate names; the issuer's own unless a forger writes another. */
  readonly certified: Uint8Array;
  /** The point the issuer authorises. */
  readonly bound: Uint8Array;
}

function plan(kit: Kit, mot: Mot, change: Partial<MotPlan> = {}): MotPlan {
  const user = change.user ?? signingKey(generateKey());
  const issuer = change.issuer ?? mot.issuer;
  const year = new Date(kit.at * 1000).getUTCFullYear() + 1;
  const dates = { generated: kit.at - 5, validity: 60, authorised: kit.at + 86_400, month: 12, year };
  return { ca: mot.ca, index: mot.index, custom: TEST_DATA, certified: issuer.point, bound: user.point, ...dates, ...change, issuer, user };
}

function make(from: MotPlan): Uint8Array {
  const { ca, issuer, user, index, month, year, generated } = from;
  const certificate = motCertificate(ca, from.certified, { index, month, year });
  return motCode(motAuthorised(certificate, accountOf(from)), { issuer, user }, generated);
}

function accountOf({ bound, authorised, validity, custom }: MotPlan): MotAccount {
  return { payment: '0000000000000001', card: '10000000000000000000', user: bound, authorised, validity, custom };
}

export function* rides(kit: Kit): Iterable<Sample> {
  const { mot, unionpay } = kit.keys;
  if (mot) yield* motSamples(kit, mot);
  if (unionpay) yield* unionPaySamples(kit, unionpay);
}

function* motSamples(kit: Kit, mot: Mot): Iterable<Sample> {
  const { at } = kit;
  const code = (name: string, change: Partial<MotPlan>, expect: Sample['expect']): Sample => ({
    name,
    line: hexLine(make(plan(kit, mot, change))),
    expect,
  });
  yield code('a ride code', {}, 'admit');
  yield code('a ride code without custom data', { custom: new Uint8Array(0) }, 'admit');
  yield code('a ride code whose length a decimal reader would take for 20', { custom: Buffer.alloc(0x20, 'A') }, 'admit');
  yield code('a ride code with all the custom data there may be', { custom: Buffer.alloc(255, 'A') }, 'admit');
  yield code('a ride code in its last second', { generated: at - 60 }, 'admit');
  yield code('a ride code a second too old', { generated: at - 61 }, 'expired');
  yield code('a ride code dated into the future', { generated: at + 61 }, 'not-yet-valid');
  yield code(
    'a ride code dated a year ahead, good for ever to a one-sided check',
    { generated: at + 31_536_000, authorised: at + 63_072_000 },
    'not-yet-valid',
  );
  yield code('a ride code whose authorisation is over', { authorised: at - 1 }, 'expired');
  yield code('a ride code whose certificate is over', { month: 1, year: 2020 }, 'expired');
  yield code('a ride code whose certificate names a thirteenth month', { month: 13 }, 'unreadable');
  yield code('a ride code of a CA index nobody knows', { index: mot.index + 77 }, 'unknown-issuer');
  yield* motForgeries(kit, mot);
  yield* motReplays(kit, mot);
  yield* motDamage(kit, mot);
}

function* motForgeries(kit: Kit, mot: Mot): Iterable<Sample> {
  const stranger = signingKey(generateKey());
  const user = signingKey(generateKey());
  const forged = (name: string, change: Partial<MotPlan>): Sample => ({
    name,
    line: hexLine(make(plan(kit, mot, change))),
    expect: 'forged',
  });
  yield forged('a ride code whose user made the issuer’s signature', { user, issuer: user, certified: mot.issuer.point });
  yield forged('a ride code whose certificate the issuer signed with its own key', { ca: mot.issuer });
  yield forged('a ride code with a chain all of its own under a known index', { ca: stranger, issuer: stranger });
  yield forged('a ride code signed by another phone', { bound: stranger.point });
  yield forged('a ride code signed by its issuer instead of its user', { user: mot.issuer, bound: user.point });
  yield forged('an old ride code with a bad signature, which must not choose the word', {
    generated: kit.at - 3600,
    bound: stranger.point,
  });
  yield forged('a ride code whose user key is not on the curve', { bound: new Uint8Array(64).fill(1) });
  const whole = plan(kit, mot);
  const certificate = motCertificate(whole.ca, whole.certified, whole);
  const authorised = motAuthorised(certificate, accountOf(whole));
  for (const [name, signature] of spoiledSignatures(mot.issuer, authorised)) {
    if (signature.length !== 64) continue;
    const code = motCode(authorised, { issuer: { ...mot.issuer, sign: () => signature }, user: whole.user }, whole.generated);
    yield { name: `a ride code with an issuer’s signature ${name}`, line: hexLine(code), expect: 'forged' };
  }
}

function* motReplays(kit: Kit, mot: Mot): Iterable<Sample> {
  const from = plan(kit, mot);
  const code = make(from);
  const signed = code.subarray(0, code.length - 65);
  const again = joined(signed, Uint8Array.of(0x15), from.user.sign(signed));
  yield { name: 'a ride code that will be shown again', line: hexLine(code), expect: 'admit' };
  yield { name: 'the same ride code again', line: hexLine(code), expect: 'already-used' };
  yield { name: 'the same ride signed again by the phone', line: hexLine(again), expect: 'already-used' };
  const tag = Uint8Array.from(code);
  tag[code.length - 65] = 0x14;
  yield { name: 'the same ride under another signature tag', line: hexLine(tag), expect: 'unreadable' };
}

function* motDamage(kit: Kit, mot: Mot): Iterable<Sample> {
  const code = make(plan(kit, mot));
  const n = TEST_DATA.length;
  const parts = [
    { part: 'issuer’s key', from: 24, to: 56 },
    { part: 'certificate’s signature', from: 56, to: 120 },
    { part: 'accounts and key', from: 120, to: 197 },
    { part: 'custom data', from: 198, to: 198 + n },
    { part: 'issuer’s signature', from: 199 + n, to: 263 + n },
    { part: 'time', from: 263 + n, to: 267 + n },
    { part: 'user’s signature', from: 268 + n, to: 332 + n },
  ] as const;
  for (const { part, from, to } of parts) {
    for (const bit of spread(8 * from, 8 * to, kit.flips))
      yield { name: `a ride code with bit ${bit} turned over in its ${part}`, line: hexLine(flipped(code, bit)), expect: 'forged' };
  }
  for (const length of spread(4, code.length, kit.flips))
    yield { name: `a ride code cut to ${length} bytes`, line: hexLine(code.subarray(0, length)), expect: 'unreadable' };
  yield { name: 'a ride code with a byte more', line: hexLine(joined(code, Uint8Array.of(0))), expect: 'unreadable' };
  const short = Uint8Array.from(code);
  short[197] = n - 1;
  yield { name: 'a ride code whose custom length is one less', line: hexLine(short), expect: 'unreadable' };
}

function* unionPaySamples(kit: Kit, { type, index, key }: UnionPay): Iterable<Sample> {
  const { at } = kit;
  const fields = (change: Partial<UnionPayFields> = {}): UnionPayFields => ({
    type,
    index,
    validity: 60,
    generated: at - 5,
    codeId: newCodeId(),
    userMark: newCodeId(),
    custom: TEST_DATA,
    ...change,
  });
  const code = (name: string, change: Partial<UnionPayFields>, expect: Sample['expect'], by: SigningKey = key): Sample => ({
    name: `a UnionPay ride code ${name}`,
    line: unionPayCode(by, fields(change)),
    expect,
  });
  const good = unionPayCode(key, fields());
  yield { name: 'a UnionPay ride code', line: good, expect: 'admit' };
  yield { name: 'the same UnionPay ride code again', line: good, expect: 'already-used' };
  yield code('without custom data', { custom: new Uint8Array(0) }, 'admit');
  yield code('whose end is now', { generated: at - 60 }, 'expired');
  yield code('dated into the future', { generated: at + 61 }, 'not-yet-valid');
  yield code('for something else than riding', { scope: 1 }, 'not-for-here');
  yield code('under a type nobody bound, unsigned as it is', { type: type ^ 1 }, 'unknown-issuer');
  yield code('under an index nobody knows, unsigned as it is', { index: index ^ 0x4000 }, 'unknown-issuer');
  yield code('of a stranger under a known index', {}, 'forged', signingKey(generateKey()));
  yield code('for something else, of a stranger', { scope: 1 }, 'forged', signingKey(generateKey()));
  yield* unionPayDamage(kit, good);
}

function* unionPayDamage(kit: Kit, good: string): Iterable<Sample> {
  const bytes = Uint8Array.from(Buffer.from(good, 'base64'));
  const text = (changed: Uint8Array): string => Buffer.from(changed).toString('base64');
  const end = bytes.length - 65;
  for (const [from, to] of [
    [4, 40],
    [41, end],
    [end + 1, bytes.length],
  ] as const) {
    for (const bit of spread(8 * from, 8 * to, kit.flips))
      yield { name: `a UnionPay ride code with bit ${bit} turned over`, line: text(flipped(bytes, bit)), expect: 'forged' };
  }
  for (const length of spread(33, bytes.length, kit.flips))
    yield { name: `a UnionPay ride code cut to ${length} bytes`, line: text(bytes.subarray(0, length)), expect: 'unreadable' };
  const tag = Uint8Array.from(bytes);
  tag[end] = 0x14;
  yield { name: 'a UnionPay ride code under another signature tag', line: text(tag), expect: 'unreadable' };
  yield { name: 'a UnionPay ride code without its padding', line: good.replace(/=+$/, ''), expect: 'unreadable' };
  const last = good.replace(/=+$/, '').length - 1;
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const other = alphabet.charAt(alphabet.indexOf(good.charAt(last)) ^ 1);
  yield {
    name: 'a UnionPay ride code in a second spelling',
    line: good.slice(0, last) + other + good.slice(last + 1),
    expect: 'unreadable',
  };
}
