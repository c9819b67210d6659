/** Posts bytes to the county's enrolment, over TLS whose authority is known by its certificate or by a pin of it. */
import { createHash } from 'node:crypto';
import { request } from 'node:https';
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { pem } from '../crypto/pem.js';
import { EnrolError } from './error.js';

const PATIENCE_MS = 15_000;
const LONGEST_CHAIN = 5;

/** The authority that this server names, if it is the one that is pinned; nothing was told the server yet. @throws EnrolError */
export async function pinnedAuthority(url: string, pin: Uint8Array): Promise<Uint8Array> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    // Looked at only: whether it is believed is decided by the pin, and by whoever connects with it.
    const socket: TLSSocket = connect(
      { host: bare(hostname), port: Number(port || 443), rejectUnauthorized: false, timeout: PATIENCE_MS },
      () => {
        const found = chainOf(socket.getPeerCertificate(true)).find((der) => createHash('sha256').update(der).digest().equals(pin));
        socket.destroy();
        if (found) resolve(found);
        else reject(new EnrolError('not-the-county'));
      },
    );
    socket.once('timeout', () => socket.destroy(new Error('timeout')));
    socket.once('error', (error) => reject(new EnrolError('unreachable', error.message)));
  });
}

function chainOf(certificate: DetailedPeerCertificate): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  for (let at: DetailedPeerCertificate | undefined = certificate; at?.raw && chain.length < LONGEST_CHAIN; at = at.issuerCertificate) {
    if (chain.some((der) => at?.raw.equals(der))) break;
    chain.push(at.raw);
  }
  return chain;
}

export interface Posted {
  readonly url: string;
  readonly path: string;
  readonly body: Uint8Array;
  /** DER of the only authority that is believed. */
  readonly ca: Uint8Array;
  readonly largest: number;
}

/** The answer's bytes. @throws EnrolError: `unreachable`, or the county's own word */
export function post({ url, path, body, ca, largest }: Posted): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(error instanceof EnrolError ? error : new EnrolError('unreachable', error.message));
    const asked = request(
      new URL(path, url),
      {
        method: 'POST',
        ca: pem('CERTIFICATE', ca),
        timeout: PATIENCE_MS,
        headers: { 'content-type': 'application/cose', 'content-length': body.length },
        agent: false,
      },
      (answer) => {
        const chunks: Buffer[] = [];
        let length = 0;
        answer.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length > largest) asked.destroy(new Error('an answer without end'));
          else chunks.push(chunk);
        });
        answer.once('error', failed);
        answer.once('end', () => {
          if (answer.statusCode === 200) resolve(Buffer.concat(chunks));
          else reject(EnrolError.ofCounty(Buffer.concat(chunks).toString()));
        });
      },
    );
    asked.once('timeout', () => asked.destroy(new Error('timeout')));
    asked.once('error', failed);
    asked.end(body);
  });
}

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '');
