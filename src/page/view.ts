/** What the page at a gate shows, as plain data: the page decides nothing and remembers nothing. */
import type { DeskState, Direction, Refusal, Words } from '../contracts.js';

export type Screen =
  | { readonly screen: 'waiting' }
  | { readonly screen: 'reading' }
  /** The county is being asked whose code it is. */
  | { readonly screen: 'checking' }
  /** Nothing to verify with has come yet. */
  | { readonly screen: 'starting' }
  | { readonly screen: 'admitted'; readonly direction: Direction; readonly hint?: Words }
  | { readonly screen: 'refused'; readonly refusal: Refusal; readonly number: number; readonly words: Words; readonly next: Words }
  | { readonly screen: 'free'; readonly words: Words }
  /** Not yet one of the county's terminals. */
  | { readonly screen: 'enrol'; readonly words: Words; readonly next: Words }
  | { readonly screen: 'out-of-order'; readonly number: number; readonly words: Words };

export interface StationView {
  readonly station: string;
  readonly title: Words;
  readonly screen: Screen;
  readonly gate: 'locked' | 'released' | 'free' | 'down' | 'none';
  /** Which of its scanners and card readers are there. */
  readonly readers: 'all' | 'some' | 'none';
  /** People inside; null where nothing counts them. */
  readonly inside: number | null;
}

/** A desk: what is asked now, or why nothing can be. */
export interface DeskView {
  readonly station: string;
  readonly screen: 'serving' | 'starting' | 'leave' | 'out-of-order';
  readonly menu: DeskState['menu'];
  readonly held: boolean;
  readonly staffCalled: boolean;
  readonly told: DeskState['told'] | null;
  readonly visit: DeskState['visit'] | null;
}

export interface TerminalView {
  readonly terminal: string;
  readonly checkpoint: string;
  readonly online: boolean;
  /** Age of the trust data in seconds; null: there is none, or the time is not known. */
  readonly trustAge: number | null;
  readonly clock: 'known' | 'unsure';
  /** The other lanes of the site; null: there are none by configuration. */
  readonly site: 'together' | 'alone' | null;
  /** Entries the platform has not acknowledged, and for how many hours more they can be kept; null: no estimate yet. */
  readonly backlog: { readonly entries: number; readonly hours: number | null };
  readonly stations: readonly StationView[];
  readonly desks: readonly DeskView[];
}
