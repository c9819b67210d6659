/**
 * The meetings of this box: who may come, who came, and their end. Desks and lanes sign people in and out here; each is one transaction with
 * its entry. In memory stands what is on disk, and beside it, only while a list is loaded, names.
 *
 *   desk, lane ─subject→ sign → journal (entry `meeting`, sealed; row of the meeting) → organiser's page
 */
import type { Facts, Instant, Json, Meeting, Notice, Trust } from '../contracts.js';
import { decodeBase64Url } from '../crypto/base-n.js';
import { encodeCbor } from '../crypto/cbor.js';
import type { Sealer } from '../crypto/seal.js';
import { factsOf, listOf, meetingsOf } from '../messages/meeting.js';
import { type Attendee, countOf, isAgain, isInside, minutesOf, signed } from './attendance.js';
import type { Door, Passing, Register, RegisterParts, RegisterWriter } from './shapes.js';
import { destroyMeeting, newShelved, readShelf, SHELF, type Shelved, tokenOf, writeMeeting, writePerson } from './shelf.js';

/** At one box at one time, past ones that are still kept included. */
const MOST_MEETINGS = 30;
const MOST_PEOPLE = 20_000;
const DAY = 86_400_000;
/** Of the lanes' scene: doors of a site agree under this name. */
export const DOOR = 'meeting-door';

export function createRegister(parts: RegisterParts): Register {
  const { journal, clock, log } = parts;
  const { shelved, unread } = readShelf(journal.keptUnder(SHELF));
  if (unread.length > 0) log.error('meeting-unread', { rows: unread.length });
  const listeners = new Set<() => void>();
  const now = (): Instant => clock.now().earliest;

  const changed = (): void => {
    for (const listener of listeners) listener();
    parts.changed();
  };

  const published = (): readonly Meeting[] => meetingsOf(parts.trust()?.data('meetings'));

  const all = (): readonly Meeting[] => {
    const own = [...shelved.values()].filter(({ closed }) => closed === null).map(({ meeting }) => meeting);
    const others = published().filter(({ id }) => !shelved.has(id));
    return [...own, ...others].filter(({ until }) => until > now()).sort((a, b) => a.from - b.from);
  };

  /** The county's own meetings get a key and a place here with the first who comes. */
  const find = (id: string): Shelved | undefined => {
    const known = shelved.get(id);
    if (known) return known;
    const meeting = published().find((one) => one.id === id);
    return meeting && newShelved(meeting, 7 * DAY);
  };

  const isOpen = ({ meeting, closed }: Shelved): boolean => closed === null && now() < meeting.until;

  const invited = (of: Shelved, subject: string): boolean =>
    of.people.get(tokenOf(of, subject))?.invited === true || isListed(parts.trust(), of.meeting.id, subject);

  const personOf = (of: Shelved, token: string): Attendee => of.people.get(token) ?? { number: of.numbers + 1, invited: false, stays: [] };

  const entry = (facts: Facts, door: Pick<Door, 'scene' | 'station'>): Facts => ({
    ...facts,
    scene: door.scene,
    checkpoint: parts.checkpoint,
    station: door.station,
  });

  const seal = (subject: string, shown: Door['shown']) => sealed(parts.sealer(), subject, shown);

  /** Entry and row together; what it returns puts it into memory. */
  const write = (tx: RegisterWriter, of: Shelved, { event, subject, direction, ...door }: Passing & Door): (() => void) => {
    const token = tokenOf(of, subject);
    const before = personOf(of, token);
    const person = signed(before, direction, now());
    const minutes = direction === 'out' ? { minutes: minutesOf({ stays: person.stays.slice(-1) }, now()) } : {};
    const facts = entry({ event, does: direction, number: person.number, ...minutes }, door);
    tx.append({ kind: 'meeting', at: clock.now(), facts, ...seal(subject, door.shown) });
    if (!shelved.has(event)) writeMeeting(tx, of);
    writePerson(tx, of, token, person);
    return () => {
      shelved.set(event, of);
      of.people.set(token, person);
      of.numbers = Math.max(of.numbers, person.number);
      changed();
    };
  };

  const turn = (of: Shelved, door: Door): void => {
    const next = { ...of, turned: of.turned + 1 };
    const { id } = of.meeting;
    journal.transaction((tx) => {
      tx.append({ kind: 'meeting', at: clock.now(), facts: entry({ event: id, does: 'refused' }, door) });
      writeMeeting(tx, next);
    });
    shelved.set(id, next);
    changed();
  };

  const sign: Register['sign'] = (id, subject, door) => {
    const of = find(id);
    if (!of || !isOpen(of)) return { does: 'refused', why: 'over' };
    if (!mayCome(of.meeting, subject)) {
      turn(of, door);
      return { does: 'refused', why: 'not-invited' };
    }
    const token = tokenOf(of, subject);
    const known = of.people.get(token);
    if (!known && of.people.size >= MOST_PEOPLE) return { does: 'refused', why: 'full' };
    const minutes = (person: Attendee): number => minutesOf(person, now());
    if (known && isAgain(known, now())) return { does: 'again', number: known.number, minutes: minutes(known) };
    const own: Json = { inside: isInside(known) };
    const others = parts.others();
    const seen = others ? others.memory(`${DOOR}/${id}`, subject, own) : own;
    const direction = insideOf(seen) ? 'out' : 'in';
    journal.transaction((tx) => write(tx, of, { event: id, subject, direction, ...door }))();
    others?.passed(`${DOOR}/${id}`, subject, direction);
    const person = personOf(of, token);
    return { does: direction, number: person.number, minutes: minutes(person) };
  };

  const mayCome = (meeting: Meeting, subject: string): boolean => {
    const of = find(meeting.id);
    if (meeting.who === 'everyone') return true;
    if (meeting.who === 'enterprises') {
      const named = [...(of?.people.values() ?? [])].some((one) => one.invited);
      return !named || (of !== undefined && invited(of, subject));
    }
    return of !== undefined && invited(of, subject);
  };

  const close: Register['close'] = (id, why, by) => {
    const of = shelved.get(id) ?? find(id);
    if (!of || of.closed !== null) return false;
    const at = Math.min(now(), of.meeting.until);
    const { came, present } = countOf(of);
    const next: Shelved = { ...of, closed: at };
    const door = by ?? { scene: 'meeting', station: '-' };
    journal.transaction((tx) => {
      const facts = entry({ event: id, by: why, at: Math.floor(at / 1000), came, present }, door);
      tx.append({ kind: 'meeting-closed', at: clock.now(), facts, ...(by && seal(by.subject, by.shown)) });
      writeMeeting(tx, next);
    });
    shelved.set(id, next);
    changed();
    return true;
  };

  const amend = (of: Shelved, people: readonly (readonly [string, Attendee])[]): void => {
    journal.transaction((tx) => {
      if (!shelved.has(of.meeting.id)) writeMeeting(tx, of);
      for (const [token, person] of people) writePerson(tx, of, token, person);
    });
    shelved.set(of.meeting.id, of);
    for (const [token, person] of people) of.people.set(token, person);
    of.numbers = Math.max(of.numbers, ...people.map(([, { number }]) => number));
    changed();
  };

  return {
    all,
    find,
    shelved: () => shelved.values(),
    count: (id) => {
      const of = find(id);
      return of && countOf(of);
    },
    create(meeting, keepDays, by) {
      if (shelved.size >= MOST_MEETINGS) return false;
      const of = newShelved(meeting, keepDays * DAY);
      journal.transaction((tx) => {
        tx.append({ kind: 'meeting-event', at: clock.now(), facts: entry(factsOf(meeting), by), ...seal(by.subject, by.shown) });
        writeMeeting(tx, of);
      });
      shelved.set(meeting.id, of);
      changed();
      return true;
    },
    sign,
    passed(tx, passing) {
      const of = find(passing.event);
      return of ? write(tx, of, { ...passing, scene: DOOR }) : () => undefined;
    },
    noticed(tx, notice) {
      const of = notice.scene === 'meeting' && notice.event !== null ? find(notice.event) : undefined;
      if (!of || of.closed !== null) return undefined;
      const next: Shelved = { ...of, phones: withPhone(of.phones, notice) };
      writeMeeting(tx, next);
      return () => {
        shelved.set(next.meeting.id, next);
        changed();
      };
    },
    mayCome,
    atDoor(subject) {
      const found = [...shelved.values()].flatMap((of) => {
        const person = of.closed === null ? of.people.get(tokenOf(of, subject)) : undefined;
        const at = person && Math.max(...person.stays.map((stay) => stay.out ?? stay.in ?? 0), 0);
        return person && at ? [{ inside: isInside(person), event: of.meeting.id, at: Math.floor(at / 1000) }] : [];
      });
      return found.sort((a, b) => b.at - a.at)[0];
    },
    close,
    invite(id, tokens) {
      const of = find(id);
      if (!of) return;
      let number = of.numbers;
      const fresh = tokens.filter((token) => of.people.get(token)?.invited !== true);
      amend(
        of,
        fresh.map((token) => [token, { ...(of.people.get(token) ?? { number: ++number, stays: [] }), invited: true }] as const),
      );
    },
    uninvite(id, keep) {
      const of = find(id);
      const gone = [...(of?.people ?? [])].filter(([token, { invited: was }]) => was && !keep.has(token));
      if (of && gone.length > 0)
        amend(
          of,
          gone.map(([token, person]) => [token, { ...person, invited: false }] as const),
        );
    },
    changed,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    upkeep() {
      for (const of of shelved.values()) {
        if (of.closed === null && now() >= of.meeting.until) close(of.meeting.id, 'end');
        if (now() < of.forget) continue;
        journal.transaction((tx) => destroyMeeting(tx, of.meeting.id));
        shelved.delete(of.meeting.id);
        changed();
      }
    },
  };
}

function isListed(trust: Trust | undefined, id: string, subject: string): boolean {
  const token = decodeBase64Url(subject);
  return token?.length === 16 && trust?.lists.listed(listOf(id), token) === true;
}

const insideOf = (memory: Json | undefined): boolean =>
  typeof memory === 'object' && memory !== null && !Array.isArray(memory) && (memory as { readonly inside?: Json }).inside === true;

/** As a submission of a desk is sealed: CBOR [1, medium, bytes, personal, subject]. A credit code is no person's. */
function sealed(sealer: Sealer | undefined, subject: string, shown: Door['shown']): { seal?: (context: string) => Uint8Array } {
  if (!sealer) return {};
  const token = decodeBase64Url(subject);
  const plain = encodeCbor([1, shown?.medium ?? null, shown?.bytes ?? null, null, token?.length === 16 ? token : null]);
  return { seal: (context) => sealer.seal(plain, context) };
}

/** Somebody who came before adds nobody. */
function withPhone({ came, present }: Shelved['phones'], { what, quantity }: Notice): Shelved['phones'] {
  if (what === 'meeting-in') return { came: came + quantity, present: present + 1 };
  return { came, present: what === 'meeting-out' ? Math.max(0, present - 1) : present };
}
