/** One consistent set of keys, lists, rules and data as the rest of the terminal sees it. Swapped whole, never changed. */
import type { Trust } from '../contracts.js';
import type { Verifier } from '../crypto/verifier.js';
import type { Manifest } from '../messages/manifest.js';
import type { StatusList } from '../messages/status-list.js';
import { keyRing } from './key-ring.js';

export interface Parts {
  readonly manifest: Manifest;
  /** By name: only lists whose key this terminal holds. */
  readonly lists: ReadonlyMap<string, StatusList>;
  /** By name, decoded. */
  readonly data: ReadonlyMap<string, unknown>;
  readonly verifier: Verifier;
}

export function snapshot({ manifest, lists, data, verifier }: Parts): Trust {
  const { seq, region, issued, expires, rules, minVersion } = manifest;
  return {
    seq,
    region,
    issued,
    expires,
    listsAsOf: manifest.lists.reduce((oldest, list) => Math.min(oldest, list.asOf), manifest.lists[0]?.asOf ?? issued),
    keys: keyRing(manifest.keys, manifest.transit, verifier),
    lists: {
      known: (list) => lists.has(list),
      listed: (list, token) => lists.get(list)?.listed(token) ?? false,
    },
    rules,
    minVersion,
    sealTo: manifest.keys.findLast((key) => key.types.includes('seal') && key.revokedAt === Number.POSITIVE_INFINITY),
    data: (name) => data.get(name),
  };
}
