/** What can be asked of the reference hospital, without HTTP: read, search, create, update, transaction. */
import { randomBytes } from 'node:crypto';
import type { Bundle, BundleEntry, FhirResource } from 'fhir/r4.js';
import { Refused } from './outcome.js';
import { PARAMETERS } from './parameters.js';
import type { Resources } from './resources.js';
import { assertCreate, assertUpdate } from './rules.js';
import { searchOf } from './search.js';

export interface Reply {
  readonly status: number;
  readonly resource: FhirResource;
}

export interface Hospital {
  readonly resources: Resources;
  /** What the hospital adds of its own to what is created. */
  readonly complete: (resource: FhirResource) => FhirResource;
  /** What follows from it at the hospital. */
  readonly follow: (resource: FhirResource) => void;
}

export function read({ resources }: Hospital, type: string, id: string): Reply {
  const resource = PARAMETERS[type] && resources.get(type, id);
  if (!resource) throw new Refused(404, 'not-found', `${type}/${id}`);
  return { status: 200, resource };
}

export interface Page {
  readonly type: string;
  readonly ids: readonly string[];
  readonly count: number;
  readonly total: number;
}

export function search({ resources }: Hospital, type: string, query: URLSearchParams): Page {
  const { conditions, count } = searchOf(type, query);
  const ids = resources.find(type, conditions);
  return { type, ids, count, total: ids.length };
}

/** `next`: the link to the rest. */
export function pageOf({ resources }: Hospital, { type, ids, count, total }: Page, next: string | undefined): Bundle {
  const entry = ids.slice(0, count).flatMap((id): BundleEntry[] => {
    const resource = resources.get(type, id);
    return resource ? [{ fullUrl: `${type}/${id}`, resource, search: { mode: 'match' } }] : [];
  });
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    total,
    ...(next !== undefined && { link: [{ relation: 'next', url: next }] }),
    entry,
  };
}

/** @throws Refused 428 without `unless`: what comes twice must not be there twice */
export function create(hospital: Hospital, resource: FhirResource, unless: string | undefined): Reply {
  const { resources } = hospital;
  const { resourceType: type } = resource;
  if (unless === undefined || unless === '') throw new Refused(428, 'required', 'If-None-Exist');
  const { conditions } = searchOf(type, new URLSearchParams(unless));
  const [first, second] = conditions.length > 0 ? resources.find(type, conditions) : [];
  if (second !== undefined) throw new Refused(412, 'multiple-matches', `several ${type}`);
  if (first !== undefined) return read(hospital, type, first);
  assertCreate(resource, resources);
  const kept = resources.put(hospital.complete({ ...resource, id: randomBytes(8).toString('hex') }));
  hospital.follow(kept);
  return { status: 201, resource: kept };
}

/** @throws Refused 428 without `match`, 412 when another version is there */
export function update({ resources }: Hospital, resource: FhirResource, match: string | undefined): Reply {
  const { resourceType: type, id = '' } = resource;
  const before = PARAMETERS[type] && resources.get(type, id);
  if (!before) throw new Refused(404, 'not-found', `${type}/${id}`);
  if (match === undefined) throw new Refused(428, 'required', 'If-Match');
  if (match !== `W/"${before.meta?.versionId}"`) throw new Refused(412, 'conflict', `another version of ${type}/${id}`);
  assertUpdate(before, resource, resources);
  return { status: 200, resource: resources.put(resource) };
}

const MOST_ENTRIES = 100;

/** http://hl7.org/fhir/R4/http.html#trules: what is created first, then what is changed; references by fullUrl are filled in. */
export function transaction(hospital: Hospital, { type, entry = [] }: Bundle): Bundle {
  if (type !== 'transaction') throw new Refused(400, 'not-supported', `a bundle of type ${type}`);
  if (entry.length > MOST_ENTRIES) throw new Refused(413, 'too-costly', `more than ${MOST_ENTRIES} entries`);
  const replies = new Map<BundleEntry, Reply>();
  const known = new Map<string, string>();
  hospital.resources.atomically(() => {
    for (const one of entry.filter(({ request }) => request?.method === 'POST')) {
      const reply = create(hospital, filled(one, known), one.request?.ifNoneExist);
      known.set(one.fullUrl ?? '', `${reply.resource.resourceType}/${reply.resource.id}`);
      replies.set(one, reply);
    }
    for (const one of entry.filter(({ request }) => request?.method === 'PUT'))
      replies.set(one, update(hospital, filled(one, known), one.request?.ifMatch));
  });
  return { resourceType: 'Bundle', type: 'transaction-response', entry: entry.map((one) => answered(replies.get(one))) };
}

/** @throws Refused for an entry that holds nothing, or another thing than its address says */
function filled({ resource, request }: BundleEntry, known: ReadonlyMap<string, string>): FhirResource {
  const address = resource && (request?.method === 'PUT' ? `${resource.resourceType}/${resource.id}` : resource.resourceType);
  if (!resource || address !== request?.url) throw new Refused(400, 'invalid', 'the address of an entry');
  return JSON.parse(JSON.stringify(resource), (name, value: unknown) =>
    name === 'reference' ? (known.get(String(value)) ?? value) : value,
  ) as FhirResource;
}

function answered(reply: Reply | undefined): BundleEntry {
  if (!reply) throw new Refused(400, 'not-supported', 'a method other than POST and PUT');
  return { response: { status: String(reply.status) }, resource: reply.resource };
}
