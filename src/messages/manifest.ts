/** The manifest of wire.md 3: what its CBOR must be, and what it means. Signatures are checked before and elsewhere. */
import { z } from 'zod';
import { COLOURS, type Instant, type Rule, type SignerKey, type TransitKey } from '../contracts.js';
import { type Cbor, type CborMap, decodeCborMap, encodeCbor, isBytes, sameBytes } from '../crypto/cbor.js';
import { compress, decodePoint, kidOfPoint, pointOfSpki, spkiOf } from '../crypto/sm2.js';
import { atOnce, type Steps } from './steps.js';
import { isDatum, isRegion } from './topics.js';

/** One file of a manifest: a status list or signed data. Sizes in bytes. */
export interface Datum {
  readonly name: string;
  readonly version: number;
  readonly asOf: Instant;
  readonly size: number;
  readonly sm3: Uint8Array;
  /** How to get here from version `from` with less to fetch. */
  readonly delta: { readonly from: number; readonly size: number; readonly sm3: Uint8Array } | undefined;
}

/** Times in ms; keys as points proved to be on the curve. */
export interface Manifest {
  readonly seq: number;
  readonly region: string;
  readonly issued: Instant;
  readonly expires: Instant;
  readonly keys: readonly SignerKey[];
  readonly transit: readonly TransitKey[];
  readonly lists: readonly Datum[];
  readonly data: readonly Datum[];
  /** Points of the roots from now on; undefined: no change. */
  readonly roots: readonly Uint8Array[] | undefined;
  readonly rules: Readonly<Record<string, Rule>>;
  readonly floor: Instant | undefined;
  readonly minVersion: string | undefined;
}

/** `error`: the field and what is wrong with it, `keys.3.exp: …`. */
export type ManifestResult = { readonly manifest: Manifest } | { readonly error: string };

/** Two million entries, and what a terminal's memory bears of all of them together. */
export const LARGEST_LIST = 16 * 1024 * 1024;
export const LARGEST_DATA = 8 * 1024 * 1024;
export const LARGEST_SET = 64 * 1024 * 1024;
const MOST_DATUMS = 256;
const MOST_KEYS = 512;
/** 9999-12-31: later times are a mistake, and their milliseconds would stop being exact. */
const LAST_SECOND = 253_402_300_799;

const uint = z.int().nonnegative();
const seconds = uint.max(LAST_SECOND).transform((value): Instant => value * 1000);
const bytes = (length?: number) =>
  z
    .custom<Uint8Array>((value) => isBytes(value, length), length ? `must be ${length} bytes` : 'must be bytes')
    .meta({ type: 'string', contentEncoding: 'base16' });
const regionCode = z.string().refine(isRegion, 'must be six digits (GB/T 2260)');
/** What the root alone signs (wire.md 1) cannot be given away. Types of a later version are kept and never asked for. */
const type = z.string().regex(/^(seal|ak\/(?!trust$|secrets$)[a-z]{1,24})$/, 'must be seal or ak/… other than the root’s own');
/** Becomes a topic level and the name of a file. */
const datumName = z.string().refine(isDatum, 'must be a name such as colour.red');
const sceneName = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9/-]*$/, 'must be the name of a scene');

const keySchema = z
  .object({
    kid: bytes(8),
    spki: bytes(),
    region: regionCode.optional(),
    types: z.array(type).min(1).max(16),
    nbf: seconds,
    exp: seconds,
    revoked: seconds.optional(),
  })
  .refine((key) => key.nbf < key.exp, { path: ['exp'], message: 'must be after nbf' });

const transitSchema = z.object({
  system: z.enum(['mot', 'unionpay']),
  type: uint.max(255).optional(),
  index: uint.max(0xffff_ffff),
  key: bytes(33),
  exp: seconds,
  epoch: uint.max(LAST_SECOND).optional(),
});

const datumSchema = (largest: number) =>
  z
    .object({
      name: datumName,
      version: uint,
      asOf: seconds,
      size: uint.max(largest),
      sm3: bytes(32),
      from: uint.optional(),
      deltaSize: uint.max(2 * largest).optional(),
      deltaSm3: bytes(32).optional(),
    })
    .transform(({ from, deltaSize, deltaSm3, ...datum }, context): Datum => {
      if (from === undefined && deltaSize === undefined && deltaSm3 === undefined) return { ...datum, delta: undefined };
      if (from === undefined || deltaSize === undefined || deltaSm3 === undefined) {
        context.addIssue({ code: 'custom', path: ['from'], message: 'from, deltaSize and deltaSm3 come together' });
        return z.NEVER;
      }
      if (from >= datum.version) context.addIssue({ code: 'custom', path: ['from'], message: 'must be below version' });
      return { ...datum, delta: { from, size: deltaSize, sm3: deltaSm3 } };
    });

const colour = uint.max(COLOURS.length - 1).transform((value) => COLOURS[value] ?? 'unknown');
const ruleSchema = z.object({
  colours: z.array(colour).max(COLOURS.length).optional(),
  maxAgeKeys: uint.optional(),
  maxAgeLists: uint.optional(),
  stale: z.enum(['admit', 'flag', 'refuse']).optional(),
});

const listSchema = datumSchema(LARGEST_LIST).refine((list) => list.size % 8 === 0, {
  path: ['size'],
  message: 'must be whole entries of 8 bytes',
});

/** Fields of a later version are ignored, as unknown claims of a code are. */
export const MANIFEST = z
  .object({
    seq: uint,
    region: regionCode,
    issued: seconds,
    expires: seconds,
    keys: z.array(keySchema).max(MOST_KEYS),
    transit: z.array(transitSchema).max(MOST_KEYS),
    lists: z.array(listSchema).max(MOST_DATUMS),
    data: z.array(datumSchema(LARGEST_DATA)).max(MOST_DATUMS).default([]),
    roots: z.array(bytes()).min(1).max(2).optional(),
    rules: z.record(sceneName, ruleSchema).default({}),
    floor: seconds.optional(),
    minVersion: z
      .string()
      .regex(/^\d{1,5}\.\d{1,5}\.\d{1,5}$/, 'must be three numbers')
      .optional(),
  })
  .refine((manifest) => manifest.issued < manifest.expires, { path: ['expires'], message: 'must be after issued' })
  .refine(({ floor, issued }) => floor === undefined || floor <= issued, { path: ['floor'], message: 'must not be after issued' })
  .superRefine(({ lists, data }, context) => {
    const names = [...lists, ...data].map((datum) => datum.name);
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice !== undefined) context.addIssue({ code: 'custom', path: ['lists'], message: `names ${twice} twice` });
    const total = [...lists, ...data].reduce((sum, datum) => sum + datum.size, 0);
    if (total > LARGEST_SET) context.addIssue({ code: 'custom', path: ['lists'], message: `are more than ${LARGEST_SET} bytes together` });
  });

type Raw = z.output<typeof MANIFEST>;

/** The meaning of a manifest's payload, or the first field that is wrong. About 0.2 ms for every key it names. */
export function decodeManifest(payload: Uint8Array): ManifestResult {
  return atOnce(decodeManifestSteps(payload));
}

/** The same in steps of one key each, for a program that has something else to do. */
export function* decodeManifestSteps(payload: Uint8Array): Steps<ManifestResult> {
  const map = decodeCborMap(payload);
  if (!map) return { error: 'manifest: not one deterministic CBOR map' };
  const plain = plainOf(map);
  if (plain === undefined) return { error: 'manifest: keys must be text' };
  const read = MANIFEST.safeParse(plain);
  if (!read.success) return { error: firstIssue(read.error) };
  return yield* withPoints(read.data);
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue ? `${issue.path.join('.') || 'manifest'}: ${issue.message}` : 'manifest: wrong';
}

function* withPoints(raw: Raw): Steps<ManifestResult> {
  const keys: SignerKey[] = [];
  for (const [at, { kid, spki, region, types, nbf, exp, revoked }] of raw.keys.entries()) {
    const point = pointOfSpki(spki);
    if (!point) return { error: `keys.${at}.spki: must be the SubjectPublicKeyInfo of a point on the SM2 curve` };
    if (!sameBytes(kid, kidOfPoint(point))) return { error: `keys.${at}.kid: must be the first 8 bytes of SM3(spki)` };
    if (keys.some((other) => sameBytes(other.kid, kid))) return { error: `keys.${at}.kid: is there twice` };
    keys.push({ kid, point, region, types, validFrom: nbf, validUntil: exp, revokedAt: revoked ?? Number.POSITIVE_INFINITY });
    yield;
  }
  const transit: TransitKey[] = [];
  for (const [at, { system, type: kind, index, key, exp, epoch }] of raw.transit.entries()) {
    const point = decodePoint(key);
    if (!point) return { error: `transit.${at}.key: must be a compressed point on the SM2 curve` };
    transit.push({ system, type: kind, index, point, validUntil: exp, epoch });
    yield;
  }
  const roots: Uint8Array[] = [];
  for (const [at, spki] of (raw.roots ?? []).entries()) {
    const point = pointOfSpki(spki);
    if (!point) return { error: `roots.${at}: must be the SubjectPublicKeyInfo of a point on the SM2 curve` };
    roots.push(point);
  }
  const { seq, region, issued, expires, lists, data, rules, floor, minVersion } = raw;
  return { manifest: { seq, region, issued, expires, keys, transit, lists, data, roots: raw.roots && roots, rules, floor, minVersion } };
}

/** Maps with text keys as objects, all the way down; undefined when a key is not text. */
function plainOf(map: CborMap): Record<string, unknown> | undefined {
  const entries: [string, unknown][] = [];
  for (const [key, value] of map) {
    const plain = plainValue(value);
    if (typeof key !== 'string' || plain === undefined) return undefined;
    entries.push([key, plain]);
  }
  return Object.fromEntries(entries);
}

function plainValue(value: Cbor): unknown {
  if (value instanceof Map) return plainOf(value);
  if (!Array.isArray(value)) return value;
  const items = value.map(plainValue);
  return items.includes(undefined) ? undefined : items;
}

/** The payload of `ak/trust`. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const { seq, region, issued, expires, keys, transit, lists, data, roots, rules, floor, minVersion } = manifest;
  return encodeCbor(
    mapOf({
      seq,
      region,
      issued: toSeconds(issued),
      expires: toSeconds(expires),
      keys: keys.map(keyMap),
      transit: transit.map((key) =>
        mapOf({
          system: key.system,
          type: key.type,
          index: key.index,
          key: compress(key.point),
          exp: toSeconds(key.validUntil),
          epoch: key.epoch,
        }),
      ),
      lists: lists.map(datumMap),
      data: data.length > 0 ? data.map(datumMap) : undefined,
      roots: roots?.map((point) => spkiOf(point)),
      rules:
        Object.keys(rules).length > 0
          ? mapOf(Object.fromEntries(Object.entries(rules).map(([scene, rule]) => [scene, ruleMap(rule)])))
          : undefined,
      floor: floor === undefined ? undefined : toSeconds(floor),
      minVersion,
    }),
  );
}

function keyMap(key: SignerKey): CborMap {
  return mapOf({
    kid: key.kid,
    spki: spkiOf(key.point),
    region: key.region,
    types: [...key.types],
    nbf: toSeconds(key.validFrom),
    exp: toSeconds(key.validUntil),
    revoked: Number.isFinite(key.revokedAt) ? toSeconds(key.revokedAt) : undefined,
  });
}

function datumMap({ name, version, asOf, size, sm3, delta }: Datum): CborMap {
  return mapOf({ name, version, asOf: toSeconds(asOf), size, sm3, from: delta?.from, deltaSize: delta?.size, deltaSm3: delta?.sm3 });
}

function ruleMap({ colours, maxAgeKeys, maxAgeLists, stale }: Rule): CborMap {
  return mapOf({ colours: colours?.map((name) => COLOURS.indexOf(name)), maxAgeKeys, maxAgeLists, stale });
}

const toSeconds = (instant: Instant): number => Math.floor(instant / 1000);

function mapOf(fields: Readonly<Record<string, Cbor | undefined>>): CborMap {
  const map: CborMap = new Map();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) map.set(name, value);
  return map;
}
