/**
 * The reference hospital: a small FHIR R4 server on the loopback, for the demo and the tests. It is strict where a real one should be
 * (docs/clinic.md): no create without If-None-Exist, no update without If-Match, no search by what it does not know.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FhirResource } from 'fhir/r4.js';
import type { Instant } from '../../contracts.js';
import { localTime } from '../../messages/calendar.js';
import { followOf } from './course.js';
import { createFaults, meddle, type PlayedFault } from './faults.js';
import { create, type Hospital, type Page, pageOf, type Reply, read, search, transaction, update } from './interactions.js';
import { numbered } from './numbers.js';
import { outcomeOf, Refused } from './outcome.js';
import { openResources, type Resources } from './resources.js';
import { seedHospital } from './seed.js';

export interface HospitalSettings {
  /** 0: any free port. */
  readonly port: number;
  /** Of the SQLite file; absent: in memory. */
  readonly path?: string;
  /** Absent: a new one. */
  readonly token?: string;
  /** The same seed and day, the same hospital. */
  readonly seed: number;
  readonly now: () => Instant;
}

export interface ReferenceHospital {
  /** Base of the FHIR server. */
  readonly url: string;
  readonly token: string;
  /** The hand of the hospital's own staff, past every rule. */
  readonly resources: Resources;
  /** From now on; undefined: works again. */
  fault(fault: PlayedFault | undefined): void;
  /** How often one was met. */
  readonly faults: number;
  stop(): Promise<void>;
}

const BASE = '/fhir/';
const LARGEST_BODY = 1024 * 1024;
const MOST_PAGES = 1000;
const FHIR = 'application/fhir+json; charset=utf-8';

/** @throws when the port is taken or the file is damaged. */
export async function startHospital({
  port,
  path = ':memory:',
  token = randomBytes(16).toString('hex'),
  seed,
  now,
}: HospitalSettings): Promise<ReferenceHospital> {
  const resources = openResources(path, now);
  let opened = '';
  /** Slots of the days to come, once a day. */
  const open = (): void => {
    const { day } = localTime(now());
    if (day !== opened) resources.atomically(() => seedHospital({ resources, seed, now: now() }));
    opened = day;
  };
  open();
  const hospital: Hospital = {
    resources,
    complete: (resource) => numbered(resource, resources, localTime(now()).day.replaceAll('-', '')),
    follow: (resource) => followOf(resource, seed, now()).forEach((one) => void resources.put(one)),
  };
  const faults = createFaults();
  const pages = new Map<string, Page>();
  const hanging = new Set<ServerResponse>();

  /** A page, and under a word that names nobody the rest of it. */
  const paged = (page: Page): Reply => {
    const rest = page.ids.slice(page.count);
    const word = rest.length > 0 ? randomBytes(8).toString('hex') : undefined;
    if (word !== undefined) pages.set(word, { ...page, ids: rest });
    for (const oldest of pages.keys()) if (pages.size > MOST_PAGES) pages.delete(oldest);
    return { status: 200, resource: pageOf(hospital, page, word && `${url}${page.type}?_page=${word}`) };
  };

  const answered = ({ method, address, query, headers, body }: Asked): Reply => {
    const [type = '', id] = address.split('/');
    const rest = pages.get(query.get('_page') ?? '');
    if (method === 'GET' && id === undefined && rest) return paged(rest);
    if (method === 'GET') return id === undefined ? paged(search(hospital, type, query)) : read(hospital, type, id);
    if (method === 'POST' && id === '_search') return paged(search(hospital, type, new URLSearchParams(body)));
    const resource = resourceOf(body);
    if (method === 'POST' && address === '') return { status: 200, resource: transaction(hospital, bundleOf(resource)) };
    const isThere = resource.resourceType === type && (method === 'POST' ? id === undefined : resource.id === id);
    if (!isThere || (method !== 'POST' && method !== 'PUT')) throw new Refused(400, 'invalid', 'method and address');
    return resources.atomically(() =>
      method === 'POST' ? create(hospital, resource, headers.ifNoneExist) : update(hospital, resource, headers.ifMatch),
    );
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const asked = await askedBy(request, token);
    open();
    const fault = faults.of(`${asked.method} ${asked.address}`);
    if (fault === 'cut') return void request.socket.destroy();
    if (fault === 'slow') {
      hanging.add(response);
      return void response.once('close', () => hanging.delete(response));
    }
    if (fault === 'broken') throw new Refused(500, 'exception', 'broken, as was asked for');
    if (fault === 'nonsense') return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>系统繁忙</html>');
    if (fault === 'outrun' || fault === 'taken') meddle(resources, writtenBy(asked), fault);
    const reply = answered(asked);
    if (fault === 'lost') return void request.socket.destroy();
    respond(response, reply.status, reply.resource);
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      const refused = error instanceof Refused ? error : new Refused(500, 'exception', 'the reference hospital failed');
      respond(response, refused.status, outcomeOf(refused));
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${BASE}`;
  return {
    url,
    token,
    resources,
    fault: (played) => faults.play(played),
    get faults() {
      return faults.played;
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const response of hanging) response.destroy();
      server.closeAllConnections();
      await closed;
      resources.close();
    },
  };
}

interface Asked {
  readonly method: string;
  /** Below the base: `Patient/1`. */
  readonly address: string;
  readonly query: URLSearchParams;
  readonly headers: { readonly ifNoneExist: string | undefined; readonly ifMatch: string | undefined };
  readonly body: string;
}

async function askedBy(request: IncomingMessage, token: string): Promise<Asked> {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://hospital');
  if (!isKnown(request.headers.authorization ?? '', token)) throw new Refused(401, 'login', 'who are you?');
  if (!pathname.startsWith(BASE)) throw new Refused(404, 'not-found', 'not below the base');
  const { 'if-none-exist': ifNoneExist, 'if-match': ifMatch } = request.headers;
  return {
    method: request.method ?? '',
    address: pathname.slice(BASE.length).replace(/\/$/, ''),
    query: searchParams,
    headers: { ifNoneExist: [ifNoneExist].flat()[0], ifMatch },
    body: await bodyOf(request),
  };
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const isKnown = (authorization: string, token: string): boolean => timingSafeEqual(digest(authorization), digest(`Bearer ${token}`));

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw new Refused(413, 'too-long', `more than ${LARGEST_BODY} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function resourceOf(body: string): FhirResource {
  try {
    const resource = JSON.parse(body) as Partial<FhirResource> | null;
    if (typeof resource?.resourceType === 'string') return resource as FhirResource;
  } catch {
    // Said below.
  }
  throw new Refused(400, 'structure', 'not a resource');
}

/** What it would change. */
function writtenBy({ method, address, body }: Asked): readonly string[] {
  if (method === 'PUT') return [address];
  if (method !== 'POST' || address !== '') return [];
  return (bundleOf(resourceOf(body)).entry ?? []).flatMap(({ request }) => (request?.method === 'PUT' ? [request.url] : []));
}

function bundleOf(resource: FhirResource) {
  if (resource.resourceType !== 'Bundle') throw new Refused(400, 'structure', 'not a bundle');
  return resource;
}

function respond(response: ServerResponse, status: number, resource: FhirResource): void {
  const version = resource.meta?.versionId;
  response.writeHead(status, {
    'content-type': FHIR,
    'cache-control': 'no-store',
    ...(version !== undefined && { etag: `W/"${version}"` }),
  });
  response.end(JSON.stringify(resource));
}
