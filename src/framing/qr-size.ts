/** How many modules a QR code of level Q has on a side for a text: what a printer that draws it by itself will make of it (ISO/IEC 18004). */

/** Data codewords of versions 1 to 40 at level Q. */
const CODEWORDS: readonly number[] = [
  13, 22, 34, 48, 62, 76, 88, 110, 132, 154, 180, 206, 244, 261, 295, 325, 367, 397, 445, 485, 512, 568, 614, 664, 718, 754, 808, 871, 911,
  985, 1033, 1115, 1171, 1231, 1286, 1354, 1426, 1502, 1582, 1666,
];
const ALPHANUMERIC = /^[0-9A-Z $%*+\-./:]*$/;
const MODE_BITS = 4;

/** @throws RangeError when it fits no code of this level */
export function qrModules(text: string): number {
  const fits = CODEWORDS.findIndex((codewords, i) => bitsOf(text, i + 1) <= codewords * 8);
  if (fits < 0) throw new RangeError('too long for a QR code');
  return 21 + 4 * fits;
}

function bitsOf(text: string, version: number): number {
  if (ALPHANUMERIC.test(text)) {
    const count = version < 10 ? 9 : version < 27 ? 11 : 13;
    return MODE_BITS + count + 11 * (text.length >> 1) + 6 * (text.length % 2);
  }
  return MODE_BITS + (version < 10 ? 8 : 16) + 8 * new TextEncoder().encode(text).length;
}
