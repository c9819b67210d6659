/** A business licence: the address on it, or its bare credit code; an enterprise, unverified until the platform answers (wire.md 1.4). */
import type { Format } from '../contracts.js';
import { isCreditCode } from '../messages/identifiers.js';
import { isPaymentCode } from '../messages/payment-code.js';
import { asciiOf, LONGEST_TEXT } from './_text.js';

/** The national enterprise credit register, whole or a province's. */
const REGISTER = /^https?:\/\/(?:[a-z0-9-]+\.)*gsxt\.gov\.cn(?::\d{1,5})?(?:[/?#]|$)/i;

export default {
  kind: 'enterprise',
  media: ['code'],
  read(bytes) {
    const text = bytes.length > LONGEST_TEXT ? undefined : asciiOf(bytes);
    if (text === undefined) return undefined;
    // One in 31 payment codes would pass for a credit code of a state organ; they are scanned far more often.
    const bare = isCreditCode(text) && !isPaymentCode(text);
    return bare || REGISTER.test(text) ? { refusal: 'needs-network', note: 'enterprise-unverified' } : undefined;
  },
} satisfies Format;
