/** What sources of a vehicle's place have in common: the names of stops, and telling a change once. */
import { z } from 'zod';
import type { Place } from '../src/contracts.js';

export const stopName = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,31}$/u, '与票价表一致：1–32 个字母、数字、. _ - · as in the tariff: 1–32 letters, digits, . _ -');

export interface Teller {
  readonly place: Place;
  /** Told only when it is another than before. */
  at(stop: string | undefined): void;
  repeat(): void;
}

export function teller(): Teller {
  const places: Parameters<Place['onPlace']>[0][] = [];
  const repeats: (() => void)[] = [];
  let last: string | undefined;
  return {
    place: { role: 'place', onPlace: (listener) => void places.push(listener), onRepeat: (listener) => void repeats.push(listener) },
    at(stop) {
      if (stop === last) return;
      last = stop;
      for (const listener of places) listener(stop);
    },
    repeat() {
      for (const listener of repeats) listener();
    },
  };
}
