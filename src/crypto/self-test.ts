/** Known answers of GB/T 32918.5, 32905 and 32907, checked at every start: a build of Node that computes otherwise must not run. */
import { createCipheriv } from 'node:crypto';
import { decodePoint, privateKeyOf, publicKey, zOf } from './sm2.js';
import { unwrap, wrapWith } from './sm2-encryption.js';
import { hmacSm3, sm3 } from './sm3.js';

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

const D = bytes('3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8');
const POINT = bytes(
  '09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13',
);
const SIGNATURE = bytes(
  'F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA',
);
const MESSAGE = Buffer.from('message digest');
const WRAPPED = bytes(
  '0404EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73E858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0' +
    '59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD876621886CA989CA9C7D58087307CA93092D651EFA',
);
/** The k of the example of GB/T 32918.5 that WRAPPED is the answer to. */
const K = bytes('59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21');
const SECRET = Buffer.from('encryption standard');
const SM4_KEY = bytes('0123456789abcdeffedcba9876543210');

function sm4Block(): Buffer {
  const cipher = createCipheriv('sm4-ecb', SM4_KEY, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(SM4_KEY), cipher.final()]);
}

function tampered(signature: Buffer): Buffer {
  const other = Buffer.from(signature);
  other[10]! ^= 1;
  return other;
}

function isHex(value: Uint8Array | undefined, hex: string): boolean {
  return value !== undefined && Buffer.from(value).equals(bytes(hex));
}

/** Each with the clause it stands for (facts 7.2 to 7.5). */
const ANSWERS: readonly (readonly [name: string, holds: () => boolean])[] = [
  ['SM3, GB/T 32905 A.1', () => isHex(sm3(Buffer.from('abc')), '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0')],
  [
    'HMAC-SM3',
    () =>
      isHex(
        hmacSm3(bytes('0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20'), Buffer.from('abc')),
        '44809d3ff5336f44071be1917887380730ae145f940a53819279801784c65e17',
      ),
  ],
  ['SM4, GB/T 32907 A.1', () => isHex(sm4Block(), '681edf34d206965e86b3e94f536e4246')],
  ['SM2 Z, GB/T 32918.5', () => isHex(zOf(POINT), 'B2E14C5C79C6DF5B85F4FE7ED8DB7A262B9DA7E07CCB0EA9F4747B8CCDA8A4F3')],
  ['SM2 verify, GB/T 32918.5', () => publicKey(POINT).verify(MESSAGE, SIGNATURE)],
  ['SM2 refuses a changed signature', () => !publicKey(POINT).verify(MESSAGE, tampered(SIGNATURE))],
  ['SM2 sign and verify', () => publicKey(POINT).verify(MESSAGE, privateKeyOf(D).sign(MESSAGE))],
  ['SM2 point off the curve', () => decodePoint(tampered(POINT)) === undefined],
  ['SM2 encrypt, GB/T 32918.5', () => WRAPPED.equals(wrapWith(POINT, SECRET, K) ?? Buffer.alloc(0))],
  ['SM2 decrypt, GB/T 32918.5', () => SECRET.equals(unwrap(D, WRAPPED) ?? Buffer.alloc(0))],
];

/** @throws an Error that names the answer this machine got wrong, or could not work out. */
export function selfTest(): void {
  for (const [name, holds] of ANSWERS) {
    const fault = faultOf(holds);
    if (fault === undefined) continue;
    const machine = `Node ${process.version}, OpenSSL ${process.versions.openssl}`;
    throw new Error(`密码自检未通过 · cryptographic self-test failed: ${name}: ${fault} (${machine})`);
  }
}

/** An OpenSSL that was built without these algorithms throws instead of answering. */
function faultOf(holds: () => boolean): string | undefined {
  try {
    return holds() ? undefined : 'another answer';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
