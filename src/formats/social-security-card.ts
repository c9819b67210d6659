/** A social security card whose holder the station found by the region key: the same subject as in the person's codes (wire.md 1.1). */
import type { Credential, Format, Instant, KeyRing } from '../contracts.js';
import { decodeHex, encodeHex } from '../crypto/base-n.js';
import { type Card, decodeCard, type Holder, isCard } from '../messages/card.js';
import { UNREADABLE } from './_text.js';

const DAY = 86_400_000;

export default {
  kind: 'person',
  media: ['card'],
  read(bytes, keys) {
    if (!isCard(bytes)) return undefined;
    const card = decodeCard(bytes);
    if (!card) return UNREADABLE;
    // The card gave no ID number without a PIN, or this terminal was granted no region key: the platform knows.
    return card.holder ? credential(card, card.holder, keys) : { refusal: 'needs-network', note: 'card-holder-unknown' };
  },
} satisfies Format;

function credential({ code, validUntil }: Card, { subject, epoch }: Holder, keys: KeyRing): Credential {
  return {
    kind: 'person',
    format: 'social-security-card',
    form: 'card',
    subject,
    // What `revoked.card` names: the first 8 bytes of SM3 of the 16 bytes of the card identification code.
    codeId: encodeHex(keys.sm3(decodeHex(code) ?? new Uint8Array(0)).subarray(0, 8)),
    validFrom: 0,
    validUntil: endOf(validUntil),
    revokedAt: Number.POSITIVE_INFINITY,
    colour: 'unknown',
    claims: Object.freeze({ epoch, issuer: code.slice(0, 6) }),
  };
}

/** The end of that day in Shanghai; a card that names no date has none, and only lists end it. */
function endOf(day: string | undefined): Instant {
  const begins = day === undefined ? Number.NaN : Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T00:00:00+08:00`);
  return Number.isNaN(begins) ? Number.MAX_SAFE_INTEGER : begins + DAY;
}
