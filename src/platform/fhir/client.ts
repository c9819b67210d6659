/**
 * A FHIR R4 client, as much of it as the county's clinic needs (http://hl7.org/fhir/R4/http.html): read, search, conditional create,
 * version-aware update, transaction. Whatever comes back is of the type that was asked for, or a FhirError.
 */
import type { Bundle, BundleEntry, FhirResource } from 'fhir/r4.js';
import { FhirError } from './error.js';
import { type FhirAddress, type Send, sender } from './http.js';

export type Type = FhirResource['resourceType'];
export type Of<T extends Type> = Extract<FhirResource, { readonly resourceType: T }>;

/** By parameter; several values of one parameter must all hold. */
export type Query = Readonly<Record<string, string | readonly string[]>>;

/** `created` false: what was there already is answered. */
export interface Created<R extends FhirResource> {
  readonly resource: R;
  readonly created: boolean;
}

export type Entry = BundleEntry<FhirResource>;

export interface Fhir {
  read<T extends Type>(type: T, id: string): Promise<Of<T>>;
  /** All that match; more than MOST_FOUND, or a list that the server cut short, is `unreadable`. Asked by POST: no identifier gets into an access log. */
  search<T extends Type>(type: T, query: Query): Promise<readonly Of<T>[]>;
  /** `unless`: a search as a query string; one match is answered instead, several are a `conflict`. */
  create<R extends FhirResource>(resource: R, unless: string): Promise<Created<R>>;
  /** `conflict` when it is not the version that is there. */
  update<R extends FhirResource>(resource: R): Promise<R>;
  /** All or nothing, where the server can; answers in the order of the entries. */
  transaction(entries: readonly Entry[]): Promise<readonly FhirResource[]>;
}

export const MOST_FOUND = 2000;
const MOST_PAGES = 40;
const PAGE = 200;
const JSON_TYPE = { 'content-type': 'application/fhir+json' };
/** Some servers answer writes with nothing unless told so. */
const WHOLE = { prefer: 'return=representation' };

/** `signal`: nobody waits for its answers any more. */
export function openFhir(address: FhirAddress, signal: AbortSignal): Fhir {
  const send = sender(address, signal);
  return {
    read: async (type, id) => resourceOf(type, (await send({ method: 'GET', path: `${type}/${encodeURIComponent(id)}` })).body),
    search: (type, query) => found(send, type, query),
    async create(resource, unless) {
      const headers = { ...JSON_TYPE, ...WHOLE, 'if-none-exist': unless };
      const { status, body } = await send({ method: 'POST', path: resource.resourceType, headers, body: JSON.stringify(resource) });
      return { resource: resourceOf(resource.resourceType, body) as typeof resource, created: status === 201 };
    },
    async update(resource) {
      const { resourceType, id } = resource;
      const headers = { ...JSON_TYPE, ...WHOLE, 'if-match': versionOf(resource) };
      const { body } = await send({ method: 'PUT', path: `${resourceType}/${id ?? ''}`, headers, body: JSON.stringify(resource) });
      return resourceOf(resourceType, body) as typeof resource;
    },
    async transaction(entries) {
      const bundle: Bundle<FhirResource> = { resourceType: 'Bundle', type: 'transaction', entry: [...entries] };
      const { body } = await send({ method: 'POST', path: '', headers: { ...JSON_TYPE, ...WHOLE }, body: JSON.stringify(bundle) });
      return carriedOut(bundleOf(body), entries.length);
    },
  };
}

/** For If-Match. @throws FhirError for a resource whose version nobody told us */
export function versionOf({ resourceType, meta }: FhirResource): string {
  if (meta?.versionId === undefined) throw new FhirError('unreadable', `a ${resourceType} without a version`);
  return `W/"${meta.versionId}"`;
}

function resourceOf<T extends Type>(type: T, body: unknown): Of<T> {
  const { resourceType, id } = (body ?? {}) as Partial<FhirResource>;
  if (resourceType !== type) throw new FhirError('unreadable', `not a ${type}`);
  if (type !== 'Bundle' && typeof id !== 'string') throw new FhirError('unreadable', `a ${type} without an id`);
  return body as Of<T>;
}

const bundleOf = (body: unknown): Bundle<FhirResource> => resourceOf('Bundle', body) as Bundle<FhirResource>;

async function found<T extends Type>(send: Send, type: T, query: Query): Promise<readonly Of<T>[]> {
  const asked = new URLSearchParams({ _count: String(PAGE) });
  for (const [name, value] of Object.entries(query)) for (const one of [value].flat()) asked.append(name, one);
  const matches: Of<T>[] = [];
  let page = bundleOf((await send({ method: 'POST', path: `${type}/_search`, body: asked })).body);
  for (let pages = 1; ; pages++) {
    matches.push(...matchesOf(type, page));
    const next = page.link?.find(({ relation }) => relation === 'next')?.url;
    if (matches.length > MOST_FOUND || pages > MOST_PAGES) throw new FhirError('unreadable', `too many of ${type}`);
    if (next === undefined) return whole(type, matches, page.total);
    page = bundleOf((await send({ method: 'GET', path: next })).body);
  }
}

function matchesOf<T extends Type>(type: T, { entry = [] }: Bundle<FhirResource>): readonly Of<T>[] {
  return entry.filter(({ search }) => (search?.mode ?? 'match') === 'match').map(({ resource }) => resourceOf(type, resource));
}

/** A server that keeps the rest to itself is not believed to have told everything. */
function whole<T extends Type>(type: T, matches: readonly Of<T>[], total: number | undefined): readonly Of<T>[] {
  if (total !== undefined && total > matches.length) throw new FhirError('unreadable', `${type}: ${matches.length} of ${total} told`);
  return matches;
}

function carriedOut({ entry = [] }: Bundle<FhirResource>, wanted: number): readonly FhirResource[] {
  if (entry.length !== wanted) throw new FhirError('unreadable', `${entry.length} of ${wanted} entries answered`);
  return entry.map(({ response, resource }) => {
    const status = response?.status ?? '';
    if (/^(409|412)/.test(status)) throw new FhirError('conflict', `an entry: ${status}`);
    if (!status.startsWith('2')) throw new FhirError('refused', `an entry: ${status}`);
    if (!resource) throw new FhirError('unreadable', 'an entry without its resource');
    return resource;
  });
}
