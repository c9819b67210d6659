/**
 * What a checkpoint remembers of codes and people until 04:00 (wire.md 2): which single-use codes were admitted, and what a scene kept of a
 * subject. Rows are keyed by HMAC-SM3 with a key of the day that is destroyed with them, so that no row leads back to anyone.
 */
import type { Database } from 'better-sqlite3';
import type { Direction, Instant, Json } from '../contracts.js';
import { hmacSm3 } from '../crypto/sm3.js';
import { canonical } from '../messages/jcs.js';

/** Of each kind of row. A lane admits fewer people in a day; beyond it the oldest sixteenth goes. */
export const MOST_ROWS = 65_536;
const LONGEST_VALUE = 4096;
const KEY_BYTES = 16;

export interface Memory {
  isUsed(direction: Direction, id: Uint8Array): boolean;
  use(direction: Direction, id: Uint8Array, until: Instant): void;
  annul(direction: Direction, id: Uint8Array): void;
  memory(scene: string, subject: string): Json | undefined;
  remember(about: { readonly scene: string; readonly subject: string; readonly value: Json; readonly seq: number }): void;
  /** Takes the key of a new day; the rows of the old one are gone. */
  begin(key: Uint8Array): void;
  /** Counts the rows again after a transaction came to nothing. */
  recount(): void;
}

export function openMemory(db: Database, dayKey: Uint8Array): Memory {
  let key = dayKey;
  const used = countedTable(db, 'used', 'until');
  const remembered = countedTable(db, 'remembered', 'seq');
  const hit = db.prepare<[Uint8Array], number>('SELECT 1 FROM used WHERE key = ?').pluck();
  const addUsed = db.prepare<[Uint8Array, number]>(
    'INSERT INTO used VALUES (?, ?) ON CONFLICT DO UPDATE SET until = max(until, excluded.until)',
  );
  const forget = db.prepare<[Uint8Array]>('DELETE FROM used WHERE key = ?');
  const value = db.prepare<[Uint8Array], string>('SELECT value FROM remembered WHERE key = ?').pluck();
  const setValue = db.prepare<[Uint8Array, string, number]>(
    'INSERT INTO remembered VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value, seq = excluded.seq',
  );
  const clear = [db.prepare('DELETE FROM used'), db.prepare('DELETE FROM remembered')];

  const keyOf = (...parts: readonly Uint8Array[]): Uint8Array => hmacSm3(key, ...parts).subarray(0, KEY_BYTES);
  const usedKey = (direction: Direction, id: Uint8Array): Uint8Array => keyOf(USED[direction], id);
  const sceneKey = (scene: string, subject: string): Uint8Array => keyOf(Buffer.from(`scene/${scene}/${subject}`));
  return {
    isUsed: (direction, id) => hit.get(usedKey(direction, id)) === 1,
    use(direction, id, until) {
      const at = usedKey(direction, id);
      if (hit.get(at) === undefined) used.makeRoom();
      addUsed.run(at, Math.min(Math.ceil(until), Number.MAX_SAFE_INTEGER));
    },
    annul: (direction, id) => used.removed(forget.run(usedKey(direction, id)).changes),
    memory(scene, subject) {
      const text = value.get(sceneKey(scene, subject));
      return text === undefined ? undefined : (JSON.parse(text) as Json);
    },
    remember({ scene, subject, value: json, seq }) {
      const text = canonical(json);
      if (text.length > LONGEST_VALUE) throw new RangeError(`a memory of ${text.length} characters; the limit is ${LONGEST_VALUE}`);
      const at = sceneKey(scene, subject);
      if (value.get(at) === undefined) remembered.makeRoom();
      setValue.run(at, text, seq);
    },
    begin(next) {
      for (const statement of clear) statement.run();
      key = next;
      this.recount();
    },
    recount() {
      used.recount();
      remembered.recount();
    },
  };
}

const USED: Readonly<Record<Direction, Uint8Array>> = { in: Buffer.from('used/in/'), out: Buffer.from('used/out/') };

interface CountedTable {
  /** For one row more. */
  makeRoom(): void;
  removed(rows: number): void;
  recount(): void;
}

/** A table that never holds more than MOST_ROWS: the rows with the lowest `order` go first, many at a time, since finding them is a walk. */
function countedTable(db: Database, name: 'used' | 'remembered', order: 'until' | 'seq'): CountedTable {
  const counted = db.prepare<[], number>(`SELECT count(*) FROM ${name}`).pluck();
  const thin = db.prepare<[number]>(`DELETE FROM ${name} WHERE key IN (SELECT key FROM ${name} ORDER BY ${order} LIMIT ?)`);
  const count = (): number => counted.get() ?? 0;
  let rows = count();
  return {
    makeRoom() {
      if (rows >= MOST_ROWS) rows -= thin.run(MOST_ROWS / 16).changes;
      rows++;
    },
    removed(gone) {
      rows -= gone;
    },
    recount() {
      rows = count();
    },
  };
}
