/** What many items of a list share, each kept once: an item names its place. */
import type { Blank, Words } from '../../contracts.js';
import type { Items, Known, Material } from '../../messages/items.js';
import { bilingual } from './columns.js';
import { spelling } from './spell.js';

export interface Tables {
  /** By the cell that names it. */
  readonly departments: (cell: string) => number;
  readonly events: (cell: string) => number;
  readonly materials: (material: Material) => number;
  readonly texts: (words: Words) => number;
  readonly forms: (blanks: readonly Blank[]) => number;
  all(): Pick<Items, 'departments' | 'events'> & { readonly [table in 'materials' | 'texts' | 'forms']: readonly unknown[] };
}

export function tables(): Tables {
  const departments = table<Known>();
  const events = table<Known>();
  const materials = table<Material>();
  const texts = table<Words>();
  const forms = table<readonly Blank[]>();
  // Of two that differ in English only, the first one's stands.
  const named = (into: Table<Known>, letter: string) => (cell: string) => {
    const name = bilingual(cell);
    return into.place(name.zh, () => ({ id: `${letter}${into.all.length + 1}`, name, pinyin: spelling(name.zh) }));
  };
  const same =
    <T>(into: Table<T>) =>
    (value: T): number =>
      into.place(JSON.stringify(value), () => value);
  return {
    departments: named(departments, 'd'),
    events: named(events, 'e'),
    materials: same(materials),
    texts: same(texts),
    forms: same(forms),
    all: () => ({ departments: departments.all, events: events.all, materials: materials.all, texts: texts.all, forms: forms.all }),
  };
}

interface Table<T> {
  readonly all: T[];
  place(key: string, make: () => T): number;
}

function table<T>(): Table<T> {
  const all: T[] = [];
  const places = new Map<string, number>();
  return {
    all,
    place(key, make) {
      const known = places.get(key);
      if (known !== undefined) return known;
      const place = all.push(make()) - 1;
      places.set(key, place);
      return place;
    },
  };
}
