/**
 * Meetings on this box's disk: among the kept words of the journal, so that a sign-in and its entry are one transaction. People stand under
 * HMAC-SM3(key of the meeting, subject); key and rows are destroyed together, some days after the end.
 *
 *   meeting/<id>/          the meeting and its key
 *   meeting/<id>/<token>   one person
 */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type Instant, MEETING_FOR, type Meeting } from '../contracts.js';
import { hmacSm3 } from '../crypto/sm3.js';
import { MEETING_ID } from '../messages/meeting.js';
import type { Attendee, Held } from './attendance.js';

export interface Shelved extends Held {
  readonly key: Uint8Array;
  /** When all of it is destroyed. */
  readonly forget: Instant;
  /** By token. */
  readonly people: Map<string, Attendee>;
  /** The highest number given. */
  numbers: number;
}

export interface ShelfWriter {
  keep(name: string, value: string): void;
  forget(prefix: string): void;
}

const PREFIX = 'meeting/';
const at = z.int();
const end = at.nullable();

const ROW = z.strictObject({
  meeting: z.strictObject({
    id: z.string().regex(MEETING_ID),
    title: z.string(),
    place: z.string(),
    from: at,
    until: at,
    who: z.enum(MEETING_FOR),
  }),
  key: z.string().regex(/^[0-9a-f]{64}$/),
  closed: end,
  forget: at,
  turned: at,
  phones: z.strictObject({ came: at, present: at }).default({ came: 0, present: 0 }),
});
const PERSON = z.strictObject({ number: at, invited: z.boolean(), stays: z.array(z.strictObject({ in: end, out: end })) });

export function newShelved(meeting: Meeting, keepMs: number): Shelved {
  const forget = meeting.until + keepMs;
  return {
    meeting,
    key: Uint8Array.from(randomBytes(32)),
    closed: null,
    forget,
    turned: 0,
    phones: { came: 0, present: 0 },
    people: new Map(),
    numbers: 0,
  };
}

/** 32 hex digits that lead back to nobody without the meeting's key. */
export const tokenOf = ({ key }: Pick<Shelved, 'key'>, subject: string): string =>
  Buffer.from(hmacSm3(key, Buffer.from(subject, 'latin1')).subarray(0, 16)).toString('hex');

export function writeMeeting(tx: ShelfWriter, { meeting, key, closed, forget, turned, phones }: Shelved): void {
  tx.keep(`${PREFIX}${meeting.id}/`, JSON.stringify({ meeting, key: Buffer.from(key).toString('hex'), closed, forget, turned, phones }));
}

export function writePerson(tx: ShelfWriter, { meeting }: Pick<Shelved, 'meeting'>, token: string, person: Attendee): void {
  tx.keep(`${PREFIX}${meeting.id}/${token}`, JSON.stringify(person));
}

export const destroyMeeting = (tx: ShelfWriter, id: string): void => tx.forget(`${PREFIX}${id}/`);

/** `unread`: names of rows that are none of ours. */
export function readShelf(rows: readonly (readonly [string, number | string])[]): {
  shelved: Map<string, Shelved>;
  unread: readonly string[];
} {
  const shelved = new Map<string, Shelved>();
  const unread: string[] = [];
  // In the order of their names a meeting comes before its people.
  for (const [name, value] of rows) {
    const [, id = '', token = ''] = name.split('/');
    const of = shelved.get(id);
    const taken = token === '' ? takeMeeting(shelved, String(value)) : of && takePerson(of, token, String(value));
    if (!taken) unread.push(name);
  }
  return { shelved, unread };
}

function takeMeeting(shelved: Map<string, Shelved>, text: string): boolean {
  const row = ROW.safeParse(jsonIn(text)).data;
  if (row) shelved.set(row.meeting.id, { ...row, key: Uint8Array.from(Buffer.from(row.key, 'hex')), people: new Map(), numbers: 0 });
  return row !== undefined;
}

function takePerson(of: Shelved, token: string, text: string): boolean {
  const person = PERSON.safeParse(jsonIn(text)).data;
  if (!person) return false;
  of.people.set(token, person);
  of.numbers = Math.max(of.numbers, person.number);
  return true;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // reported as unread by whoever asked
  }
}

export const SHELF = PREFIX;
