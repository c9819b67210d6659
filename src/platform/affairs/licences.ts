/**
 * The e-licence library: which of the papers that an item wants are on file for a person. The reference library is made up: the same person
 * has the same papers each time. On demand it is slow, away, or says half of what it knows.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { sm3 } from '../../crypto/sm3.js';
import type { Materials } from '../../messages/affairs.js';

export const LIBRARY_FAULTS = ['well', 'slow', 'away', 'half'] as const;
export type LibraryFault = (typeof LIBRARY_FAULTS)[number];

export interface LibraryAsked {
  readonly subject: string;
  readonly licences: readonly string[];
  readonly fault: LibraryFault;
  readonly signal: AbortSignal;
}

/** Slower than anybody likes, quicker than a desk's patience. */
const SLOW_MS = 3000;

/** @throws Error when the library is away */
export async function onFile({ subject, licences, fault, signal }: LibraryAsked): Promise<Materials> {
  if (fault === 'away') throw new Error('the e-licence library is away');
  if (fault === 'slow') await sleep(SLOW_MS, undefined, { signal });
  const all = [...new Set(licences)].flatMap((licence) => {
    const number = numberOf(subject, licence);
    return number === undefined ? [] : [{ licence, number }];
  });
  return fault === 'half' ? { onFile: all.slice(0, Math.ceil(all.length / 2)), complete: false } : { onFile: all, complete: true };
}

/** Masked; undefined: this person has none. Everybody has an ID card, and two of three have any other paper. */
function numberOf(subject: string, licence: string): string | undefined {
  const [chance = 0, high = 0, low = 0] = sm3(Buffer.from(`${licence}/${subject}`));
  if (licence !== 'id-card' && chance % 3 === 0) return undefined;
  return `演示 ****${String((high << 8) | low).padStart(5, '0')}`;
}
