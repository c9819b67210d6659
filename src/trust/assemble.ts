/** From a manifest to everything it names, in memory: what is in force is shared, the rest is brought; nothing is half done. */
import { type Cbor, decodeCbor, sameBytes } from '../crypto/cbor.js';
import type { Datum, Manifest } from '../messages/manifest.js';
import { listKeyName, type Secrets } from '../messages/secrets.js';
import { type StatusList, statusList } from '../messages/status-list.js';
import { bringData, bringList, type Fetching, fileName, type Lack } from './fetch.js';

/** A list or data of a set. Lists without a key lie in the folder and take no memory. */
interface HeldList {
  readonly datum: Datum;
  readonly keyed: { readonly key: Uint8Array; readonly list: StatusList } | undefined;
}
interface HeldData {
  readonly datum: Datum;
  readonly value: Cbor;
}

/** By name. */
export interface Holdings {
  readonly lists: ReadonlyMap<string, HeldList>;
  readonly data: ReadonlyMap<string, HeldData>;
}

export const NOTHING: Holdings = { lists: new Map(), data: new Map() };

/** `keys-missing`: a list that was readable would not be any more, and newer secrets may still bring its key. */
export type Missing = Lack | 'keys-missing' | 'not-cbor';
export type Assembled = { readonly holdings: Holdings } | { readonly missing: Missing; readonly of: string };

export interface Assembly {
  readonly manifest: Manifest;
  readonly inForce: Holdings;
  /** Newest first. */
  readonly secrets: readonly Secrets[];
  readonly on: Fetching;
}

export async function assemble(assembly: Assembly): Promise<Assembled> {
  const lists = new Map<string, HeldList>();
  const data = new Map<string, HeldData>();
  for (const datum of assembly.manifest.lists) {
    const held = await holdList(datum, assembly);
    if (typeof held === 'string') return { missing: held, of: datum.name };
    lists.set(datum.name, held);
  }
  for (const datum of assembly.manifest.data) {
    const held = await holdData(datum, assembly);
    if (typeof held === 'string') return { missing: held, of: datum.name };
    data.set(datum.name, held);
  }
  return { holdings: { lists, data } };
}

async function holdList(datum: Datum, { manifest, inForce, secrets, on }: Assembly): Promise<HeldList | Missing> {
  const before = inForce.lists.get(datum.name);
  const same = before && isSame(before.datum, datum);
  const key = keyOf(datum, secrets) ?? (same ? before.keyed?.key : undefined);
  if (!key && before?.keyed && (secrets[0]?.issued ?? 0) < manifest.issued) return 'keys-missing';
  if (same && before.keyed && key) return { datum, keyed: { key, list: statusList(key, before.keyed.list.bytes) } };
  if (same && !key) return { datum, keyed: undefined };
  const got = await bringList(datum, await baseOf(datum, before, on), on);
  if ('lack' in got) return got.lack;
  return { datum, keyed: key && { key, list: statusList(key, got.bytes) } };
}

async function holdData(datum: Datum, { inForce, on }: Assembly): Promise<HeldData | Missing> {
  const before = inForce.data.get(datum.name);
  if (before && isSame(before.datum, datum)) return { datum, value: before.value };
  const got = await bringData(datum, on);
  if ('lack' in got) return got.lack;
  const value = decodeCbor(got.bytes);
  return value === undefined ? 'not-cbor' : { datum, value };
}

/** The list a delta starts from: only the one in force is at hand. */
async function baseOf(datum: Datum, before: HeldList | undefined, { folder }: Fetching): Promise<Uint8Array | undefined> {
  if (!datum.delta || before?.datum.version !== datum.delta.from) return undefined;
  return before.keyed?.list.bytes ?? folder.readWhole(fileName(before.datum), before.datum);
}

const isSame = (a: Datum, b: Datum): boolean => a.version === b.version && a.size === b.size && sameBytes(a.sm3, b.sm3);

function keyOf({ name, version }: Datum, secrets: readonly Secrets[]): Uint8Array | undefined {
  const label = listKeyName(name, version);
  return secrets.find(({ listKeys }) => listKeys.has(label))?.listKeys.get(label);
}

/** Which of `secrets` (newest first) the lists of a manifest take their keys from; the newest always. */
export function neededSecrets(manifest: Manifest | undefined, secrets: readonly Secrets[]): readonly Secrets[] {
  const labels = (manifest?.lists ?? []).map(({ name, version }) => listKeyName(name, version));
  const sources = labels.map((label) => secrets.find(({ listKeys }) => listKeys.has(label)));
  return secrets.filter((one, at) => at === 0 || sources.includes(one));
}

/** Those that can be read. */
export function keyedLists({ lists }: Holdings): ReadonlyMap<string, StatusList> {
  return new Map([...lists].flatMap(([name, { keyed }]) => (keyed ? [[name, keyed.list] as const] : [])));
}

export function dataOf({ data }: Holdings): ReadonlyMap<string, unknown> {
  return new Map([...data].map(([name, { value }]) => [name, value]));
}
