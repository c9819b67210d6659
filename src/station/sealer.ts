/** What seals a station's entries, following the platform's sealing key from one manifest to the next. */
import type { Trust } from '../contracts.js';
import { createSealer, type Sealer } from '../crypto/seal.js';

export interface ChangingTrust {
  current(): Trust | undefined;
  onTrust(listener: (trust: Trust) => void): void;
}

/** One sealer as long as that key stays; undefined while there is none. */
export function sealerOf(updates: ChangingTrust): () => Sealer | undefined {
  let made: { readonly point: Uint8Array; readonly sealer: Sealer } | undefined;
  const forTrust = (trust: Trust | undefined): Sealer | undefined => {
    const key = trust?.sealTo;
    if (!key) return undefined;
    if (made?.point !== key.point) made = { point: key.point, sealer: createSealer(key.point, key.kid) };
    return made.sealer;
  };
  forTrust(updates.current());
  updates.onTrust(forTrust);
  return () => forTrust(updates.current());
}
