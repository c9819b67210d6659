/** The clinic’s stage: a place with a hospital behind it, ours or one that is not. */
import type { FhirResource, Patient, Slot } from 'fhir/r4.js';
import type { Test } from 'tap';
import { followOf } from '../src/platform/hospital/course.js';
import { type ReferenceHospital, startHospital } from '../src/platform/hospital/server.js';
import { MORNING, newPlace, type Peer, type Place } from './clinic-place.js';

export const SEED = 7;
export const CONTACT = { name: '测试家属', relation: 'spouse', phone: '10000000000' };

/** A place and its hospital's data, wherever they are kept. */
export interface Stage extends Place {
  put(resource: FhirResource): Promise<void>;
  all<R extends FhirResource>(type: R['resourceType']): Promise<readonly R[]>;
  get<R extends FhirResource>(type: R['resourceType'], id: string): Promise<R>;
  /** Somebody with a card, and what a day brings them. */
  patient(): Promise<{ readonly who: string; readonly id: string }>;
}

export interface OurStage extends Stage {
  readonly hospital: ReferenceHospital;
}

export async function ours(test: Test): Promise<OurStage> {
  const clock = { now: MORNING };
  const hospital = await startHospital({ port: 0, seed: SEED, now: () => clock.now });
  const place = newPlace({ url: hospital.url, token: hospital.token });
  test.teardown(async () => {
    await hospital.stop();
    await place.end();
  });
  // One clock for both.
  Object.defineProperty(clock, 'now', { get: () => place.clock.now });
  const { resources } = hospital;
  const all = async (type: string) => resources.find(type, []).map((id) => resources.get(type, id)) as never;
  return {
    ...place,
    hospital,
    put: async (resource) => void resources.put(resource),
    all,
    get: async (type, id) => resources.get(type, id) as never,
    patient: () => cardOf(place, all),
  };
}

async function cardOf(
  place: Place,
  all: (type: 'Patient') => Promise<readonly Patient[]>,
): Promise<{ readonly who: string; readonly id: string }> {
  const who = await place.newcomer();
  await place.ok('card-open', who);
  const { idNumber } = (await place.store.person(who)) ?? {};
  const found = (await all('Patient')).find(({ identifier }) => identifier?.[0]?.value === idNumber);
  return { who, id: found?.id ?? '' };
}

/** Where fewer slots do, searches of a server that has no index take less time. */
export const isNeeded = ({ resourceType, id = '' }: FhirResource): boolean =>
  resourceType !== 'Slot' || /^(internal|surgery|eyes)-/.test(id);

export async function theirs(test: Test, peer: Peer): Promise<Stage> {
  const place = newPlace(peer);
  test.teardown(() => place.end());
  const at = async (path: string, body?: FhirResource): Promise<unknown> => {
    const headers = { 'content-type': 'application/fhir+json' };
    const response = await fetch(new URL(path, peer.url), body ? { method: 'PUT', headers, body: JSON.stringify(body) } : {});
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const put = async (resource: FhirResource): Promise<void> => void (await at(`${resource.resourceType}/${resource.id}`, resource));
  const all = async (type: string) =>
    ((await at(type)) as { readonly entry?: readonly { readonly resource: unknown }[] }).entry?.map(({ resource }) => resource) as never;
  return {
    ...place,
    put,
    all,
    get: async (type, id) => (await at(`${type}/${id}`)) as never,
    async patient() {
      const patient = await cardOf(place, all);
      for (const one of followOf((await at(`Patient/${patient.id}`)) as Patient, SEED, place.clock.now)) await put(one);
      return patient;
    },
  };
}

/** The first slot from then on that is still free, of this doctor or of anybody. */
export async function freeSlot({ all }: Stage, from: number, doctor = 'internal-1'): Promise<Slot> {
  const free = (await all<Slot>('Slot')).filter(({ schedule, status }) => schedule.reference === `Schedule/${doctor}` && status === 'free');
  const later = free.filter(({ start }) => Date.parse(start) >= from).sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
  if (!later[0]) throw new Error('no free slot');
  return later[0];
}

export const unpaidOf = async (stage: Stage, who: string): Promise<readonly string[]> =>
  (await stage.ok('charges', who)).charges.map(({ id }) => id);
