/**
 * The ladder of ways to look for a QR code in a grey picture, from cheap to hard. Pure. Its order was learnt on one half of the
 * photographs that bench/camera.ts reads, and is reported on the other.
 */

/** What is done to the picture first: evened-out light by radius, or ink spread by so many pixels. */
export type Preparation = 'plain' | 'level-5' | 'level-10' | 'level-20' | 'ink-1' | 'ink-2';

export interface Stage {
  /** The longer side of what is looked at, at most; Infinity: the picture as it is. */
  readonly longest: number;
  readonly preparation: Preparation;
  readonly binarizer: 'average' | 'histogram';
  readonly harder?: true;
  readonly inverted?: true;
  readonly denoised?: true;
}

export const LADDER: readonly Stage[] = [];

/** Stages of every live picture; those above take turns, this many a picture. */
const ALWAYS = 3;
const IN_TURN = 2;

/** The stages that differ for a picture of this longer side: in a small one, large scales are all the same. */
export function stagesFor(longest: number): readonly Stage[] {
  const seen = new Set<string>();
  return LADDER.filter((stage) => {
    const key = JSON.stringify({ ...stage, longest: Math.min(stage.longest, longest) });
    return !seen.has(key) && seen.add(key);
  });
}

/** What looks through a stream of pictures: the cheap stages at each, the hard ones in turn, first what found a code last. */
export interface Rotation {
  next(longest: number): readonly Stage[];
  found(stage: Stage): void;
}

export function rotation(): Rotation {
  let turn = 0;
  let lucky: Stage | undefined;
  return {
    next(longest) {
      const all = stagesFor(longest);
      const hard = all.slice(ALWAYS);
      const some = Array.from({ length: Math.min(IN_TURN, hard.length) }, (_, i) => hard[(turn + i) % hard.length]);
      turn = hard.length > 0 ? (turn + IN_TURN) % hard.length : 0;
      const chosen = [lucky, ...all.slice(0, ALWAYS), ...some].filter((stage) => stage !== undefined);
      return [...new Set(chosen)];
    },
    found(stage) {
      lucky = stage;
    },
  };
}
