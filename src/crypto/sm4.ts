/** SM4-CTR (GB/T 32907, GB/T 17964) by Node's OpenSSL. Encryption and decryption are the same. */
import { createCipheriv } from 'node:crypto';

export function sm4Ctr(key: Uint8Array, iv: Uint8Array, bytes: Uint8Array): Uint8Array {
  const cipher = createCipheriv('sm4-ctr', key, iv);
  return Buffer.concat([cipher.update(bytes), cipher.final()]);
}
