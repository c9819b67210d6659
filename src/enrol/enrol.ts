/**
 * Makes a box one of the county's terminals (wire.md 7): keys are made here, the ticket is handed in over TLS that it pins, and what comes back
 * is believed only as far as the ticket pinned it.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import type { Instant } from '../contracts.js';
import { sameBytes } from '../crypto/cbor.js';
import { createOpener } from '../crypto/seal.js';
import { generateKey, kidOfPoint, pointOfSpki, privateKey, spkiOf } from '../crypto/sm2.js';
import { sm3 } from '../crypto/sm3.js';
import type { Identity } from '../identity.js';
import { openByRoot } from '../messages/by-root.js';
import { ENROL_PATH, type EnrolAnswer, LARGEST_ENROL, makeEnrol, readEnrolAnswer } from '../messages/enrol.js';
import { decodeManifest } from '../messages/manifest.js';
import { openSecrets } from '../messages/secrets.js';
import { isTestRoot } from '../messages/test-root.js';
import { decodeTicket, type Ticket, ticketId } from '../messages/ticket.js';
import { makeCsr } from './csr.js';
import { EnrolError } from './error.js';
import { pinnedAuthority, post } from './https.js';
import { type DeviceKeys, isEnrolled, readPending, writeIdentity, writePending } from './identity.js';

export interface Enrolling {
  /** As it was scanned. */
  readonly ticket: Uint8Array;
  /** The state folder. */
  readonly state: string;
  readonly mode: 'production' | 'test';
  /** The earliest it can be: an expired ticket is not even handed in. */
  readonly earliest: Instant;
}

/** Durable when it resolves. The same ticket may be tried again after any failure. @throws EnrolError */
export async function enrolBox({ ticket: text, state, mode, earliest }: Enrolling): Promise<Identity> {
  const ticket = decodeTicket(text);
  if (!ticket) throw new EnrolError('not-a-ticket');
  if (isEnrolled(state)) throw new EnrolError('enrolled-already');
  if (ticket.expires * 1000 <= earliest) throw new EnrolError('ticket-expired');
  const keys = keysFor(ticket, state);
  const signing = privateKey(keys.sign);
  const opening = privateKey(keys.open);
  const request = {
    terminal: ticket.terminal,
    ticket: ticketId(ticket.secret),
    sign: spkiOf(signing.public.point),
    open: spkiOf(opening.public.point),
    csr: csrOf(keys.tls, ticket.terminal),
  };
  const ca = await pinnedAuthority(ticket.enrol, ticket.ca);
  const signer = { kid: kidOfPoint(signing.public.point), sign: signing.sign };
  const body = makeEnrol(request, ticket.secret, signer);
  const answer = readEnrolAnswer(await post({ url: ticket.enrol, path: ENROL_PATH, body, ca, largest: LARGEST_ENROL }), ticket.secret);
  if (!answer) throw new EnrolError('answer-unreadable');
  assertOf(answer, ticket, keys, mode);
  const { terminal, checkpoint, region, broker, enrol, leastSeq } = ticket;
  const identity = { terminal, checkpoint, region, broker, enrol, leastSeq };
  writeIdentity(state, { identity, keys, root: answer.root, chain: answer.chain });
  return identity;
}

/** Those that this ticket was tried with before, or new ones, on disk before anyone hears of them. */
function keysFor({ secret }: Ticket, state: string): DeviceKeys {
  const ticket = ticketId(secret);
  const before = readPending(state, ticket);
  if (before) return before;
  const keys = { sign: generateKey().export(), open: generateKey().export(), tls: newTlsKey() };
  writePending(state, ticket, keys);
  return keys;
}

/** PKCS#8 (DER) of a new P-256 key. */
export const newTlsKey = (): Uint8Array =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'der', type: 'pkcs8' });

export function csrOf(tls: Uint8Array, terminal: string): Uint8Array {
  const key = createPrivateKey({ key: Buffer.from(tls), format: 'der', type: 'pkcs8' });
  return makeCsr(terminal, key, createPublicKey(key));
}

/** Everything that the ticket pinned, and what follows from it. */
function assertOf(answer: EnrolAnswer, ticket: Ticket, keys: DeviceKeys, mode: Enrolling['mode']): void {
  const { root, chain, manifest, secrets } = answer;
  const point = pointOfSpki(root);
  if (!point || !sameBytes(sm3(root), ticket.root)) throw new EnrolError('answer-forged', 'root');
  if (mode === 'production' && isTestRoot(kidOfPoint(point))) throw new EnrolError('test-root');
  assertCertificate(chain, keys.tls, ticket);
  const opened = openByRoot(manifest, 'ak/trust', [point]);
  const trust = 'payload' in opened ? decodeManifest(opened.payload) : undefined;
  const given = trust && 'manifest' in trust ? trust.manifest : undefined;
  if (given?.region !== ticket.region || given.seq < ticket.leastSeq) throw new EnrolError('answer-forged', 'manifest');
  const opening = privateKey(keys.open);
  const opener = createOpener(opening.scalar(), kidOfPoint(opening.public.point));
  const own = openSecrets({ bytes: secrets, terminal: ticket.terminal, roots: [point], opener });
  if (!('secrets' in own)) throw new EnrolError('answer-forged', 'secrets');
}

/** Of this key, for this name, by the authority that is pinned. @throws EnrolError */
export function assertCertificate(
  [leaf, ca]: readonly [Uint8Array, Uint8Array],
  tls: Uint8Array,
  { terminal }: Pick<Ticket, 'terminal'>,
): void {
  const key = createPrivateKey({ key: Buffer.from(tls), format: 'der', type: 'pkcs8' });
  let holds: boolean;
  try {
    const certificate = new X509Certificate(leaf);
    const authority = new X509Certificate(ca);
    holds = certificate.checkPrivateKey(key) && certificate.verify(authority.publicKey) && certificate.subject === `CN=${terminal}`;
  } catch {
    holds = false; // no certificate at all
  }
  if (!holds) throw new EnrolError('answer-forged', 'certificate');
}
