/** A simulated trusted-identity service in the shape of facts 11.1, for the demo and the tests: synthetic people only, faults on demand, loopback. */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hmacSm3 } from '../crypto/sm3.js';
import { isSynthetic } from '../messages/identifiers.js';
import { APPLY, authData, REQUEST, type TrustedIdentitySettings } from './trusted-identity.js';

/** `slow`: no answer in time; `down`: the connection breaks; `wrong-envelope`: something else than an answer. */
export type TrustedIdentityFault = 'slow' | 'down' | 'wrong-envelope';

export interface SimulatedTrustedIdentity {
  readonly settings: TrustedIdentitySettings;
  /** From now on this person is known. @throws RangeError for a person who might exist. */
  know(idNumber: string): void;
  fault(fault: TrustedIdentityFault | undefined): void;
  /** Verdicts that were given. */
  readonly verdicts: number;
  stop(): Promise<void>;
}

const LARGEST = 8192;
const MOST_OPEN = 1000;

/** @throws when the port is taken. 0: any free one. */
export async function startTrustedIdentity(port: number): Promise<SimulatedTrustedIdentity> {
  const known = new Set<string>();
  /** Random numbers by serial number, each good once. */
  const open = new Map<string, string>();
  const secret = randomBytes(32);
  const organisation = Uint8Array.from(Buffer.from('HS341525'));
  const application = Uint8Array.from(Buffer.from('AKDM'));
  const hanging = new Set<ServerResponse>();
  let fault: TrustedIdentityFault | undefined;
  let verdicts = 0;

  const apply = (): unknown => {
    const bizSerialNum = randomBytes(16).toString('hex');
    const randomNumber = randomBytes(16).toString('hex');
    open.set(bizSerialNum, randomNumber);
    for (const oldest of open.keys()) if (open.size > MOST_OPEN) open.delete(oldest);
    return { bizSerialNum, randomNumber };
  };
  const verdict = ({ bizSerialNum, idcardAuthData }: Readonly<Record<string, unknown>>): unknown => {
    const random = typeof bizSerialNum === 'string' ? open.get(bizSerialNum) : undefined;
    if (random === undefined) return { success: false, errorCode: '2001', errorDesc: '流水号无效 · no such serial number' };
    open.delete(String(bizSerialNum));
    verdicts++;
    const person = [...known].find((id) => authData(id, random, { organisation, application }) === idcardAuthData);
    const mark = person && Buffer.from(hmacSm3(secret, Buffer.from(person)).subarray(0, 24)).toString('base64');
    return { success: true, errorCode: '0', errorDesc: '', authResult: person ? '0' : '1', ...(mark && { authResultRetainData: mark }) };
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (fault === 'down') return void request.destroy();
    const body = await bodyOf(request);
    if (request.method !== 'POST' || !body || (request.url !== APPLY && request.url !== REQUEST)) return void response.writeHead(404).end();
    if (fault === 'slow') {
      hanging.add(response);
      return void response.once('close', () => hanging.delete(response));
    }
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
    response.end(fault === 'wrong-envelope' ? '<html>' : JSON.stringify(request.url === APPLY ? apply() : verdict(body)));
  };

  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    settings: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, organisation, application },
    know(idNumber) {
      if (!isSynthetic(idNumber)) throw new RangeError('the simulated service knows synthetic people only');
      known.add(idNumber);
    },
    fault(next) {
      fault = next;
    },
    get verdicts() {
      return verdicts;
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const response of hanging) response.destroy();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>> | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST) return undefined;
    chunks.push(chunk);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString());
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined; // not JSON: answered 404
  }
}
