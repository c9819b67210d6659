/**
 * Does what somebody typed spell these words? Each syllable may be written out or begun: `canbao`, `cb`, `canb` and `cbdj` all begin
 * to spell `can bao deng ji`. Pure.
 */

/** Where the typed letters begin: 0 at the first syllable; -1: they spell nothing of it. `syllables`: lower-case, without tones. */
export function spells(syllables: readonly string[], typed: string): number {
  for (let at = 0; at < syllables.length; at++) if (syllables[at]?.[0] === typed[0] && goesOn(syllables, at, typed)) return at;
  return -1;
}

/** `ends`: how far the syllables up to here may have spelt it. Each syllable takes one letter at least. */
function goesOn(syllables: readonly string[], from: number, typed: string): boolean {
  let ends: readonly number[] = [0];
  for (let at = from; at < syllables.length && ends.length > 0; at++) {
    const next = new Set<number>();
    for (const end of ends) for (let taken = common(syllables[at] ?? '', typed, end); taken > 0; taken--) next.add(end + taken);
    if (next.has(typed.length)) return true;
    ends = [...next];
  }
  return false;
}

function common(syllable: string, typed: string, from: number): number {
  const most = Math.min(syllable.length, typed.length - from);
  let at = 0;
  while (at < most && syllable.charCodeAt(at) === typed.charCodeAt(from + at)) at++;
  return at;
}
