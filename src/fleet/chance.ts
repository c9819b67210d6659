/** Chance from a seed: the same seed plays the same fleet. Nothing secret comes from it. */

/** The next number in [0, 1). */
export type Chance = () => number;

/** SplitMix32 over the FNV-1a of the seed. */
export function chanceOf(seed: string): Chance {
  let state = [...Buffer.from(seed)].reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), 0x811c9dc5);
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** How often it happens where it happens `mean` times on average (Poisson, Knuth). */
export function timesOf(chance: Chance, mean: number): number {
  // In pieces: e^-mean of a large mean is nothing.
  const piece = Math.min(mean, 30);
  let times = 0;
  for (let product = chance(), limit = Math.exp(-piece); product > limit; product *= chance()) times++;
  return mean > piece ? times + timesOf(chance, mean - piece) : times;
}
