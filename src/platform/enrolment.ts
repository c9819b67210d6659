/**
 * Where a new terminal hands in its ticket, and an old one asks for its next certificate (wire.md 7): HTTPS with the county's own authority.
 *
 *   ticket ─POST /enrol→ keys entered, trust issued → certificate, manifest, secrets
 *   sign key ─POST /renew→ certificate
 */

import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Instant, Log } from '../contracts.js';
import { encodeCbor, sameBytes } from '../crypto/cbor.js';
import { sm3 } from '../crypto/sm3.js';
import {
  ENROL_PATH,
  type EnrolRefusal,
  type EnrolRequest,
  LARGEST_ENROL,
  makeEnrolAnswer,
  RENEW_PATH,
  readEnrol,
  readRenew,
} from '../messages/enrol.js';
import { encodeTicket, isBroker, isEnrol, ticketId } from '../messages/ticket.js';
import type { Authority, Certified } from './authority.js';
import type { CountyKeys } from './keys.js';
import { issueTrust } from './manifest.js';
import { addTerminal, assertNames, OrderError } from './orders.js';
import type { CountyStore } from './store.js';
import type { Ticketed } from './store-tickets.js';

export interface EnrolmentParts {
  readonly store: CountyStore;
  readonly keys: CountyKeys;
  readonly authority: Authority;
  readonly now: () => Instant;
  /** What was issued reaches the broker. */
  readonly published: () => void;
  readonly log: Log;
}

/** What a request is answered with: bytes, or why not. */
export type Enrolled = { readonly answer: Uint8Array } | { readonly refusal: EnrolRefusal };

export interface NewTicket {
  readonly terminal: string;
  readonly checkpoint: string;
  readonly site: string;
  readonly region: boolean;
  readonly broker: string;
  readonly enrol: string;
  /** ms that it lives. */
  readonly life: number;
}

/** The text for the QR code; one that was given out for the same terminal and not used is worth nothing any more. @throws OrderError */
export async function giveTicket(
  { store, keys, authority, now }: Omit<EnrolmentParts, 'published' | 'log'>,
  wanted: NewTicket,
): Promise<string> {
  const { terminal, checkpoint, site, region, broker, enrol, life } = wanted;
  assertNames(terminal, checkpoint, site);
  if (!isBroker(broker)) throw new OrderError(`the broker of a ticket is mqtts://host:port, not ${broker}`, '代理地址须为 mqtts://');
  if (!isEnrol(enrol)) throw new OrderError(`the address of enrolment is https://host:port, not ${enrol}`, '登记地址须为 https://');
  const known = (await store.terminals()).find(({ id, struck }) => id === terminal && !struck);
  if (known) throw new OrderError(`${terminal} is in service; strike it off before another box takes its name`, '终端在用，请先注销');
  const secret = Uint8Array.from(randomBytes(16));
  const expires = now() + life;
  await store.putTicket({ id: ticketId(secret), secret, terminal, checkpoint, site, region, expires, used: null });
  const leastSeq = (await store.manifest())?.seq ?? 0;
  const root = sm3(keys.root.spki);
  const ticket = { terminal, checkpoint, region: keys.region, root, leastSeq, broker, enrol, ca: authority.pin, secret };
  return encodeTicket({ ...ticket, expires: Math.floor(expires / 1000) });
}

/** The device that uses the ticket: a certificate request is made anew each time. */
const effectOf = ({ sign, open }: EnrolRequest): Uint8Array => sm3(encodeCbor([sign, open]));

/** The same ticket with the same keys again, after a lost answer, is answered again. */
export async function enrol(parts: EnrolmentParts, bytes: Uint8Array): Promise<Enrolled> {
  const { store, now } = parts;
  const request = readEnrol(bytes);
  if (!request) return { refusal: 'unreadable' };
  const ticket = await store.ticket(request.ticket);
  if (!ticket || ticket.terminal !== request.terminal) return { refusal: 'unknown' };
  if (!request.proves(ticket.secret)) return { refusal: 'forged' };
  if (ticket.used && !sameBytes(ticket.used, effectOf(request))) return { refusal: 'used' };
  if (ticket.expires <= now()) return { refusal: 'expired' };
  return entered(parts, ticket, request);
}

async function entered(parts: EnrolmentParts, ticket: Ticketed, request: EnrolRequest): Promise<Enrolled> {
  const { store, keys, authority, now, log } = parts;
  const { terminal } = ticket;
  const known = (await store.terminals()).find(({ id }) => id === terminal);
  const same = known !== undefined && sameBytes(known.sign, request.sign) && sameBytes(known.open, request.open);
  if (same && known.struck) return { refusal: 'struck' };
  if (known && !same && !known.struck) return { refusal: 'used' };
  const certified = await authority.certify(request.csr, terminal, now());
  if (!certified) return { refusal: 'unreadable' };
  // From here on it is that device's ticket: two that come at once do not both become the terminal.
  if (!ticket.used && !(await store.useTicket(ticket.id, effectOf(request)))) return { refusal: 'used' };
  const { checkpoint, site, region } = ticket;
  if (!same) await addTerminal(store, { id: terminal, checkpoint, site, region, sign: request.sign, open: request.open });
  await issueTrust({ store, keys, now: now() });
  parts.published();
  const manifest = await store.manifest();
  const secrets = (await store.secrets()).find((one) => one.terminal === terminal);
  if (!manifest || !secrets) throw new Error(`nothing was issued for ${terminal}`);
  await noted(parts, terminal, certified);
  log.info('terminal-enrolled', { terminal, checkpoint, again: same });
  const chain = [certified.certificate, authority.certificate] as const;
  return { answer: makeEnrolAnswer({ chain, root: keys.root.spki, manifest: manifest.bytes, secrets: secrets.bytes }, ticket.secret) };
}

export async function renew(parts: EnrolmentParts, bytes: Uint8Array): Promise<Enrolled> {
  const { store, authority, now, log } = parts;
  const request = readRenew(bytes);
  if (!request) return { refusal: 'unreadable' };
  const known = (await store.terminals()).find(({ id }) => id === request.terminal);
  if (!known) return { refusal: 'unknown' };
  if (!request.signedBy(known.sign)) return { refusal: 'forged' };
  if (known.struck) return { refusal: 'struck' };
  const certified = await authority.certify(request.csr, request.terminal, now());
  if (!certified) return { refusal: 'unreadable' };
  await noted(parts, request.terminal, certified);
  log.info('certificate-renewed', { terminal: request.terminal, serial: certified.serial });
  return { answer: encodeCbor([certified.certificate, authority.certificate]) };
}

const noted = ({ store, now }: EnrolmentParts, terminal: string, { serial, until }: Certified): Promise<void> =>
  store.noteCertificate({ serial, terminal, since: now(), until });

/** For the authority's revocation list. */
export async function revokedCertificates(store: CountyStore): Promise<readonly { readonly serial: string; readonly at: Instant }[]> {
  return (await store.certificates()).flatMap(({ serial, revoked }) => (revoked === null ? [] : [{ serial, at: revoked }]));
}

// ── the server ──────────────────────────────────────────────────────────────────────────────────────────────────────

export interface EnrolmentServer {
  readonly port: number;
  stop(): Promise<void>;
}

const STATUS: Readonly<Record<EnrolRefusal, number>> = {
  unreadable: 400,
  forged: 403,
  struck: 403,
  unknown: 404,
  used: 409,
  expired: 410,
  fault: 500,
};
const MOST_CONNECTIONS = 64;
const PATIENCE_MS = 15_000;

/** `names`: hosts and addresses that terminals know this server by. @throws when the port is taken. */
export async function serveEnrolment(
  parts: EnrolmentParts,
  { host, port, names }: { readonly host: string; readonly port: number; readonly names: readonly string[] },
): Promise<EnrolmentServer> {
  const { store, log } = parts;
  const tls = await parts.authority.server(names, parts.now());
  let turn: Promise<unknown> = Promise.resolve();
  /** One at a time: each reads what the one before wrote. */
  const inTurn = (work: () => Promise<Enrolled>): Promise<Enrolled> => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  };
  const answer = async (request: IncomingMessage): Promise<Enrolled> => {
    const handle = request.method === 'POST' ? HANDLERS[request.url ?? ''] : undefined;
    if (!handle) return { refusal: 'unknown' };
    const body = await bodyOf(request);
    const done = body ? await inTurn(() => handle(parts, body)) : ({ refusal: 'unreadable' } as const);
    if ('refusal' in done) await store.noteRejected([{ terminal: '', reason: `enrol-${done.refusal}`, count: 1 }], parts.now());
    return done;
  };
  const server: Server = createServer(
    { ...tls, minVersion: 'TLSv1.2', requestTimeout: PATIENCE_MS, headersTimeout: PATIENCE_MS },
    (request, response) => {
      answer(request).then(
        (done) => respond(response, done),
        (error: unknown) => {
          log.error('enrolment-failed', { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
          respond(response, { refusal: 'fault' });
        },
      );
    },
  );
  server.maxConnections = MOST_CONNECTIONS;
  server.on('tlsClientError', (error) => log.warn('enrolment-tls', { error: error.message }));
  await new Promise<void>((resolve, reject) => server.once('listening', resolve).once('error', reject).listen(port, host));
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await turn;
    },
  };
}

const HANDLERS: Readonly<Record<string, (parts: EnrolmentParts, bytes: Uint8Array) => Promise<Enrolled>>> = {
  [ENROL_PATH]: enrol,
  [RENEW_PATH]: renew,
};

/** undefined: too long. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LARGEST_ENROL) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function respond(response: ServerResponse, done: Enrolled): void {
  if ('answer' in done) response.writeHead(200, { 'content-type': 'application/cbor', 'cache-control': 'no-store' }).end(done.answer);
  else response.writeHead(STATUS[done.refusal], { 'content-type': 'application/json' }).end(JSON.stringify({ refusal: done.refusal }));
}
