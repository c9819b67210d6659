/** Base45 (RFC 9285), strict: no lower case, no value beyond its bytes. Pure. */
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

const VALUE = new Int8Array(128).fill(-1);
for (let i = 0; i < ALPHABET.length; i++) VALUE[ALPHABET.charCodeAt(i)] = i;

export function encodeBase45(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 2) {
    const pair = i + 1 < bytes.length;
    const n = pair ? bytes[i]! * 256 + bytes[i + 1]! : bytes[i]!;
    text += ALPHABET[n % 45]! + ALPHABET[Math.floor(n / 45) % 45]!;
    if (pair) text += ALPHABET[Math.floor(n / 2025)]!;
  }
  return text;
}

/** The bytes of ASCII `text` from `start` on, or undefined when it is not Base45. */
export function decodeBase45(text: Uint8Array, start = 0): Uint8Array | undefined {
  const length = text.length - start;
  const rest = length % 3;
  if (rest === 1) return undefined;
  const bytes = new Uint8Array(Math.floor(length / 3) * 2 + (rest === 2 ? 1 : 0));
  let to = 0;
  for (let i = start; i < text.length; i += 3) {
    const low = digit(text, i);
    const middle = digit(text, i + 1);
    if (low < 0 || middle < 0) return undefined;
    if (i + 2 >= text.length) {
      const n = low + 45 * middle;
      if (n > 0xff) return undefined;
      bytes[to++] = n;
      break;
    }
    const high = digit(text, i + 2);
    const n = low + 45 * middle + 2025 * high;
    if (high < 0 || n > 0xffff) return undefined;
    bytes[to++] = n >>> 8;
    bytes[to++] = n & 0xff;
  }
  return bytes;
}

function digit(text: Uint8Array, at: number): number {
  const code = text[at]!;
  return code < 128 ? VALUE[code]! : -1;
}
