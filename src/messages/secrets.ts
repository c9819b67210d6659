/** `ak/secrets` (wire.md 3): one terminal's region, site and list keys, signed by the root and sealed to the terminal. */
import type { Instant } from '../contracts.js';
import { type Cbor, type CborMap, decodeCborMap, encodeCbor, isBytes, isUint } from '../crypto/cbor.js';
import { makeSign1 } from '../crypto/cose.js';
import { createSealer, type Opener } from '../crypto/seal.js';
import { openByRoot, type RootError } from './by-root.js';
import { named, numbered, octets, seconds, uint } from './numbered.js';
import type { Signer } from './signed.js';
import { isDatum } from './topics.js';

export interface Secrets {
  readonly terminal: string;
  readonly seq: number;
  readonly issued: Instant;
  /** By epoch (claim -65605); only where it is granted. 32 bytes each, like every key here. */
  readonly regionKeys: ReadonlyMap<number, Uint8Array>;
  readonly siteKey: Uint8Array | undefined;
  /** By `<list>/<version>`. */
  readonly listKeys: ReadonlyMap<string, Uint8Array>;
}

/**
 * `root`: the point that signed them. `not-for-me`: another terminal's; `sealed`: not to my key, or not whole;
 * `unreadable`: sealed well and says nothing sensible.
 */
export type SecretsResult =
  | { readonly secrets: Secrets; readonly root: Uint8Array }
  | { readonly error: RootError | 'not-for-me' | 'sealed' | 'unreadable' };

/** `seal`: {1: region keys by epoch, 2: site key, 3: list keys by `<list>/<version>`}, to the terminal's opening key. */
export const SECRETS = numbered({ terminal: named, seq: uint, issued: seconds, seal: octets() });

const TYP = 'ak/secrets';
const KEY = 32;

const contextOf = (terminal: string, seq: number): string => `secrets/${terminal}/${seq}`;
/** The name of a list key. */
export const listKeyName = (list: string, version: number): string => `${list}/${version}`;

/** `to`: the terminal's opening key, point x‖y and kid. About 10 ms. */
export function makeSecrets(secrets: Secrets, to: { readonly point: Uint8Array; readonly kid: Uint8Array }, root: Signer): Uint8Array {
  const { terminal, seq, issued, regionKeys, siteKey, listKeys } = secrets;
  const plain: CborMap = new Map();
  if (regionKeys.size > 0) plain.set(1, new Map(regionKeys));
  if (siteKey) plain.set(2, siteKey);
  if (listKeys.size > 0) plain.set(3, new Map(listKeys));
  const seal = createSealer(to.point, to.kid).seal(encodeCbor(plain), contextOf(terminal, seq));
  const payload = encodeCbor(SECRETS.write({ terminal, seq, issued: Math.floor(issued / 1000), seal }));
  return makeSign1(root.kid, TYP, payload, root.sign);
}

export interface SealedSecrets {
  readonly bytes: Uint8Array;
  readonly terminal: string;
  /** Points of the pinned roots. */
  readonly roots: readonly Uint8Array[];
  /** Of the terminal's opening key. */
  readonly opener: Opener;
}

export function openSecrets({ bytes, terminal, roots, opener }: SealedSecrets): SecretsResult {
  const signed = openByRoot(bytes, TYP, roots);
  if ('error' in signed) return signed;
  const payload = SECRETS.read(decodeCborMap(signed.payload));
  if (!payload) return { error: 'unreadable' };
  const { terminal: to, seq, issued, seal } = payload;
  if (to !== terminal) return { error: 'not-for-me' };
  const plain = opener.open(seal, contextOf(terminal, seq));
  if (!plain) return { error: 'sealed' };
  const fields = decodeCborMap(plain);
  const regionKeys = keysOf(fields?.get(1), isUint);
  const listKeys = keysOf(fields?.get(3), isListKeyName);
  const siteKey = fields?.get(2);
  if (!fields || !regionKeys || !listKeys || !(siteKey === undefined || isBytes(siteKey, KEY))) return { error: 'unreadable' };
  return { secrets: { terminal, seq, issued: issued * 1000, regionKeys, siteKey, listKeys }, root: signed.root };
}

/** The keys of an optional map; undefined when something in it is not a name and a key. */
function keysOf<K>(value: Cbor | undefined, isKeyName: (name: unknown) => name is K): ReadonlyMap<K, Uint8Array> | undefined {
  const keys = new Map<K, Uint8Array>();
  if (value === undefined) return keys;
  if (!(value instanceof Map)) return undefined;
  for (const [name, key] of value) {
    if (!isKeyName(name) || !isBytes(key, KEY)) return undefined;
    keys.set(name, key);
  }
  return keys;
}

function isListKeyName(name: unknown): name is string {
  if (typeof name !== 'string') return false;
  const [list, version, ...more] = name.split('/');
  return more.length === 0 && list !== undefined && isDatum(list) && /^(0|[1-9][0-9]{0,15})$/.test(version ?? '');
}
