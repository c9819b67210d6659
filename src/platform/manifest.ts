/**
 * Issues trust (wire.md 3): from what the store says should hold to a signed manifest with the next seq, the versions of
 * lists and data it names, and each terminal's sealed secrets. Nothing is issued when nothing changed.
 */
import type { Instant, SignerKey } from '../contracts.js';
import { encodeCbor, sameBytes } from '../crypto/cbor.js';
import { makeSign1 } from '../crypto/cose.js';
import { kidOfPoint, pointOfSpki } from '../crypto/sm2.js';
import { sm3 } from '../crypto/sm3.js';
import { type Datum, encodeManifest, type Manifest } from '../messages/manifest.js';
import { listKeyName, makeSecrets } from '../messages/secrets.js';
import { listValue, makeDelta, makeList } from '../messages/status-list.js';
import { encodeTerminals } from '../messages/terminals.js';
import type { CountyKeys } from './keys.js';
import {
  Outrun,
  type PublishedDatum,
  type PublishedKey,
  type PublishedSecrets,
  type Terminal,
  type TerminalStore,
  type TrustStore,
} from './store.js';

const DAY = 86_400_000;

export interface Issuing {
  readonly store: TrustStore & TerminalStore;
  readonly keys: CountyKeys;
  readonly now: Instant;
  /** How long a manifest holds; 30 days. */
  readonly lifetime?: number;
  /** Issue anew when the last one is so old, though nothing changed; 0: always. Absent: only when something changed. */
  readonly refresh?: number;
}

export interface Issued {
  readonly seq: number;
  /** False: the manifest before still says all there is to say. */
  readonly fresh: boolean;
}

/** How often another process may have issued the same seq first, before that is a fault. */
const TRIES = 4;

/** What is not yet true at the terminals becomes a new manifest. @throws Error when the clock is behind the last manifest. */
export async function issueTrust(issuing: Issuing): Promise<Issued> {
  for (let left = TRIES; ; left--) {
    try {
      return await issueOnce(issuing);
    } catch (error) {
      // A running county and an order of the command line, at the same moment: whoever comes second looks again.
      if (!(error instanceof Outrun) || left === 1) throw error;
    }
  }
}

async function issueOnce({ store, keys, now, lifetime = 30 * DAY, refresh }: Issuing): Promise<Issued> {
  const last = await store.manifest();
  const issued = Math.floor(now / 1000) * 1000;
  if (last && issued < last.issued) throw new Error('the clock is behind the last manifest: set the time first');
  const seq = (last?.seq ?? 0) + 1;
  const terminals = (await store.terminals()).filter(({ struck }) => !struck);
  const lists = await listVersions(store, keys);
  const data = await dataVersions(store, terminals);
  const manifest = await manifestOf({ store, keys, lists, data, seq, issued, expires: issued + lifetime });
  const content = sm3(encodeManifest(timeless(manifest)));
  const secrets = await secretsOf({ store, keys, terminals, lists, seq, issued });
  const due =
    !last || !sameBytes(content, last.content) || secrets.length > 0 || (refresh !== undefined && issued - last.issued >= refresh);
  if (!due) return { seq: last.seq, fresh: false };
  const bytes = makeSign1(keys.root.kid, 'ak/trust', encodeManifest(manifest), (message) => keys.root.sign(message));
  const fresh = [...lists, ...data].filter(({ made }) => made).map(({ datum }) => datum);
  await store.keepIssue({ manifest: { seq, issued, expires: manifest.expires, bytes, content }, data: fresh, secrets });
  return { seq, fresh: true };
}

/** A version that is there, or was `made` now. */
interface Version {
  readonly datum: PublishedDatum;
  readonly made: boolean;
}

async function listVersions(store: TrustStore, keys: CountyKeys): Promise<readonly Version[]> {
  const epoch = await store.epoch('list');
  const before = await byName(store);
  const versions: Version[] = [];
  for (const { name, revision } of await store.lists()) {
    const last = before.get(name);
    if (last && last.epoch === epoch && last.revision === revision) {
      versions.push({ datum: last, made: false });
      continue;
    }
    const key = keys.listKey(name, epoch);
    const bytes = makeList((await store.members(name)).map((token) => listValue(key, token)));
    versions.push({ datum: nextList({ name, bytes, epoch, revision, last }), made: true });
  }
  return versions;
}

interface NextList {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly epoch: number;
  readonly revision: number;
  readonly last: PublishedDatum | undefined;
}

/** With a delta where the one before was made under the same key and the delta is the shorter way. */
function nextList({ name, bytes, epoch, revision, last }: NextList): PublishedDatum {
  const version = (last?.version ?? 0) + 1;
  const delta = last && last.epoch === epoch ? makeDelta(last.bytes, bytes) : null;
  const useful = last && delta && delta.length < bytes.length ? { from: last.version, delta } : { from: null, delta: null };
  return { name, version, bytes, epoch, revision, ...useful };
}

async function dataVersions(store: TrustStore, terminals: readonly Terminal[]): Promise<readonly Version[]> {
  const before = await byName(store);
  const wanted = new Map(await store.data());
  wanted.set('terminals', encodeTerminals(terminals));
  return [...wanted].map(([name, bytes]) => {
    const last = before.get(name);
    if (last && sameBytes(last.bytes, bytes)) return { datum: last, made: false };
    return { datum: { name, version: (last?.version ?? 0) + 1, bytes, from: null, delta: null, epoch: 0, revision: 0 }, made: true };
  });
}

async function byName(store: TrustStore): Promise<ReadonlyMap<string, PublishedDatum>> {
  return new Map((await store.latestData()).map((datum) => [datum.name, datum]));
}

interface Composing {
  readonly store: TrustStore;
  readonly keys: CountyKeys;
  readonly lists: readonly Version[];
  readonly data: readonly Version[];
  readonly seq: number;
  readonly issued: Instant;
  readonly expires: Instant;
}

async function manifestOf({ store, keys, lists, data, seq, issued, expires }: Composing): Promise<Manifest> {
  const transit = { type: undefined, epoch: undefined } as const;
  const { mot, unionpay } = keys;
  // Everything we name is what we know now, so all of it is as of now.
  const named = ({ datum }: Version): Datum => datumOf(datum, issued);
  return {
    seq,
    region: keys.region,
    issued,
    expires,
    keys: (await store.keys()).map(signerKey),
    transit: [
      { ...transit, system: 'mot', index: mot.index, point: mot.ca.point, validUntil: mot.ca.validUntil },
      { ...transit, system: 'unionpay', index: unionpay.index, point: unionpay.key.point, validUntil: unionpay.key.validUntil },
    ],
    lists: lists.map(named),
    data: data.map(named),
    roots: undefined,
    rules: await store.rules(),
    floor: undefined,
    minVersion: undefined,
  };
}

function signerKey({ kid, spki, region, types, validFrom, validUntil, revoked }: PublishedKey): SignerKey {
  const point = pointOfSpki(spki);
  if (!point) throw new Error(`county store: key ${Buffer.from(kid).toString('hex')} is damaged`);
  return { kid, point, region: region ?? undefined, types, validFrom, validUntil, revokedAt: revoked ?? Number.POSITIVE_INFINITY };
}

function datumOf({ name, version, bytes, from, delta }: PublishedDatum, asOf: Instant): Datum {
  const change = from !== null && delta !== null ? { from, size: delta.length, sm3: sm3(delta) } : undefined;
  return { name, version, asOf, size: bytes.length, sm3: sm3(bytes), delta: change };
}

/** The same manifest at no time: what it says apart from when it was said. */
function timeless(manifest: Manifest): Manifest {
  const still = (datum: Datum): Datum => ({ ...datum, asOf: 0 });
  return { ...manifest, seq: 0, issued: 0, expires: 0, lists: manifest.lists.map(still), data: manifest.data.map(still) };
}

// ── secrets ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The key of a list stays through an epoch, so it is granted for versions to come: else every change would be sealed to all. */
const BLOCK = 4;

interface Granting {
  readonly store: TrustStore;
  readonly keys: CountyKeys;
  readonly terminals: readonly Terminal[];
  readonly lists: readonly Version[];
  readonly seq: number;
  readonly issued: Instant;
}

/** Of the terminals whose secrets changed. About 10 ms each. */
async function secretsOf({ store, keys, terminals, lists, seq, issued }: Granting): Promise<readonly PublishedSecrets[]> {
  const before = new Map((await store.secrets()).map(({ terminal, content }) => [terminal, content]));
  const siteEpoch = await store.epoch('site');
  const listKeys = listKeysOf(keys, lists);
  const changed: PublishedSecrets[] = [];
  for (const { id, site, region, open } of terminals) {
    const siteKey = keys.siteKey(site, siteEpoch);
    const regionKeys: ReadonlyMap<number, Uint8Array> = new Map(region ? keys.regionKeys.entries() : []);
    const content = sm3(encodeCbor([open, siteKey, new Map(regionKeys), new Map(listKeys)]));
    const known = before.get(id);
    if (known && sameBytes(known, content)) continue;
    const point = pointOfSpki(open);
    if (!point) throw new Error(`terminal ${id}: its opening key is damaged`);
    const to = { point, kid: kidOfPoint(point) };
    const bytes = makeSecrets({ terminal: id, seq, issued, regionKeys, siteKey, listKeys }, to, keys.root);
    changed.push({ terminal: id, bytes, content });
    await new Promise((resolve) => setImmediate(resolve));
  }
  return changed;
}

function listKeysOf(keys: CountyKeys, lists: readonly Version[]): ReadonlyMap<string, Uint8Array> {
  const granted = new Map<string, Uint8Array>();
  for (const { datum } of lists) {
    const first = Math.floor(datum.version / BLOCK) * BLOCK;
    const key = keys.listKey(datum.name, datum.epoch);
    for (let version = first; version < first + 2 * BLOCK; version++) granted.set(listKeyName(datum.name, version), key);
  }
  return granted;
}
