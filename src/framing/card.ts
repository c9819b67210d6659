/** A card as readers hand it on: one CBOR map for every reader, so that a format need not know which one it was. Pure. */
import { CARD_KEY } from '../contracts.js';

/** What a social security card says without a PIN (facts, standards 3.2). Its fields are personal: they stay in memory. */
export interface SocialSecurityCard {
  /** Card identification code (EF05, tag 01): 32 digits of hex, lower case. */
  readonly code: string;
  /** Card number (EF05, tag 07). */
  readonly number?: string | undefined;
  /** Social security number = citizen ID (EF06, tag 08); absent where the card gives it only after a PIN. */
  readonly idNumber?: string | undefined;
  /** YYYYMMDD; cards of old have years only, which are no dates. */
  readonly validUntil?: string | undefined;
}

const CARD_CLASS = 'ssc';

/** `{1: "ssc", ? 2: ID number, ? 3: card number, 4: code, ? 5: YYYYMMDD}`, deterministic (RFC 8949 4.2.1). */
export function cardBytes({ code, number, idNumber, validUntil }: SocialSecurityCard): Uint8Array {
  const fields: readonly (readonly [number, string | undefined])[] = [
    [CARD_KEY.class, CARD_CLASS],
    [CARD_KEY.idNumber, idNumber],
    [CARD_KEY.number, number],
    [CARD_KEY.code, code],
    [CARD_KEY.validUntil, validUntil],
  ];
  return map(fields);
}

/** There was a card, and it did not say what one of ours says: whoever held it there is told that it is unreadable. */
export const UNREADABLE_CARD: Uint8Array = map([[CARD_KEY.class, CARD_CLASS]]);

function map(fields: readonly (readonly [number, string | undefined])[]): Uint8Array {
  const entries = fields.flatMap(([key, value]) => (value === undefined ? [] : [key, ...text(value)]));
  const count = fields.filter(([, value]) => value !== undefined).length;
  return Uint8Array.of(0xa0 + count, ...entries);
}

/** Up to 255 characters of ASCII. */
function text(value: string): readonly number[] {
  const bytes = new TextEncoder().encode(value);
  if (bytes.length > 255) throw new RangeError('a field of a card is that long');
  return [...(bytes.length < 24 ? [0x60 + bytes.length] : [0x78, bytes.length]), ...bytes];
}
