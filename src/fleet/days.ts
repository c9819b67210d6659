/** What a day is like at each kind of place: how many people come, and at which hours. Pure. */
import { type Chance, timesOf } from './chance.js';

const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export interface Place {
  readonly kind: string;
  readonly scene: string;
  /** Of all terminals. */
  readonly share: number;
  /** People of a day at one terminal. */
  readonly people: number;
  /** Of the people, by the hour in which they come: from this hour on, until the next one named. */
  readonly hours: Readonly<Record<number, number>>;
}

export const PLACES: readonly Place[] = [
  { kind: 'BUS', scene: 'ride', share: 0.4, people: 60, hours: { 0: 0, 6: 3, 7: 10, 9: 3, 11: 4, 14: 3, 17: 9, 19: 2, 21: 0 } },
  { kind: 'BUILDING', scene: 'entry', share: 0.26, people: 50, hours: { 0: 0.1, 7: 6, 8: 12, 9: 3, 13: 6, 15: 2, 18: 4, 22: 0.3 } },
  { kind: 'MARKET', scene: 'market', share: 0.12, people: 25, hours: { 0: 0, 6: 8, 10: 4, 12: 1, 16: 6, 19: 1, 20: 0 } },
  { kind: 'HALL', scene: 'window', share: 0.1, people: 30, hours: { 0: 0, 8: 4, 9: 8, 11: 3, 12: 0, 14: 7, 16: 3, 18: 0 } },
  { kind: 'HOTEL', scene: 'stay', share: 0.08, people: 20, hours: { 0: 1, 2: 0.1, 12: 1, 14: 3, 19: 5, 21: 9, 23: 4 } },
  {
    kind: 'HOSPITAL',
    scene: 'entry',
    share: 0.04,
    people: 400,
    hours: { 0: 0.3, 6: 5, 7: 12, 8: 14, 10: 6, 12: 3, 14: 7, 17: 2, 20: 0.6 },
  },
];

/** The places of so many terminals, in these shares; a fleet of one is a bus. */
export function placesOf(terminals: number): readonly Place[] {
  let from = 0;
  return PLACES.flatMap((place) => {
    const to = from + place.share;
    const count = Math.round(to * terminals) - Math.round(from * terminals);
    from = to;
    return Array.from({ length: count }, () => place);
  });
}

/** When people come on one day, ms from its midnight, in order. */
export function comings({ people, hours }: Place, chance: Chance): readonly number[] {
  const weights = Array.from({ length: 24 }, (_, hour) => weightAt(hours, hour));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return weights
    .flatMap((weight, hour) => Array.from({ length: timesOf(chance, (people * weight) / all) }, () => Math.floor((hour + chance()) * HOUR)))
    .sort((a, b) => a - b);
}

function weightAt(hours: Place['hours'], hour: number): number {
  for (let from = hour; from >= 0; from--) {
    const weight = hours[from];
    if (weight !== undefined) return weight;
  }
  return 0;
}
