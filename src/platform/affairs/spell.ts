/** Pinyin of a name, as a list is built: the terminal searches without a dictionary. */
import { pinyin } from 'pinyin-pro';

/** Syllables without tones between spaces, letters and digits as they stand, all else left out: 城乡 A1 → `cheng xiang a1`. */
export function spelling(name: string): string {
  return pinyin(name, { toneType: 'none', type: 'array', nonZh: 'consecutive', v: true })
    .flatMap(
      (part) =>
        part
          .normalize('NFKC')
          .toLowerCase()
          .match(/[a-z0-9]+/g) ?? [],
    )
    .join(' ');
}

/** For those who read no Chinese where the list has no English: `Canbao dengji`. */
export function romanised(name: string): string {
  const text = spelling(name);
  return text === '' ? name : text.charAt(0).toUpperCase() + text.slice(1);
}
