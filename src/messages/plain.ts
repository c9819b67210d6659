/** Plain values between JSON and CBOR: objects are maps with text keys, numbers are integers. Pure. */
import type { Json } from '../contracts.js';
import type { Cbor } from '../crypto/cbor.js';

export function cborOf(value: Json): Cbor {
  if (isArray(value)) return value.map(cborOf);
  if (value === null || typeof value !== 'object') return value;
  return new Map(Object.entries(value).map(([key, member]) => [key, cborOf(member)]));
}

/** undefined: it holds what JSON of ours cannot: bytes, large integers, keys that are no text. */
export function jsonOf(value: Cbor): Json | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  if (Array.isArray(value)) return all(value.map(jsonOf));
  if (!(value instanceof Map)) return undefined;
  const members = [...value].map(([key, member]) => [key, jsonOf(member)] as const);
  if (members.some(([key, member]) => typeof key !== 'string' || member === undefined)) return undefined;
  return Object.fromEntries(members) as Json;
}

/** Array.isArray does not narrow a read-only array. */
const isArray = (value: Json): value is readonly Json[] => Array.isArray(value);

function all(values: readonly (Json | undefined)[]): Json | undefined {
  const there = values.filter((value) => value !== undefined);
  return there.length === values.length ? there : undefined;
}
