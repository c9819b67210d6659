/** What pinyin typed at a desk may be written as: names and places, for those who stand there without an input method. Pure. */
import type { Choice, Found } from '../contracts.js';
import { CHARACTERS } from './characters.js';

const MOST_SHOWN = 30;
/** The longest that is typed for one choice: a place of four syllables. */
const LONGEST = 24;

/** Written together more often than apart. */
const WORDS: readonly (readonly [pinyin: string, word: string])[] = [
  ['anhuisheng', '安徽省'],
  ['luanshi', '六安市'],
  ['huoshanxian', '霍山县'],
  ['hefeishi', '合肥市'],
  ['ouyang', '欧阳'],
  ['shangguan', '上官'],
  ['sima', '司马'],
  ['zhuge', '诸葛'],
  ['huangfu', '皇甫'],
  ['linghu', '令狐'],
  ['xiaoqu', '小区'],
  ['danyuan', '单元'],
  ['jiedao', '街道'],
  ['shequ', '社区'],
  ['nvshi', '女士'],
];

let made: ReadonlyMap<string, readonly string[]> | undefined;

function table(): ReadonlyMap<string, readonly string[]> {
  const syllables = new Map<string, string[]>();
  for (const [, syllable = '', characters = ''] of CHARACTERS.matchAll(/([a-z]+)([^\sa-z]+)/g))
    syllables.set(syllable, [...(syllables.get(syllable) ?? []), ...characters]);
  return syllables;
}

/** A whole syllable first, then the syllables that it begins; the id of a choice is what it writes. */
export function candidates(typed: string): Found {
  const letters = typed
    .toLowerCase()
    .replace(/[^a-z]/g, '')
    .slice(0, LONGEST);
  made ??= table();
  const all = letters === '' ? [] : [...wordsOf(letters), ...(made.get(letters) ?? []), ...begun(made, letters)];
  const unique = [...new Set(all)];
  return { typed, choices: unique.slice(0, MOST_SHOWN).map(choice), more: Math.max(0, unique.length - MOST_SHOWN) };
}

const choice = (written: string): Choice => ({ id: written, label: { zh: written, en: written } });

const wordsOf = (letters: string): readonly string[] =>
  letters.length < 3 ? [] : WORDS.filter(([pinyin]) => pinyin.startsWith(letters)).map(([, word]) => word);

function begun(syllables: ReadonlyMap<string, readonly string[]>, letters: string): readonly string[] {
  return [...syllables]
    .filter(([syllable]) => syllable !== letters && syllable.startsWith(letters))
    .flatMap(([, found]) => found.slice(0, 12));
}
