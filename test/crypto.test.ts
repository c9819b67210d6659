/** SM2, SM3, SM4, COSE, Base45, sealing and pseudonyms against the standards' vectors and against other implementations. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { sm2 as peer, sm3 as peerSm3 } from 'sm-crypto-v2';
import t from 'tap';
import { decodeBase32, decodeBase64, decodeBase64Url, decodeHex, encodeBase32, encodeBase64Url, encodeHex } from '../src/crypto/base-n.js';
import { decodeBase45, encodeBase45 } from '../src/crypto/base45.js';
import { type Cbor, decodeCbor, encodeCbor } from '../src/crypto/cbor.js';
import { kidOf, LABEL, makeSign1, parseSign1, toBeSigned } from '../src/crypto/cose.js';
import { createOpener, createSealer, unwrap, wrap } from '../src/crypto/seal.js';
import { selfTest } from '../src/crypto/self-test.js';
import {
  compress,
  decodePoint,
  generateKey,
  kidOfPoint,
  pointOfSpki,
  privateKey,
  privateKeyOf,
  publicKey,
  spkiOf,
  toDer,
} from '../src/crypto/sm2.js';
import { sm3 } from '../src/crypto/sm3.js';
import { subjectOf } from '../src/crypto/subject.js';
import { holdCeremony } from '../src/platform/ceremony.js';

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');
const text = (value: string): Buffer => Buffer.from(value, 'latin1');
const D = bytes('3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8'); // TEST key of GB/T 32918.5
const N = bytes('fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123');

t.test('every known answer of the standards holds on this machine', (t) => {
  t.doesNotThrow(selfTest);
  t.end();
});

t.test('a Node that computes otherwise, or cannot, is not used: the answer that fails is named', (t) => {
  const program = join(import.meta.dirname, '../src/cli/ankang.js');
  const folder = join(t.testdir(), 'county');
  holdCeremony({ folder, now: Date.now(), terminals: [] });
  const commands = [
    ['verify', '--trust', 'x', '--root', 'x', '--at', '1'],
    ['county', 'run', '--county', folder],
  ];
  for (const [sm3, why] of [
    ['() => Buffer.alloc(32)', 'another answer'],
    ["() => { throw new Error('Digest method not supported') }", 'Digest method not supported'],
  ] as const) {
    const other = `import crypto from 'node:crypto'; import { syncBuiltinESMExports } from 'node:module'; crypto.hash = ${sm3}; syncBuiltinESMExports();`;
    for (const command of commands) {
      const args = ['--import', `data:text/javascript,${encodeURIComponent(other)}`, program, ...command];
      const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', input: '' });
      t.equal(status, 70, stderr);
      t.match(stderr, `self-test failed: SM3, GB/T 32905 A.1: ${why}`);
    }
  }
  t.end();
});

t.test('SM2 signatures agree with another implementation, both ways, with keys and messages at random', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 300 }), fc.uint8Array({ minLength: 31, maxLength: 31 }), (message, seed) => {
      const d = Buffer.concat([Uint8Array.of(1), seed]);
      const key = privateKeyOf(d);
      const theirs = peer.doSignature(message, hex(d), { hash: true, publicKey: `04${hex(key.public.point)}` });
      const ours = key.sign(message);
      const theyAccept = (signature: Uint8Array): boolean =>
        peer.doVerifySignature(message, hex(signature), `04${hex(key.public.point)}`, { hash: true });
      const flipped = Uint8Array.from(ours);
      flipped[message.length % 64]! ^= 1 << (message.length % 8);
      return key.public.verify(message, bytes(theirs)) && theyAccept(ours) && !key.public.verify(message, flipped) && !theyAccept(flipped);
    }),
    { numRuns: 40 },
  );
  t.end();
});

t.test(
  'SM2 signatures and keys agree with the openssl command',
  { skip: spawnSync('openssl', ['version']).status !== 0 && 'install openssl' },
  (t) => {
    const folder = t.testdir();
    const file = (name: string, content: Uint8Array | string): string => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const key = generateKey();
    const message = file('message', 'a code of the county');
    const spki = file('spki.der', spkiOf(key.public.point));
    const pkcs8 = file('pkcs8.der', key.export());
    const ours = file('ours.sig', toDer(key.sign(text('a code of the county'))) ?? '');
    const common = ['-rawin', '-digest', 'sm3', '-pkeyopt', 'distid:1234567812345678', '-in', message];
    const verified = execFileSync('openssl', [
      'pkeyutl',
      '-verify',
      '-pubin',
      '-keyform',
      'DER',
      '-inkey',
      spki,
      '-sigfile',
      ours,
      ...common,
    ]);
    t.match(verified.toString(), /Success/);
    const theirs = execFileSync('openssl', ['pkeyutl', '-sign', '-keyform', 'DER', '-inkey', pkcs8, ...common]);
    t.ok(key.public.verify(text('a code of the county'), rawOf(theirs)), 'what openssl signs, we accept');
    t.notOk(key.public.verify(text('A code of the county'), rawOf(theirs)));
    t.end();
  },
);

/** r‖s of a DER signature, written apart from the code under test. */
function rawOf(der: Buffer): Buffer {
  const part = (at: number): Buffer => der.subarray(at + 2, at + 2 + (der[at + 1] ?? 0));
  const r = part(2);
  const s = part(4 + r.length);
  const fixed = (value: Buffer): Buffer => Buffer.concat([Buffer.alloc(32), value]).subarray(-32);
  return Buffer.concat([fixed(r), fixed(s)]);
}

t.test('r and s outside [1, n−1], swapped or of another length never verify', (t) => {
  const key = privateKeyOf(D);
  const message = text('message digest');
  const good = key.sign(message);
  const r = good.subarray(0, 32);
  const s = good.subarray(32);
  const zero = Buffer.alloc(32);
  for (const [name, bad] of Object.entries({
    'r = 0': [zero, s],
    's = 0': [r, zero],
    'r = n': [N, s],
    's = n': [r, N],
    'r, s swapped': [s, r],
    'r mixed with n': [Buffer.from(r.map((byte, i) => byte ^ (N[i] ?? 0))), s],
    short: [r, s.subarray(1)],
    long: [r, s, Uint8Array.of(0)],
  })) {
    t.notOk(key.public.verify(message, Buffer.concat(bad)), name);
  }
  t.ok(key.public.verify(message, good));
  t.end();
});

t.test('keys: points off the curve and keys of another kind are refused, good ones survive every encoding', (t) => {
  const key = generateKey();
  const { point } = key.public;
  t.same(decodePoint(compress(point)), point);
  t.same(decodePoint(Buffer.concat([Uint8Array.of(4), point])), point);
  t.same(pointOfSpki(spkiOf(point)), point);
  t.same(privateKey(key.export()).public.point, point);
  t.equal(kidOfPoint(point).length, 8);
  const off = Uint8Array.from(point);
  off[63]! ^= 1;
  t.equal(decodePoint(off), undefined);
  t.equal(pointOfSpki(spkiOf(off)), undefined);
  t.equal(decodePoint(new Uint8Array(64)), undefined, 'infinity');
  t.equal(decodePoint(Buffer.concat([Uint8Array.of(5), point.subarray(0, 32)])), undefined, 'wrong head');
  t.equal(pointOfSpki(execKey('P-256')), undefined, 'a P-256 key');
  t.throws(() => publicKey(off));
  t.end();
});

function execKey(curve: string): Uint8Array {
  return execFileSync('openssl', ['genpkey', '-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${curve}`, '-outform', 'DER'], {
    stdio: 'pipe',
  });
}

t.test('SM3 agrees with another implementation', (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (message) => hex(sm3(message)) === peerSm3(message)));
  t.equal(hex(sm3(text('ab'), text('c'))), createHash('sm3').update('abc').digest('hex'));
  t.end();
});

t.test('Base45: the vectors of RFC 9285, every length, and no second spelling', (t) => {
  for (const [plain, coded] of [
    ['AB', 'BB8'],
    ['Hello!!', '%69 VD92EX0'],
    ['base-45', 'UJCLQE7W581'],
    ['ietf!', 'QED8WEX0'],
  ] as const) {
    t.equal(encodeBase45(text(plain)), coded);
    t.same(decodeBase45(text(coded)), Uint8Array.from(text(plain)));
  }
  for (const bad of ['A', 'AAAA', 'GGW', ':::', 'bb8', 'BB8\r', '::', 'B B\u00e9']) t.equal(decodeBase45(text(bad)), undefined, bad);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (value) => hex(decodeBase45(text(encodeBase45(value))) ?? text('!')) === hex(value)),
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0AZ $%*+-./:') }), (coded) => {
      const value = decodeBase45(text(coded));
      return value === undefined || encodeBase45(value) === coded;
    }),
  );
  t.end();
});

t.test('Base32, Base64 and hex accept only the canonical spelling', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (value) => {
      const same = (back: Uint8Array | undefined): boolean => back !== undefined && hex(back) === hex(value);
      return (
        same(decodeBase32(encodeBase32(value))) &&
        same(decodeBase64Url(encodeBase64Url(value))) &&
        same(decodeHex(encodeHex(value))) &&
        (value.length === 0 || same(decodeBase64(Buffer.from(value).toString('base64'))))
      );
    }),
  );
  for (const bad of ['B', 'MZ', 'mzxw6', 'MZXW6===', '1']) t.equal(decodeBase32(bad), undefined, `base32 ${bad}`);
  for (const bad of ['A', 'AB', 'AAAAA', 'AB==', 'A+__']) t.equal(decodeBase64Url(bad), undefined, `base64url ${bad}`);
  for (const bad of ['', 'QUI', 'QUJ=', 'QR==', 'Q===', 'QUJD\n', 'QU I=']) t.equal(decodeBase64(bad), undefined, `base64 ${bad}`);
  for (const bad of ['0', '0g', ' 00']) t.equal(decodeHex(bad), undefined, `hex ${bad}`);
  t.end();
});

t.test('CBOR that is not deterministic, too deep, cut or followed by anything is not read', (t) => {
  const samples: Cbor[] = [
    0,
    23,
    24,
    -1,
    -65537,
    2 ** 40,
    2n ** 53n,
    2n ** 64n - 1n,
    -(2n ** 64n),
    'é',
    true,
    null,
    new Uint8Array(3),
    [1, [2]],
    new Map<number, Cbor>([
      [1, 2],
      [-1, 3],
      [24, 4],
    ]),
  ];
  for (const sample of samples) {
    const coded = encodeCbor(sample);
    t.same(decodeCbor(coded), sample);
    for (let cut = 0; cut < coded.length; cut++) t.equal(decodeCbor(coded.subarray(0, cut)), undefined);
    t.equal(decodeCbor(Buffer.concat([coded, Uint8Array.of(0)])), undefined);
  }
  t.equal(
    hex(
      encodeCbor(
        new Map<number, Cbor>([
          [-1, 0],
          [24, 0],
          [1, 0],
        ]),
      ),
    ),
    'a301001818002000',
    'RFC 8949 4.2.1 key order',
  );
  for (const bad of [
    '1801',
    '190001',
    '9f01ff',
    'a201000100',
    'a202000100',
    'fb3ff0000000000000',
    '5f4101ff',
    'c000',
    'f7',
    'f97e00',
    'f97c00',
    '61ff',
    '1c',
  ]) {
    t.equal(decodeCbor(bytes(bad)), undefined, bad);
  }
  const nested = (depth: number): Buffer => Buffer.concat([Buffer.alloc(depth, 0x81), Uint8Array.of(0)]);
  t.ok(decodeCbor(nested(8)));
  t.equal(decodeCbor(nested(9)), undefined);
  t.equal(decodeCbor(nested(60_000)), undefined, 'a tower of arrays does not exhaust the stack');
  t.equal(decodeCbor(bytes('9bffffffffffffffff')), undefined, 'a length beyond memory');
  t.end();
});

t.test('COSE_Sign1: tag 18 or none, tag 61 refused, header exactly as said', (t) => {
  const key = privateKeyOf(D);
  const kid = kidOfPoint(key.public.point);
  const object = makeSign1(kid, 'ak/person', text('payload'), (message) => key.sign(message));
  const parsed = parseSign1(object);
  t.ok(parsed && key.public.verify(toBeSigned(parsed.protectedBytes, parsed.payload), parsed.signature));
  t.same(parsed && kidOf(parsed, 'ak/person'), kid);
  t.equal(parsed && kidOf(parsed, 'ak/trust'), undefined);
  t.ok(parseSign1(Buffer.concat([Uint8Array.of(0xd2), object])));
  t.equal(parseSign1(Buffer.concat([Uint8Array.of(0xd8, 0x3d), object])), undefined);
  t.equal(parseSign1(Buffer.concat([Uint8Array.of(0xd2, 0xd2), object])), undefined);
  const array = decodeCbor(object) as Cbor[];
  t.equal(parseSign1(encodeCbor(array.slice(0, 3))), undefined);
  t.equal(parseSign1(encodeCbor([array[0] ?? null, array[1] ?? null, null, array[3] ?? null])), undefined, 'detached payload');
  const extra = parseSign1(
    encodeCbor([
      encodeCbor(
        new Map<number, Cbor>([
          [LABEL.alg, -65537],
          [LABEL.kid, kid],
          [LABEL.typ, 'ak/person'],
          [99, 1],
        ]),
      ),
      new Map(),
      text('p'),
      text('s'),
    ]),
  );
  t.equal(extra && kidOf(extra, 'ak/person'), undefined, 'one label more');
  t.equal(parseSign1(new Uint8Array(65_537)), undefined);
  t.end();
});

t.test('sealing: opened only by the key, in its context, unchanged; the sealer moves on', (t) => {
  const key = privateKeyOf(D);
  const kid = kidOfPoint(key.public.point);
  const sealer = createSealer(key.public.point, kid);
  const opener = createOpener(D, kid);
  const seals = Array.from({ length: 3 }, (_, i) => sealer.seal(text(`person ${i}`), `entry/${i}`));
  for (const [i, seal] of seals.entries()) {
    t.equal(Buffer.from(opener.open(seal, `entry/${i}`) ?? []).toString(), `person ${i}`);
    t.equal(opener.open(seal, `entry/${i + 1}`), undefined, 'another entry');
    for (let at = 0; at < seal.length; at += 7) {
      const bad = Uint8Array.from(seal);
      bad[at]! ^= 0x10;
      t.equal(opener.open(bad, `entry/${i}`), undefined, `byte ${at} changed`);
    }
  }
  t.equal(createOpener(generateKey().export().subarray(-32), kid).open(seals[0] ?? text(''), 'entry/0'), undefined, 'another key');
  t.equal(new Set(seals.map(hex)).size, 3);
  for (let i = 0; i < 2100; i++) {
    const seal = sealer.seal(text('x'), 'entry/x');
    if (i % 500 === 0) t.ok(opener.open(seal, 'entry/x'), `seal ${i} across new wraps`);
  }
  t.equal(unwrap(D, wrap(key.public.point, D).subarray(1)), undefined);
  t.end();
});

t.test('a card and a code reach the same pseudonym, and another region key another one', async (t) => {
  const id = '341525199001010011'; // synthetic
  const region = Buffer.alloc(32, 7);
  const subject = await subjectOf(id, '341525', region);
  t.match(subject, /^[A-Za-z0-9_-]{22}$/);
  t.equal(await subjectOf(id, '341525', region), subject);
  t.not(await subjectOf(id, '341500', region), subject);
  t.not(await subjectOf(id, '341525', Buffer.alloc(32, 8)), subject);
  t.ok(decodeBase64Url(subject));
});
