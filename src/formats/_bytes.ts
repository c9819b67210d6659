/** Reading fixed layouts: big-endian numbers and packed decimals. Pure. */

import type { KeyRing } from '../contracts.js';
import { encodeBase64Url } from '../crypto/base-n.js';

/** `length` ≤ 4 bytes from `at` as an unsigned number. */
export function uintAt(bytes: Uint8Array, at: number, length: 1 | 2 | 3 | 4): number {
  let value = 0;
  for (let i = at; i < at + length; i++) value = value * 256 + (bytes[i] ?? 0);
  return value;
}

/** Two packed decimal digits (BCD); undefined when a nibble is not a digit. */
export function decimalAt(bytes: Uint8Array, at: number): number | undefined {
  const byte = bytes[at] ?? 0xff;
  const tens = byte >> 4;
  const ones = byte & 15;
  return tens > 9 || ones > 9 ? undefined : 10 * tens + ones;
}

/** 0x15 ‖ r‖s as transit codes carry signatures; undefined when the tag is another. */
export function taggedSignature(bytes: Uint8Array, at: number): Uint8Array | undefined {
  return bytes[at] === 0x15 ? bytes.subarray(at + 1, at + 65) : undefined;
}

/** The pseudonym of an account that has no `sub`: base64url(SM3(domain ‖ account)[0..16)). */
export function pseudonym(keys: KeyRing, domain: string, account: Uint8Array): string {
  return encodeBase64Url(keys.sm3(new TextEncoder().encode(domain), account).subarray(0, 16));
}
