/** Today's Ankang code: a token that only the platform can resolve (wire.md 1.4; facts 1.2). */
import type { Format } from '../contracts.js';
import { asciiOf, LONGEST_TEXT, startsWith, UNREADABLE } from './_text.js';

const ADDRESS = 'https://akm.ahzwfw.gov.cn/';
const TOKEN = /[?&]id=akm:qrcode:[0-9a-f]{32}(?:&|$)/;

export default {
  kind: 'person',
  media: ['code'],
  read(bytes) {
    if (!startsWith(bytes, ADDRESS)) return undefined;
    const text = bytes.length > LONGEST_TEXT ? undefined : asciiOf(bytes);
    return text !== undefined && TOKEN.test(text) ? { refusal: 'needs-network', note: 'ankang-today' } : UNREADABLE;
  },
} satisfies Format;
