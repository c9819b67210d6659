/** One consistent set of keys, lists, rules and data as the rest of the terminal sees it. Swapped whole, never changed. */
import type { KeyRing, SignerKey, Trust } from '../contracts.js';
import { encodeHex } from '../crypto/base-n.js';
import { Recent } from '../crypto/recent.js';
import { pointOfSpki } from '../crypto/sm2.js';
import { sm3 } from '../crypto/sm3.js';
import type { Verifier } from '../crypto/verifier.js';
import type { Manifest } from '../messages/manifest.js';
import type { StatusList } from '../messages/status-list.js';
import { TERMINAL_TYPES, terminalsOf } from '../messages/terminals.js';
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
    keys: ringOf(manifest, verifier, terminalSigners(manifest, data.get('terminals'))),
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

/** A key that names no region is of the manifest's. */
function ringOf({ keys, transit, region }: Manifest, verifier: Verifier, terminal: (kid: Uint8Array) => SignerKey | undefined): KeyRing {
  const ring = keyRing(
    keys.map((key) => ({ ...key, region: key.region ?? region })),
    transit,
    verifier,
  );
  return { ...ring, signer: (kid) => ring.signer(kid) ?? terminal(kid) };
}

/** Terminals stand in a datum of their own, thousands of them: a point is proved when its key is first asked for. */
function terminalSigners({ region, expires }: Manifest, terminals: unknown): (kid: Uint8Array) => SignerKey | undefined {
  const known = new Recent<SignerKey | undefined>(TERMINALS_KEPT);
  let spkis: ReadonlyMap<string, Uint8Array> | undefined;
  const find = (kid: Uint8Array): SignerKey | undefined => {
    spkis ??= new Map(terminalsOf(terminals).map(({ sign }) => [encodeHex(sm3(sign).subarray(0, 8)), sign]));
    const spki = spkis.get(encodeHex(kid));
    const point = spki && pointOfSpki(spki);
    if (!point) return undefined;
    return { kid, point, region, types: TERMINAL_TYPES, validFrom: 0, validUntil: expires, revokedAt: Number.POSITIVE_INFINITY };
  };
  return (kid) => known.of(kid, () => find(kid));
}

const TERMINALS_KEPT = 256;
