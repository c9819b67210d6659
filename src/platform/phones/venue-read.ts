/** A venue code as a phone opened it (wire.md 1.3): whose it is, and whether it holds. Nothing of it is shown before its signature holds. */
import type { Instant } from '../../contracts.js';
import { decodeBase32 } from '../../crypto/base-n.js';
import { kidOf, parseSign1, type Sign1, toBeSigned } from '../../crypto/cose.js';
import { kidOfPoint, pointOfSpki } from '../../crypto/sm2.js';
import { opensslVerifier } from '../../crypto/verifier.js';
import { decodeVenue, TYP, type VenueClaims } from '../../messages/claims.js';
import type { CountyStore, Terminal } from '../store.js';

/** `unknown`: no terminal in service made it. */
export const BAD_VENUES = ['unreadable', 'unknown', 'forged', 'early', 'expired'] as const;
export type BadVenue = (typeof BAD_VENUES)[number];

export interface SeenVenue {
  readonly terminal: Terminal;
  readonly claims: VenueClaims;
}

/** Every code of ours is much shorter. */
const LONGEST = 1200;
/** wire.md 2. */
const SKEW_S = 60;

const { verify } = opensslVerifier();

interface Reading {
  readonly store: CountyStore;
  readonly region: string;
  readonly now: Instant;
}

export async function readVenue(code: string, { store, region, now }: Reading): Promise<SeenVenue | BadVenue> {
  const bytes = code.length <= LONGEST ? decodeBase32(code) : undefined;
  const object = bytes && parseSign1(bytes);
  const kid = object && kidOf(object, TYP.venue);
  if (!kid) return 'unreadable';
  const made = await madeBy(kid, store);
  if (!made) return 'unknown';
  if (!holds(object, made.point)) return 'forged';
  const claims = decodeVenue(object.payload);
  if (!claims) return 'unreadable';
  // A terminal speaks for its own place only.
  if (claims.region !== region || claims.checkpoint !== made.terminal.checkpoint) return 'forged';
  const at = now / 1000;
  if (at < claims.issued - SKEW_S) return 'early';
  return at >= claims.expires ? 'expired' : { terminal: made.terminal, claims };
}

async function madeBy(
  kid: Uint8Array,
  store: CountyStore,
): Promise<{ readonly terminal: Terminal; readonly point: Uint8Array } | undefined> {
  for (const terminal of await store.terminals()) {
    const point = terminal.struck ? undefined : pointOfSpki(terminal.sign);
    if (point && Buffer.from(kidOfPoint(point)).equals(kid)) return { terminal, point };
  }
  return undefined;
}

const holds = ({ protectedBytes, payload, signature }: Sign1, point: Uint8Array): boolean =>
  signature.length === 64 && verify(point, toBeSigned(protectedBytes, payload), signature, 'once');
