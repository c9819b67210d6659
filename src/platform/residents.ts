/** People of nobody, for tests and the demo: synthetic numbers and names, and the phones that show their codes. */
import { randomBytes } from 'node:crypto';
import type { Colour, Instant, Person } from '../contracts.js';
import { decodeBase64Url } from '../crypto/base-n.js';
import { subjectOf } from '../crypto/subject.js';
import { FORM } from '../messages/claims.js';
import { syntheticId } from '../messages/identifiers.js';
import { newPhone, type Phone, personCode } from './issue.js';
import type { CountyKeys } from './keys.js';
import { LISTED_COLOURS, signingIssuer } from './orders.js';
import type { CountyStore } from './store.js';

export interface Resident {
  /** GB 11643 of a region that does not exist. */
  readonly id: string;
  readonly name: string;
  /** Pseudonym under the newest region key; 22 characters. */
  readonly subject: string;
  readonly epoch: number;
}

/** The `number`th synthetic resident, the same each time; 1 to 999. About 50 ms. */
export async function syntheticResident(keys: CountyKeys, number: number): Promise<Resident> {
  if (!Number.isInteger(number) || number < 1 || number > 999) throw new RangeError('synthetic residents are numbered from 1 to 999');
  const id = syntheticId(birthOf(number), number);
  const epoch = keys.regionKeys.length - 1;
  const key = keys.regionKeys[epoch];
  if (!key) throw new Error('the county has no region key');
  return { id, name: `测试居民${String(number).padStart(3, '0')}`, subject: await subjectOf(id, keys.region, key), epoch };
}

/** What the county may tell of a synthetic resident; a phone number of the block that nobody is given, and a street that is not there. */
export function syntheticPerson({ id, name }: Pick<Resident, 'id' | 'name'>): Person {
  const number = Number(id.slice(14, 17));
  return {
    name,
    sex: Number(id[16]) % 2 === 1 ? '男' : '女',
    birth: `${id.slice(6, 10)}-${id.slice(10, 12)}-${id.slice(12, 14)}`,
    nation: '汉',
    idNumber: id,
    phone: `1000000${String(number).padStart(4, '0')}`,
    address: `霍山县演示镇测试路 ${number} 号`,
    insurance: `T${id.slice(10)}`,
    health: '无特殊记录（演示）',
  };
}

/** Spread over the years from 1930 to 2019. */
const birthOf = (number: number): string => `${1930 + (number % 90)}0${1 + (number % 9)}1${number % 10}`;

const SCREEN_S = 60;
const CERTIFICATE_S = 30 * 86_400;
const PAPER_S = 365 * 86_400;
/** A phone asks for its next certificate when the present one has a day to go. */
const RENEW_S = 86_400;

/** What a resident's phone can do. `now` is the phone's clock. */
export interface SimulatedPhone {
  readonly resident: Resident;
  /** `AK1:…` for the screen, made by the county just now. */
  screen(now: Instant): Promise<string>;
  /** `AK2:…`, made by the phone alone; asks the county only when its certificate runs out. */
  moment(now: Instant): Promise<string>;
  /** `AK1:…` for a sheet of paper, with a masked name. */
  paper(now: Instant): Promise<string>;
}

export interface Counter {
  readonly store: CountyStore;
  readonly keys: CountyKeys;
}

export function simulatedPhone(county: Counter, resident: Resident): SimulatedPhone {
  const { store, keys } = county;
  let phone: { readonly made: Phone; readonly until: number } | undefined;
  /** The county knows whom it gave a code to. */
  const known = async (now: Instant): Promise<void> => {
    await store.noteHolder(resident.subject, now);
    if (!(await store.person(resident.subject))) await store.putPerson(resident.subject, syntheticPerson(resident));
  };
  const claims = (issued: number, seconds: number) => ({
    region: keys.region,
    subject: resident.subject,
    epoch: resident.epoch,
    issued,
    expires: issued + seconds,
    codeId: Uint8Array.from(randomBytes(8)),
  });
  const certified = async (now: Instant): Promise<Phone> => {
    const at = seconds(now);
    if (phone && at < phone.until - RENEW_S) return phone.made;
    const issuer = await signingIssuer(store, keys, now);
    const until = Math.min(at + CERTIFICATE_S, seconds(issuer.validUntil));
    const made = newPhone(issuer, claims(at, until - at));
    phone = { made, until };
    await known(now);
    return made;
  };
  return {
    resident,
    screen: async (now) => {
      const issuer = await signingIssuer(store, keys, now);
      await known(now);
      return personCode(issuer, { ...claims(seconds(now), SCREEN_S), form: FORM.screen, colour: await colourOf(store, resident.subject) });
    },
    moment: async (now) => (await certified(now)).present({ issued: seconds(now), codeId: Uint8Array.from(randomBytes(8)) }),
    paper: async (now) => {
      const issuer = await signingIssuer(store, keys, now);
      await known(now);
      return personCode(issuer, { ...claims(seconds(now), PAPER_S), form: FORM.paper, name: masked(resident.name) });
    },
  };
}

const seconds = (at: Instant): number => Math.floor(at / 1000);
/** 测试居民001 → 测******; as on any printed sheet, the first character only. */
export const masked = (name: string): string => name.slice(0, 1) + '*'.repeat(name.length - 1);

/** As the county's lists have it. */
export async function colourOf(store: CountyStore, subject: string): Promise<Colour> {
  const token = decodeBase64Url(subject);
  if (!token) return 'unknown';
  for (const colour of LISTED_COLOURS) if (await store.isMember(`colour.${colour}`, token)) return colour;
  return 'green';
}
