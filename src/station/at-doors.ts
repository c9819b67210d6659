/**
 * Lanes of this box as doors of its meetings: they read the meetings and lists of the box beside the signed ones, and whoever they saw going
 * through is signed in or out in the transaction of the passage.
 */
import type { Trust } from '../contracts.js';
import { encodeBase64Url } from '../crypto/base-n.js';
import type { Journal, Transaction } from '../journal/journal.js';
import { DOOR } from '../meeting/register.js';
import type { Register } from '../meeting/shapes.js';
import { AT_DOOR, listOf } from '../messages/meeting.js';
import { cborOf } from '../messages/plain.js';
import type { LaneJournal, LaneWriter } from './entries.js';
import type { Others } from './together.js';

export function doorsOf(journal: Journal, register: Register): LaneJournal {
  return {
    isUsed: (direction, replayId) => journal.isUsed(direction, replayId),
    inside: () => journal.inside(),
    memory: (scene, subject) => (scene === DOOR ? register.atDoor(subject) : undefined) ?? journal.memory(scene, subject),
    transaction(work) {
      const then: (() => void)[] = [];
      const result = journal.transaction((tx) => work(signing(tx, register, then)));
      for (const apply of then) apply();
      return result;
    },
  };
}

function signing(tx: Transaction, register: Register, then: (() => void)[]): LaneWriter {
  let station = '-';
  return {
    ...tx,
    append(draft) {
      const { station: at } = draft.facts;
      if (typeof at === 'string') station = at;
      return tx.append(draft);
    },
    remember(scene, subject, memory) {
      const at = scene === DOOR ? AT_DOOR.safeParse(memory).data : undefined;
      if (at?.event !== undefined)
        then.push(register.passed(tx, { event: at.event, subject, direction: at.inside ? 'in' : 'out', station }));
      tx.remember(scene, subject, memory);
    },
  };
}

/**
 * The words of the site name a scene and a person: for doors the scene is that of one meeting, so that who stayed until the end of one is not
 * inside the next.
 */
export function siteAtDoors(site: Others, register: Register): Others {
  const placeOf = (event: string | undefined): string => `${DOOR}/${event ?? onlyOne(register) ?? ''}`;
  return {
    ...site,
    memory: (scene, subject, own) => site.memory(scene === DOOR ? placeOf(AT_DOOR.safeParse(own).data?.event) : scene, subject, own),
    // It was signed before it is told.
    passed: (scene, subject, direction) =>
      site.passed(scene === DOOR ? placeOf(register.atDoor(subject)?.event) : scene, subject, direction),
  };
}

function onlyOne(register: Register): string | undefined {
  const [only, another] = register.all();
  return another ? undefined : only?.id;
}

/** Trust as lanes see it: signed meetings, and those of this box; signed lists, and those that were loaded here. */
export function trustAtDoors(trust: Trust | undefined, register: Register): Trust | undefined {
  if (!trust) return undefined;
  return {
    ...trust,
    data: (name) => (name === 'meetings' ? meetingsData(register) : trust.data(name)),
    lists: {
      known: (list) => trust.lists.known(list),
      listed: (list, token) => trust.lists.listed(list, token) || (token.length === 16 && isInvited(register, list, token)),
    },
  };
}

const EVENT = listOf('');

function isInvited(register: Register, list: string, token: Uint8Array): boolean {
  const of = list.startsWith(EVENT) ? register.find(list.slice(EVENT.length)) : undefined;
  return of !== undefined && register.mayCome({ ...of.meeting, who: 'list' }, encodeBase64Url(token));
}

function meetingsData(register: Register): unknown {
  const meetings = register.all().map((one) => ({ ...one, from: Math.floor(one.from / 1000), until: Math.floor(one.until / 1000) }));
  return cborOf({ version: 1, meetings });
}
