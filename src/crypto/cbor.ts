/** Deterministic CBOR (RFC 8949 4.2.1), strict both ways: what does not encode back to the same bytes is not read. Pure. */
import { decode, encode, rfc8949EncodeOptions, Tokenizer } from 'cborg';

export type CborMap = Map<number | string, Cbor>;
export type Cbor = number | bigint | string | boolean | null | Uint8Array | Cbor[] | CborMap;

/** wire.md 0. */
const DEEPEST = 8;

const ARRAY = 4;
const MAP = 5;

/** cborg's tokenizer, refusing nests deeper than `DEEPEST` before they are built. */
class Shallow extends Tokenizer {
  readonly #open: number[] = [];

  override next(): ReturnType<Tokenizer['next']> {
    const token = super.next();
    const open = this.#open;
    if (open.length > 0) open[open.length - 1]! -= 1;
    if (token.type.major === ARRAY) open.push(Number(token.value));
    else if (token.type.major === MAP) open.push(2 * Number(token.value));
    if (open.length > DEEPEST) throw new RangeError('nested too deeply');
    while (open.length > 0 && open[open.length - 1] === 0) open.pop();
    return token;
  }
}

const STRICT = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  // The tokenizer is made by hand, so it knows none of cborg's defaults.
  allowBigInt: true,
  rejectDuplicateMapKeys: true,
  useMaps: true,
} as const;

/** @throws when a value has no deterministic form (undefined, a function…): a programming error. */
export function encodeCbor(value: Cbor): Uint8Array {
  return encode(value, rfc8949EncodeOptions);
}

/** The value, or undefined for anything that is not exactly one deterministic item. */
export function decodeCbor(bytes: Uint8Array): Cbor | undefined {
  try {
    const value = decode(bytes, { ...STRICT, tokenizer: new Shallow(bytes, STRICT) }) as Cbor;
    return sameBytes(encodeCbor(value), bytes) ? value : undefined;
  } catch {
    return undefined; // the exception is the answer: not such CBOR
  }
}

/** The map, or undefined when the bytes are anything else. */
export function decodeCborMap(bytes: Uint8Array): CborMap | undefined {
  const value = decodeCbor(bytes);
  return value instanceof Map ? value : undefined;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A CBOR unsigned integer that JavaScript holds exactly. */
export function isUint(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

export function isBytes(value: unknown, length?: number): value is Uint8Array {
  return value instanceof Uint8Array && (length === undefined || value.length === length);
}
