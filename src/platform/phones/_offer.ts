/** What a phone's owner may do with a venue code: one file of this folder's `offers` for each scene, under its name. */
import type { Facts, Instant, Line, Words } from '../../contracts.js';
import type { CountyStore } from '../store.js';
import type { PhoneLimit, PhoneVisit } from '../store-phones.js';
import type { SeenVenue } from './venue-read.js';

export type PhoneBlank = { readonly id: string; readonly label: Words } & (
  | { readonly kind: 'number'; readonly least: number; readonly most: number }
  | { readonly kind: 'choice'; readonly optional: boolean; readonly choices: readonly { readonly id: string; readonly label: Words }[] }
);

/** What the page shows before anybody says who they are. */
export interface Form {
  readonly heading: Words;
  readonly lines: readonly Line[];
  readonly blanks: readonly PhoneBlank[];
}

export interface Offering extends SeenVenue {
  readonly store: CountyStore;
  readonly now: Instant;
}

export interface Filling extends Offering {
  readonly subject: string;
  /** By blank; checked against the form: a number within its bounds, one of the choices, '' where it is optional. */
  readonly values: Readonly<Record<string, string>>;
}

export interface Registration {
  readonly kind: string;
  readonly facts: Facts;
  readonly personal: Facts | null;
  readonly notice: Pick<PhoneVisit['notice'], 'event' | 'what' | 'quantity'>;
  readonly limit?: PhoneLimit;
  readonly done: Words;
  readonly lines: readonly Line[];
}

export interface Offer {
  /** `closed`: nothing can be registered with this code now, and why. */
  form(offering: Offering): Promise<Form | { readonly closed: Words }>;
  /** `refused`: not for this person, or not that; the form stands as it was. */
  registration(filling: Filling): Promise<Registration | { readonly refused: Words }>;
}

export const words = (zh: string, en: string): Words => ({ zh, en });
