/** Whose is the hospital's own card, or a health card that it knows (MED-12)? The text on a card is its number. */
import { residentId } from '../../messages/identifiers.js';
import type { Fhir } from '../fhir/client.js';
import { NUMBER, RESIDENT_ID } from '../fhir/names.js';
import { identifierOf, token } from './values.js';

/** Letters and digits; an address of today's Ankang code is none. */
export const isCardText = (code: string): boolean => /^[A-Za-z0-9-]{8,64}$/.test(code);

/** The number of the resident ID; undefined: the hospital knows no such card; null: it knows several, and staff must look. */
export async function holderOf(fhir: Fhir, code: string): Promise<string | null | undefined> {
  const identifier = [NUMBER.card, NUMBER.healthCard].map((system) => token(system, code)).join(',');
  const [first, second] = (await fhir.search('Patient', { identifier })).filter(({ active }) => active !== false);
  if (second) return null;
  return first && residentId(identifierOf(first, RESIDENT_ID) ?? '');
}
