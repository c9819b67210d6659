/** Did the platform sign this, with a key that may and is not revoked? By the trust in force. */
import type { Clock, KeyRing, Trust } from '../contracts.js';
import type { Verify } from '../messages/signed.js';

export interface VerifyParts {
  current(): Trust | undefined;
  readonly verifier: Pick<KeyRing, 'verify'>;
  readonly clock: Clock;
}

export function platformVerify({ current, verifier, clock }: VerifyParts): Verify {
  return (kid, typ, message, signature) => {
    const key = current()?.keys.signer(kid);
    if (!key?.types.includes(typ) || key.revokedAt <= clock.now().earliest) return false;
    return verifier.verify(key.point, message, signature, 'kept');
  };
}
