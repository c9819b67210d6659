/** Which numbers of a sender were seen: none is taken twice, and none that is too old to know (as RFC 4303 3.4.3 does). Pure. */
const WIDTH = 64n;
const ALL = (1n << WIDTH) - 1n;

/** True once for each number. */
export function createWindow(): (number: number) => boolean {
  let top = -1;
  let seen = 0n;
  return (number) => {
    if (number > top) {
      const ahead = BigInt(number - top);
      seen = ahead >= WIDTH ? 1n : ((seen << ahead) | 1n) & ALL;
      top = number;
      return true;
    }
    const bit = 1n << BigInt(Math.min(top - number, Number(WIDTH)));
    if ((bit & ALL) === 0n || (seen & bit) !== 0n) return false;
    seen |= bit;
    return true;
  };
}
