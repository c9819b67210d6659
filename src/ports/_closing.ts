/** The one-time ending of a link: who comes first, a lost cable or a wanted close, says why. */
import type { LinkLost } from '../contracts.js';

export interface Closing {
  readonly closed: Promise<LinkLost | undefined>;
  readonly ended: boolean;
  /** The first call decides; later ones are ignored. */
  end(lost: LinkLost | undefined): void;
}

export function closing(): Closing {
  let ended = false;
  let settle: (lost: LinkLost | undefined) => void = () => undefined;
  const closed = new Promise<LinkLost | undefined>((resolve) => {
    settle = resolve;
  });
  return {
    closed,
    get ended() {
      return ended;
    },
    end(lost) {
      ended = true;
      settle(lost);
    },
  };
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
