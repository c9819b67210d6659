/** A visit of the page: named at random, bound to this browser and this code, so that no other page can send it and nobody sends it for two. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { decodeBase64Url, encodeBase64Url } from '../../crypto/base-n.js';
import { hmacSm3 } from '../../crypto/sm3.js';

export interface Visits {
  /** Of a browser that has none yet. */
  newBrowser(): string;
  isBrowser(text: string | undefined): text is string;
  begin(browser: string, code: string): { readonly visit: string; readonly proof: string };
  /** undefined: it is not one that we gave to this browser for this code. */
  find(named: Named): Uint8Array | undefined;
}

export interface Named {
  readonly browser: string;
  readonly code: string;
  readonly visit: string;
  readonly proof: string;
}

const BROWSER = /^[A-Za-z0-9_-]{22}$/;

/** `key`: the county's own, so that a form that is open survives a restart. */
export function createVisits(key: Uint8Array): Visits {
  const secret = hmacSm3(key, Buffer.from('phones/visit/1'));
  const proofOf = (browser: string, code: string, visit: string): Uint8Array =>
    hmacSm3(secret, Buffer.from(`${browser}\n${visit}\n${code}`, 'utf8')).subarray(0, 16);
  const fresh = (): string => encodeBase64Url(Uint8Array.from(randomBytes(16)));
  return {
    newBrowser: fresh,
    isBrowser: (text): text is string => text !== undefined && BROWSER.test(text),
    begin(browser, code) {
      const visit = fresh();
      return { visit, proof: encodeBase64Url(proofOf(browser, code, visit)) };
    },
    find({ browser, code, visit, proof }) {
      const [id, given] = [decodeBase64Url(visit), decodeBase64Url(proof)];
      if (id?.length !== 16 || given?.length !== 16) return undefined;
      return timingSafeEqual(given, proofOf(browser, code, visit)) ? id : undefined;
    },
  };
}
