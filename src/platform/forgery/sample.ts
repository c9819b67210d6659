/** What the forgery kit is made of: one line as a scanner gives it, with the word it must be answered by. */
import { randomBytes } from 'node:crypto';
import type { Instant, Refusal } from '../../contracts.js';
import { encodeBase64Url } from '../../crypto/base-n.js';
import { encodeBase45 } from '../../crypto/base45.js';
import { FORM, type PersonClaims } from '../../messages/claims.js';
import type { SigningKey } from '../issue.js';

export interface Sample {
  /** A sentence that a gatekeeper understands. */
  readonly name: string;
  /** One line of `ankang verify`: text as scanned, or `hex:…`. It never holds a line feed. */
  readonly line: string;
  readonly expect: 'admit' | Refusal;
}

/** A key of the manifest with its private scalar `d` (32 bytes); `CountyKey` is one. Times in ms. */
export interface KitKey extends SigningKey {
  readonly d: Uint8Array;
  readonly validFrom: Instant;
  readonly validUntil: Instant;
}

/** The keys whose public halves the manifest in force names. What is absent, the kit leaves out. */
export interface KitKeys {
  readonly region: string;
  /** May sign ak/person and ak/enterprise. */
  readonly issuer: KitKey;
  /** May sign ak/venue. */
  readonly terminal?: KitKey;
  /** In the manifest, but never for ak/person. */
  readonly platform?: KitKey;
  /** For ak/person, its life over before the moment of the check. */
  readonly retired?: KitKey;
  /** For ak/person, revoked before the moment of the check. */
  readonly revoked?: KitKey;
  readonly mot?: { readonly index: number; readonly ca: KitKey; readonly issuer: KitKey };
  readonly unionpay?: { readonly type: number; readonly index: number; readonly key: KitKey };
}

export interface Kit {
  readonly keys: KitKeys;
  /** The moment of the check, Unix seconds. */
  readonly at: number;
  /** How many bits to flip and cuts to make in each code; `all`: every one. */
  readonly flips: number | 'all';
}

export const newSubject = (): string => encodeBase64Url(randomBytes(16));
export const newCodeId = (): Uint8Array => Uint8Array.from(randomBytes(8));

/** A screen code made ten seconds ago, of somebody new. */
export function screenClaims({ keys, at }: Pick<Kit, 'keys' | 'at'>): PersonClaims {
  return {
    region: keys.region,
    subject: newSubject(),
    issued: at - 10,
    expires: at + 290,
    codeId: newCodeId(),
    form: FORM.screen,
    colour: 'green',
  };
}

export function paperClaims({ keys, at }: Pick<Kit, 'keys' | 'at'>): PersonClaims {
  return {
    region: keys.region,
    subject: newSubject(),
    issued: at - 10,
    expires: at + 86_400,
    codeId: newCodeId(),
    form: FORM.paper,
    name: '张*山',
  };
}

export const ak1 = (object: Uint8Array): string => `AK1:${encodeBase45(object)}`;
export const ak2 = (object: Uint8Array): string => `AK2:${encodeBase45(object)}`;
export const ae1 = (object: Uint8Array): string => `AE1:${encodeBase45(object)}`;
export const hexLine = (bytes: Uint8Array): string => `hex:${Buffer.from(bytes).toString('hex')}`;

/** Positions in [from, to), all of them or `count` spread evenly. */
export function spread(from: number, to: number, count: number | 'all'): readonly number[] {
  const width = to - from;
  const many = count === 'all' ? width : Math.min(count, width);
  return Array.from({ length: many }, (_, i) => from + Math.floor((i * width) / many));
}

/** A copy with bit `bit` (0 the highest of the first byte) turned over. */
export function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
  return copy;
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
