/**
 * Sealing (wire.md 5): encrypt to the platform so that the terminal cannot open it again.
 * `seal` = CBOR [1, kid, wrapped, n, iv, ct, tag]; one SM2 wrap of a chain key serves many seals, each with its own keys,
 * and the chain key is overwritten as it moves on.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { decodeCbor, encodeCbor, isBytes, isUint } from './cbor.js';
import { unwrap, wrap } from './sm2-encryption.js';
import { hmacSm3 } from './sm3.js';
import { sm4Ctr } from './sm4.js';

const VERSION = 1;
/** A new wrap is made after so many seals. */
const SEALS_PER_WRAP = 1000;

const CHAIN = Uint8Array.of(1);
const CIPHER = Uint8Array.of(2);
const MAC = Uint8Array.of(3);

export { unwrap, wrap };

interface Chain {
  readonly wrapped: Uint8Array;
  readonly key: Uint8Array;
  n: number;
}

export interface Sealer {
  /** `context`: `entry/<id>` or `answer/<id hex>`; it is authenticated, not stored. */
  seal(plain: Uint8Array, context: string): Uint8Array;
}

/** `point`, `kid`: the platform's key of type `seal`. The first wrap is made now, later ones between events. */
export function createSealer(point: Uint8Array, kid: Uint8Array): Sealer {
  const fresh = (): Chain => {
    const key = randomBytes(32);
    return { wrapped: wrap(point, key), key, n: 0 };
  };
  let chain = fresh();
  let spare: Chain | undefined;
  return {
    seal(plain, context) {
      if (chain.n >= SEALS_PER_WRAP) {
        chain.key.fill(0);
        chain = spare ?? fresh();
        spare = undefined;
      }
      if (chain.n === SEALS_PER_WRAP >> 1) setImmediate(() => (spare ??= fresh()));
      return sealWith(chain, kid, plain, context);
    },
  };
}

function sealWith(chain: Chain, kid: Uint8Array, plain: Uint8Array, context: string): Uint8Array {
  const keys = keysOf(chain.key);
  const iv = randomBytes(16);
  const n = chain.n++;
  const ct = sm4Ctr(keys.cipher, iv, plain);
  chain.key.set(hmacSm3(chain.key, CHAIN));
  const tag = tagOf(keys.mac, [VERSION, kid, chain.wrapped, n, iv, ct, context]);
  return encodeCbor([VERSION, kid, chain.wrapped, n, iv, ct, tag]);
}

function keysOf(chainKey: Uint8Array): { cipher: Uint8Array; mac: Uint8Array } {
  return { cipher: hmacSm3(chainKey, CIPHER).subarray(0, 16), mac: hmacSm3(chainKey, MAC) };
}

function tagOf(mac: Uint8Array, authenticated: [number, Uint8Array, Uint8Array, number, Uint8Array, Uint8Array, string]): Uint8Array {
  return hmacSm3(mac, encodeCbor(authenticated));
}

export interface Opener {
  /** The plain bytes, or undefined for anything that was not sealed to this key in this context, unchanged. */
  open(seal: Uint8Array, context: string): Uint8Array | undefined;
}

/** How many chain steps one seal may ask for; more is an attack on the opener's time. */
const MOST_STEPS = 2 * SEALS_PER_WRAP;
const KEPT_WRAPS = 256;

/** `d`: the private scalar of the key `kid`. Unwrapped chain keys are kept for the next seals of the same wrap. */
export function createOpener(d: Uint8Array, kid: Uint8Array): Opener {
  const wraps = new Map<string, Uint8Array>();
  const first = (wrapped: Uint8Array): Uint8Array | undefined => {
    const name = Buffer.from(wrapped).toString('base64');
    const known = wraps.get(name) ?? unwrap(d, wrapped);
    if (known === undefined) return undefined;
    if (wraps.size >= KEPT_WRAPS) wraps.delete(wraps.keys().next().value!);
    wraps.set(name, known);
    return known;
  };
  return {
    open(seal, context) {
      const value = decodeCbor(seal);
      if (!Array.isArray(value) || value.length !== 7 || value[0] !== VERSION) return undefined;
      const [, to, wrapped, n, iv, ct, tag] = value;
      if (!isBytes(to, 8) || !Buffer.from(kid).equals(to) || !isBytes(wrapped) || !isUint(n) || n > MOST_STEPS) return undefined;
      if (!isBytes(iv, 16) || !isBytes(ct) || !isBytes(tag, 32)) return undefined;
      let key = first(wrapped);
      if (!key) return undefined;
      for (let i = 0; i < n; i++) key = hmacSm3(key, CHAIN);
      const keys = keysOf(key);
      if (!timingSafeEqual(tag, tagOf(keys.mac, [VERSION, to, wrapped, n, iv, ct, context]))) return undefined;
      return sm4Ctr(keys.cipher, iv, ct);
    },
  };
}
