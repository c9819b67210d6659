/** Who the owner of a phone is. In production the city's app opens the page and its session says so; here it is the text of their own code. */
import type { Instant, Words } from '../../contracts.js';
import { sm3 } from '../../crypto/sm3.js';
import { provedByPhone } from '../presented.js';
import type { CountyStore } from '../store.js';

export interface Asked {
  /** What was typed where the page asked for it; '' where it asks nothing. */
  readonly typed: string;
  /** Of the request that sent the form: a session of the city's app. */
  header(name: string): string | undefined;
}

export interface Identity {
  /** A pseudonym of 22 characters. */
  readonly subject: string;
  /** 32 bytes of what may register once only; null: it may be used again. */
  readonly once: Uint8Array | null;
}

export interface PhoneIdentity {
  /** What the page asks for; undefined: the request itself says who it is. */
  readonly asks: Words | undefined;
  /** undefined: it proves nobody now. */
  whoIs(asked: Asked): Promise<Identity | undefined>;
}

/** The longest moment with its certificate is about 700 characters. */
export const LONGEST_CODE = 1200;

/** Of the reference county: an AK1 or AK2 text, as its simulated phone shows it. */
export function identityByCode({ store, now }: { readonly store: CountyStore; readonly now: () => Instant }): PhoneIdentity {
  return {
    asks: { zh: '您的安康码（亮码文本 AK1 或 AK2）', en: 'Your own code, as text (AK1 or AK2)' },
    async whoIs({ typed }) {
      const text = typed.trim();
      if (text.length > LONGEST_CODE) return undefined;
      const subject = await provedByPhone(text, { store, now: now() });
      return subject === undefined ? undefined : { subject, once: sm3(Buffer.from(text, 'latin1')) };
    },
  };
}
