/** Wraps (SM2 encryption) against another implementation, the example of the standard, and everything that was not wrapped for the key. */
import { randomBytes } from 'node:crypto';
import { sm2 as peer } from 'sm-crypto-v2';
import t from 'tap';
import { generateKey } from '../../src/crypto/sm2.js';
import { unwrap, wrap, wrapWith } from '../../src/crypto/sm2-encryption.js';

const C1C3C2 = 1;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const theirs = (point: Uint8Array, secret: Uint8Array): Uint8Array =>
  Buffer.from(`04${peer.doEncrypt(secret, `04${hex(point)}`, C1C3C2)}`, 'hex');
const opened = (d: Uint8Array, wrapped: Uint8Array): Uint8Array =>
  Uint8Array.from(peer.doDecrypt(hex(wrapped.subarray(1)), hex(d), C1C3C2, { output: 'array' }));

t.test('what one implementation wraps the other opens, both ways, for every length', (t) => {
  for (let round = 0; round < 60; round++) {
    const key = generateKey();
    const secret = randomBytes(1 + ((round * 7) % 100));
    t.same(opened(key.scalar(), wrap(key.public.point, secret)), Uint8Array.from(secret), 'they open ours');
    t.same(unwrap(key.scalar(), theirs(key.public.point, secret)), Uint8Array.from(secret), 'we open theirs');
  }
  t.end();
});

t.test('ours is opened by us for many keys, whichever y belongs to the shared point', (t) => {
  for (let round = 0; round < 400; round++) {
    const key = generateKey();
    const secret = randomBytes(32);
    t.same(unwrap(key.scalar(), wrap(key.public.point, secret)), Uint8Array.from(secret));
  }
  t.end();
});

t.test('the scalars at the ends of their range work too', (t) => {
  const order = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;
  const key = generateKey();
  const secret = randomBytes(32);
  for (const scalar of [1n, 2n, order - 3n, order - 2n]) {
    const k = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex');
    const wrapped = wrapWith(key.public.point, secret, k);
    t.same(opened(key.scalar(), wrapped ?? new Uint8Array(0)), Uint8Array.from(secret), `k = ${scalar}`);
  }
  for (const scalar of [0n, order - 1n, order, 2n ** 256n - 1n]) {
    t.equal(wrapWith(key.public.point, secret, Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex')), undefined, 'another k is drawn');
  }
  t.end();
});

t.test('a changed wrap, one for another key and one cut short are not opened', (t) => {
  const key = generateKey();
  const d = key.scalar();
  const wrapped = wrap(key.public.point, randomBytes(32));
  for (let at = 0; at < wrapped.length; at++) {
    const other = Uint8Array.from(wrapped);
    other[at] = (other[at] ?? 0) ^ 1;
    t.equal(unwrap(d, other), undefined, `octet ${at} changed`);
  }
  for (const length of [0, 1, 65, 97, wrapped.length - 1]) t.equal(unwrap(d, wrapped.subarray(0, length)), undefined, `${length} octets`);
  t.equal(unwrap(generateKey().scalar(), wrapped), undefined, 'another key');
  t.equal(unwrap(new Uint8Array(32), wrapped), undefined, 'no key');
  t.throws(() => wrap(new Uint8Array(64), randomBytes(32)), 'a point off the curve');
  t.throws(() => wrap(key.public.point, new Uint8Array(0)), 'nothing');
  t.end();
});
