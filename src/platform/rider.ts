/** Who rode, as far as one rider can be told from another by what was sealed: a key for pairing taps, kept nowhere. */
import { decodeBase45 } from '../crypto/base45.js';
import { decodeCbor, isBytes } from '../crypto/cbor.js';
import { LABEL, parseSign1, sign1Of } from '../crypto/cose.js';
import { decodeCard } from '../messages/card.js';
import { decodePerson } from '../messages/claims.js';

/** Facts 2.1: a ride code that carries its issuer's certificate; the two accounts behind it. */
const MOT_WITH_CERTIFICATE = 0x81;
const MOT_ACCOUNTS = { from: 120, to: 146 };
/** Facts 2.4, in base64: the account. */
const UNIONPAY_ACCOUNT = { from: 32, to: 40 };

/** `plain`: CBOR [1, medium, bytes] of a lane's seal (src/station/entries.ts). undefined: it cannot be told. */
export function riderOf(plain: Uint8Array): string | undefined {
  const parts = decodeCbor(plain);
  if (!Array.isArray(parts) || parts.length !== 3) return undefined;
  const [, medium, bytes] = parts;
  if (!isBytes(bytes)) return undefined;
  return medium === 'card' ? decodeCard(bytes)?.holder?.subject : codeOf(bytes);
}

function codeOf(bytes: Uint8Array): string | undefined {
  const prefix = Buffer.from(bytes.subarray(0, 4)).toString('latin1');
  if (prefix === 'AK1:' || prefix === 'AK2:') return subjectIn(bytes, prefix);
  if (bytes[0] === MOT_WITH_CERTIFICATE && bytes.length > MOT_ACCOUNTS.to)
    return `mot/${Buffer.from(bytes.subarray(MOT_ACCOUNTS.from, MOT_ACCOUNTS.to)).toString('hex')}`;
  const code = Buffer.from(Buffer.from(bytes).toString('latin1'), 'base64');
  return code.length > UNIONPAY_ACCOUNT.to
    ? `unionpay/${code.subarray(UNIONPAY_ACCOUNT.from, UNIONPAY_ACCOUNT.to).toString('hex')}`
    : undefined;
}

/** It was verified at the terminal; here it only names. */
function subjectIn(bytes: Uint8Array, prefix: 'AK1:' | 'AK2:'): string | undefined {
  const decoded = decodeBase45(bytes, prefix.length);
  const object = decoded && parseSign1(decoded);
  const carrier = prefix === 'AK1:' ? object : object && sign1Of(object.header?.get(LABEL.kcwt));
  return carrier && decodePerson(carrier.payload)?.subject;
}
