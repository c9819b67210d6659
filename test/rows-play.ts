/** Rows of the programme as people play them at a desk's page: what is asked, what it says, and what the person does. Data and small makers. */
import type { FhirResource } from 'fhir/r4.js';
import type { Prompt } from '../src/contracts.js';
import type { CountyStore } from '../src/platform/store.js';

export type DeskName = 'kiosk' | 'ward' | 'pharmacy-window' | 'hall' | 'front-desk' | 'shop';

/** What a person's hands can do at a desk. */
export interface Hands {
  /** Before the desk's scanner, cards on its reader: a name of the demo's hand. */
  hold(code: string): Promise<void>;
  touch(name: RegExp): Promise<void>;
  touchFirst(): Promise<void>;
  /** Blanks by their label, then what is picked. */
  fill(blanks: Blanks, picked: readonly string[]): Promise<void>;
  /** Takes the first that is found. */
  seek(text: string): Promise<void>;
}

export type Blanks = readonly (readonly [label: RegExp, text: string])[];

export interface Step {
  readonly at: Prompt['kind'];
  /** What the page must say there. */
  readonly reads?: RegExp;
  readonly deed: (hands: Hands) => Promise<void>;
}

export interface Play {
  readonly desk: DeskName;
  /** Its button in the menu. */
  readonly scene: RegExp;
  readonly steps: readonly Step[];
}

/** The network goes away between the two. */
export interface Half {
  /** Which of the outages: one conversation at a desk in each. */
  readonly outage: 1 | 2 | 3;
  readonly desk: DeskName;
  readonly scene: RegExp;
  readonly before: readonly Step[];
  readonly after: readonly Step[];
}

/** What the county and its hospital have written down. */
export interface Books {
  readonly store: CountyStore;
  records(kind: string): Promise<number>;
  /** Persons who showed something for that scene, as the county counts them. */
  presented(scene: string): Promise<number>;
  paid(service: string): Promise<number>;
  audited(kind: string, scene?: string): Promise<number>;
  /** What the one with the card has on paper, or bound. */
  carried(kind: 'code' | 'card'): Promise<number>;
  hospital<R extends FhirResource>(type: R['resourceType']): readonly R[];
}

export interface Row {
  readonly id: string;
  readonly up: Play;
  /** How much more `count` is after `up`; 0: nothing is written, as nobody is named. */
  readonly adds: number;
  readonly count: (books: Books) => number | Promise<number>;
  readonly half?: Half;
  /** Played after the network is back, by whoever was cut off. */
  readonly again?: Play;
  readonly down: Play;
  /** How much more `count` is once half-way, again and down are delivered: exactly so much. */
  readonly later: number;
}

const step = (at: Step['at'], deed: Step['deed'], reads?: RegExp): Step => ({ at, deed, ...(reads && { reads }) });

export const shows = (code: string, reads?: RegExp): Step => step('identify', (hands) => hands.hold(code), reads);
export const scans = (code: string, reads?: RegExp): Step => step('scan', (hands) => hands.hold(code), reads);
export const pays = (reads?: RegExp): Step => step('pay', (hands) => hands.hold('pay'), reads);
export const touches = (at: Step['at'], name: RegExp, reads?: RegExp): Step => step(at, (hands) => hands.touch(name), reads);
export const chooses = (name: RegExp, reads?: RegExp): Step => touches('choose', name, reads);
export const takesFirst = (reads?: RegExp): Step => step('choose', (hands) => hands.touchFirst(), reads);
export const agrees = (reads?: RegExp): Step => touches('confirm', /确认/, reads);
export const ends = (reads: RegExp): Step => touches('show', /好的/, reads);
export const fills = (blanks: Blanks, ...picked: readonly string[]): Step => step('fill', (hands) => hands.fill(blanks, picked));
export const seeks = (text: string): Step => step('search', (hands) => hands.seek(text));
