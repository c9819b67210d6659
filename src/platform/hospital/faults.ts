/** Faults of a hospital's system, on demand: what a test wants to go wrong, where, and how often. */
import type { FhirResource } from 'fhir/r4.js';
import type { Resources } from './resources.js';

/**
 * `slow`: no answer until the connection ends; `broken`: HTTP 500; `cut`: the connection ends before anything is done; `lost`: it is done,
 * and the answer is lost; `outrun`: somebody else writes the resource just before; `taken`: somebody else takes the slot or the bed just before;
 * `nonsense`: something else than FHIR.
 */
export type HospitalFault = 'slow' | 'broken' | 'cut' | 'lost' | 'outrun' | 'taken' | 'nonsense';

export interface PlayedFault {
  readonly fault: HospitalFault;
  /** Only for what this fits, such as `PUT Slot/`; absent: everything. */
  readonly on?: RegExp;
  /** Absent: until it is taken back. */
  readonly times?: number;
  /** Lets so many through first. */
  readonly after?: number;
}

export interface Faults {
  play(fault: PlayedFault | undefined): void;
  /** What happens to this request. */
  of(request: string): HospitalFault | undefined;
  /** How often something happened. */
  readonly played: number;
}

export function createFaults(): Faults {
  let played: PlayedFault | undefined;
  let seen = 0;
  let happened = 0;
  return {
    get played() {
      return happened;
    },
    play(fault) {
      played = fault;
      seen = 0;
    },
    of(request) {
      if (!played || (played.on && !played.on.test(request))) return undefined;
      const { fault, times = Number.POSITIVE_INFINITY, after = 0 } = played;
      seen++;
      if (seen <= after || seen > after + times) return undefined;
      happened++;
      return fault;
    },
  };
}

/** What somebody else does just before a write to `addresses`, each `type/id`. */
export function meddle(resources: Resources, addresses: readonly string[], fault: 'outrun' | 'taken'): void {
  for (const address of addresses) {
    const [type = '', id = ''] = address.split('/');
    const resource = resources.get(type, id);
    if (resource) resources.put(fault === 'taken' ? taken(resource) : resource);
  }
}

function taken(resource: FhirResource): FhirResource {
  if (resource.resourceType === 'Slot') return { ...resource, status: 'busy' };
  if (resource.resourceType === 'Location' && resource.operationalStatus)
    return { ...resource, operationalStatus: { ...resource.operationalStatus, code: 'O' } };
  return resource;
}
