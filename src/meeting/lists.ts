/**
 * Loads an organiser's list: each line becomes a subject with the region key, one after the other off the main thread, so that no scan waits
 * (50 ms a line). Names stay in memory until they are taken away or the program ends; ID numbers only until their subject is known.
 */
import type { Log, Words } from '../contracts.js';
import { type Guest, type GuestFault, readGuests, textOf } from './guests.js';
import type { Register } from './shapes.js';
import { tokenOf } from './shelf.js';

export interface ListState {
  /** How far it is read; null: nothing is being read. */
  readonly working: { readonly done: number; readonly of: number } | null;
  /** Names at hand. */
  readonly named: number;
  readonly faults: readonly GuestFault[];
}

export interface ListsParts {
  readonly register: Register;
  /** With the newest region key; undefined: this terminal was given none. */
  subjectOf(idNumber: string): Promise<string | undefined>;
  /** Whose these phone numbers are, in their order; undefined: the platform cannot be asked now, or does not let us. */
  subjectsByPhone(phones: readonly string[]): Promise<readonly (string | null)[] | undefined>;
  readonly log: Log;
}

export interface Lists {
  /** Begins; false: one is being read for this meeting, or there is no such meeting. */
  load(event: string, bytes: Uint8Array): boolean;
  state(event: string): ListState;
  name(event: string, token: string): string | undefined;
  /** Names are forgotten; who may come stays. */
  forget(event: string): void;
  /** Those of meetings that are gone. */
  upkeep(): void;
  stop(): Promise<void>;
}

interface Loading {
  names: Map<string, string>;
  faults: readonly GuestFault[];
  working: { done: number; of: number } | null;
  job: Promise<void>;
}

const MOST_FAULTS = 200;
const AT_ONCE = 50;
const words = (zh: string, en: string): Words => ({ zh, en });
const NO_KEY = words('本终端没有地区密钥，不能用身份证号', 'this terminal has no region key: ID numbers cannot be used');
const NO_LINE = words('按手机号查找须联网并获许可', 'phone numbers need the network and a grant');
const NOBODY = words('平台不认识这个手机号', 'the platform does not know this phone number');

export function createLists(parts: ListsParts): Lists {
  const { register, log } = parts;
  const loads = new Map<string, Loading>();
  let stopped = false;

  const subject = async ({ by }: Guest, phones: ReadonlyMap<string, string | null> | undefined): Promise<string | Words> => {
    if ('creditCode' in by) return by.creditCode;
    if ('idNumber' in by) return (await parts.subjectOf(by.idNumber)) ?? NO_KEY;
    return phones ? (phones.get(by.phone) ?? NOBODY) : NO_LINE;
  };

  const known = async (guests: readonly Guest[]): Promise<ReadonlyMap<string, string | null> | undefined> => {
    const phones = guests.flatMap(({ by }) => ('phone' in by ? [by.phone] : []));
    const found = new Map<string, string | null>();
    for (let at = 0; at < phones.length; at += AT_ONCE) {
      const some = phones.slice(at, at + AT_ONCE);
      const subjects = await parts.subjectsByPhone(some);
      if (!subjects) return undefined;
      some.forEach((phone, i) => found.set(phone, subjects[i] ?? null));
    }
    return found;
  };

  const work = async (event: string, guests: readonly Guest[], load: Loading): Promise<void> => {
    const phones = await known(guests);
    const names = new Map<string, string>();
    let fresh: string[] = [];
    const put = (): void => {
      register.invite(event, fresh);
      fresh = [];
    };
    for (const [i, guest] of guests.entries()) {
      const of = register.find(event);
      if (stopped || !of) return;
      const found = await subject(guest, phones);
      if (typeof found === 'string') {
        const token = tokenOf(of, found);
        names.set(token, guest.name);
        fresh.push(token);
      } else load.faults = [...load.faults, { line: guest.line, words: found }].slice(0, MOST_FAULTS);
      load.working = { done: i + 1, of: guests.length };
      if (fresh.length >= AT_ONCE) put();
    }
    put();
    register.uninvite(event, new Set(names.keys()));
    load.names = names;
  };

  return {
    load(event, bytes) {
      const of = register.find(event);
      const before = loads.get(event);
      if (!of || of.closed !== null || before?.working) return false;
      const { guests, faults } = readGuests(textOf(bytes));
      const load: Loading = {
        names: before?.names ?? new Map(),
        faults: faults.slice(0, MOST_FAULTS),
        working: null,
        job: Promise.resolve(),
      };
      loads.set(event, load);
      // A table that is none leaves the list as it is.
      if (guests.length === 0) {
        register.changed();
        return true;
      }
      // A county's meeting is given its place here before anybody is put on its list.
      register.invite(event, []);
      load.working = { done: 0, of: guests.length };
      load.job = work(event, guests, load)
        .catch((error: unknown) => {
          log.error('list-failed', { error: error instanceof Error ? error.message : String(error) });
          load.faults = [{ line: 0, words: words('名单没有读完，请重试', 'the list was not read to its end: try again') }];
        })
        .finally(() => {
          load.working = null;
          register.changed();
        });
      register.changed();
      return true;
    },
    state: (event) => {
      const load = loads.get(event);
      return { working: load?.working ?? null, named: load?.names.size ?? 0, faults: load?.faults ?? [] };
    },
    name: (event, token) => loads.get(event)?.names.get(token),
    forget(event) {
      if (!loads.get(event)?.working) loads.delete(event);
      register.changed();
    },
    upkeep() {
      for (const event of loads.keys()) if (!register.find(event)) loads.delete(event);
    },
    async stop() {
      stopped = true;
      await Promise.all([...loads.values()].map(({ job }) => job));
    },
  };
}
