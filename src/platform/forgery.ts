/** The forgery kit: for any set of keys, valid codes and every forged one (wire.md 1; facts peers 1.2 and 1.5), each with its word. */
import { damaged, frames, nonDeterministic, spellings } from './forgery/encodings.js';
import { moments, wrongMoments } from './forgery/moments.js';
import { others } from './forgery/others.js';
import {
  brokenTables,
  enterprisesAndVenues,
  replayedPersons,
  validPersons,
  wrongHeadersAndKeys,
  wrongSignatures,
  wrongTimes,
} from './forgery/persons.js';
import type { Kit, KitKeys, Sample } from './forgery/sample.js';
import { rides } from './forgery/transit.js';

export type { KitKeys, Sample } from './forgery/sample.js';

/** How many bits are flipped and cuts made in each part of each code unless all are wanted. */
const FLIPS = 16;

export interface KitOptions {
  readonly keys: KitKeys;
  /** The moment of the check, Unix seconds; it must lie within the lives of the keys that are to be valid. */
  readonly at: number;
  readonly flips?: number | 'all';
}

/**
 * In the order in which they are to be shown: a replay follows what it repeats. Made one at a time, each with fresh
 * pseudonyms and ids, so that a kit can be shown again after another.
 */
export function* forgeryKit({ keys, at, flips = FLIPS }: KitOptions): Generator<Sample, void, undefined> {
  const kit: Kit = { keys, at, flips };
  for (const chapter of CHAPTERS) yield* chapter(kit);
}

const CHAPTERS: readonly ((kit: Kit) => Iterable<Sample>)[] = [
  validPersons,
  replayedPersons,
  enterprisesAndVenues,
  moments,
  wrongTimes,
  brokenTables,
  wrongHeadersAndKeys,
  wrongSignatures,
  wrongMoments,
  frames,
  nonDeterministic,
  spellings,
  damaged,
  rides,
  others,
];
