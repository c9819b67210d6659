/** SM2 verification in WebAssembly with tables of multiples for the keys in use; the module itself is in assembly/. */
import { readFileSync } from 'node:fs';
import { knownAnswerFailing } from './known-answers.js';

/** A key whose table is worked out. It stays good for ever: a table given up for another key's is worked out again. */
export interface PreparedKey {
  /** x ‖ y, 64 octets. */
  readonly point: Uint8Array;
}

/** Public data only: the time taken depends on what is verified. No method throws whatever the octets say or how many they are. */
export interface Sm2Wasm {
  /** Works out the table of x ‖ y (64 octets), about a millisecond; undefined when that is not a finite point of the curve. */
  prepare(point: Uint8Array): PreparedKey | undefined;
  /** e: SM3(Z ‖ M), 32 octets; signature: r ‖ s, 64 octets (GB/T 32918.2, chapter 7). */
  verifyPrepared(key: PreparedKey, e: Uint8Array, signature: Uint8Array): boolean;
  /** The same for a key seen once, as a phone's; no table is kept of x ‖ y. */
  verify(point: Uint8Array, e: Uint8Array, signature: Uint8Array): boolean;
  /** 02 or 03 ‖ x, 33 octets, to x ‖ y; undefined when no such point is on the curve. */
  decompress(compressed: Uint8Array): Uint8Array | undefined;
  /** SM3 of z ‖ message, 32 octets; undefined when both together are longer than the module takes (4 KiB). */
  digest(z: Uint8Array, message: Uint8Array): Uint8Array | undefined;
}

/** Windows are in bits, 4 to 10: a table has about 256/w windows of 2^(w-1) entries of 72 octets (w = 6: 97 KiB, w = 8: 297 KiB). */
export interface Sm2WasmOptions {
  /** The compiled module; the one beside this file when left out. */
  readonly file?: URL;
  /** Window of the one table of G. */
  readonly baseWindow?: number;
  /** Window of the table of each key. */
  readonly keyWindow?: number;
  /** Most keys that have a table at a time, 1 to 1024; the one used least recently gives way. */
  readonly slots?: number;
  /** Told in one sentence why there is no verifier. */
  readonly onRefusal?: (reason: string) => void;
}

/** What assembly/index.ts exports. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  keyAt(): number;
  eAt(): number;
  signatureAt(): number;
  textAt(): number;
  longestText(): number;
  start(baseWindow: number, keyWindow: number, slots: number): number;
  prepare(slot: number): number;
  verifyPrepared(slot: number): number;
  verifyOnce(): number;
  decompress(odd: number): number;
  sm3(length: number): void;
}

/** The part of WebAssembly used here, which neither the ES2023 library nor the types of Node declare. */
declare const WebAssembly: {
  readonly Module: new (octets: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

const POINT = 64;
const E = 32;
const SIGNATURE = 64;
const COMPRESSED = 33;
const SM3 = 32;

const DEFAULTS = { baseWindow: 8, keyWindow: 6, slots: 32 };

/** The known answers this often, so that V8 compiles the hot paths before the first code is scanned. */
const WARM_UP = 4;

/** Loads and checks the module; undefined when it is missing, this processor or Node cannot run it, or an answer is wrong. */
export function loadSm2Wasm(options: Sm2WasmOptions = {}): Sm2Wasm | undefined {
  try {
    const sm2 = new Verifier(options);
    let failing: string | undefined;
    for (let round = 0; round < WARM_UP && failing === undefined; round++) failing = knownAnswerFailing(sm2);
    if (failing === undefined) return sm2;
    options.onRefusal?.(`SM2 module gives a wrong answer: ${failing}`);
  } catch (error) {
    options.onRefusal?.(`SM2 module cannot be loaded: ${error instanceof Error ? error.message : String(error)}`);
  }
  return undefined;
}

class Key implements PreparedKey {
  readonly point: Uint8Array;
  readonly name: string;
  slot = -1;
  lastUse = 0;

  constructor(point: Uint8Array, name: string) {
    this.point = point;
    this.name = name;
  }
}

class Verifier implements Sm2Wasm {
  readonly #wasm: Exports;
  readonly #memory: Uint8Array;
  readonly #keyAt: number;
  readonly #eAt: number;
  readonly #signatureAt: number;
  readonly #textAt: number;
  readonly #longestText: number;
  readonly #slots: (Key | undefined)[];
  readonly #named = new Map<string, Key>();
  #uses = 0;

  constructor(options: Sm2WasmOptions) {
    const baseWindow = within(options.baseWindow ?? DEFAULTS.baseWindow, 4, 10);
    const keyWindow = within(options.keyWindow ?? DEFAULTS.keyWindow, 4, 10);
    const slots = within(options.slots ?? DEFAULTS.slots, 1, 1024);
    const module = new WebAssembly.Module(readFileSync(options.file ?? new URL('sm2.wasm', import.meta.url)));
    this.#wasm = new WebAssembly.Instance(module).exports as Exports;
    if (!this.#wasm.start(baseWindow, keyWindow, slots)) throw new Error('no memory for its tables');
    this.#memory = new Uint8Array(this.#wasm.memory.buffer);
    this.#keyAt = this.#wasm.keyAt();
    this.#eAt = this.#wasm.eAt();
    this.#signatureAt = this.#wasm.signatureAt();
    this.#textAt = this.#wasm.textAt();
    this.#longestText = this.#wasm.longestText();
    this.#slots = Array.from({ length: slots }, () => undefined);
  }

  prepare(point: Uint8Array): PreparedKey | undefined {
    if (point.length !== POINT) return undefined;
    const name = Buffer.from(point).toString('latin1');
    const known = this.#named.get(name);
    if (known) return known;
    const key = new Key(Uint8Array.from(point), name);
    return this.#buildTable(key) ? key : undefined;
  }

  verifyPrepared(key: PreparedKey, e: Uint8Array, signature: Uint8Array): boolean {
    if (!(key instanceof Key) || e.length !== E || signature.length !== SIGNATURE) return false;
    if (this.#slots[key.slot] !== key && !this.#buildTable(key)) return false;
    key.lastUse = ++this.#uses;
    this.#memory.set(e, this.#eAt);
    this.#memory.set(signature, this.#signatureAt);
    return this.#wasm.verifyPrepared(key.slot) === 1;
  }

  verify(point: Uint8Array, e: Uint8Array, signature: Uint8Array): boolean {
    if (point.length !== POINT || e.length !== E || signature.length !== SIGNATURE) return false;
    this.#memory.set(point, this.#keyAt);
    this.#memory.set(e, this.#eAt);
    this.#memory.set(signature, this.#signatureAt);
    return this.#wasm.verifyOnce() === 1;
  }

  decompress(compressed: Uint8Array): Uint8Array | undefined {
    const tag = compressed[0];
    if (compressed.length !== COMPRESSED || (tag !== 2 && tag !== 3)) return undefined;
    this.#memory.set(compressed.subarray(1), this.#keyAt);
    return this.#wasm.decompress(tag & 1) === 1 ? this.#memory.slice(this.#keyAt, this.#keyAt + POINT) : undefined;
  }

  digest(z: Uint8Array, message: Uint8Array): Uint8Array | undefined {
    const length = z.length + message.length;
    if (length > this.#longestText) return undefined;
    this.#memory.set(z, this.#textAt);
    this.#memory.set(message, this.#textAt + z.length);
    this.#wasm.sm3(length);
    return this.#memory.slice(this.#eAt, this.#eAt + SM3);
  }

  #buildTable(key: Key): boolean {
    const slot = this.#freeSlot();
    this.#memory.set(key.point, this.#keyAt);
    if (this.#wasm.prepare(slot) !== 1) return false;
    const evicted = this.#slots[slot];
    if (evicted) this.#named.delete(evicted.name);
    this.#slots[slot] = key;
    this.#named.set(key.name, key);
    key.slot = slot;
    key.lastUse = ++this.#uses;
    return true;
  }

  /** An empty slot, or that of the key used least recently. */
  #freeSlot(): number {
    let free = 0;
    for (const [slot, key] of this.#slots.entries()) {
      if (key === undefined) return slot;
      if (key.lastUse < (this.#slots[free]?.lastUse ?? 0)) free = slot;
    }
    return free;
  }
}

function within(value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`${value} is not a whole number from ${least} to ${most}`);
}
