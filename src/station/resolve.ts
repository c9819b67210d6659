/** A code that only its issuer can read, resolved at the platform (wire.md 1.4): a credential for this reading, or why there is none. */
import type { Clock, Credential, Log, Reading } from '../contracts.js';
import type { Cbor } from '../crypto/cbor.js';
import { sm3 } from '../crypto/sm3.js';
import type { Status } from '../messages/answer.js';
import { decodeResolved, decodeResolveRefusal, encodeResolve, RESOLVE } from '../messages/credential.js';
import type { Decision } from './decide.js';
import type { Read } from './read.js';

/** Asks the platform; rejects at once when there is no line, and when no answer comes in time. */
export type AskPlatform = (
  operation: string,
  body: Cbor,
  options: { readonly deadlineMs: number; readonly sealed: true },
) => Promise<{ readonly status: Status; readonly body: Cbor }>;

export interface ResolverParts {
  /** undefined: there is no line to the platform yet. */
  readonly ask: () => AskPlatform | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Opaque {
  /** What the code was held up for. */
  readonly scene: string;
  readonly format: OpaqueFormat;
}

/** Never rejects. */
export type Resolver = (reading: Reading, opaque: Opaque) => Promise<Read>;

/** wire.md 1.4: then it is `needs-network`. */
const PATIENCE_MS = 2000;
/** Formats whose codes the platform can resolve: today's Ankang code; vouchers, health cards and hospital cards by a county's patterns. */
const OPAQUE = ['ankang-today', 'voucher'] as const;
export type OpaqueFormat = (typeof OPAQUE)[number];

/** The format, if it knew the code and could say no more, and no earlier word refused it. */
export function opaqueFormat({ verdict, facts }: Decision): OpaqueFormat | undefined {
  return verdict.admit || verdict.refusal !== 'needs-network' ? undefined : OPAQUE.find((format) => format === facts['format']);
}

export function createResolver({ ask, clock, log }: ResolverParts): Resolver {
  return async (reading, { scene, format }) => {
    const away: Read = { format, result: { refusal: 'needs-network', note: format } };
    const line = ask();
    if (!line) return away;
    const code = Buffer.from(reading.bytes).toString('latin1');
    try {
      const { status, body } = await line(RESOLVE, encodeResolve({ code, scene }), { deadlineMs: PATIENCE_MS, sealed: true });
      if (status !== 'ok') return { format, result: refusalOf(status, body) ?? away.result };
      const credential = credentialOf(reading, format, { body, clock });
      if (!credential) log.error('resolved-unreadable', { station: reading.station });
      return credential ? { format, result: credential } : away;
    } catch (error) {
      log.warn('not-resolved', { station: reading.station, error: error instanceof Error ? error.message : String(error) });
      return away;
    }
  };
}

/** A token that its issuer does not know is not one of its codes; everything but a word about the code is our trouble, not the visitor's. */
function refusalOf(status: Status, body: Cbor): Extract<Read['result'], { refusal: unknown }> | undefined {
  if (status === 'unknown') return { refusal: 'forged' };
  return status === 'refused' ? asRefusal(body) : undefined;
}

function asRefusal(body: Cbor): { readonly refusal: 'expired' | 'revoked' } | undefined {
  const reason = decodeResolveRefusal(body);
  return reason && { refusal: reason };
}

interface Said {
  readonly body: Cbor;
  readonly clock: Clock;
}

/**
 * It holds from the reading on. Today's code is single use like any code on a screen: the same token is the same showing. What a pattern
 * recognises may be printed on a card that is shown again, and its issuer says how long a token lives.
 */
function credentialOf({ at, bytes }: Reading, format: OpaqueFormat, { body, clock }: Said): Credential | undefined {
  const resolved = decodeResolved(body);
  if (!resolved) return undefined;
  return {
    kind: 'person',
    format,
    form: format === 'voucher' ? 'card' : 'screen',
    subject: resolved.subject,
    codeId: '',
    validFrom: Math.min(at.earliest, clock.now().earliest),
    validUntil: resolved.validUntil,
    revokedAt: Number.POSITIVE_INFINITY,
    colour: resolved.colour,
    ...(format !== 'voucher' && { replayId: sm3(bytes) }),
    claims: {},
  };
}
