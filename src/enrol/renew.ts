/** Keeps the certificate of an enrolled terminal alive (wire.md 7): renewed at half-life, and after its end too, with a new TLS key each time. */
import { X509Certificate } from 'node:crypto';
import type { Clock, Instant, Log } from '../contracts.js';
import { decodeCbor } from '../crypto/cbor.js';
import type { Identity } from '../identity.js';
import { LARGEST_ENROL, makeRenew, RENEW_PATH } from '../messages/enrol.js';
import type { Signer } from '../messages/signed.js';
import { assertCertificate, csrOf, newTlsKey } from './enrol.js';
import { EnrolError } from './error.js';
import { post } from './https.js';
import { readAuthority, readTls, replaceTls } from './identity.js';

export interface RenewalParts {
  readonly identity: Identity;
  /** The state folder. */
  readonly state: string;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Renewal {
  /** ms until the certificate in use ends, as far as the clock knows; below zero: it has. */
  readonly left: number;
  stop(): void;
}

const FIRST_MS = 60_000;
const LOOK_MS = 3_600_000;
const BACK_OFF_MS = { least: 60_000, most: 6 * 3_600_000 } as const;

/** The first look comes after a minute: the line and the clock come first. */
export function startRenewal(parts: RenewalParts): Renewal {
  const { state, clock, log } = parts;
  let delay: number = BACK_OFF_MS.least;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const later = (ms: number): void => {
    if (!stopped) timer = setTimeout(() => void look(), ms).unref();
  };
  const look = async (): Promise<void> => {
    try {
      if (isDue(lifeOf(state), clock.now().earliest)) {
        await renewNow(parts);
        log.info('certificate-renewed', { until: new Date(lifeOf(state).until).toISOString() });
      }
      delay = BACK_OFF_MS.least;
      later(LOOK_MS);
    } catch (error) {
      log.warn('certificate-not-renewed', { error: error instanceof Error ? error.message : String(error) });
      later(delay / 2 + Math.random() * (delay / 2));
      delay = Math.min(delay * 2, BACK_OFF_MS.most);
    }
  };
  later(FIRST_MS);
  return {
    get left() {
      return lifeOf(state).until - clock.now().earliest;
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

interface Life {
  readonly from: Instant;
  readonly until: Instant;
}

/** Of the certificate in `tls.pem`; the first in the file is the terminal's own. */
export function lifeOf(state: string): Life {
  const certificate = new X509Certificate(readTls(state));
  return { from: Date.parse(certificate.validFrom), until: Date.parse(certificate.validTo) };
}

export const isDue = ({ from, until }: Life, at: Instant): boolean => at >= from + (until - from) / 2;

/** The new certificate is on disk when it resolves. @throws EnrolError */
export async function renewNow({ identity, state, signer, clock }: RenewalParts): Promise<void> {
  const { terminal, enrol } = identity;
  const tls = newTlsKey();
  const { earliest, latest } = clock.now();
  const at = Number.isFinite(latest) ? Math.floor(earliest / 1000) : 0;
  const body = makeRenew({ terminal, csr: csrOf(tls, terminal), at }, signer);
  const ca = new X509Certificate(readAuthority(state)).raw;
  const answer = decodeCbor(await post({ url: enrol, path: RENEW_PATH, body, ca, largest: LARGEST_ENROL }));
  const [leaf] = Array.isArray(answer) ? answer : [];
  if (!(leaf instanceof Uint8Array)) throw new EnrolError('answer-unreadable');
  // The authority stays the one that was pinned, whatever the answer brings along.
  assertCertificate([leaf, ca], tls, { terminal });
  replaceTls(state, tls, [leaf, ca]);
}
