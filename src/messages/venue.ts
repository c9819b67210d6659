/** The code that a terminal makes for phones (wire.md 1.3): of its checkpoint, of an event, of what a counter sells. */
import { encodeBase32 } from '../crypto/base-n.js';
import { makeSign1 } from '../crypto/cose.js';
import { encodeVenue, TYP, type VenueClaims } from './claims.js';
import type { Signer } from './signed.js';

/**
 * `HTTPS://<host>/V/…`, all in upper case: QR codes hold that in less space. A host after `http://` is of a demo: no terminal reads such a code.
 * @throws RangeError for claims that break the table
 */
export function makeVenueCode(terminal: Signer, host: string, claims: VenueClaims): string {
  const page = host.toUpperCase();
  return `${page.startsWith('HTTP://') ? '' : 'HTTPS://'}${page}/V/${encodeBase32(makeSign1(terminal.kid, TYP.venue, encodeVenue(claims), terminal.sign))}`;
}
