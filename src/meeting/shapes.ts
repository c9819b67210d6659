/** What the register of a box's meetings needs and gives. */
import type { Clock, Direction, Facts, Json, Log, Meeting, MeetingCount, Moment, Notice, Signed, Trust } from '../contracts.js';
import type { Sealer } from '../crypto/seal.js';
import type { ShelfWriter, Shelved } from './shelf.js';

export interface RegisterWriter extends ShelfWriter {
  append(draft: { kind: string; at: Moment; facts: Facts; seal?: (id: string) => Uint8Array }): { readonly seq: number };
}

/** The journal as meetings need it. */
export interface RegisterJournal {
  transaction<T>(work: (tx: RegisterWriter) => T): T;
  keptUnder(prefix: string): readonly (readonly [string, number | string])[];
}

/** Other doors of the site (src/site): who they saw last. */
export interface OtherDoors {
  memory(scene: string, subject: string, own: Json | undefined): Json | undefined;
  passed(scene: string, subject: string, direction: Direction): void;
}

export interface RegisterParts {
  readonly journal: RegisterJournal;
  readonly clock: Clock;
  readonly checkpoint: string;
  trust(): Trust | undefined;
  sealer(): Sealer | undefined;
  others(): OtherDoors | undefined;
  changed(): void;
  readonly log: Log;
}

/** Where it happened, and what is sealed with the person. */
export interface Door {
  readonly scene: string;
  readonly station: string;
  readonly shown?: { readonly medium: 'code' | 'card'; readonly bytes: Uint8Array };
}

export interface Register {
  all(): readonly Meeting[];
  find(id: string): Shelved | undefined;
  shelved(): Iterable<Shelved>;
  count(id: string): MeetingCount | undefined;
  create(meeting: Meeting, keepDays: number, by: Door & { readonly subject: string }): boolean;
  sign(id: string, subject: string, door: Door): Signed;
  /** By a gate that saw somebody go through, within its transaction; call what it returns once that is on disk. */
  passed(tx: RegisterWriter, passing: Passing): () => void;
  /** The county's word that somebody signed in or out with a phone, within its transaction; undefined: to no meeting of this box. */
  noticed(tx: ShelfWriter, notice: Notice): (() => void) | undefined;
  mayCome(meeting: Meeting, subject: string): boolean;
  /** What the door knows of somebody, for lanes of this box; undefined: nothing. */
  atDoor(subject: string): { readonly inside: boolean; readonly event: string; readonly at: number } | undefined;
  close(id: string, why: 'organiser' | 'page' | 'end', by?: Door & { readonly subject: string }): boolean;
  /** Replaces who is on the loaded list; numbers stay. In small transactions: nobody at a gate waits for it. */
  invite(id: string, tokens: readonly string[]): void;
  uninvite(id: string, keep: ReadonlySet<string>): void;
  changed(): void;
  /** Called when something of a meeting changed. */
  onChange(listener: () => void): () => void;
  upkeep(): void;
}

export interface Passing {
  readonly event: string;
  readonly subject: string;
  readonly direction: Direction;
  readonly station: string;
}
