/** Payment codes, so that a person who shows one is told what it is (wire.md 1.4; facts 2.5). */
import type { Format } from '../contracts.js';
import { isPaymentCode } from '../messages/payment-code.js';
import { asciiOf } from './_text.js';

/** Alipay's are the longest. */
const LONGEST = 24;

export default {
  kind: 'person',
  media: ['code'],
  read(bytes) {
    const text = bytes.length > LONGEST ? undefined : asciiOf(bytes);
    return text !== undefined && isPaymentCode(text) ? { refusal: 'not-for-here', note: 'payment-code' } : undefined;
  },
} satisfies Format;
