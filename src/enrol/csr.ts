/** A request for a certificate, PKCS#10 (RFC 2986), for a P-256 key: common name, public key, proof that the key is held. */
import { type KeyObject, sign } from 'node:crypto';

/** X.690 tags. */
const TAG = { integer: 0x02, bits: 0x03, oid: 0x06, utf8: 0x0c, sequence: 0x30, set: 0x31, attributes: 0xa0 } as const;
/** id-at-commonName 2.5.4.3, ecdsa-with-SHA256 1.2.840.10045.4.3.2. */
const COMMON_NAME = Buffer.from('550403', 'hex');
const ECDSA_SHA256 = Buffer.from('2a8648ce3d040302', 'hex');

/** DER. `key`: the private key. */
export function makeCsr(commonName: string, key: KeyObject, publicKey: KeyObject): Uint8Array {
  const name = der(TAG.sequence, der(TAG.set, der(TAG.sequence, der(TAG.oid, COMMON_NAME), der(TAG.utf8, Buffer.from(commonName)))));
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const info = der(TAG.sequence, der(TAG.integer, Buffer.of(0)), name, spki, der(TAG.attributes));
  const signature = Buffer.concat([Buffer.of(0), sign('sha256', info, key)]);
  return der(TAG.sequence, info, der(TAG.sequence, der(TAG.oid, ECDSA_SHA256)), der(TAG.bits, signature));
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const value = Buffer.concat(parts);
  const { length } = value;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), value]);
}
