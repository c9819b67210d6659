/** The other terminals of a site: who was heard lately, and how many people each counted in. Pure. */
import type { Instant } from '../contracts.js';
import { countOf, type SiteWord } from '../messages/site.js';
import { MOST_PEERS } from './memory.js';

/** Each is heard every two seconds; who was not for so long is away. */
export const AWAY_MS = 7000;

/** `back`: not heard for a while, or never; `replayed`: an older `here` than the last, or the same. */
export type Greeting = 'back' | 'there' | 'replayed' | 'crowded';

export interface Peers {
  /** `now`: monotonic ms. */
  here(word: SiteWord, now: number): Greeting;
  /** From before our own start: its count, not its presence. */
  recall(word: SiteWord): void;
  /** Asked anew, and not by a recording. */
  isNewAsk(word: SiteWord): boolean;
  heard(now: number): number;
  /** As they counted; what has expired counts no more. */
  inside(at: Instant): number;
  /** The last `here` of each. */
  words(): readonly SiteWord[];
  /** A new day: who was not heard lately is forgotten. */
  forget(now: number): void;
  /** Another site key: nobody was heard under it yet. */
  silence(): void;
}

interface Peer {
  readonly word: SiteWord;
  readonly heardAt: number;
}

export function createPeers(): Peers {
  const peers = new Map<string, Peer>();
  const asks = new Map<string, SiteWord>();
  const isThere = ({ heardAt }: Peer, now: number): boolean => now - heardAt < AWAY_MS;
  const quiet = (word: SiteWord): void => void peers.set(word.terminal, { word, heardAt: Number.NEGATIVE_INFINITY });

  return {
    here(word, now) {
      const known = peers.get(word.terminal);
      if (!isAfter(word, known?.word)) return 'replayed';
      if (!known && peers.size >= MOST_PEERS) return 'crowded';
      peers.set(word.terminal, { word, heardAt: now });
      return known && isThere(known, now) ? 'there' : 'back';
    },
    recall(word) {
      if (peers.size < MOST_PEERS && isAfter(word, peers.get(word.terminal)?.word)) quiet(word);
    },
    isNewAsk(word) {
      const last = asks.get(word.terminal);
      if (!isAfter(word, last) || (!last && asks.size >= MOST_PEERS)) return false;
      asks.set(word.terminal, word);
      return true;
    },
    heard: (now) => [...peers.values()].filter((peer) => isThere(peer, now)).length,
    inside: (at) => [...peers.values()].reduce((sum, { word }) => sum + (word.expires * 1000 > at ? countOf(word.token) : 0), 0),
    words: () => [...peers.values()].map(({ word }) => word),
    forget(now) {
      for (const [terminal, peer] of peers) {
        if (isThere(peer, now)) continue;
        peers.delete(terminal);
        asks.delete(terminal);
      }
    },
    silence() {
      for (const { word } of peers.values()) quiet(word);
    },
  };
}

const isAfter = (a: SiteWord, b: SiteWord | undefined): boolean => !b || a.boot > b.boot || (a.boot === b.boot && a.counter > b.counter);
