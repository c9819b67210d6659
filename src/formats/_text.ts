/** The text of a scanned code, and the few refusals that formats give. Pure. */
import type { FormatRefusal } from '../contracts.js';

/** wire.md 0: no code of ours is longer, in characters. */
export const LONGEST_TEXT = 1200;

export const UNREADABLE: FormatRefusal = Object.freeze({ refusal: 'unreadable' });
export const UNKNOWN_ISSUER: FormatRefusal = Object.freeze({ refusal: 'unknown-issuer' });
export const FORGED: FormatRefusal = Object.freeze({ refusal: 'forged' });

export function isRefusal(answer: object): answer is FormatRefusal {
  return 'refusal' in answer;
}

/** Do the bytes begin with these ASCII characters? */
export function startsWith(bytes: Uint8Array, prefix: string): boolean {
  if (bytes.length < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[i] !== prefix.charCodeAt(i)) return false;
  return true;
}

/** The bytes as printable ASCII, or undefined when they are anything else. */
export function asciiOf(bytes: Uint8Array): string | undefined {
  for (const byte of bytes) if (byte < 0x20 || byte > 0x7e) return undefined;
  return new TextDecoder().decode(bytes);
}
