/** Trust: manifests, lists, secrets, and how a new set takes the place of the old one (wire.md 3, quality.md Survival). */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import t, { type Test } from 'tap';
import type { Instant, Log, SignerKey, Trust } from '../src/contracts.js';
import { type Cbor, type CborMap, decodeCborMap, encodeCbor, sameBytes } from '../src/crypto/cbor.js';
import { makeSign1 } from '../src/crypto/cose.js';
import { createOpener } from '../src/crypto/seal.js';
import { compress, generateKey, kidOfPoint, type PrivateKey, privateKeyOf, spkiOf } from '../src/crypto/sm2.js';
import { sm3 } from '../src/crypto/sm3.js';
import { opensslVerifier } from '../src/crypto/verifier.js';
import { openJournal } from '../src/journal/journal.js';
import { type Datum, decodeManifest, encodeManifest, type Manifest } from '../src/messages/manifest.js';
import { listKeyName, makeSecrets, openSecrets, type Secrets } from '../src/messages/secrets.js';
import {
  applyDeltaSteps,
  checkSteps,
  contains,
  listValue,
  makeDelta,
  makeList,
  PART,
  pairToken,
  partsOf,
  valuesOf,
} from '../src/messages/status-list.js';
import { atOnce } from '../src/messages/steps.js';
import type { PartAddress } from '../src/trust/fetch.js';
import { type Keep, keepIn } from '../src/trust/keep.js';
import { keyRing } from '../src/trust/key-ring.js';
import { loadTrust } from '../src/trust/load.js';
import { TrustFolder } from '../src/trust/store.js';
import { openUpdates, type Updates } from '../src/trust/update.js';

const REGION = '341525';
const TERMINAL = 'T-1';
const NOW: Instant = 1_790_000_000_000;
const YEAR = 365 * 86_400_000;

// TEST keys: made afresh or from fixed scalars, worth nothing outside this file.
const ROOT = privateKeyOf(new Uint8Array(32).fill(0x21));
const NEXT_ROOT = privateKeyOf(new Uint8Array(32).fill(0x22));
const STRANGER = privateKeyOf(new Uint8Array(32).fill(0x23));
const ISSUER = privateKeyOf(new Uint8Array(32).fill(0x24));
const OPENING = new Uint8Array(32).fill(0x25);
const OPENING_KEY = privateKeyOf(OPENING);
const listKey = (version: number): Uint8Array => new Uint8Array(32).fill(0x40 + version);

function signer(key: PrivateKey, more: Partial<SignerKey> = {}): SignerKey {
  const { point } = key.public;
  return {
    kid: kidOfPoint(point),
    point,
    region: REGION,
    types: ['ak/person'],
    validFrom: NOW - YEAR,
    validUntil: NOW + YEAR,
    revokedAt: Number.POSITIVE_INFINITY,
    ...more,
  };
}

const EMPTY: Manifest = {
  seq: 1,
  region: REGION,
  issued: NOW,
  expires: NOW + 30 * 86_400_000,
  keys: [signer(ISSUER)],
  transit: [],
  lists: [],
  data: [],
  roots: undefined,
  rules: {},
  floor: undefined,
  minVersion: undefined,
};

const signManifest = (manifest: Manifest, by = ROOT): Uint8Array => signPayload(encodeManifest(manifest), by);
function signPayload(payload: Uint8Array, by = ROOT): Uint8Array {
  return makeSign1(kidOfPoint(by.public.point), 'ak/trust', payload, (message) => by.sign(message));
}

const nothing: Secrets = { terminal: TERMINAL, seq: 1, issued: NOW, regionKeys: new Map(), siteKey: undefined, listKeys: new Map() };
function sealSecrets(secrets: Partial<Secrets>, by = ROOT, to = OPENING_KEY): Uint8Array {
  const { point } = to.public;
  const { point: root } = by.public;
  return makeSecrets({ ...nothing, ...secrets }, { point, kid: kidOfPoint(point) }, { kid: kidOfPoint(root), sign: (m) => by.sign(m) });
}

const token = (n: number): Uint8Array => sm3(Buffer.from(`subject ${n}`)).subarray(0, 16);
const listOf = (version: number, ...members: readonly number[]): Uint8Array =>
  makeList(members.map((n) => listValue(listKey(version), token(n))));

function datum(name: string, version: number, bytes: Uint8Array, delta?: { from: number; bytes: Uint8Array }): Datum {
  return {
    name,
    version,
    asOf: NOW,
    size: bytes.length,
    sm3: sm3(bytes),
    delta: delta && { from: delta.from, size: delta.bytes.length, sm3: sm3(delta.bytes) },
  };
}

/** What the broker holds: files by name, part by part. */
class Broker {
  readonly files = new Map<string, Uint8Array>();
  /** Parts asked for, in order. */
  readonly asked: string[] = [];
  /** Parts that are not there, as `name/version/part`. */
  readonly absent = new Set<string>();

  publish(name: string, version: number | string, bytes: Uint8Array): void {
    this.files.set(`${name}/${version}`, bytes);
  }

  readonly fetch = ({ name, version, from, part }: PartAddress): Promise<Uint8Array | undefined> => {
    const file = `${name}/${from === undefined ? version : `${from}-${version}`}`;
    this.asked.push(`${file}/${part}`);
    if (this.absent.has(`${file}/${part}`)) return Promise.resolve(undefined);
    return Promise.resolve(this.files.get(file)?.subarray(part * PART, (part + 1) * PART));
  };
}

/** The journal's words: they outlive the folder. */
class Words implements Keep {
  readonly #words = new Map<string, string>();
  full = false;
  kept(name: string): string | undefined {
    return this.#words.get(name);
  }
  keep(name: string, value: string): void {
    if (this.full) throw new Error('disk full');
    this.#words.set(name, value);
  }
}

/** One terminal's trust: folder, journal's words, broker; `restart` closes and opens it again. */
class Terminal {
  readonly broker = new Broker();
  words: Keep = new Words();
  readonly events: string[] = [];
  readonly lowered: Instant[] = [];
  readonly folder: string;
  root = ROOT;
  least = 0;
  readonly #waiting: { readonly event: string; readonly resolve: () => void }[] = [];
  #updates: Updates | undefined;

  constructor(folder: string) {
    this.folder = join(folder, 'trust');
  }

  get updates(): Updates {
    if (!this.#updates) throw new Error('not started');
    return this.#updates;
  }

  get trust(): Trust {
    const trust = this.updates.current();
    if (!trust) throw new Error('no trust');
    return trust;
  }

  async start(): Promise<this> {
    const note = (event: string, facts: Readonly<Record<string, unknown>> = {}): void => this.#note(event, facts);
    const log: Log = { info: note, warn: note, error: note };
    this.#updates = await openUpdates({
      region: REGION,
      terminal: TERMINAL,
      root: this.root.public.point,
      leastSeq: this.least,
      folder: new TrustFolder(this.folder),
      keep: this.words,
      fetch: this.broker.fetch,
      opener: createOpener(OPENING, kidOfPoint(OPENING_KEY.public.point)),
      verifier: opensslVerifier(),
      clock: { issued: () => true, lowerFloor: (to) => void this.lowered.push(to) },
      log,
      retryMs: 3_600_000,
    });
    return this;
  }

  async stop(): Promise<void> {
    await this.#updates?.close();
    this.#updates = undefined;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  #note(event: string, facts: Readonly<Record<string, unknown>>): void {
    this.events.push(event);
    for (const waiting of this.#waiting) {
      if (`${event} ${JSON.stringify(facts)}`.includes(waiting.event)) waiting.resolve();
    }
  }

  /** Does something and waits until the log says `event`. */
  async until(event: string, act: () => unknown): Promise<void> {
    const said = new Promise<void>((resolve) => this.#waiting.push({ event, resolve }));
    await act();
    await said;
  }

  /** Offers a manifest and waits until it is in force. */
  take(manifest: Manifest, by = ROOT): Promise<void> {
    return this.until(`trust-in-force {"seq":${manifest.seq},`, () => this.updates.offer(signManifest(manifest, by)));
  }
}

async function terminal(t: Test, set: (terminal: Terminal) => void = () => {}): Promise<Terminal> {
  const made = new Terminal(t.testdir());
  set(made);
  await made.start();
  t.teardown(() => made.stop());
  return made;
}

const RED1 = listOf(1, 1, 2, 3);
const RED2 = listOf(1, 2, 3, 4);
const KEYS1 = sealSecrets({
  listKeys: new Map([
    [listKeyName('colour.red', 1), listKey(1)],
    [listKeyName('colour.red', 2), listKey(1)],
  ]),
});
const FIRST: Manifest = { ...EMPTY, seq: 10, lists: [datum('colour.red', 1, RED1)] };

/** A terminal with manifest 10 and list colour.red version 1 in force. */
async function served(t: Test): Promise<Terminal> {
  const box = await terminal(t);
  box.broker.publish('colour.red', 1, RED1);
  await box.updates.offerSecrets(KEYS1);
  await box.take(FIRST);
  return box;
}

// ── the manifest ────────────────────────────────────────────────────────────────────────────────────────────────────

const FULL: Manifest = {
  ...EMPTY,
  keys: [
    signer(ISSUER, { types: ['ak/person', 'ak/enterprise'] }),
    signer(STRANGER, { region: undefined, types: ['seal'], revokedAt: NOW }),
  ],
  transit: [
    { system: 'mot', type: undefined, index: 1, point: ISSUER.public.point, validUntil: NOW + YEAR, epoch: 946_684_800 },
    { system: 'unionpay', type: 3, index: 7, point: STRANGER.public.point, validUntil: NOW + YEAR, epoch: undefined },
  ],
  lists: [datum('colour.red', 2, RED2, { from: 1, bytes: makeDelta(RED1, RED2) }), datum('event.Fair_2026', 1, RED1)],
  data: [datum('fares', 3, encodeCbor(new Map([['flat', 200]])))],
  roots: [ROOT.public.point, NEXT_ROOT.public.point],
  rules: { entry: { colours: ['green', 'unknown'], maxAgeKeys: 86_400, maxAgeLists: 3600, stale: 'flag' }, ride: {} },
  floor: NOW - YEAR,
  minVersion: '0.1.0',
};

/** Buffers and arrays of bytes alike. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, v: unknown) => {
      const raw = isBufferJson(v) ? Uint8Array.from(v.data) : v;
      if (raw instanceof Uint8Array) return Buffer.from(raw).toString('hex');
      return raw === Number.POSITIVE_INFINITY ? 'never' : raw;
    }),
  );
const isBufferJson = (v: unknown): v is { data: number[] } => typeof v === 'object' && v !== null && 'type' in v && v.type === 'Buffer';

t.test('a manifest says after the wire what it said before', (t) => {
  const read = decodeManifest(encodeManifest(FULL));
  if ('error' in read) throw new Error(read.error);
  t.strictSame(plain(read.manifest), plain(FULL));
  const least = decodeManifest(encodeManifest(EMPTY));
  t.strictSame('manifest' in least && plain(least.manifest), plain(EMPTY));
  t.end();
});

t.test('a manifest with one wrong field is refused, and the field is named', (t) => {
  const at = (path: string, value: Cbor | undefined): Uint8Array => {
    const map = decodeCborMap(encodeManifest(FULL));
    if (!map) throw new Error('no map');
    const steps = path.split('.');
    let holder: Cbor | undefined = map;
    for (const step of steps.slice(0, -1))
      holder = holder instanceof Map ? holder.get(step) : Array.isArray(holder) ? holder[Number(step)] : undefined;
    const last = steps.at(-1) ?? '';
    if (Array.isArray(holder)) holder[Number(last)] = value ?? null;
    else if (holder instanceof Map && value === undefined) holder.delete(last);
    else if (holder instanceof Map && value !== undefined) holder.set(last, value);
    return encodeCbor(map);
  };
  const offCurve = Buffer.from(spkiOf(ISSUER.public.point));
  offCurve[60]! ^= 1;
  const cases: readonly (readonly [string, Cbor | undefined, string?])[] = [
    ['seq', -1],
    ['seq', undefined],
    ['region', '34152'],
    ['issued', 'now'],
    ['issued', 2 ** 50],
    ['expires', NOW / 1000],
    ['keys', undefined],
    ['keys.0.kid', new Uint8Array(8)],
    ['keys.0.kid', new Uint8Array(7)],
    ['keys.0.spki', new Uint8Array(91)],
    ['keys.0.spki', offCurve],
    ['keys.0.types', []],
    ['keys.0.types.0', 'ak/trust', 'keys.0.types.0'],
    ['keys.0.types.0', 'ak/secrets'],
    ['keys.0.types.0', 'person'],
    ['keys.0.exp', 5],
    ['keys.0.region', 'Anhui'],
    ['keys.0.revoked', 'yes'],
    ['transit.0.system', 'metro'],
    ['transit.0.key', new Uint8Array(33)],
    ['transit.0.key', new Uint8Array(64)],
    ['transit.0.index', 2 ** 32],
    ['lists.0.name', '../../etc/passwd'],
    ['lists.0.name', 'colour/red'],
    ['lists.0.name', 'fares', 'lists'],
    ['lists.0.size', 2 ** 40],
    ['lists.0.size', 9],
    ['lists.0.sm3', new Uint8Array(31)],
    ['lists.0.from', 2],
    ['lists.0.deltaSize', undefined, 'lists.0.from'],
    ['data.0.size', 2 ** 24],
    ['roots', []],
    ['roots.0', new Uint8Array(91)],
    ['rules.entry.colours', [5], 'rules.entry.colours.0'],
    ['rules.entry.stale', 'ignore'],
    ['rules.entry.maxAgeKeys', -1],
    ['floor', NOW / 1000 + 1],
    ['minVersion', 'latest'],
  ];
  for (const [path, value, field] of cases) {
    const read = decodeManifest(at(path, value));
    t.ok('error' in read && read.error.startsWith(`${field ?? path}:`), `${path}: ${'error' in read ? read.error : 'was taken'}`);
  }
  const twice = decodeManifest(encodeManifest({ ...EMPTY, keys: [signer(ISSUER), signer(ISSUER)] }));
  t.match('error' in twice && twice.error, /^keys\.1\.kid/);
  const later = decodeManifest(at('somethingNew', 1));
  t.ok('manifest' in later, 'a field of a later version is ignored');
  t.end();
});

t.test('noise in place of a manifest is refused, never thrown', (t) => {
  const good = signManifest(FULL);
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), fc.nat(good.length), (at, flip, cut) => {
      const bytes = Uint8Array.from(good.subarray(0, cut > at ? cut : good.length));
      bytes[at]! ^= flip;
      return 'error' in loadTrust({ manifest: bytes, root: spkiOf(ROOT.public.point) });
    }),
    { numRuns: 400 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => 'error' in decodeManifest(bytes)),
    { numRuns: 400 },
  );
  t.end();
});

t.test('trust is loaded from a manifest and the root, or the reason is said', (t) => {
  const trust = loadTrust({ manifest: signManifest(FULL), root: spkiOf(ROOT.public.point) });
  if ('error' in trust) throw new Error(trust.error);
  t.equal(trust.seq, 1);
  t.strictSame(trust.keys.signer(kidOfPoint(ISSUER.public.point))?.types, ['ak/person', 'ak/enterprise']);
  t.equal(trust.keys.signer(kidOfPoint(STRANGER.public.point))?.revokedAt, NOW);
  t.equal(trust.keys.transit('unionpay', 7)[0]?.type, 3);
  t.equal(trust.keys.transit('mot', 7).length, 0);
  t.equal(trust.lists.known('colour.red'), false, 'no list file: unknown');
  t.strictSame(trust.rules['entry']?.colours, ['green', 'unknown']);
  const error = (manifest: Uint8Array, root = ROOT): string => {
    const loaded = loadTrust({ manifest, root: spkiOf(root.public.point) });
    return 'error' in loaded ? loaded.error : '';
  };
  t.match(error(signManifest(FULL), NEXT_ROOT), 'not signed by this root');
  t.match(error(signPayload(encodeManifest(FULL), { ...STRANGER, public: ROOT.public })), 'does not hold');
  t.match(error(signPayload(encodeCbor(new Map([['seq', 1]])))), /cannot be used: region/);
  t.match(error(new Uint8Array(3)), 'not a COSE_Sign1');
  t.match(error(sealSecrets({})), 'not a COSE_Sign1 of type ak/trust');
  t.match(loadTrust({ manifest: signManifest(FULL), root: new Uint8Array(5) }), { error: /root is not/ });
  t.end();
});

// ── lists ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const values = fc.uniqueArray(fc.uint8Array({ minLength: 8, maxLength: 8 }), {
  selector: (v) => Buffer.from(v).toString('hex'),
  maxLength: 200,
});
/** Many values close to each other, which evenly spread ones never are. */
const crowded = fc
  .uniqueArray(fc.nat(400), { maxLength: 200 })
  .map((numbers) => numbers.map((n) => Uint8Array.of(0, 0, 0, n % 3, 0, 0, n >> 8, n & 255)));

t.test('a list holds exactly its members', (t) => {
  fc.assert(
    fc.property(fc.oneof(values, crowded), fc.oneof(values, crowded), (members, others) => {
      const list = makeList([...members, ...members.slice(0, 3)]);
      const known = new Set(members.map((v) => Buffer.from(v).toString('hex')));
      const found = valuesOf(list);
      const right = [...members, ...others].every((v) => contains(found, v) === known.has(Buffer.from(v).toString('hex')));
      return right && atOnce(checkSteps(list)) && list.length === 8 * known.size;
    }),
    { numRuns: 300 },
  );
  t.end();
});

t.test('a delta leads from any list to any other, and to nothing else', (t) => {
  fc.assert(
    fc.property(fc.oneof(values, crowded), fc.oneof(values, crowded), fc.oneof(values, crowded), (before, after, third) => {
      const [a, b, c] = [makeList(before), makeList([...before.slice(0, 50), ...after]), makeList(third)];
      const delta = makeDelta(a, b);
      const applied = atOnce(applyDeltaSteps(a, delta));
      const wrong = atOnce(applyDeltaSteps(c, delta));
      const holds = !wrong || atOnce(checkSteps(wrong));
      return applied !== undefined && sameBytes(applied, b) && holds;
    }),
    { numRuns: 300 },
  );
  const list = listOf(1, 1, 2, 3);
  const one = list.subarray(0, 8);
  const none = new Uint8Array(0);
  const bad: readonly (readonly [string, Cbor])[] = [
    ['inserts what is there', [none, one]],
    ['deletes what is not there', [listOf(1, 9), none]],
    ['deletes and inserts the same', [one, one]],
    ['is not ascending', [Buffer.concat([list.subarray(8, 16), one]), none]],
    ['is not whole values', [list.subarray(0, 7), none]],
    ['deletes more than there is', [listOf(1, 1, 2, 3, 4, 5), none]],
    ['has three parts', [none, none, none]],
    ['is a map', new Map()],
  ];
  for (const [what, delta] of bad) t.equal(atOnce(applyDeltaSteps(list, encodeCbor(delta))), undefined, `a delta that ${what}`);
  t.equal(atOnce(applyDeltaSteps(list, Uint8Array.of(0xff))), undefined, 'a delta that is noise');
  t.end();
});

t.test('a pair of people is listed in its order only', (t) => {
  const pair = pairToken(token(1), token(2));
  t.equal(pair.length, 16);
  t.notOk(sameBytes(pair, pairToken(token(2), token(1))));
  t.end();
});

// ── the key ring ────────────────────────────────────────────────────────────────────────────────────────────────────

t.test('the key ring verifies kept and passing keys alike and never throws', (t) => {
  const ring = keyRing([signer(ISSUER)], [], opensslVerifier());
  const message = Buffer.from('message');
  const signature = ISSUER.sign(message);
  const { point } = ISSUER.public;
  for (const use of ['kept', 'once'] as const) {
    t.equal(ring.verify(point, message, signature, use), true);
    t.equal(ring.verify(point, Buffer.from('massage'), signature, use), false);
    t.equal(ring.verify(STRANGER.public.point, message, signature, use), false);
    t.equal(ring.verify(new Uint8Array(64), message, signature, use), false, 'a point off the curve');
    t.equal(ring.verify(new Uint8Array(3), message, signature, use), false, 'no point at all');
    t.equal(ring.verify(point, message, new Uint8Array(64), use), false);
    t.equal(ring.verify(point, message, new Uint8Array(5), use), false);
  }
  t.strictSame(Buffer.from(ring.point(compress(point)) ?? []), Buffer.from(point));
  t.equal(ring.point(Uint8Array.of(2, 1)), undefined);
  t.equal(ring.signer(new Uint8Array(8)), undefined);
  t.end();
});

t.test('what was proved once is remembered, within bounds', (t) => {
  const ring = keyRing([], [], opensslVerifier());
  let checks = 0;
  const check = (n: number): number => ring.once(Buffer.from(`certificate ${n}`), () => ++checks && n);
  t.equal(check(1), 1);
  t.equal(check(1), 1);
  t.equal(checks, 1);
  for (let n = 2; n < 2000; n++) check(n);
  const before = checks;
  check(1999);
  t.equal(checks, before, 'a recent one is still known');
  check(1);
  t.equal(checks, before + 1, 'the oldest one was let go');
  t.throws(
    () =>
      ring.once(Buffer.from('x'), () => {
        throw new Error('no');
      }),
    'no',
  );
  t.equal(
    ring.once(Buffer.from('x'), () => 'yes'),
    'yes',
    'a failure is not remembered',
  );
  t.end();
});

// ── changing trust ──────────────────────────────────────────────────────────────────────────────────────────────────

t.test('keys are rotated and an issuer key is revoked while the terminal serves', async (t) => {
  const box = await served(t);
  const before = box.trust;
  const fresh = generateKey();
  await box.take({ ...FIRST, seq: 11, keys: [signer(ISSUER, { revokedAt: NOW }), signer(fresh)] });
  t.equal(box.trust.keys.signer(kidOfPoint(fresh.public.point))?.region, REGION);
  t.equal(box.trust.keys.signer(kidOfPoint(ISSUER.public.point))?.revokedAt, NOW);
  t.equal(before.keys.signer(kidOfPoint(ISSUER.public.point))?.revokedAt, Number.POSITIVE_INFINITY, 'a decision under way keeps its set');
  t.strictSame(box.broker.asked, ['colour.red/1/0'], 'an unchanged list is not fetched again');
});

t.test('a manifest that is rolled back, forked, forged, foreign or a stranger’s is rejected and counted', async (t) => {
  const box = await served(t);
  const offer = async (cose: Uint8Array): Promise<unknown> => box.updates.offer(cose);
  t.strictSame(await offer(signManifest({ ...FIRST, seq: 9 })), { rejected: 'rolled-back' });
  t.strictSame(await offer(signManifest({ ...FIRST, expires: NOW + YEAR })), { rejected: 'forked' });
  t.strictSame(await offer(signManifest({ ...FIRST, seq: 11 }, STRANGER)), { rejected: 'stranger' });
  t.strictSame(await offer(signPayload(encodeManifest({ ...FIRST, seq: 11 }), { ...STRANGER, public: ROOT.public })), {
    rejected: 'forged',
  });
  t.strictSame(await offer(signManifest({ ...FIRST, seq: 11, region: '341524' })), { rejected: 'other-region' });
  t.strictSame(await offer(signPayload(encodeCbor(new Map([['seq', 11]])))), { rejected: 'unreadable' });
  t.strictSame(await offer(Buffer.from('hello')), { rejected: 'malformed' });
  t.strictSame(await offer(new Uint8Array(100_000)), { rejected: 'malformed' });
  t.equal(box.trust.seq, 10);
  t.strictSame(box.updates.rejected(), {
    'rolled-back': 1,
    forked: 1,
    stranger: 1,
    forged: 1,
    'other-region': 1,
    unreadable: 1,
    malformed: 2,
  });
});

t.test('the least manifest number of the enrolment holds from the first day', async (t) => {
  const box = await terminal(t, (fresh) => (fresh.least = 5));
  t.strictSame(await box.updates.offer(signManifest({ ...EMPTY, seq: 4 })), { rejected: 'rolled-back' });
  await box.take({ ...EMPTY, seq: 5 });
  t.equal(box.trust.seq, 5);
});

const BIG2 = makeList(Array.from({ length: 20_000 }, (_, n) => listValue(listKey(1), token(n + 10))));
const SECOND: Manifest = { ...FIRST, seq: 11, lists: [datum('colour.red', 2, BIG2)] };

t.test('a list cut off half-way leaves the old set in force until the missing part arrives', async (t) => {
  const box = await served(t);
  box.broker.publish('colour.red', 2, BIG2);
  box.broker.absent.add('colour.red/2/1');
  await box.until('part-missing', () => box.updates.offer(signManifest(SECOND)));
  t.equal(box.trust.seq, 10);
  t.equal(box.trust.lists.listed('colour.red', token(1)), true);
  t.equal(box.trust.lists.listed('colour.red', token(500)), false);
  box.broker.absent.clear();
  await box.until('trust-in-force', () => box.updates.retry());
  t.equal(box.trust.lists.listed('colour.red', token(500)), true);
  t.equal(box.trust.lists.listed('colour.red', token(1)), false);
  t.equal(box.broker.asked.filter((part) => part === 'colour.red/2/0').length, 1, 'what was there is not fetched twice');
});

t.test('a fetch interrupted by a restart goes on where it stopped', async (t) => {
  const box = await served(t);
  box.broker.publish('colour.red', 2, BIG2);
  box.broker.absent.add('colour.red/2/2');
  await box.until('part-missing', () => box.updates.offer(signManifest(SECOND)));
  box.broker.absent.clear();
  box.broker.asked.length = 0;
  await box.restart();
  t.equal(box.trust.seq, 10, 'the old set is in force right after the start');
  await box.take(SECOND);
  t.strictSame(box.broker.asked, ['colour.red/2/2']);
});

t.test('what a cut spoiled of a half-fetched list is found out and fetched again', async (t) => {
  const box = await served(t);
  box.broker.publish('colour.red', 2, BIG2);
  box.broker.absent.add('colour.red/2/2');
  await box.until('part-missing', () => box.updates.offer(signManifest(SECOND)));
  await box.stop();
  const half = readdirSync(box.folder).find((file) => file.endsWith('.part')) ?? '';
  truncateSync(join(box.folder, half), 0);
  truncateSync(join(box.folder, half), PART + 1000);
  box.broker.absent.clear();
  await box.start();
  await box.until('wrong-hash', () => box.updates.offer(signManifest(SECOND)));
  await box.until('trust-in-force', () => box.updates.retry());
  t.equal(box.trust.lists.listed('colour.red', token(500)), true);
});

t.test('a list of the wrong size, hash or order never comes into force', async (t) => {
  const box = await served(t);
  box.broker.publish('colour.red', 2, BIG2.subarray(0, PART + 8));
  await box.until('wrong-size', () => box.updates.offer(signManifest(SECOND)));
  const changed = Uint8Array.from(BIG2);
  changed[70_000]! ^= 1;
  box.broker.publish('colour.red', 2, changed);
  await box.until('wrong-hash', () => box.updates.retry());
  const unordered = Buffer.concat([RED1.subarray(8, 16), RED1.subarray(0, 8)]);
  box.broker.publish('colour.red', 3, unordered);
  await box.until('trust-dropped', () =>
    box.updates.offer(signManifest({ ...FIRST, seq: 12, lists: [datum('colour.red', 3, unordered)] })),
  );
  t.equal(box.trust.seq, 10);
  t.equal(box.trust.lists.listed('colour.red', token(1)), true);
  t.match(box.updates.rejected(), { 'wrong-size': 1, 'wrong-hash': 1, 'not-ascending': 1 });
  box.broker.publish('colour.red', 2, RED2);
  await box.take({ ...FIRST, seq: 13, lists: [datum('colour.red', 2, RED2)] });
  t.equal(box.trust.lists.listed('colour.red', token(4)), true);
});

t.test('a delta is enough where it fits, and the whole list comes where it does not', async (t) => {
  const box = await served(t);
  const delta = makeDelta(RED1, RED2);
  box.broker.publish('colour.red', '1-2', delta);
  await box.take({ ...FIRST, seq: 11, lists: [datum('colour.red', 2, RED2, { from: 1, bytes: delta })] });
  t.equal(box.trust.lists.listed('colour.red', token(4)), true);
  t.equal(box.trust.lists.listed('colour.red', token(1)), false);
  t.strictSame(box.broker.asked, ['colour.red/1/0', 'colour.red/1-2/0']);
  const wrong = makeDelta(RED1, RED2);
  const red3 = listOf(1, 5);
  box.broker.publish('colour.red', '2-3', wrong);
  box.broker.publish('colour.red', 3, red3);
  const keys = sealSecrets({ seq: 2, listKeys: new Map([[listKeyName('colour.red', 3), listKey(1)]]) });
  await box.updates.offerSecrets(keys);
  await box.take({ ...FIRST, seq: 12, lists: [datum('colour.red', 3, red3, { from: 2, bytes: wrong })] });
  t.equal(box.trust.lists.listed('colour.red', token(5)), true);
  t.equal(box.updates.rejected()['delta-failed'], 1);
});

t.test('a list of a million people is taken and answers', async (t) => {
  const box = await terminal(t);
  const numbers = new BigUint64Array(1_000_000);
  crypto.getRandomValues(new Uint32Array(numbers.buffer, 0, 16_384));
  for (let i = 0; i < numbers.length; i++) numbers[i] = BigInt.asUintN(64, BigInt(i) * 0x9e37_79b9_7f4a_7c15n);
  const first = listValue(listKey(1), token(1));
  const list = makeList([first, ...Array.from(numbers, (n) => Buffer.from(new BigUint64Array([n]).buffer))]);
  box.broker.publish('colour.red', 1, list);
  await box.updates.offerSecrets(KEYS1);
  await box.take({ ...FIRST, lists: [datum('colour.red', 1, list)] });
  t.equal(box.trust.lists.listed('colour.red', token(1)), true);
  t.equal(box.trust.lists.listed('colour.red', token(2)), false);
  t.equal(box.broker.asked.length, partsOf(list.length));
  await box.restart();
  t.equal(box.trust.lists.listed('colour.red', token(1)), true, 'and is there after a restart, from the folder');
});

t.test('an empty list and empty data are lists and data', async (t) => {
  const box = await terminal(t);
  await box.updates.offerSecrets(KEYS1);
  const none = new Uint8Array(0);
  const fares = encodeCbor(new Map([['flat', 200]]));
  box.broker.publish('fares', 1, fares);
  await box.take({ ...FIRST, lists: [datum('colour.red', 1, none)], data: [datum('fares', 1, fares)] });
  t.equal(box.trust.lists.known('colour.red'), true);
  t.equal(box.trust.lists.listed('colour.red', token(1)), false);
  t.strictSame(box.trust.data('fares'), new Map([['flat', 200]]));
  t.equal(box.trust.data('drugs'), undefined);
});

t.test('data that is not CBOR is dropped with its manifest', async (t) => {
  const box = await served(t);
  const noise = Uint8Array.of(0xff, 0xff);
  box.broker.publish('fares', 1, noise);
  await box.until('trust-dropped', () => box.updates.offer(signManifest({ ...FIRST, seq: 11, data: [datum('fares', 1, noise)] })));
  t.equal(box.trust.seq, 10);
});

t.test('the set comes back after a restart without any network', async (t) => {
  const box = await served(t);
  box.broker.files.clear();
  await box.restart();
  t.equal(box.trust.seq, 10);
  t.equal(box.trust.lists.listed('colour.red', token(1)), true);
  t.strictSame(await box.updates.offer(signManifest(FIRST)), { taken: 'known' }, 'the retained manifest is no news');
});

t.test('a wiped folder cannot go back: the journal knows what was in force', async (t) => {
  const box = await served(t);
  await box.stop();
  rmSync(box.folder, { recursive: true });
  await box.start();
  t.equal(box.updates.current(), undefined);
  t.strictSame(await box.updates.offer(signManifest({ ...FIRST, seq: 9 })), { rejected: 'rolled-back' });
  t.strictSame(await box.updates.offer(signManifest({ ...FIRST, keys: [] })), { rejected: 'forked' });
  t.strictSame(await box.updates.offerSecrets(sealSecrets({ seq: 0 })), { rejected: 'secrets-rolled-back' });
  await box.updates.offerSecrets(KEYS1);
  await box.take(FIRST);
  t.equal(box.trust.lists.listed('colour.red', token(1)), true);
});

t.test('a manifest put into the folder by hand is not believed', async (t) => {
  const box = await served(t);
  await box.stop();
  writeFileSync(join(box.folder, 'manifest-10'), signManifest({ ...FIRST, seq: 10, keys: [] }));
  await box.start();
  t.equal(box.updates.current(), undefined);
  await box.take(FIRST);
  t.equal(box.trust.seq, 10);
});

t.test('a list spoiled on the disk is fetched again before anything is decided by it', async (t) => {
  const box = await served(t);
  await box.stop();
  const file = readdirSync(box.folder).find((name) => name.startsWith('colour.red')) ?? '';
  truncateSync(join(box.folder, file), 8);
  box.broker.absent.add('colour.red/1/0');
  await box.until('part-missing', () => box.start());
  t.equal(box.updates.current(), undefined, 'half a set is no set');
  box.broker.absent.clear();
  await box.until('trust-in-force', () => box.updates.retry());
  t.equal(box.trust.lists.listed('colour.red', token(1)), true);
});

t.test('a new root is named by the old one; afterwards the old one is a stranger', async (t) => {
  const box = await served(t);
  t.strictSame(await box.updates.offer(signManifest({ ...FIRST, seq: 11 }, NEXT_ROOT)), { rejected: 'stranger' });
  await box.take({ ...FIRST, seq: 11, roots: [ROOT.public.point, NEXT_ROOT.public.point] });
  await box.take({ ...FIRST, seq: 12, roots: [NEXT_ROOT.public.point] }, NEXT_ROOT);
  t.strictSame(await box.updates.offer(signManifest({ ...FIRST, seq: 13 })), { rejected: 'stranger' });
  await box.restart();
  t.equal(box.trust.seq, 12);
  t.equal(box.trust.lists.listed('colour.red', token(1)), true, 'secrets that the old root signed still open its lists');
  t.strictSame(await box.updates.offer(signManifest({ ...FIRST, seq: 13 })), { rejected: 'stranger' });
  await box.take({ ...FIRST, seq: 13 }, NEXT_ROOT);
});

t.test('an operator who enrols anew under another root starts anew', async (t) => {
  const box = await served(t);
  await box.stop();
  box.root = NEXT_ROOT;
  await box.start();
  t.equal(box.updates.current(), undefined);
  t.strictSame(await box.updates.offer(signManifest({ ...FIRST, seq: 11 })), { rejected: 'stranger' });
  await box.take({ ...EMPTY, seq: 1 }, NEXT_ROOT);
});

t.test('the root may lower the floor of the clock, once', async (t) => {
  const box = await served(t);
  await box.take({ ...FIRST, seq: 11, floor: NOW - YEAR });
  t.strictSame(box.lowered, [NOW - YEAR]);
  await box.restart();
  t.strictSame(box.lowered, [NOW - YEAR]);
});

t.test('while the journal cannot be written the old set stays, and the new one comes when it can', async (t) => {
  const box = await served(t);
  const words = new Words();
  words.keep('trust', box.words.kept('trust') ?? '');
  await box.stop();
  box.words = words;
  await box.start();
  words.full = true;
  await box.until('trust-update-failed', () => box.updates.offer(signManifest({ ...FIRST, seq: 11 })));
  t.equal(box.trust.seq, 10);
  words.full = false;
  await box.until('trust-in-force', () => box.updates.retry());
  t.equal(box.trust.seq, 11);
});

t.test('a newer manifest takes the place of one that is still being fetched', async (t) => {
  const box = await served(t);
  await box.until('part-missing', () => box.updates.offer(signManifest(SECOND)));
  t.strictSame(await box.updates.offer(signManifest(SECOND)), { taken: 'known' });
  await box.take({ ...FIRST, seq: 12 });
  t.strictSame(await box.updates.offer(signManifest(SECOND)), { rejected: 'rolled-back' });
});

t.test('old files go only after the swap, and nothing else piles up', async (t) => {
  const box = await served(t);
  box.broker.publish('colour.red', 2, BIG2);
  box.broker.absent.add('colour.red/2/1');
  await box.until('part-missing', () => box.updates.offer(signManifest({ ...FIRST, seq: 11, lists: [datum('colour.red', 2, BIG2)] })));
  box.broker.absent.clear();
  box.broker.publish('colour.red', 2, RED2);
  t.ok(readdirSync(box.folder).some((name) => name.startsWith('colour.red@1')));
  await box.take({ ...FIRST, seq: 12, lists: [datum('colour.red', 2, RED2)] });
  await box.stop();
  t.strictSame(
    readdirSync(box.folder)
      .map((name) => name.split('.').slice(0, 2).join('.'))
      .sort(),
    ['colour.red@2', 'manifest-12', 'secrets-1'],
  );
});

// ── secrets ─────────────────────────────────────────────────────────────────────────────────────────────────────────

t.test('secrets open for their terminal, under the root, with its key, and for nobody else', (t) => {
  const secrets: Secrets = {
    ...nothing,
    seq: 3,
    regionKeys: new Map([
      [0, listKey(1)],
      [1, listKey(2)],
    ]),
    siteKey: listKey(3),
    listKeys: new Map([['colour.red/1', listKey(4)]]),
  };
  const opener = createOpener(OPENING, kidOfPoint(OPENING_KEY.public.point));
  const open = (bytes: Uint8Array, terminal = TERMINAL): unknown => {
    const opened = openSecrets({ bytes, terminal, roots: [ROOT.public.point], opener });
    return 'error' in opened ? opened.error : opened.secrets;
  };
  const read = open(sealSecrets(secrets)) as Secrets;
  t.strictSame([...read.regionKeys.keys()], [0, 1]);
  t.ok(sameBytes(read.listKeys.get('colour.red/1') ?? Buffer.alloc(0), listKey(4)));
  t.ok(read.siteKey && sameBytes(read.siteKey, listKey(3)));
  t.equal(open(sealSecrets(secrets), 'T-2'), 'not-for-me');
  t.equal(open(sealSecrets(secrets, STRANGER)), 'stranger');
  t.equal(open(sealSecrets(secrets, ROOT, STRANGER)), 'sealed');
  t.equal(open(signManifest(EMPTY)), 'malformed');
  t.equal(open(sealSecrets({ siteKey: new Uint8Array(5) })), 'unreadable');
  t.equal(open(sealSecrets({ listKeys: new Map([['../x', listKey(1)]]) })), 'unreadable');
  const payload: CborMap = new Map<number, Cbor>([
    [1, TERMINAL],
    [2, 4],
    [3, 1],
    [4, new Uint8Array(9)],
  ]);
  t.equal(open(makeSign1(kidOfPoint(ROOT.public.point), 'ak/secrets', encodeCbor(payload), (m) => ROOT.sign(m))), 'sealed');
  t.end();
});

t.test('a list is unknown until its key comes', async (t) => {
  const box = await terminal(t);
  box.broker.publish('colour.red', 1, RED1);
  await box.take(FIRST);
  t.equal(box.trust.lists.known('colour.red'), false);
  await box.until('trust-in-force', () => box.updates.offerSecrets(KEYS1));
  t.equal(box.trust.lists.known('colour.red'), true);
  t.equal(box.trust.lists.listed('colour.red', token(1)), true);
  t.strictSame(box.broker.asked, ['colour.red/1/0']);
  t.strictSame(await box.updates.offerSecrets(KEYS1), { taken: 'known' });
});

t.test('a list that could be read is not exchanged for one that cannot while its key is under way', async (t) => {
  const box = await served(t);
  const red3 = listOf(3, 7);
  box.broker.publish('colour.red', 3, red3);
  const third: Manifest = { ...FIRST, seq: 11, issued: NOW + 1000, lists: [datum('colour.red', 3, red3)] };
  await box.until('keys-missing', () => box.updates.offer(signManifest(third)));
  t.equal(box.trust.lists.listed('colour.red', token(1)), true);
  const keys = sealSecrets({ seq: 2, issued: NOW + 1000, listKeys: new Map([['colour.red/3', listKey(3)]]) });
  await box.until('trust-in-force', () => box.updates.offerSecrets(keys));
  t.equal(box.trust.seq, 11);
  t.equal(box.trust.lists.listed('colour.red', token(7)), true);
});

t.test('a list that is not granted any more ends with secrets as new as the manifest', async (t) => {
  const box = await served(t);
  const red3 = listOf(3, 7);
  box.broker.publish('colour.red', 3, red3);
  await box.updates.offerSecrets(sealSecrets({ seq: 2, issued: NOW + 1000 }));
  t.equal(box.trust.lists.known('colour.red'), true, 'what is in force stays readable');
  await box.restart();
  t.equal(box.trust.lists.known('colour.red'), true, 'after a restart too');
  await box.take({ ...FIRST, seq: 11, issued: NOW + 1000, lists: [datum('colour.red', 3, red3)] });
  t.equal(box.trust.lists.known('colour.red'), false);
});

t.test('secrets that are rolled back, forked or another’s are rejected', async (t) => {
  const box = await served(t);
  await box.until('trust-in-force', () => box.updates.offerSecrets(sealSecrets({ seq: 2, siteKey: listKey(9) })));
  t.ok(box.updates.secrets()?.siteKey);
  t.strictSame(await box.updates.offerSecrets(KEYS1), { rejected: 'secrets-rolled-back' });
  t.strictSame(await box.updates.offerSecrets(sealSecrets({ seq: 2 })), { rejected: 'secrets-forked' });
  t.strictSame(await box.updates.offerSecrets(sealSecrets({ seq: 3, terminal: 'T-2' })), { rejected: 'not-for-me' });
  t.strictSame(await box.updates.offerSecrets(sealSecrets({ seq: 3 }, STRANGER)), { rejected: 'stranger' });
});

t.test('what is in force is kept in a real journal', async (t) => {
  const box = new Terminal(t.testdir());
  const clock = { now: () => ({ earliest: NOW, latest: NOW }), monotonic: () => 0 };
  const settings = { file: join(box.folder, '..', 'journal.db'), terminal: TERMINAL, clock, limit: 2 ** 26, keepDays: 30 };
  const journal = openJournal(settings);
  box.words = keepIn(journal);
  await box.start();
  await box.take({ ...EMPTY, seq: 7 });
  await box.stop();
  journal.close();
  const again = openJournal(settings);
  box.words = keepIn(again);
  await box.start();
  t.equal(box.trust.seq, 7);
  t.strictSame(await box.updates.offer(signManifest({ ...EMPTY, seq: 6 })), { rejected: 'rolled-back' });
  await box.stop();
  again.close();
});

// ── the command ─────────────────────────────────────────────────────────────────────────────────────────────────────

t.test('ankang trust show prints a manifest whose signature holds, and says no to others', (t) => {
  const folder = t.testdir();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'manifest'), signManifest(FULL));
  writeFileSync(join(folder, 'root'), spkiOf(ROOT.public.point));
  writeFileSync(join(folder, 'stranger'), spkiOf(STRANGER.public.point));
  const run = (...args: readonly string[]) => {
    const cli = new URL('../src/cli/ankang.js', import.meta.url).pathname;
    return spawnSync(process.execPath, [cli, 'trust', 'show', ...args], { cwd: folder, encoding: 'utf8' });
  };
  const shown = run('--trust', 'manifest', '--root', 'root', '--json');
  t.equal(shown.status, 0, shown.stderr);
  t.match(JSON.parse(shown.stdout), { seq: 1, region: REGION, keys: [{ types: ['ak/person', 'ak/enterprise'] }, {}], minVersion: '0.1.0' });
  t.match(run('--trust', 'manifest', '--root', 'root').stdout, 'colour.red@2');
  t.equal(run('--trust', 'manifest', '--root', 'stranger').status, 1);
  t.equal(run('--trust', 'nowhere', '--root', 'root').status, 2);
  t.end();
});
