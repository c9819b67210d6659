/** Whether the county has of a fleet what the fleet sent: every entry once, in its place, counted in its scene. */
import type { CountyStore } from '../platform/store.js';
import type { Fleet } from './fleet.js';

export interface Account {
  readonly sent: number;
  readonly acknowledged: number;
  readonly stored: number;
  /** Sent, and not there as it was sent. */
  readonly lost: number;
  /** Counted more often than sent. */
  readonly doubled: number;
  readonly scenes: Readonly<Record<string, { readonly sent: number; readonly counted: number }>>;
  /** Entries of twins, and how many of them the county has as forks. */
  readonly forks: { readonly sent: number; readonly kept: number };
  readonly faults: Readonly<Record<'offline' | 'duplicates' | 'powerCuts' | 'twins', number>>;
  /** Entry to acknowledgement heard, ms. */
  readonly ackMs: { readonly p50: number; readonly p99: number };
  readonly holds: boolean;
}

const PAGE = 500;

export async function accountOf(fleet: Fleet, store: CountyStore): Promise<Account> {
  const { terminals } = fleet;
  const sum = (of: (terminal: Fleet['terminals'][number]) => number): number => terminals.reduce((total, one) => total + of(one), 0);
  const matched = await sumOf(terminals, (terminal) => matching(store, terminal));
  const sent = sum(({ outbox }) => outbox.last);
  const scenes = await scenesOf(fleet, store);
  const all = Object.values(scenes);
  const mine = new Set(terminals.map(({ outbox }) => outbox.terminal));
  const journals = (await store.journals()).filter(({ terminal }) => mine.has(terminal));
  const stored = journals.reduce((total, { seq }) => total + seq, 0);
  const lost = sent - matched;
  const doubled = all.reduce((total, scene) => total + Math.max(0, scene.counted - scene.sent), 0);
  const acknowledged = sum(({ acked }) => acked);
  const forks = { sent: sum(({ forked }) => forked), kept: journals.reduce((total, journal) => total + journal.forks, 0) };
  const counted = all.every((scene) => scene.counted === scene.sent);
  const waits = terminals.flatMap((terminal) => terminal.waits).sort((a, b) => a - b);
  const fault = (name: keyof Account['faults']): number => sum(({ faults }) => faults[name]);
  return {
    sent,
    acknowledged,
    stored,
    lost,
    doubled,
    scenes,
    forks,
    faults: { offline: fault('offline'), duplicates: fault('duplicates'), powerCuts: fault('powerCuts'), twins: fault('twins') },
    ackMs: { p50: quantile(waits, 0.5), p99: quantile(waits, 0.99) },
    holds: sent > 0 && lost === 0 && doubled === 0 && counted && acknowledged === sent && stored === sent && forks.kept === forks.sent,
  };
}

async function sumOf<T>(all: readonly T[], of: (one: T) => Promise<number>): Promise<number> {
  let sum = 0;
  for (const one of all) sum += await of(one);
  return sum;
}

/** How many entries the county has where the terminal has them. */
async function matching(store: CountyStore, { outbox }: Fleet['terminals'][number]): Promise<number> {
  let matched = 0;
  for (let after = 0; ; ) {
    const page = await store.entries({ terminal: outbox.terminal, journal: outbox.journal, after, limit: PAGE });
    matched += page.filter(({ seq, hash }) => Buffer.from(outbox.hashes[seq - 1] ?? []).equals(hash)).length;
    const end = page.at(-1)?.seq;
    if (end === undefined) return matched;
    after = end;
  }
}

async function scenesOf({ members, terminals }: Fleet, store: CountyStore): Promise<Account['scenes']> {
  const scenes: Record<string, { sent: number; counted: number }> = {};
  const scene = (name: string) => (scenes[name] ??= { sent: 0, counted: 0 });
  members.forEach((member, i) => (scene(member.scene).sent += terminals[i]?.outbox.last ?? 0));
  const checkpoints = new Set(members.map(({ checkpoint }) => checkpoint));
  for (const tally of await store.tallies()) if (checkpoints.has(tally.checkpoint)) scene(tally.scene).counted += tally.presented;
  return scenes;
}

/** To a tenth; 0 of nothing. */
function quantile(sorted: readonly number[], q: number): number {
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0) * 10) / 10;
}
