/** A search at a desk: what the scene finds, cut to what a page bears; what was found last is what may be chosen. */
import type { Choice, Found, Words } from '../contracts.js';
import type { Waiting } from './waiting.js';

/** More than anybody reads before they type on. */
const MOST_SHOWN = 12;

/** What the page is given of a choice. */
export const shown = ({ id, label, detail }: Choice): Choice => ({ id, label, ...(detail && { detail }) });

export async function searched<C extends Choice>(
  waiting: Pick<Waiting, 'search'>,
  ask: Words,
  find: (typed: string) => readonly C[],
): Promise<C | undefined> {
  let last: readonly C[] = [];
  const found = (typed: string): Found => {
    const all = find(typed);
    last = all.slice(0, MOST_SHOWN);
    return { typed, choices: last.map(shown), more: all.length - last.length };
  };
  const id = await waiting.search(ask, found);
  return last.find((choice) => choice.id === id);
}
