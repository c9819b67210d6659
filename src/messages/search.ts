/**
 * Finds an item by what a person types: Chinese as it stands in the name, pinyin or its first letters, the number, the department, the
 * event of life it belongs to. Pure, and made once for a list.
 *
 *   typed → words between spaces → each must be found in the item; where it was found is its rank → the best first
 */
import { type Item, type Items, itemsOf, type Known, parseItems } from './items.js';
import { spells } from './spelling.js';

export interface Search {
  readonly version: number;
  readonly departments: readonly Known[];
  readonly events: readonly Known[];
  item(code: string): Item | undefined;
  /** The best first; nothing typed: all of them, as the list has them. `among`: only these. */
  find(typed: string, among?: (item: Item) => boolean): readonly Item[];
}

/** Longer than any name that somebody types. */
const LONGEST = 40;

/** Where a word was found, the best first. */
const RANK = { code: 0, start: 1, alias: 2, within: 3, spelt: 4, speltWithin: 6, english: 7, belongs: 8 } as const;
const NOWHERE = 99;

interface Entry {
  readonly item: Item;
  readonly name: string;
  readonly english: string;
  readonly syllables: readonly string[];
  readonly aliases: readonly { readonly name: string; readonly syllables: readonly string[] }[];
  readonly belongs: readonly Belonging[];
}

/** A department or an event, shared by its items. */
interface Belonging {
  readonly name: string;
  readonly english: string;
  readonly syllables: readonly string[];
}

const plain = (text: string): string => text.normalize('NFKC').toLowerCase();
const syllablesOf = (pinyin: string): readonly string[] => pinyin.split(' ').filter((one) => one !== '');

export function searchOf(list: Items): Search {
  const belonging = new Map<Known, Belonging>(
    [...list.departments, ...list.events].map((one) => [
      one,
      { name: plain(one.name.zh), english: plain(one.name.en), syllables: syllablesOf(one.pinyin) },
    ]),
  );
  const items = itemsOf(list);
  const entries = items.map(
    (item): Entry => ({
      item,
      name: plain(item.name.zh),
      english: plain(item.name.en),
      syllables: syllablesOf(item.pinyin),
      aliases: item.aliases.map(({ name, pinyin }) => ({ name: plain(name), syllables: syllablesOf(pinyin) })),
      belongs: [item.department, ...item.events].flatMap((one) => belonging.get(one) ?? []),
    }),
  );
  const byCode = new Map(items.map((item) => [item.code, item]));
  return {
    version: list.version,
    departments: list.departments,
    events: list.events,
    item: (code) => byCode.get(code),
    find: (typed, among = () => true) => ranked(entries, typed, among),
  };
}

function ranked(entries: readonly Entry[], typed: string, among: (item: Item) => boolean): readonly Item[] {
  const words = plain(typed.slice(0, LONGEST)).split(/\s+/).filter(Boolean);
  const found: { readonly item: Item; readonly rank: number }[] = [];
  for (const entry of entries) {
    if (!among(entry.item)) continue;
    const rank = rankOf(entry, words);
    if (rank < NOWHERE) found.push({ item: entry.item, rank });
  }
  // Among equals the shorter name: it is nearer to what was typed. The order of the list breaks what is left.
  if (words.length > 0) found.sort((a, b) => a.rank - b.rank || a.item.name.zh.length - b.item.name.zh.length);
  return found.map(({ item }) => item);
}

/** The worst of its words; one that is found nowhere leaves the item out. */
function rankOf(entry: Entry, words: readonly string[]): number {
  let worst = 0;
  for (const word of words) {
    worst = Math.max(worst, rankOfWord(entry, word));
    if (worst === NOWHERE) break;
  }
  return worst;
}

function rankOfWord(entry: Entry, word: string): number {
  const { item, name, english, aliases, belongs } = entry;
  if (item.code.toLowerCase().startsWith(word) || (word.length >= 4 && item.code.toLowerCase().includes(word))) return RANK.code;
  const at = name.indexOf(word);
  if (at === 0) return RANK.start;
  if (aliases.some((alias) => alias.name.includes(word))) return RANK.alias;
  if (at > 0) return RANK.within;
  if (/^[a-z0-9]+$/.test(word)) {
    const rank = rankOfLetters(entry, word);
    if (rank !== NOWHERE) return rank;
  }
  if (word.length >= 3 && english.includes(word)) return RANK.english;
  return belongs.some((one) => isOf(one, word)) ? RANK.belongs : NOWHERE;
}

function rankOfLetters({ syllables, aliases }: Entry, word: string): number {
  const at = spells(syllables, word);
  if (at === 0 || aliases.some((alias) => spells(alias.syllables, word) === 0)) return RANK.spelt;
  return at > 0 ? RANK.speltWithin : NOWHERE;
}

/** A single letter begins too many departments to mean one. */
function isOf({ name, english, syllables }: Belonging, word: string): boolean {
  if (name.includes(word) || (word.length >= 3 && english.includes(word))) return true;
  return word.length >= 2 && spells(syllables, word) === 0;
}

/** One search for a list in force, however many visits ask for it. */
const MADE = new WeakMap<object, Search | 'none'>();

/** undefined: no such data is in force. */
export function searchOver(value: unknown): Search | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const made = MADE.get(value);
  if (made) return made === 'none' ? undefined : made;
  const items = parseItems(value);
  const search = items && searchOf(items);
  MADE.set(value, search ?? 'none');
  return search;
}
