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

/** `scene`: what the code was held up for. Never rejects. */
export type Resolver = (reading: Reading, scene: string) => Promise<Read>;

/** wire.md 1.4: then it is `needs-network`. */
const PATIENCE_MS = 2000;
/** Formats whose codes the platform can resolve. */
const OPAQUE = 'ankang-today';

/** The format knew the code and could say no more, and no earlier word refused it. */
export function isOpaque({ verdict, facts }: Decision): boolean {
  return !verdict.admit && verdict.refusal === 'needs-network' && facts['format'] === OPAQUE;
}

export function createResolver({ ask, clock, log }: ResolverParts): Resolver {
  return async (reading, scene) => {
    const line = ask();
    if (!line) return { format: OPAQUE, result: NEEDS_NETWORK };
    const code = Buffer.from(reading.bytes).toString('latin1');
    try {
      const { status, body } = await line(RESOLVE, encodeResolve({ code, scene }), { deadlineMs: PATIENCE_MS, sealed: true });
      if (status !== 'ok') return { format: OPAQUE, result: refusalOf(status, body) };
      const credential = credentialOf(reading, body, clock);
      if (!credential) log.error('resolved-unreadable', { station: reading.station });
      return { format: OPAQUE, result: credential ?? NEEDS_NETWORK };
    } catch (error) {
      log.warn('not-resolved', { station: reading.station, error: error instanceof Error ? error.message : String(error) });
      return { format: OPAQUE, result: NEEDS_NETWORK };
    }
  };
}

const NEEDS_NETWORK = { refusal: 'needs-network', note: OPAQUE } as const;

/** A token that its issuer does not know is not one of its codes; everything but a word about the code is our trouble, not the visitor's. */
function refusalOf(status: Status, body: Cbor): Extract<Read['result'], { refusal: unknown }> {
  if (status === 'unknown') return { refusal: 'forged' };
  return (status === 'refused' && asRefusal(body)) || NEEDS_NETWORK;
}

function asRefusal(body: Cbor): { readonly refusal: 'expired' | 'revoked' } | undefined {
  const reason = decodeResolveRefusal(body);
  return reason && { refusal: reason };
}

/** Single use like any code on a screen: the same token is the same showing. It holds from the reading on. */
function credentialOf({ at, bytes }: Reading, body: Cbor, clock: Clock): Credential | undefined {
  const resolved = decodeResolved(body);
  if (!resolved) return undefined;
  return {
    kind: 'person',
    format: OPAQUE,
    form: 'screen',
    subject: resolved.subject,
    codeId: '',
    validFrom: Math.min(at.earliest, clock.now().earliest),
    validUntil: resolved.validUntil,
    revokedAt: Number.POSITIVE_INFINITY,
    colour: resolved.colour,
    replayId: sm3(bytes),
    claims: {},
  };
}
