/** What a box counted today, from its own journal: works without a network, and agrees with what the county will count. */
import type { Facts, Instant } from '../contracts.js';
import { localTime } from '../messages/calendar.js';

interface Read {
  readonly last: number;
  read(from: number, limit: number): readonly { readonly kind: string; readonly public: string; readonly earliest: Instant }[];
}

interface Count {
  readonly scene: string;
  admitted: number;
  refused: number;
}

const PAGE = 500;

/** Verdicts of the local day of `now`, by scene; backwards from the end, as far as that day goes. */
export function countToday(journal: Read, now: Instant): readonly Count[] {
  const { day } = localTime(now);
  const counts = new Map<string, Count>();
  for (let end = journal.last; end > 0; end -= PAGE) {
    const from = Math.max(1, end - PAGE + 1);
    const page = journal.read(from, end - from + 1).filter(({ earliest }) => localTime(earliest).day === day);
    if (page.length === 0) break;
    for (const { kind, public: text } of page) if (kind === 'verdict') add(counts, JSON.parse(text) as Facts);
  }
  return [...counts.values()].sort((a, b) => (a.scene < b.scene ? -1 : 1));
}

function add(counts: Map<string, Count>, { scene, verdict }: Facts): void {
  if (typeof scene !== 'string') return;
  const count = counts.get(scene) ?? { scene, admitted: 0, refused: 0 };
  count[verdict === 'admit' ? 'admitted' : 'refused']++;
  counts.set(scene, count);
}
