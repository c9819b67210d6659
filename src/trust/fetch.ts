/** Brings one file of a manifest into the folder: from there, by its delta, or whole, part by part; proved before anyone uses it. */
import { encodeHex } from '../crypto/base-n.js';
import { sameBytes } from '../crypto/cbor.js';
import type { Datum } from '../messages/manifest.js';
import { applyDeltaSteps, checkSteps, PART, partsOf } from '../messages/status-list.js';
import { gently, sm3Steps } from './gently.js';
import type { TrustFolder, Whole } from './store.js';

/** Which 65,536 bytes: of a version, or of the delta that leads to it `from` another. */
export interface PartAddress {
  readonly name: string;
  readonly version: number;
  readonly from?: number;
  readonly part: number;
}

/** The part as it was published; undefined: it is not there. Rejects when the platform is not reached. */
export type Fetch = (part: PartAddress) => Promise<Uint8Array | undefined>;

/** Why a file could not be had. */
export type Lack = 'superseded' | 'part-missing' | 'wrong-size' | 'wrong-hash' | 'not-ascending';
export type Got = { readonly bytes: Uint8Array } | { readonly lack: Lack };

export interface Fetching {
  readonly folder: TrustFolder;
  readonly fetch: Fetch;
  /** Is the file still wanted? Asked before every part. */
  readonly wanted: () => boolean;
  /** A delta was of no use and the whole file is fetched instead. */
  readonly deltaFailed: (datum: Datum, why: string) => void;
}

/** Another content under the same version is another file: nothing in force is ever overwritten. */
export const fileName = ({ name, version, sm3 }: Datum): string => `${name}@${version}.${encodeHex(sm3.subarray(0, 4))}`;
export const deltaName = (datum: Datum): string => `${fileName(datum)}.delta`;

/** `base`: the list that the datum's delta starts from, when it is at hand. */
export async function bringList(datum: Datum, base: Uint8Array | undefined, on: Fetching): Promise<Got> {
  const there = await on.folder.readWhole(fileName(datum), datum);
  if (there) return { bytes: there };
  const changed = base && (await byDelta(datum, base, on));
  const got = changed ? { bytes: changed } : await byParts(fileName(datum), datum, on);
  if ('lack' in got || (await gently(checkSteps(got.bytes)))) return got;
  await on.folder.remove(fileName(datum));
  return { lack: 'not-ascending' };
}

export async function bringData(datum: Datum, on: Fetching): Promise<Got> {
  const there = await on.folder.readWhole(fileName(datum), datum);
  return there ? { bytes: there } : byParts(fileName(datum), datum, on);
}

async function byDelta(datum: Datum, base: Uint8Array, on: Fetching): Promise<Uint8Array | undefined> {
  const { delta, name, version } = datum;
  if (!delta) return undefined;
  const file = deltaName(datum);
  const got = await byParts(file, { name, version, from: delta.from, size: delta.size, sm3: delta.sm3 }, on);
  if ('lack' in got) {
    on.deltaFailed(datum, got.lack);
    return undefined;
  }
  const changed = await gently(applyDeltaSteps(base, got.bytes));
  await on.folder.remove(file);
  if (changed && changed.length === datum.size && sameBytes(await gently(sm3Steps(changed)), datum.sm3)) {
    await on.folder.write(fileName(datum), changed);
    return changed;
  }
  on.deltaFailed(datum, changed ? 'wrong-hash' : 'not-a-delta');
  return undefined;
}

interface Remote extends Whole {
  readonly name: string;
  readonly version: number;
  readonly from?: number;
}

/** Goes on where an earlier fetch stopped. */
async function byParts(file: string, remote: Remote, { folder, fetch, wanted }: Fetching): Promise<Got> {
  const { name, version, from, size } = remote;
  const count = partsOf(size);
  const there = await folder.partsThere(file);
  for (let part = Math.min(there, count); part < count; part++) {
    if (!wanted()) return { lack: 'superseded' };
    const bytes = await fetch({ name, version, part, ...(from !== undefined && { from }) });
    if (!bytes) return { lack: 'part-missing' };
    if (bytes.length !== Math.min(PART, size - part * PART)) return { lack: 'wrong-size' };
    await folder.addPart(file, part, bytes);
  }
  const bytes = await folder.finish(file, remote);
  return bytes ? { bytes } : { lack: 'wrong-hash' };
}
