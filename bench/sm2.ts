/** SM2 verification of a 100-byte message, SM3 and Z included, Z cached: ours beside OpenSSL, npm packages and other curves. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign as signWith, verify as verifyWith } from 'node:crypto';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { sm2 as v2 } from 'sm-crypto-v2';
import { loadSm2Wasm } from '../src/crypto/sm2/wasm.js';
import { generateKey } from '../src/crypto/sm2.js';
import { median, print, type Row } from './row.js';

const OPENSSL = "OpenSSL SM2, createVerify('sm3')";
const P256 = 'Node ECDSA P-256';
const CACHED = 'SM2 verify, key with table';
const ONCE = 'SM2 verify, key seen once';

const MESSAGES = 64;
const ROUNDS = 12;
/** Milliseconds each contestant gets in a round. */
const TURN = 25;

/** Verifies the message of this number; false is a fault of the bench. */
type Contestant = (index: number) => boolean;

interface Elder {
  doVerifySignature(message: Uint8Array, signature: string, publicKey: string, options: { hash: boolean }): boolean;
}

function contestants(): Map<string, Contestant> {
  const sm2 = loadSm2Wasm({ onRefusal: (reason) => console.error(reason) });
  if (!sm2) throw new Error('no SM2 module: npm run build:sm2');
  // sm-crypto has no types.
  const { sm2: elder } = createRequire(import.meta.url)('sm-crypto') as { sm2: Elder };

  const key = generateKey();
  const { point, z } = key.public;
  const publicHex = `04${Buffer.from(point).toString('hex')}`;
  const publicV2 = v2.precomputePublicKey(publicHex);
  const messages = Array.from({ length: MESSAGES }, () => randomBytes(100));
  const signatures = messages.map((message) => key.sign(message));
  const hexes = signatures.map((signature) => Buffer.from(signature).toString('hex'));
  const message = (index: number): Buffer => messages[index % MESSAGES]!;
  const signature = (index: number): Uint8Array => signatures[index % MESSAGES]!;
  const hex = (index: number): string => hexes[index % MESSAGES]!;
  const prepared = sm2.prepare(point)!;

  const other = ({ privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }, hash: string | null): Contestant => {
    const made = messages.map((text) => signWith(hash, text, privateKey));
    return (index) => verifyWith(hash, message(index), publicKey, made[index % MESSAGES]!);
  };
  return new Map<string, Contestant>([
    [CACHED, (index) => sm2.verifyPrepared(prepared, sm2.digest(z, message(index))!, signature(index))],
    [ONCE, (index) => sm2.verify(point, sm2.digest(z, message(index))!, signature(index))],
    [OPENSSL, (index) => key.public.verify(message(index), signature(index))],
    [P256, other(generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'sha256')],
    ['Node Ed25519', other(generateKeyPairSync('ed25519'), null)],
    ['npm sm-crypto-v2, key precomputed', (index) => v2.doVerifySignature(message(index), hex(index), publicV2, { hash: true })],
    ['npm sm-crypto-v2', (index) => v2.doVerifySignature(message(index), hex(index), publicHex, { hash: true })],
    ['npm sm-crypto', (index) => elder.doVerifySignature(message(index), hex(index), publicHex, { hash: true })],
    ['SM3 of Z and message, ours', (index) => sm2.digest(z, message(index))!.length === 32],
    ['SM3 of Z and message, createHash', (index) => createHash('sm3').update(z).update(message(index)).digest().length === 32],
  ]);
}

/** Microseconds of each call within a turn; one call at least. */
function turn(contestant: Contestant, first: number): number[] {
  const times: number[] = [];
  const start = performance.now();
  for (let index = first; times.length === 0 || performance.now() - start < TURN; index++) {
    const before = process.hrtime.bigint();
    const verdict = contestant(index);
    times.push(Number(process.hrtime.bigint() - before) / 1000);
    if (!verdict) throw new Error('a good signature was refused');
  }
  return times;
}

/** Median microseconds of each, all taking turns in one process so that a busy machine is busy for all. */
function race(all: ReadonlyMap<string, Contestant>): Map<string, number> {
  const times = new Map([...all.keys()].map((name) => [name, [] as number[]]));
  for (let round = -1; round < ROUNDS; round++) {
    for (const [name, contestant] of all) {
      const taken = turn(contestant, round + 1);
      if (round >= 0) times.get(name)!.push(...taken); // the first round warms up
    }
  }
  return new Map([...times].map(([name, taken]) => [name, median(taken)]));
}

const BARS: Readonly<Record<string, Pick<Row, 'must' | 'aim'>>> = {
  [CACHED]: { must: '≤ 1.25', aim: '≤ 0.10' },
  [ONCE]: { must: '≤ 1.25', aim: '≤ 0.40' },
};

export async function bench(): Promise<Row[]> {
  const medians = race(contestants());
  const of = (name: string): number => medians.get(name) ?? Number.NaN;
  const row = (what: string, besideWhat: string, bars: Pick<Row, 'must' | 'aim'> = {}): Row => ({
    what,
    value: of(what),
    unit: 'µs',
    beside: `${besideWhat} (${of(besideWhat).toFixed(1)} µs)`,
    ratio: of(what) / of(besideWhat),
    ...bars,
  });
  return [
    ...[...medians.keys()].filter((name) => !name.startsWith('SM3')).map((name) => row(name, OPENSSL, BARS[name])),
    row(CACHED, P256, { aim: '< 1' }),
    row('SM3 of Z and message, ours', 'SM3 of Z and message, createHash'),
  ];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) print(await bench());
