/** The SM2 verifier in WebAssembly against OpenSSL, sm-crypto-v2, sm-crypto, and sums that the fast formulas cannot do. */

import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sm2 as peer } from 'sm-crypto-v2';
import t from 'tap';
import { loadSm2Wasm, type Sm2Wasm, type Sm2WasmOptions } from '../../src/crypto/sm2/wasm.js';
import { sm3 } from '../../src/crypto/sm3.js';
import { Chance, modulo, N, numberOf, octets, P, power, run, sign, timesBase } from './sm2-differential.js';

const SEED = 'ankang sm2 1';

interface Peer {
  doVerifySignature(e: Uint8Array | string, signature: string, publicKey: string, options: { hash: boolean }): boolean;
}

// sm-crypto has no types.
const { sm2: elder } = createRequire(import.meta.url)('sm-crypto') as { sm2: Peer };

const TWO_256 = 2n ** 256n;

const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');

function load(options: Sm2WasmOptions = {}): Sm2Wasm {
  const sm2 = loadSm2Wasm({ onRefusal: (reason) => t.fail(reason), ...options });
  if (!sm2) throw new Error('the module is not built: npm run build:sm2');
  return sm2;
}

/** With a table and without; undefined when they do not agree. */
function judge(sm2: Sm2Wasm, point: Uint8Array, e: Uint8Array, signature: Uint8Array): boolean | undefined {
  const key = sm2.prepare(point);
  const prepared = key !== undefined && sm2.verifyPrepared(key, e, signature);
  return prepared === sm2.verify(point, e, signature) ? prepared : undefined;
}

/** r ‖ s and the e that makes it good, from s and t = r + s, for the key d; no e when the sum is the point at infinity. */
function crafted(s: bigint, sum: bigint, d: bigint): { signature: Buffer; e: Buffer | undefined } {
  const r = modulo(sum - s, N);
  const k = modulo(s + sum * d, N);
  const e = k === 0n ? undefined : octets(modulo(r - numberOf(timesBase(k).subarray(0, 32)), N));
  return { signature: Buffer.concat([octets(r), octets(s)]), e };
}

t.test('it judges 2,000 signatures, half of them spoilt, as OpenSSL does', (t) => {
  t.comment(`seed: ${SEED}`);
  const { accepted, differences } = run(load({ slots: 8 }), 2000, SEED);
  t.equal(accepted, 1000);
  t.same(differences, []);
  t.end();
});

t.test('it judges signatures as sm-crypto and sm-crypto-v2 do', (t) => {
  const sm2 = load();
  const chance = new Chance(SEED);
  for (let index = 0; index < 48; index++) {
    const d = chance.scalar();
    const point = timesBase(d);
    const e = chance.octets();
    const signature = sign(numberOf(e), d, chance.scalar());
    if (index % 3 === 1) signature[chance.under(64)]! ^= 1 << chance.under(8);
    if (index % 3 === 2) e[chance.under(32)]! ^= 1 << chance.under(8);
    const verdicts = (index < 12 ? [peer, elder] : [peer]).map((other: Peer) =>
      other.doVerifySignature(e, hex(signature), `04${hex(point)}`, { hash: false }),
    );
    const ours = judge(sm2, point, e, signature);
    t.ok(
      verdicts.every((theirs) => theirs === ours),
      `case ${index}: ${ours}`,
    );
  }
  t.end();
});

t.test('sums that meet a point again, its opposite or infinity on the way come out right, at every window', (t) => {
  const small = [1n, 2n, 3n, 5n, 16n, 17n, 32n, 33n, 64n, 127n, 128n, 129n, 255n, 256n, 257n, 5n + 3n * 256n, 2n ** 200n, 2n ** 255n];
  const scalars = [...small, ...small.map((a) => N - a)];
  let sums = 0;
  const wrong: string[] = [];
  for (const [baseWindow, keyWindow] of [
    [8, 6],
    [4, 4],
    [5, 7],
    [10, 8],
  ] as const) {
    const sm2 = load({ baseWindow, keyWindow, slots: 2 });
    for (const d of [1n, 2n, 3n, 64n, 256n, N - 1n, N - 2n, N - 64n]) {
      const point = timesBase(d);
      for (const s of scalars) {
        // For any s some t; always the one that brings s*G + t*P to infinity, and those that meet s*G halfway.
        const meeting = modulo(s * power(d, N - 2n, N), N);
        const sumsTried = [meeting, N - meeting, scalars[sums % scalars.length]!];
        for (const sum of sumsTried) {
          const { signature, e } = crafted(s, sum, d);
          const good = sum !== s && e !== undefined;
          const tried = e ?? octets(s);
          const name = `windows ${baseWindow}/${keyWindow}, d ${d}, s ${s}, t ${sum}`;
          if (judge(sm2, point, tried, signature) !== good) wrong.push(name);
          if (judge(sm2, point, octets(numberOf(tried) ^ 1n), signature) !== false) wrong.push(`${name}, other e`);
          sums++;
        }
      }
    }
  }
  t.same(wrong, []);
  t.comment(`${sums} sums`);
  t.end();
});

t.test('numbers near n as t come out right for any key', (t) => {
  const sm2 = load();
  const chance = new Chance(SEED);
  const wrong: string[] = [];
  for (let index = 0; index < 8; index++) {
    const d = chance.scalar();
    const point = timesBase(d);
    for (let near = 1n; near <= 40n; near++) {
      const { signature, e } = crafted(chance.scalar(), N - near, d);
      if (judge(sm2, point, e!, signature) !== true) wrong.push(`t = n - ${near}, d = ${d}`);
    }
  }
  t.same(wrong, []);
  t.end();
});

t.test('r, s and t are refused when out of range', (t) => {
  const sm2 = load();
  const d = 7n;
  const point = timesBase(d);
  const e = octets(5n);
  const edges = [0n, 1n, N - 1n, N, N + 1n, P, TWO_256 - 1n];
  for (const r of edges) {
    for (const s of edges) {
      const signature = Buffer.concat([octets(r), octets(s)]);
      t.equal(judge(sm2, point, e, signature), false, `r ${r}, s ${s}`);
    }
  }
  // Good ones, written with n added where that fits in 32 octets.
  const { signature, e: matching } = crafted(3n, 9n, d);
  t.equal(judge(sm2, point, matching!, signature), true);
  const bigger = Buffer.concat([octets(6n + N), octets(3n)]);
  t.equal(judge(sm2, point, matching!, bigger), false, 'r + n');
  t.equal(judge(sm2, point, matching!, Buffer.concat([octets(6n), octets(3n + N)])), false, 's + n');
  for (const s of [1n, 3n, N - 1n]) {
    const zero = crafted(s, 0n, d);
    t.equal(judge(sm2, point, zero.e!, zero.signature), false, `t = 0, e + x = r, s ${s}`);
  }
  t.end();
});

t.test('e is taken modulo n', (t) => {
  const sm2 = load();
  const d = 1234567n;
  const point = timesBase(d);
  for (const e of [0n, 1n, N - 1n, N, N + 1n, P, TWO_256 - 1n]) {
    t.equal(judge(sm2, point, octets(e), sign(e, d, 987654321n)), true, `e ${e}`);
  }
  t.end();
});

t.test('x of the sum is taken modulo n, and nothing else that is like it', (t) => {
  const sm2 = load();
  const [s, sum] = [3n, 4n];
  const r = sum - s;
  const signature = Buffer.concat([octets(r), octets(s)]);
  for (const from of [0n, 1000n, N - 1000n, N, N + 1000n, P - 1000n]) {
    const met = pointFrom(sm2, from);
    const x = numberOf(met.subarray(0, 32));
    // P = t^-1 * (met - s*G), so that s*G + t*P is that point.
    const key = times(power(sum, N - 2n, N), plus(met, opposite(timesBase(s))));
    const e = modulo(r - x, N);
    t.equal(judge(sm2, key, octets(e), signature), true, `x ${x}`);
    t.equal(peer.doVerifySignature(octets(e), hex(signature), `04${hex(key)}`, { hash: false }), true);
    if (e + N < TWO_256) t.equal(judge(sm2, key, octets(e + N), signature), true, `x ${x}, e + n`);
    for (const slip of [1n, P, -P, TWO_256, -TWO_256]) {
      t.equal(judge(sm2, key, octets(modulo(e + slip, N)), signature), false, `x ${x}, e + ${slip}`);
    }
  }
  t.end();
});

/** The first point whose x is this or more. */
function pointFrom(sm2: Sm2Wasm, from: bigint): Buffer {
  for (let x = from; x < P; x++) {
    const point = sm2.decompress(Buffer.concat([Uint8Array.of(2), octets(x)]));
    if (point) return Buffer.from(point);
  }
  throw new Error('no point');
}

function opposite(point: Buffer): Buffer {
  return Buffer.concat([point.subarray(0, 32), octets(P - numberOf(point.subarray(32)))]);
}

/** The sum of two points of different x. */
function plus(a: Buffer, b: Buffer): Buffer {
  const [ax, ay, bx, by] = [a, b].flatMap((point) => [numberOf(point.subarray(0, 32)), numberOf(point.subarray(32))]) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const slope = modulo((by - ay) * power(bx - ax, P - 2n, P), P);
  const x = modulo(slope * slope - ax - bx, P);
  return Buffer.concat([octets(x), octets(modulo(slope * (ax - x) - ay, P))]);
}

/** k times a point, by doubling and adding; neither infinity nor a point met again is on the way of an ordinary k. */
function times(k: bigint, point: Buffer): Buffer {
  let result: Buffer | undefined;
  let double = point;
  for (let rest = k; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = result ? plus(result, double) : double;
    double = twice(double);
  }
  return result!;
}

function twice(a: Buffer): Buffer {
  const [x, y] = [numberOf(a.subarray(0, 32)), numberOf(a.subarray(32))];
  const slope = modulo((3n * x * x - 3n) * power(2n * y, P - 2n, P), P);
  const doubled = modulo(slope * slope - 2n * x, P);
  return Buffer.concat([octets(doubled), octets(modulo(slope * (x - doubled) - y, P))]);
}

t.test('points off the curve, beyond p or at infinity are refused', (t) => {
  const sm2 = load();
  const point = timesBase(7n);
  const e = octets(1n);
  const signature = sign(1n, 7n, 11n);
  const x = point.subarray(0, 32);
  const y = point.subarray(32);
  t.equal(judge(sm2, point, e, signature), true);
  const bad = {
    infinity: Buffer.alloc(64),
    'all ones': Buffer.alloc(64, 0xff),
    'y + 1': Buffer.concat([x, octets(numberOf(y) + 1n)]),
    'x and y swapped': Buffer.concat([y, x]),
    'x = p': Buffer.concat([octets(P), y]),
    'y = p': Buffer.concat([x, octets(P)]),
    'one octet short': point.subarray(1),
    'one octet long': Buffer.concat([Uint8Array.of(4), point]),
    nothing: Buffer.alloc(0),
  };
  for (const [name, octetsOf] of Object.entries(bad)) {
    t.equal(sm2.prepare(octetsOf), undefined, name);
    t.equal(sm2.verify(octetsOf, e, signature), false, name);
  }
  // The same x and y with p added, where that fits in 32 octets: x below 2^256 - p, on the curve.
  for (let small = 0n; small < 40n; small++) {
    const found = sm2.decompress(Buffer.concat([Uint8Array.of(2), octets(small)]));
    if (!found) continue;
    t.ok(sm2.prepare(found));
    t.equal(sm2.prepare(Buffer.concat([octets(small + P), found.subarray(32)])), undefined, `x = ${small} + p`);
    t.equal(sm2.decompress(Buffer.concat([Uint8Array.of(2), octets(small + P)])), undefined, `compressed x = ${small} + p`);
  }
  // And a point whose y is 1.
  const ofOne = octets(0x9c17043effe1a805a74a9a5e70b9d659705d3242094a566dc016f49311178d1fn);
  t.ok(sm2.prepare(Buffer.concat([ofOne, octets(1n)])));
  t.equal(sm2.prepare(Buffer.concat([ofOne, octets(1n + P)])), undefined, 'y = 1 + p');
  t.end();
});

t.test('a compressed point comes back whole, with the y asked for', (t) => {
  const sm2 = load();
  const chance = new Chance(SEED);
  for (let index = 0; index < 100; index++) {
    const point = timesBase(chance.scalar());
    const even = (point[63]! & 1) === 0;
    const x = point.subarray(0, 32);
    t.same(sm2.decompress(Buffer.concat([Uint8Array.of(even ? 2 : 3), x])), Uint8Array.from(point));
    t.same(sm2.decompress(Buffer.concat([Uint8Array.of(even ? 3 : 2), x])), Uint8Array.from(opposite(point)));
  }
  const x = timesBase(7n).subarray(0, 32);
  t.equal(sm2.decompress(Buffer.concat([Uint8Array.of(4), x])), undefined, 'another tag');
  t.equal(sm2.decompress(x), undefined, 'no tag');
  t.equal(sm2.decompress(Buffer.alloc(0)), undefined, 'nothing');
  t.end();
});

t.test('e and signatures of another length are refused', (t) => {
  const sm2 = load();
  const point = timesBase(7n);
  const signature = sign(1n, 7n, 11n);
  const wrong: [Uint8Array, Uint8Array][] = [
    [octets(1n).subarray(1), signature],
    [Buffer.concat([octets(1n), octets(1n)]), signature],
    [octets(1n), signature.subarray(1)],
    [octets(1n), Buffer.concat([signature, octets(1n)])],
    [Buffer.alloc(0), Buffer.alloc(0)],
  ];
  for (const [e, other] of wrong) t.equal(judge(sm2, point, e, other), false);
  t.end();
});

t.test('a key whose table gave way to others is as good as before', (t) => {
  const sm2 = load({ slots: 3 });
  const ds = [2n, 3n, 5n, 7n, 11n, 13n, 17n];
  const keys = ds.map((d) => sm2.prepare(timesBase(d))!);
  for (let round = 0; round < 3; round++) {
    for (const [index, d] of ds.entries()) {
      const signature = sign(1n, d, 99n);
      t.equal(sm2.verifyPrepared(keys[index]!, octets(1n), signature), true);
      t.equal(sm2.verifyPrepared(keys[(index + 1) % keys.length]!, octets(1n), signature), false);
    }
  }
  const point = timesBase(2n);
  const key = sm2.prepare(point)!;
  point.fill(0);
  t.equal(sm2.verifyPrepared(key, octets(1n), sign(1n, 2n, 99n)), true, 'its point is its own copy');
  t.equal(sm2.verifyPrepared({ point: timesBase(2n) }, octets(1n), sign(1n, 2n, 99n)), false, 'a key it did not prepare');
  t.end();
});

t.test('digests of every length up to the longest agree with OpenSSL, longer ones are left to it', (t) => {
  const sm2 = load();
  const text = Buffer.alloc(4097, 'SM3 ');
  for (let length = 0; length <= 300; length++) {
    if (!Buffer.from(sm3(text.subarray(0, length))).equals(sm2.digest(text.subarray(0, 0), text.subarray(0, length))!))
      t.fail(`length ${length}`);
  }
  for (const length of [4031, 4032, 4087, 4088, 4096]) {
    if (!Buffer.from(sm3(text.subarray(0, length))).equals(sm2.digest(text.subarray(0, 32), text.subarray(32, length))!))
      t.fail(`length ${length}`);
  }
  t.equal(sm2.digest(text.subarray(0, 32), text.subarray(32, 4097)), undefined);
  t.end();
});

t.test('without a module, with a broken one or with windows that cannot be there is no verifier, and a reason', (t) => {
  const folder = t.testdir();
  const refusal = (options: Sm2WasmOptions): string => {
    let said = '';
    t.equal(loadSm2Wasm({ ...options, onRefusal: (reason) => (said = reason) }), undefined);
    return said;
  };
  t.match(refusal({ file: pathToFileURL(join(folder, 'none.wasm')) }), /ENOENT/);
  writeFileSync(join(folder, 'broken.wasm'), 'not a module');
  t.match(refusal({ file: pathToFileURL(join(folder, 'broken.wasm')) }), /cannot be loaded/);
  t.match(refusal({ baseWindow: 3 }), /3 is not a whole number from 4 to 10/);
  t.match(refusal({ keyWindow: 6.5 }), /6.5 is not a whole number/);
  t.match(refusal({ slots: 0 }), /0 is not a whole number/);
  t.end();
});
