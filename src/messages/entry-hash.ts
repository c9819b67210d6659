/**
 * The bytes that an entry's hash covers: CBOR [1, terminal, journal, seq, earliest, latest, kind, SM3(public), SM3(seal) or null, prev].
 * Written by hand because every scan waits for it; a test proves it equal to `encodeCbor`.
 */
import type { Chain, Entry } from './entry.js';

/** In hex. */
interface Digests {
  readonly public: string;
  readonly seal: string | null;
}

/** Head of the array and its first item, then at most: two texts of 255 characters, 8 + 1 bytes, three numbers, three digests. */
const ROOM = 2 + 2 * (2 + 3 * 255) + 9 + 3 * 9 + 3 * 34;

const [UINT, BYTES, TEXT] = [0x00, 0x40, 0x60];
const NULL = 0xf6;
const ARRAY_OF_TEN = 0x8a;

/** The result is valid until the next call. */
export function hashed(chain: Chain, entry: Omit<Entry, 'hash'>, digests: Digests): Uint8Array {
  let at = 0;
  at = scratch.writeUInt8(ARRAY_OF_TEN, at);
  at = head(UINT, 1, at);
  at = text(chain.terminal, at);
  at = octets(chain.journal, at);
  at = head(UINT, entry.seq, at);
  at = head(UINT, entry.earliest, at);
  at = entry.latest === null ? scratch.writeUInt8(NULL, at) : head(UINT, entry.latest, at);
  at = text(entry.kind, at);
  at = octets(digests.public, at);
  at = digests.seal === null ? scratch.writeUInt8(NULL, at) : octets(digests.seal, at);
  at = bytes(entry.prev, at);
  return (views[at] ??= scratch.subarray(0, at));
}

const scratch = Buffer.alloc(ROOM);
/** Of `scratch`, by length: a new view costs the collector more than the copy that it saves. */
const views: (Uint8Array | undefined)[] = Array.from({ length: ROOM + 1 }, () => undefined);

function text(value: string, at: number): number {
  const length = Buffer.byteLength(value);
  const start = head(TEXT, length, at);
  return start + scratch.write(value, start);
}

/** `hex`: two digits an octet. */
function octets(hex: string, at: number): number {
  const start = head(BYTES, hex.length >> 1, at);
  return start + scratch.write(hex, start, 'hex');
}

function bytes(value: Uint8Array, at: number): number {
  const start = head(BYTES, value.length, at);
  scratch.set(value, start);
  return start + value.length;
}

/** RFC 8949 4.2.1: the shortest head that holds the number. */
function head(major: number, value: number, at: number): number {
  if (value < 24) return scratch.writeUInt8(major | value, at);
  if (value < 0x100) return scratch.writeUInt8(value, scratch.writeUInt8(major | 24, at));
  if (value < 0x1_0000) return scratch.writeUInt16BE(value, scratch.writeUInt8(major | 25, at));
  if (value < 0x1_0000_0000) return scratch.writeUInt32BE(value, scratch.writeUInt8(major | 26, at));
  const low = scratch.writeUInt32BE(Math.floor(value / 0x1_0000_0000), scratch.writeUInt8(major | 27, at));
  return scratch.writeUInt32BE(value % 0x1_0000_0000, low);
}
