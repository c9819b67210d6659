/**
 * A simulated provincial gateway in the shape of facts 1.2 and 1.3, for the demo and the tests: opaque tokens with a life, levels,
 * and the faults of a real one on demand. It knows synthetic people only and listens on the loopback.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Instant } from '../contracts.js';
import { isSynthetic } from '../messages/identifiers.js';
import { CODE_INFO } from './gateway-client.js';

export const LEVEL = { green: '1', yellow: '2', red: '3' } as const;

export interface Shown {
  /** A synthetic resident ID. */
  readonly id: string;
  readonly name: string;
  readonly colour: keyof typeof LEVEL;
  /** ms from now; the province refreshes after about a minute. */
  readonly lifeMs?: number;
}

/** `slow`: answers never come in time; `down`: the connection breaks; `wrong-envelope`: something else than an answer. */
export type GatewayFault = 'slow' | 'down' | 'wrong-envelope';

export interface SimulatedGateway {
  readonly url: string;
  /** Text of a fresh code of this person. @throws RangeError for a person who might exist. */
  show(person: Shown): string;
  /** From now on; undefined: works again. */
  fault(fault: GatewayFault | undefined): void;
  /** Questions for codes that were answered. */
  readonly asked: number;
  stop(): Promise<void>;
}

export interface SimulatedSettings {
  /** 0: any free port. */
  readonly port: number;
  readonly now: () => Instant;
}

const LIFE_MS = 60_000;
const LARGEST_FORM = 8192;
const MOST_TOKENS = 10_000;
/** What an expired token is still known for. */
const EXPIRED = '二维码已过期';
const UNKNOWN = '二维码无效';

const textOf = (token: string): string =>
  `https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myAkm?isScan=1&id=akm:qrcode:${token}&cityNo=340000000000`;

/** @throws when the port is taken. */
export async function startGateway({ port, now }: SimulatedSettings): Promise<SimulatedGateway> {
  const tokens = new Map<string, Shown & { readonly until: Instant }>();
  const hanging = new Set<ServerResponse>();
  let fault: GatewayFault | undefined;
  let asked = 0;

  const envelopeOf = (form: URLSearchParams): unknown => {
    const token = /[?&]id=akm:qrcode:([0-9a-f]{32})(?:&|$)/.exec(form.get('qrCodeUrl') ?? '')?.[1] ?? '';
    const known = tokens.get(token);
    const errMsg = known ? (now() < known.until ? undefined : EXPIRED) : UNKNOWN;
    if (!known || errMsg) return { flag: true, data: { flag: false, errMsg, data: null } };
    const data = { idCardNo: known.id, name: known.name, healthLevel: LEVEL[known.colour], dataSource: '1', nativeType: '1' };
    return { flag: true, data: { flag: true, errMsg: '', data } };
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (fault === 'down') return void request.destroy();
    const form = await formOf(request);
    if (request.method !== 'POST' || request.url !== CODE_INFO || !form) return void response.writeHead(404).end();
    if (fault === 'slow') {
      hanging.add(response);
      return void response.once('close', () => hanging.delete(response));
    }
    asked++;
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
    response.end(fault === 'wrong-envelope' ? '{"code":500,"message":"系统繁忙"}' : JSON.stringify(envelopeOf(form)));
  };

  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get asked() {
      return asked;
    },
    show(person) {
      if (!isSynthetic(person.id)) throw new RangeError('the simulated gateway knows synthetic people only');
      const token = randomBytes(16).toString('hex');
      tokens.set(token, { ...person, until: now() + (person.lifeMs ?? LIFE_MS) });
      for (const oldest of tokens.keys()) {
        if (tokens.size <= MOST_TOKENS) break;
        tokens.delete(oldest);
      }
      return textOf(token);
    },
    fault(next) {
      fault = next;
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const response of hanging) response.destroy();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_FORM) return undefined;
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}
