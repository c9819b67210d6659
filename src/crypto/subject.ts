/** From an ID number to the pseudonym that the code carries (wire.md 1.1, `sub`), so that a card reaches the same subject. */
import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { encodeBase64Url } from './base-n.js';
import { hmacSm3 } from './sm3.js';

const SALT = 'ankang-sub-1';
const COST = { N: 2 ** 14, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };

const stretch = promisify<string, string, number, typeof COST, Buffer>(scrypt);

/** `id`: 18 characters, X upper case (see identity.ts); `regionKey`: of the epoch the codes name. 22 characters. */
export async function subjectOf(id: string, region: string, regionKey: Uint8Array): Promise<string> {
  const stretched = await stretch(id, SALT + region, 32, COST);
  return encodeBase64Url(hmacSm3(regionKey, stretched).subarray(0, 16));
}
