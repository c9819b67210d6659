/** The own verifier in WebAssembly behind the key ring's interface, with OpenSSL where it is turned off or cannot run. */
import { Recent } from './recent.js';
import { loadSm2Wasm, type PreparedKey, type Sm2Wasm } from './sm2/wasm.js';
import { decodePoint, zOf } from './sm2.js';
import { sm3 } from './sm3.js';
import { opensslVerifier, type Verifier } from './verifier.js';

interface Known {
  readonly z: Uint8Array;
  /** Absent for a key that is seen for a moment only. */
  readonly prepared: PreparedKey | undefined;
}

/** Tables worked out at a time (97 KiB each, touched only when used): a county's issuers with room for its neighbours'. */
const SLOTS = 128;
/** Manifest keys in use at a time, and the phones of the last minutes. */
const KEPT = 1024;
const ONCE = 256;

/** `openssl`: turned off by the operator. `refused` is told why the fast one is not there. */
export function fastestVerifier(engine: 'wasm' | 'openssl', refused: (reason: string) => void): Verifier {
  if (engine === 'openssl') return opensslVerifier();
  const wasm = loadSm2Wasm({ slots: SLOTS, onRefusal: refused });
  return wasm ? wasmVerifier(wasm) : opensslVerifier();
}

function wasmVerifier(wasm: Sm2Wasm): Verifier {
  const kept = new Recent<Known | undefined>(KEPT);
  const once = new Recent<Known>(ONCE);
  return {
    point: (encoded) => (encoded.length === 33 ? wasm.decompress(encoded) : decodePoint(encoded)),
    verify(point, message, signature, use) {
      const known =
        use === 'kept' ? kept.of(point, () => prepare(wasm, point)) : once.of(point, () => ({ z: zOf(point), prepared: undefined }));
      if (!known) return false;
      const e = wasm.digest(known.z, message) ?? sm3(known.z, message);
      return known.prepared ? wasm.verifyPrepared(known.prepared, e, signature) : wasm.verify(point, e, signature);
    },
  };
}

function prepare(wasm: Sm2Wasm, point: Uint8Array): Known | undefined {
  const prepared = wasm.prepare(point);
  return prepared && { z: zOf(point), prepared };
}
