/** How the reference hospital's made-up resources are made: marked as such, with words in two languages, from a seed. Pure. */
import type { CodeableConcept, Element, Extension, FhirResource, Money, Reference } from 'fhir/r4.js';
import type { Instant, Words } from '../../contracts.js';
import { EXTENSION } from '../fhir/names.js';

const MARK = { system: 'urn:ankang:code:synthetic', code: 'synthetic', display: '虚构数据 · synthetic' };

/** Nobody shall take it for real. */
export const marked = <R extends FhirResource>(resource: R): R => ({ ...resource, meta: { ...resource.meta, tag: [MARK] } });

/** The English of the Chinese text beside it. */
export const english = (en: string): Element => ({
  extension: [
    {
      url: EXTENSION.translation,
      extension: [
        { url: 'lang', valueCode: 'en' },
        { url: 'content', valueString: en },
      ],
    },
  ],
});

export const conceptOf = ({ zh, en }: Words, coding?: CodeableConcept['coding']): CodeableConcept => ({
  text: zh,
  _text: english(en),
  ...(coding && { coding }),
});

export const to = (reference: string, name?: Words): Reference => ({
  reference,
  ...(name && { display: name.zh, _display: english(name.en) }),
});

export const yuan = (fen: number): Money => ({ value: fen / 100, currency: 'CNY' });

export const moneyExtension = (url: string, fen: number): Extension => ({ url, valueMoney: yuan(fen) });

export const iso = (at: Instant): string => new Date(at).toISOString();

/** The same numbers for the same seed, from 0 to below 1 (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
