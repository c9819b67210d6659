/** AE1: an enterprise's code (wire.md 1.3). */
import type { Format } from '../contracts.js';
import { encodeHex } from '../crypto/base-n.js';
import { decodeEnterprise, TYP } from '../messages/claims.js';
import { sign1Behind, signerOf, withinLife } from './_signed.js';
import { FORGED, isRefusal, UNREADABLE } from './_text.js';

export default {
  kind: 'enterprise',
  media: ['code'],
  read(bytes, keys) {
    const object = sign1Behind('AE1:', bytes);
    if (!object || isRefusal(object)) return object;
    const key = signerOf(object, TYP.enterprise, keys);
    if (isRefusal(key)) return key;
    const claims = decodeEnterprise(object.payload);
    if (!claims) return UNREADABLE;
    if (!withinLife(claims.issued, key)) return FORGED;
    const { creditCode, name, status, representative, contact } = claims;
    return {
      kind: 'enterprise',
      format: 'ae1',
      form: 'enterprise',
      subject: creditCode,
      codeId: encodeHex(claims.codeId),
      validFrom: claims.issued * 1000,
      validUntil: claims.expires * 1000,
      revokedAt: key.revokedAt,
      colour: 'unknown',
      claims: Object.freeze({
        creditCode,
        name,
        status,
        representative: encodeHex(representative),
        ...(contact === undefined ? {} : { contact }),
      }),
    };
  },
} satisfies Format;
