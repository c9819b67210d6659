/**
 * What the lanes of a site know together: which single-use codes were admitted, who went in or out last, how many are inside. It
 * lives in memory only; whoever starts anew asks the others. No clock, no socket.
 */
import type { Direction, Instant } from '../contracts.js';
import { type SiteKeys, siteToken } from '../messages/site.js';

/** Of each kind; the oldest go first. */
export const MOST_ROWS = 65_536;
/** Terminals of one site. */
export const MOST_PEERS = 256;

interface Row {
  readonly token: Uint8Array;
  readonly expires: Instant;
  /** Words that are news are ordered as they came; what was only told again comes before all of them. */
  readonly order: number;
}

export type Kept = 'used' | 'in' | 'out';

export interface SiteMemory {
  isUsed(checkpoint: string, direction: Direction, replayId: Uint8Array): boolean;
  /** Which way somebody was last seen going; undefined: not seen. */
  whereabouts(scene: string, subject: string): Direction | undefined;
  tokenOf(what: Kept, ...id: readonly (string | Uint8Array)[]): Uint8Array;
  /** `news`: it happened now. Otherwise it only fills what is not known. */
  learn(kind: Kept, token: Uint8Array, row: { readonly expires: Instant; readonly news: boolean }): void;
  annul(token: Uint8Array): void;
  counted(terminal: string, count: number): void;
  /** As the other terminals counted. */
  inside(): number;
  /** Oldest first. */
  rows(): readonly { readonly kind: Kept; readonly token: Uint8Array; readonly expires: Instant }[];
  /** Rows that are past. */
  expire(at: Instant): void;
  /** A day began: nobody is inside. */
  clear(): void;
}

const nameOf = (token: Uint8Array): string => Buffer.from(token).toString('latin1');
/** Any news is later than anything told again. */
const NEWS = 2 ** 40;

export function createSiteMemory(keys: SiteKeys): SiteMemory {
  const tables: Readonly<Record<Kept, Map<string, Row>>> = { used: new Map(), in: new Map(), out: new Map() };
  const counts = new Map<string, number>();
  let order = 0;

  const put = (kind: Kept, row: Row): void => {
    const table = tables[kind];
    const name = nameOf(row.token);
    // Last in the map: the first are the oldest.
    table.delete(name);
    table.set(name, row);
    for (const oldest of table.keys()) {
      if (table.size <= MOST_ROWS) break;
      table.delete(oldest);
    }
  };

  return {
    isUsed: (checkpoint, direction, replayId) => tables.used.has(nameOf(siteToken(keys, 'used', checkpoint, direction, replayId))),
    whereabouts(scene, subject) {
      const at = (kind: 'in' | 'out'): number => tables[kind].get(nameOf(siteToken(keys, kind, scene, subject)))?.order ?? 0;
      const [came, went] = [at('in'), at('out')];
      if (came === went) return undefined;
      return came > went ? 'in' : 'out';
    },
    tokenOf: (what, ...id) => siteToken(keys, what, ...id),
    learn(kind, token, { expires, news }) {
      if (!news && tables[kind].has(nameOf(token))) return;
      order++;
      put(kind, { token: Uint8Array.from(token), expires, order: news ? NEWS + order : order });
    },
    annul: (token) => void tables.used.delete(nameOf(token)),
    counted(terminal, count) {
      if (counts.has(terminal) || counts.size < MOST_PEERS) counts.set(terminal, count);
    },
    inside: () => [...counts.values()].reduce((sum, count) => sum + count, 0),
    rows: () =>
      (['used', 'in', 'out'] as const)
        .flatMap((kind) => [...tables[kind].values()].map((row) => ({ kind, ...row })))
        .sort((a, b) => a.order - b.order)
        .map(({ kind, token, expires }) => ({ kind, token, expires })),
    expire(at) {
      for (const table of Object.values(tables)) for (const [name, { expires }] of table) if (expires <= at) table.delete(name);
    },
    clear() {
      for (const table of Object.values(tables)) table.clear();
      counts.clear();
    },
  };
}
