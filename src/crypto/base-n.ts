/** Base32 and Base64 (RFC 4648), strict: canonical spellings only, so that one value has one text. Pure. */
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE64URL = `${BASE64.slice(0, 62)}-_`;

function encode(bytes: Uint8Array, alphabet: string, width: number): string {
  let text = '';
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= width) {
      bits -= width;
      text += alphabet[(held >>> bits) & ((1 << width) - 1)]!;
    }
    held &= (1 << bits) - 1;
  }
  if (bits > 0) text += alphabet[(held << (width - bits)) & ((1 << width) - 1)]!;
  return text;
}

function decode(text: string, alphabet: string, width: number): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * width) / 8));
  let held = 0;
  let bits = 0;
  let to = 0;
  for (const character of text) {
    const value = alphabet.indexOf(character);
    if (value < 0) return undefined;
    held = (held << width) | value;
    bits += width;
    if (bits >= 8) {
      bits -= 8;
      bytes[to++] = held >>> bits;
      held &= (1 << bits) - 1;
    }
  }
  // What is left over must be padding bits: fewer than one character's worth, all zero.
  return bits < width && held === 0 && to === bytes.length ? bytes : undefined;
}

export const encodeBase32 = (bytes: Uint8Array): string => encode(bytes, BASE32, 5);
export const decodeBase32 = (text: string): Uint8Array | undefined => decode(text, BASE32, 5);
export const encodeBase64Url = (bytes: Uint8Array): string => encode(bytes, BASE64URL, 6);
export const decodeBase64Url = (text: string): Uint8Array | undefined => decode(text, BASE64URL, 6);

/** With its padding, as UnionPay's codes are written. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length === 0 || text.length % 4 !== 0) return undefined;
  const end = text.endsWith('==') ? -2 : text.endsWith('=') ? -1 : undefined;
  return decode(text.slice(0, end), BASE64, 6);
}

export function encodeHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** Either case; undefined for anything that is not whole bytes of hex. */
export function decodeHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}
