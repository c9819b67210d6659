/** Signed data `terminals`: who is a terminal of the county, and the key it signs with (wire.md 3). Who is not there is none. Pure. */
import { type Cbor, type CborMap, encodeCbor, isBytes } from '../crypto/cbor.js';
import { isName } from './topics.js';

export interface TerminalEntry {
  readonly id: string;
  readonly checkpoint: string;
  readonly site: string;
  /** SubjectPublicKeyInfo DER. */
  readonly sign: Uint8Array;
}

/** wire.md 1: what a terminal's signing key may sign. */
export const TERMINAL_TYPES: readonly string[] = ['ak/venue', 'ak/request', 'ak/head', 'ak/enrol'];

/** { id => { "checkpoint": tstr, "site": tstr, "sign": SPKI } } */
export function encodeTerminals(terminals: readonly TerminalEntry[]): Uint8Array {
  const map: CborMap = new Map();
  for (const { id, checkpoint, site, sign } of terminals)
    map.set(
      id,
      new Map<string, Cbor>([
        ['checkpoint', checkpoint],
        ['site', site],
        ['sign', sign],
      ]),
    );
  return encodeCbor(map);
}

/** The decoded datum; entries that are not as above are left out. */
export function terminalsOf(value: unknown): readonly TerminalEntry[] {
  if (!(value instanceof Map)) return [];
  return [...value].flatMap(([id, entry]: [unknown, unknown]) => {
    if (typeof id !== 'string' || !isName(id) || !(entry instanceof Map)) return [];
    const [checkpoint, site, sign] = [entry.get('checkpoint'), entry.get('site'), entry.get('sign')] as unknown[];
    if (typeof checkpoint !== 'string' || typeof site !== 'string' || !isBytes(sign)) return [];
    return [{ id, checkpoint, site, sign }];
  });
}
