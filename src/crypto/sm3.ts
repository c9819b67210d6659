/** SM3 and HMAC-SM3 (GB/T 32905) by Node's OpenSSL. */
import { createHash, createHmac, hash as hashOnce } from 'node:crypto';

export function sm3(...parts: readonly Uint8Array[]): Uint8Array {
  const [only, ...more] = parts;
  // The one-shot looks the algorithm up once and for all: 1.6 µs instead of 5 for a few hundred bytes.
  if (only && more.length === 0) return hashOnce('sm3', only, 'buffer');
  const hash = createHash('sm3');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/**
 * The digest of one piece as 64 hex digits; text is hashed as UTF-8.
 * A third less time than octets, which come with an ArrayBuffer of their own.
 */
export function sm3Hex(piece: Uint8Array | string): string {
  return hashOnce('sm3', piece, 'hex');
}

export function hmacSm3(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const mac = createHmac('sm3', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}
