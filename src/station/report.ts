/** What a box verified in the last days, from its own journal (OPS-02): works without a network. Slice by slice, so that no scan waits. */
import { setImmediate as immediate } from 'node:timers/promises';
import type { Facts, Instant, Report, ReportRow } from '../contracts.js';
import { localTime } from '../messages/calendar.js';

interface Read {
  readonly last: number;
  read(from: number, limit: number): readonly { readonly kind: string; readonly public: string; readonly earliest: Instant }[];
}

const PAGE = 250;
const DAY = 86_400_000;
const MINUTE = 60_000;

/** `days`: 1: today. An entry is of the time that its clock was sure not to be before. */
export async function reportOf(journal: Read, now: Instant, days: number): Promise<Report> {
  const from = midnight(now) - (days - 1) * DAY;
  const counts = new Map<string, { row: Omit<ReportRow, 'count'>; count: number }>();
  let since = now;
  for (let end = journal.last; end > 0; end -= PAGE) {
    const first = Math.max(1, end - PAGE + 1);
    const page = journal.read(first, end - first + 1);
    const mine = page.filter(({ earliest }) => earliest >= from);
    since = Math.min(since, ...mine.map(({ earliest }) => earliest));
    for (const { kind, public: text } of mine) if (kind === 'verdict') add(counts, JSON.parse(text) as Facts);
    if (mine.length === 0) break;
    await immediate();
  }
  const rows = [...counts.values()].map(({ row, count }) => ({ ...row, count }));
  return { from, since, rows: rows.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)) };
}

const midnight = (now: Instant): Instant => now - localTime(now).minute * MINUTE - (now % MINUTE);

const keyOf = ({ scene, station, refusal }: Omit<ReportRow, 'count'>): string => `${scene}\0${station}\0${refusal}`;

function add(counts: Map<string, { row: Omit<ReportRow, 'count'>; count: number }>, facts: Facts): void {
  const word = (name: string): string => (typeof facts[name] === 'string' ? facts[name] : '?');
  const row = { scene: word('scene'), station: word('station'), refusal: facts['verdict'] === 'admit' ? '' : word('refusal') };
  const known = counts.get(keyOf(row));
  if (known) known.count++;
  else counts.set(keyOf(row), { row, count: 1 });
}
