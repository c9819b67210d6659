/** Status lists of a million entries: one look-up, one token, and how long a scan waits while a new version is swapped in. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Log } from '../src/contracts.js';
import { makeSign1 } from '../src/crypto/cose.js';
import { createOpener } from '../src/crypto/seal.js';
import { kidOfPoint, privateKeyOf } from '../src/crypto/sm2.js';
import { sm3 } from '../src/crypto/sm3.js';
import { opensslVerifier } from '../src/crypto/verifier.js';
import { encodeManifest, type Manifest } from '../src/messages/manifest.js';
import { makeSecrets } from '../src/messages/secrets.js';
import { contains, listValue, makeDelta, PART, statusList, valuesOf } from '../src/messages/status-list.js';
import { TrustFolder } from '../src/trust/store.js';
import { openUpdates } from '../src/trust/update.js';
import { median, print, type Row } from './row.js';

const ENTRIES = 1_000_000;
const ROUNDS = 9;
const KEY = new Uint8Array(32).fill(7);
const ROOT = privateKeyOf(new Uint8Array(32).fill(0x31));
const OPENING = new Uint8Array(32).fill(0x32);

const token = (n: number): Uint8Array => {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(0, n);
  return bytes;
};

/** Values spread as HMACs are, without the four seconds of making a million of them. */
function spread(from: number): BigUint64Array {
  const mix = 0x9e37_79b9_7f4a_7c15n;
  return new BigUint64Array(ENTRIES).map((_, n) => BigInt.asUintN(64, BigInt(n + from) * mix * mix));
}

function listOf(values: BigUint64Array): Uint8Array {
  const bytes = new Uint8Array(values.byteLength);
  const view = new DataView(bytes.buffer);
  for (const [n, value] of values.slice().sort().entries()) view.setBigUint64(8 * n, value);
  return bytes;
}

function bytesOf(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

function microseconds(times: number, job: (n: number) => void): number {
  const rounds = Array.from({ length: 9 }, () => {
    const start = performance.now();
    for (let n = 0; n < times; n++) job(n);
    return ((performance.now() - start) * 1000) / times;
  });
  return median(rounds);
}

/** A scan every 2 ms, as a timer: by how much each came late while `work` ran. In ms. */
async function delays(work: () => Promise<unknown>): Promise<readonly number[]> {
  const late: number[] = [];
  let due = performance.now() + 2;
  const scans = setInterval(() => {
    const now = performance.now();
    late.push(Math.max(0, now - due));
    due = now + 2;
  }, 2);
  await work();
  clearInterval(scans);
  return late;
}

/** What the bench threw away while it made its lists is not the terminal's to sweep up. */
function sweep(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

/** For `ms`, nothing but steps of 0.2 ms. */
async function busy(ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    const step = performance.now() + 0.2;
    while (performance.now() < step);
    await setImmediate();
  }
}

export async function bench(): Promise<Row[]> {
  const values = spread(0);
  const list = listOf(values);
  const changed = values.slice();
  changed.set(spread(ENTRIES).subarray(0, 1000));
  const swaps = await swapping(list, listOf(changed));
  const found = valuesOf(list);
  const numbers = [...values.subarray(0, 50_000), ...spread(3 * ENTRIES).subarray(0, 50_000)];
  const probes = numbers.map(bytesOf);
  let hits = 0;
  const lookUp = microseconds(probes.length, (n) => void (hits += contains(found, probes[n] ?? KEY) ? 1 : 0));
  const set = new Set(values);
  const inSet = microseconds(probes.length, (n) => void (hits += set.has(numbers[n] ?? 0n) ? 1 : 0));
  const hmac = microseconds(20_000, (n) => void (hits += listValue(KEY, token(n))[0] ?? 0));
  const keyed = statusList(KEY, list);
  const whole = microseconds(20_000, (n) => void (hits += keyed.listed(token(n)) ? 1 : 0));
  return [
    {
      what: 'status list 1,000,000: look-up',
      value: lookUp,
      unit: 'µs',
      beside: `Set<bigint> in memory ${inSet.toFixed(2)} µs`,
      ratio: lookUp / inSet,
      must: '< 2 µs',
    },
    {
      what: 'status list: token of a subject (HMAC-SM3)',
      value: hmac,
      unit: 'µs',
      beside: `look-up ${lookUp.toFixed(2)} µs`,
      ratio: hmac / lookUp,
    },
    {
      what: 'status list 1,000,000: token and look-up',
      value: whole,
      unit: 'µs',
      beside: `token ${hmac.toFixed(2)} µs`,
      ratio: whole / hmac,
    },
    ...swaps.map(({ how, worst, peer, took }) => ({
      what: `swap to a new version (${how}): longest wait of a scan`,
      value: median(worst),
      unit: 'ms',
      beside: `as busy with 0.2 ms steps ${median(peer).toFixed(2)} ms; swap took ${median(took).toFixed(0)} ms; best of ${ROUNDS} ${Math.min(...worst).toFixed(2)} ms`,
      ratio: median(worst) / median(peer),
      must: '≤ 5 ms',
    })),
  ];
}

interface Swap {
  readonly how: string;
  /** Of each round, in ms. */
  readonly worst: readonly number[];
  /** The same machine as busy for as long with nothing but short steps: what the scheduler alone takes. */
  readonly peer: readonly number[];
  readonly took: readonly number[];
}

/** The whole way: offered, fetched, written, proved, swapped; in turns whole and by delta. */
async function swapping(list: Uint8Array, next: Uint8Array): Promise<readonly Swap[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-bench-'));
  const delta = makeDelta(next, list);
  const [one, two, step] = [datumOf(list), datumOf(next), datumOf(delta)];
  // Odd versions are `list`, even ones `next`; the delta leads from `next` to `list`.
  const file = (version: number, from: number | undefined): Uint8Array => (from !== undefined ? delta : version % 2 === 1 ? list : next);
  const words = new Map<string, string>();
  const log: Log = { info: () => undefined, warn: console.warn, error: console.error };
  const updates = await openUpdates({
    region: '341525',
    terminal: 'bench',
    root: ROOT.public.point,
    leastSeq: 0,
    folder: new TrustFolder(folder),
    keep: { kept: (name) => words.get(name), keep: (name, value) => void words.set(name, value) },
    fetch: ({ version, from, part }) => Promise.resolve(file(version, from).slice(part * PART, (part + 1) * PART)),
    opener: createOpener(OPENING, kidOfPoint(privateKeyOf(OPENING).public.point)),
    verifier: opensslVerifier(),
    clock: { issued: () => true, lowerFloor: () => undefined },
    log,
  });
  const manifest = (seq: number): Uint8Array => {
    const isOdd = seq % 2 === 1;
    const datum = {
      name: 'colour.red',
      version: seq,
      asOf: 1e12,
      ...(isOdd ? one : two),
      delta: isOdd ? { from: seq - 1, ...step } : undefined,
    };
    const content: Manifest = {
      seq,
      region: '341525',
      issued: 1e12,
      expires: 2e12,
      keys: [],
      transit: [],
      lists: [datum],
      data: [],
      roots: undefined,
      rules: {},
      floor: undefined,
      minVersion: undefined,
    };
    return makeSign1(kidOfPoint(ROOT.public.point), 'ak/trust', encodeManifest(content), (message) => ROOT.sign(message));
  };
  let arrived: () => void = () => undefined;
  updates.onTrust(() => arrived());
  const take = async (cose: Uint8Array): Promise<void> => {
    const taken = new Promise<void>((resolve) => (arrived = resolve));
    await updates.offer(cose);
    await taken;
  };
  const listKeys = new Map(Array.from({ length: 2 * ROUNDS + 2 }, (_, version) => [`colour.red/${version}`, KEY]));
  const secrets = { terminal: 'bench', seq: 1, issued: 1e12, regionKeys: new Map(), siteKey: undefined, listKeys };
  const opening = privateKeyOf(OPENING).public.point;
  await updates.offerSecrets(
    makeSecrets(secrets, { point: opening, kid: kidOfPoint(opening) }, { kid: kidOfPoint(ROOT.public.point), sign: (m) => ROOT.sign(m) }),
  );
  await take(manifest(1));
  const ways = [
    { how: 'whole', worst: [] as number[], peer: [] as number[], took: [] as number[] },
    { how: 'delta', worst: [] as number[], peer: [] as number[], took: [] as number[] },
  ];
  for (let seq = 2; seq < 2 * ROUNDS + 2; seq++) {
    const way = ways[seq % 2];
    const cose = manifest(seq);
    sweep();
    const start = performance.now();
    way?.worst.push(Math.max(...(await delays(() => take(cose)))));
    const took = performance.now() - start;
    way?.took.push(took);
    way?.peer.push(Math.max(...(await delays(() => busy(took)))));
  }
  await updates.close();
  rmSync(folder, { recursive: true });
  return ways;
}

function datumOf(bytes: Uint8Array): { readonly size: number; readonly sm3: Uint8Array } {
  return { size: bytes.length, sm3: sm3(bytes) };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) print(await bench());
