/** Signatures that look right and are not: another ID in Z, swapped, out of range, in another encoding, longer, shorter. */
import { createPrivateKey, createSign, sign as signOnce } from 'node:crypto';
import { privateKeyOf, zOf } from '../../crypto/sm2.js';
import { joined, type KitKey } from './sample.js';

const ORDER = BigInt('0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123');

const number = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
const bytes = (value: bigint, length = 32): Uint8Array => Uint8Array.from(Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex'));

/** r‖s of DER SEQUENCE{r, s}. */
function rawOf(der: Uint8Array): Uint8Array {
  const rEnd = 4 + (der[3] ?? 0);
  return joined(bytes(number(der.subarray(4, rEnd))), bytes(number(der.subarray(rEnd + 2))));
}

/** GM/T 0009, as certificates carry it. */
function derOf(raw: Uint8Array): Uint8Array {
  const integer = (value: bigint): Uint8Array => {
    const hex = value.toString(16).padStart(64, '0');
    const body = Buffer.from(hex.startsWith('0') || Number.parseInt(hex.charAt(0), 16) < 8 ? hex : `00${hex}`, 'hex');
    return joined(Uint8Array.of(2, body.length), body);
  };
  const body = joined(integer(number(raw.subarray(0, 32))), integer(number(raw.subarray(32))));
  return joined(Uint8Array.of(0x30, body.length), body);
}

/** Every way to spoil the signature of `message` by `key`, by name. All of them must be found out. */
export function spoiledSignatures(key: KitKey, message: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const right = key.sign(message);
  const [r, s] = [right.subarray(0, 32), right.subarray(32)];
  const pem = createPrivateKey({ key: Buffer.from(privateKeyOf(key.d).export()), format: 'der', type: 'pkcs8' });
  const over = (...parts: readonly Uint8Array[]): Uint8Array => {
    const signer = createSign('sm3');
    for (const part of parts) signer.update(part);
    return rawOf(signer.sign(pem));
  };
  const [zero, n] = [bytes(0n), bytes(ORDER)];
  return new Map([
    ['with an empty ID in Z', rawOf(signOnce('sm3', message, pem))],
    ['without Z', over(message)],
    ['with the Z of another key', over(zOf(privateKeyOf(bytes(number(key.d) ^ 1n)).public.point), message)],
    ['with r and s swapped', joined(s, r)],
    ['with r = 0', joined(zero, s)],
    ['with s = 0', joined(r, zero)],
    ['with r = s = 0', joined(zero, zero)],
    ['with r = n', joined(n, s)],
    ['with s = n', joined(r, n)],
    ['with n + r in 33 bytes', joined(bytes(ORDER + number(r), 33), s)],
    ['with n + s in 33 bytes', joined(r, bytes(ORDER + number(s), 33))],
    ['with n − s, as ECDSA would allow', joined(r, bytes(ORDER - number(s)))],
    ['with r and s all ones', new Uint8Array(64).fill(0xff)],
    ['in DER instead of raw', derOf(right)],
    ['with the tag of a transit code', joined(Uint8Array.of(0x15), right)],
    ['with a byte more', joined(right, Uint8Array.of(0))],
    ['with a byte less', right.slice(0, 63)],
    ['empty', new Uint8Array(0)],
  ]);
}
