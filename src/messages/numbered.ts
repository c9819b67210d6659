/**
 * Messages that are CBOR maps under the numbers 1, 2, 3… (wire.md 4 and 6): one declaration writes them, reads them strictly, and is
 * what the published JSON Schemas are made of. Pure.
 */
import { z } from 'zod';
import { type Cbor, type CborMap, isBytes } from '../crypto/cbor.js';
import { NAME } from './topics.js';

export interface Numbered<S extends z.ZodRawShape> {
  /** By the fields' names, as both ends speak of them. */
  readonly schema: z.ZodObject<S, z.core.$strict>;
  /** @throws TypeError for a value that is no CBOR: a programming error */
  write(values: Readonly<z.output<z.ZodObject<S>>>): CborMap;
  /** undefined: a field is missing, unknown or not what it must be. */
  read(fields: Cbor | undefined): z.output<z.ZodObject<S, z.core.$strict>> | undefined;
}

/** The first field of `shape` is number 1. A field that may be missing is optional. */
export function numbered<const S extends z.ZodRawShape>(shape: S): Numbered<S> {
  const names = Object.keys(shape);
  const schema = z.strictObject(shape);
  return {
    schema,
    write(values) {
      const given = values as Readonly<Record<string, Cbor | undefined>>;
      const fields: CborMap = new Map();
      for (const [i, name] of names.entries()) {
        const value = given[name];
        if (value !== undefined) fields.set(i + 1, value);
      }
      return fields;
    },
    read(fields) {
      if (!(fields instanceof Map)) return undefined;
      const values: Record<string, Cbor> = {};
      for (const [label, value] of fields) {
        const name = typeof label === 'number' ? names[label - 1] : undefined;
        if (name === undefined) return undefined;
        values[name] = value;
      }
      return schema.safeParse(values).data;
    },
  };
}

/** A terminal's, station's or checkpoint's name. */
export const named = z.string().regex(NAME);
export const uint = z.int().nonnegative();
/** Unix seconds. */
export const seconds = uint.describe('Unix seconds');

/** Bytes, of that length where one is given; in JSON as lower-case hex. */
export const octets = (length?: number) =>
  z
    .custom<Uint8Array>((value) => isBytes(value, length))
    .meta({ type: 'string', contentEncoding: 'base16', pattern: length === undefined ? '^([0-9a-f]{2})*$' : `^[0-9a-f]{${2 * length}}$` });

/** Whatever CBOR can say: the service's own business. */
export const anything = z.custom<Cbor>((value) => value !== undefined);
