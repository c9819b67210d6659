/** UnionPay's transit code (facts 2.4): base64 text, one signature. Version, type and key index are not signed, so they are bound here. */
import type { Credential, Format, FormatRefusal, KeyRing, TransitKey } from '../contracts.js';
import { decodeBase64, encodeHex } from '../crypto/base-n.js';
import { pseudonym, taggedSignature, uintAt } from './_bytes.js';
import { asciiOf, FORGED, UNKNOWN_ISSUER, UNREADABLE } from './_text.js';

/** 2017-01-01 00:00 in Shanghai, Unix seconds: where its times begin unless the manifest says otherwise. */
const EPOCH = 1_483_200_000;
const SHORTEST = 106;
const LONGEST_BASE64 = 484;
const TRANSIT = 2;
/** The type of transit codes in facts 2.4, bound where the manifest's entry names none. */
const TYPE = 0x11;

/** Base64 whose first byte is the version, 02, and which is long enough to be none by chance. */
const MINE = /^A[g-v][A-Za-z0-9+/]{30,}={0,2}$/;

export default {
  kind: 'person',
  media: ['code'],
  read(bytes, keys) {
    const text = asciiOf(bytes);
    if (text === undefined || !MINE.test(text)) return undefined;
    const code = text.length > LONGEST_BASE64 ? undefined : decodeBase64(text);
    const n = code?.[40];
    if (!code || n === undefined || code.length !== SHORTEST + n) return UNREADABLE;
    return verified(code, keys);
  },
} satisfies Format;

/** The manifest's entry names type and index together: a key of another type never answers for this one. */
function verified(code: Uint8Array, keys: KeyRing): Credential | FormatRefusal {
  const end = code.length - 65;
  const signature = taggedSignature(code, end);
  if (!signature) return UNREADABLE;
  const candidates = keys.transit('unionpay', uintAt(code, 2, 2)).filter((key) => (key.type ?? TYPE) === code[1]);
  if (candidates.length === 0) return UNKNOWN_ISSUER;
  const signed = code.subarray(4, end);
  const key = candidates.find((one) => keys.verify(one.point, signed, signature, 'kept'));
  if (!key) return FORGED;
  if (code[18] !== TRANSIT) return { refusal: 'not-for-here', note: 'not-transit' };
  return credential(code, { key, replayId: keys.sm3(signed) }, keys);
}

function credential(code: Uint8Array, proved: { readonly key: TransitKey; readonly replayId: Uint8Array }, keys: KeyRing): Credential {
  const { key, replayId } = proved;
  const generated = (uintAt(code, 28, 4) + (key.epoch ?? EPOCH)) * 1000;
  return {
    kind: 'person',
    format: 'unionpay',
    form: 'transit',
    subject: pseudonym(keys, 'ankang-unionpay-1', code.subarray(32, 40)),
    codeId: '',
    validFrom: generated,
    validUntil: Math.min(generated + uintAt(code, 16, 2) * 1000, key.validUntil),
    revokedAt: Number.POSITIVE_INFINITY,
    colour: 'unknown',
    replayId,
    claims: Object.freeze({ application: encodeHex(code.subarray(4, 12)), organisation: encodeHex(code.subarray(12, 16)) }),
  };
}
