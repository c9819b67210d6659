/** Noise for parsers: random bytes, random CBOR, and good input that was changed. The same in each run. */

export const SEED = 20_261_122;

/** xorshift32: the same noise each run. */
function noise(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

export const below = noise(SEED);
export const pick = <T>(of: readonly T[]): T => {
  const one = of[below(of.length)];
  if (one === undefined) throw new RangeError('nothing to pick from');
  return one;
};
export const randomOf = (length: number): Uint8Array => Uint8Array.from({ length }, () => below(256));

/** Bytes that parsers of lengths, numbers and texts stumble over. */
const AWKWARD = [
  0x00, 0x01, 0x0a, 0x0d, 0x15, 0x17, 0x18, 0x1b, 0x20, 0x22, 0x3a, 0x5b, 0x7b, 0x7f, 0x80, 0x9f, 0xa0, 0xbf, 0xf6, 0xfb, 0xff,
];

export function mutated(bytes: Uint8Array): Uint8Array {
  let copy = [...bytes];
  for (let changes = 1 + below(3); changes > 0; changes--) {
    const at = below(copy.length + 1);
    switch (below(8)) {
      case 0:
        copy[at] = (copy[at] ?? 0) ^ (1 << below(8));
        break;
      case 1:
        copy[at] = pick(AWKWARD);
        break;
      case 2:
        copy.splice(at, 0, ...randomOf(1 + below(8)));
        break;
      case 3:
        copy.splice(at, 1 + below(16));
        break;
      case 4:
        copy = copy.slice(0, at);
        break;
      case 5:
        copy.splice(at, 0, ...copy.slice(below(copy.length + 1)).slice(0, below(64)));
        break;
      case 6:
        copy.splice(at, 4, 0xff, 0xff, 0xff, 0xff);
        break;
      default:
        copy.splice(at, 1, pick(AWKWARD), pick(AWKWARD));
    }
  }
  return Uint8Array.from(copy);
}

/** Random CBOR of every major type, mostly well formed. */
export function randomCbor(depth = 0): Uint8Array {
  const major = below(8);
  const small = below(24);
  const head = Uint8Array.of((major << 5) | small);
  if (major === 2 || major === 3) return Uint8Array.of(...head, ...randomOf(small));
  if (major === 6) return Uint8Array.of(...head, ...(depth < 12 ? randomCbor(depth + 1) : []));
  if (major !== 4 && major !== 5) return below(4) === 0 ? Uint8Array.of((major << 5) | (24 + below(8)), ...randomOf(below(9))) : head;
  if (depth >= 12) return Uint8Array.of(major << 5);
  const count = below(4);
  return Uint8Array.of(
    (major << 5) | count,
    ...Array.from({ length: major === 5 ? 2 * count : count }, () => [...randomCbor(depth + 1)]).flat(),
  );
}
