/**
 * The ladder of ways to look for a QR code in a grey picture, from cheap to hard. Pure. It was learnt on one half of the
 * photographs that bench/camera.ts reads and on worse copies of them; the bench reports the other half by itself.
 */

/** What is done to the picture first: evened-out light by radius, or ink spread by so many pixels. */
export type Preparation = 'plain' | 'level-5' | 'level-10' | 'ink-1' | 'ink-2';

export interface Stage {
  /** The longer side of what is looked at, at most. */
  readonly longest: number;
  readonly preparation: Preparation;
  readonly binarizer: 'average' | 'histogram';
  readonly harder?: true;
  readonly inverted?: true;
  readonly denoised?: true;
}

const plain = { preparation: 'plain' } as const;
const byAverage = { binarizer: 'average' } as const;
const byHistogram = { binarizer: 'histogram' } as const;

export const LADDER: readonly Stage[] = [
  // Nearly everything that a person holds up: sharp, near, or dense.
  { longest: 256, ...plain, ...byHistogram, harder: true },
  { longest: 256, ...plain, ...byAverage },
  { longest: 560, ...plain, ...byAverage, harder: true, inverted: true },
  // Shadow, a small code in a large picture, blur.
  { longest: 256, preparation: 'level-10', ...byHistogram, harder: true },
  { longest: 1280, ...plain, ...byAverage, harder: true },
  { longest: 256, preparation: 'level-10', ...byAverage, harder: true, denoised: true },
  { longest: 480, preparation: 'level-5', ...byAverage, harder: true, denoised: true },
  { longest: 200, ...plain, ...byHistogram, harder: true },
  // Worn or dotted print, glare, what is left.
  { longest: 800, preparation: 'ink-1', ...byAverage, harder: true, denoised: true },
  { longest: 800, ...plain, ...byAverage, harder: true },
  { longest: 560, preparation: 'level-5', ...byHistogram, harder: true },
  { longest: 400, preparation: 'ink-2', ...byHistogram },
  { longest: 1600, ...plain, ...byAverage, harder: true },
  { longest: 1280, preparation: 'level-5', ...byAverage, harder: true, denoised: true },
];

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
