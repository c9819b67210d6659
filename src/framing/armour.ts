/** Text that a scanner was told to send instead of binary: hex or Base64 (facts, standards 5.1). Pure. */

export type Armour = 'none' | 'hex' | 'base64';

/** The bytes behind the text. What is not such text is returned as it came: it is a reading, if an unreadable one. */
export function unarmour(frame: Uint8Array, armour: Armour): Uint8Array {
  if (armour === 'none') return frame;
  const text = latin1(frame);
  return (armour === 'hex' ? fromHex(text) : fromBase64(text)) ?? frame;
}

function fromHex(text: string): Uint8Array | undefined {
  if (!/^(?:[0-9A-Fa-f]{2})+$/.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
