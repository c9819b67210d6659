/**
 * What the terminals of a site said of codes and people since 04:00. One row for what one terminal said of one token; its newest word
 * stands, however late it is heard, so that a word heard twice or in another order changes nothing. No clock, no socket.
 */
import type { Instant } from '../contracts.js';
import type { SiteWord } from '../messages/site.js';

/** wire.md 2. Beyond it the sixteenth that was said first goes. */
export const MOST_ROWS = 65_536;
/** Terminals of one site. */
export const MOST_PEERS = 256;

export type Kept = 'used' | 'in' | 'out';
export type KeptWord = SiteWord & { readonly kind: Kept };

/** `repeated`: heard before, as most are; `replayed`: a newer word of that terminal stands; `crowded`: one terminal too many. */
export type Hearing = 'taken' | 'repeated' | 'replayed' | 'crowded';

export interface SiteMemory {
  readonly rows: number;
  hear(word: KeptWord): Hearing;
  /** Did a lane admit it, and has not taken that back? `at`: the earliest it can be now. */
  isUsed(token: Uint8Array, at: Instant): boolean;
  /** The highest counter under which anybody said so; undefined: nobody did. */
  newest(kind: 'in' | 'out', token: Uint8Array): number | undefined;
  /** Those taken back included: who hears them must not believe an older word. */
  words(): Iterable<KeptWord>;
  clear(): void;
}

export function createSiteMemory(): SiteMemory {
  const rows = new Map<string, KeptWord>();
  const terminals = new Map<string, number>();

  const drop = (name: string, { terminal }: KeptWord): void => {
    rows.delete(name);
    const left = (terminals.get(terminal) ?? 1) - 1;
    if (left === 0) terminals.delete(terminal);
    else terminals.set(terminal, left);
  };

  const makeRoom = (): void => {
    if (rows.size < MOST_ROWS) return;
    let left = MOST_ROWS / 16;
    for (const [name, word] of rows) {
      if (left-- === 0) return;
      drop(name, word);
    }
  };

  /** What each terminal said of it: as many look-ups as there are terminals. */
  function* of(kind: Kept, token: Uint8Array): Iterable<KeptWord> {
    const text = textOf(token);
    for (const terminal of terminals.keys()) {
      const word = rows.get(`${terminal}/${kind}/${text}`);
      if (word) yield word;
    }
  }

  return {
    get rows() {
      return rows.size;
    },
    hear(word) {
      const { terminal, kind, token, counter } = word;
      const name = `${terminal}/${kind}/${textOf(token)}`;
      const known = rows.get(name);
      if (known && counter <= known.counter) return counter === known.counter ? 'repeated' : 'replayed';
      if (!terminals.has(terminal) && terminals.size >= MOST_PEERS) return 'crowded';
      if (known) drop(name, known);
      else makeRoom();
      rows.set(name, word);
      terminals.set(terminal, (terminals.get(terminal) ?? 0) + 1);
      return 'taken';
    },
    isUsed(token, at) {
      for (const { expires } of of('used', token)) if (expires * 1000 > at) return true;
      return false;
    },
    newest(kind, token) {
      let newest: number | undefined;
      for (const { counter } of of(kind, token)) newest = Math.max(newest ?? 0, counter);
      return newest;
    },
    words: () => rows.values(),
    clear() {
      rows.clear();
      terminals.clear();
    },
  };
}

const textOf = (token: Uint8Array): string => Buffer.from(token).toString('latin1');
