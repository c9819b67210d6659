/** The SM2 and SM3 examples of GB/T 32918.5 and GB/T 32905, and what must be refused beside them. */
import type { Sm2Wasm } from './wasm.js';

const octets = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

/** GB/T 32918.5 annex A.2: ID 1234567812345678, M "message digest". */
const POINT = octets(
  '09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13',
);
const Z = octets('b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3');
const MESSAGE = new TextEncoder().encode('message digest');
const E = octets('f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640');
const SIGNATURE = octets(
  'f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa',
);

/** GB/T 32905 annex A.2: "abcd" sixteen times. */
const LONG_TEXT = new TextEncoder().encode('abcd'.repeat(16));
const LONG_DIGEST = octets('debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732');

/** The same octets but for the lowest bit of one. */
function flipped(original: Uint8Array, index: number): Uint8Array {
  const copy = Uint8Array.from(original);
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}

function same(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0;
}

const TAMPERED: readonly (readonly [e: Uint8Array, signature: Uint8Array])[] = [
  [flipped(E, 31), SIGNATURE],
  [E, flipped(SIGNATURE, 31)],
  [E, flipped(SIGNATURE, 63)],
];
const OFF_CURVE = flipped(POINT, 63);
const COMPRESSED = Uint8Array.from([2 | ((POINT[63] ?? 0) & 1), ...POINT.subarray(0, 32)]);
const EMPTY = new Uint8Array(0);

/** The first known answer the module does not give, in words; undefined when it gives all. */
export function knownAnswerFailing(sm2: Sm2Wasm): string | undefined {
  if (!same(sm2.digest(EMPTY, LONG_TEXT), LONG_DIGEST)) return 'SM3 of two blocks';
  if (!same(sm2.digest(Z, MESSAGE), E)) return 'SM3 of Z and message';
  if (!same(sm2.decompress(COMPRESSED), POINT)) return 'decompression';
  const key = sm2.prepare(POINT);
  if (!key) return 'the key is refused';
  if (!sm2.verifyPrepared(key, E, SIGNATURE)) return 'a good signature is refused';
  if (!sm2.verify(POINT, E, SIGNATURE)) return 'a good signature is refused, key without table';
  if (sm2.prepare(OFF_CURVE) || sm2.verify(OFF_CURVE, E, SIGNATURE)) return 'a point off the curve is taken';
  for (const [e, signature] of TAMPERED) {
    if (sm2.verifyPrepared(key, e, signature)) return 'a tampered signature is taken';
    if (sm2.verify(POINT, e, signature)) return 'a tampered signature is taken, key without table';
  }
  return undefined;
}
