/** The code of a checkpoint, an event or a sales batch, made by a terminal for phones: `HTTPS://<HOST>/V/<Base32>` (wire.md 1, 1.3). */
import type { Format } from '../contracts.js';
import { decodeBase32, encodeHex } from '../crypto/base-n.js';
import { decodeVenue, TYP } from '../messages/claims.js';
import { readSign1, signerOf, withinLife } from './_signed.js';
import { asciiOf, FORGED, isRefusal, LONGEST_TEXT, startsWith, UNREADABLE } from './_text.js';

/** All in alphanumeric mode: another page that a phone opens is spelt in lower case. */
const ADDRESS = /^HTTPS:\/\/[A-Z0-9.-]+(?::\d{1,5})?\/V\/(.*)$/;

export default {
  kind: 'venue',
  media: ['code'],
  read(bytes, keys) {
    const text = startsWith(bytes, 'HTTPS://') ? asciiOf(bytes) : undefined;
    const base32 = text && ADDRESS.exec(text)?.[1];
    if (text === undefined || base32 === undefined) return undefined;
    const object = text.length > LONGEST_TEXT ? UNREADABLE : readSign1(decodeBase32(base32));
    if (isRefusal(object)) return object;
    const key = signerOf(object, TYP.venue, keys);
    if (isRefusal(key)) return key;
    const claims = decodeVenue(object.payload);
    if (!claims || (key.region !== undefined && claims.region !== key.region)) return UNREADABLE;
    if (!withinLife(claims.issued, key)) return FORGED;
    const { region, checkpoint, scene, event, title } = claims;
    return {
      kind: 'venue',
      format: 'venue',
      form: 'venue',
      subject: checkpoint,
      codeId: encodeHex(claims.codeId),
      validFrom: claims.issued * 1000,
      validUntil: claims.expires * 1000,
      revokedAt: key.revokedAt,
      colour: 'unknown',
      claims: Object.freeze({ region, scene, title, ...(event === undefined ? {} : { event }) }),
    };
  },
} satisfies Format;
