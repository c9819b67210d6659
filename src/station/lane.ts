/**
 * A lane: a place where one person at a time goes through. One reading waits at most; what is decided is written before it
 * is done, and what the gate saw is a second entry.
 *
 *   scanner → mailbox of one → decide → journal (verdict) → gate, lamp, page → journal (passage)
 */
import type { Direction, Facts, InputName, Reading, Signal } from '../contracts.js';
import { sameBytes } from '../crypto/cbor.js';
import type { Order, Plan } from '../messages/command.js';
import { createBounceFilter } from './bounce.js';
import type { Cycle } from './cycle.js';
import { type Decision, decide, type NamedScene, outOfOrder } from './decide.js';
import { type Acted, createEntries, type EntryParts } from './entries.js';
import { createOrdered, whyNotFree } from './ordered.js';
import type { Formats, Read } from './read.js';
import { type Opaque, opaqueFormat, type Resolver } from './resolve.js';

/** How long an admitted person counts as the one before (pick-up by a guardian), and a reading can be repeated by the driver. */
const PREVIOUS_MS = 60_000;
const REPEAT_MS = 30_000;
/** How long a result stays on glass and lamp. */
const SHOWN_MS = 4000;

/** Who turned the lane out of its normal way. Fire wins over the keys, the keys over the county's orders. */
export type Mode = 'normal' | 'fire' | 'free' | 'locked';

export interface LaneParts extends Omit<EntryParts, 'scene' | 'gated'> {
  readonly scene: NamedScene;
  readonly formats: Formats;
  readonly whenJournalFails: 'refuse' | 'admit';
  /** Absent: the lane has no gate (a bus door with lamps only). */
  readonly cycle?: Cycle;
  /** One reading, with its passage, takes no longer than this; a lane that is busy longer is stuck. */
  readonly patienceMs: number;
  /** For codes that only the platform can read; absent: there is none to ask. */
  readonly resolve?: Resolver;
  signal(signal: Signal, ms: number): void;
  /** Where the vehicle is, if anything knows. */
  stop(): string | undefined;
  changed(): void;
}

/** What the page and the metrics may know. */
export interface LaneState {
  readonly mode: Mode;
  readonly busy: boolean;
  /** Waiting for the platform to say whose code it is. */
  readonly asking: boolean;
  readonly journalFailed: boolean;
  /** Which contacts and keys are active. */
  readonly active: readonly InputName[];
  readonly shown: { readonly decision: Decision; readonly direction: Direction } | undefined;
  readonly counts: Readonly<Record<string, number>>;
}

export interface Lane {
  /** Never throws and never waits. */
  accept(reading: Reading): void;
  readonly cycle: Cycle | undefined;
  input(name: InputName, active: boolean): void;
  alarm(alarm: string, facts?: Facts): void;
  /** What would become of the county's order now: why not, or how. To be acted on at once, once it is in the journal. */
  command(order: Order): Plan;
  state(): LaneState;
  /** One reading has been worked on for longer than any gate can take. */
  isStuck(): boolean;
  /** Tells what could not be written, if it can be now; to be called now and then. */
  upkeep(): void;
  /** Resolves when the last entry is written; takes no new reading. */
  stop(): Promise<void>;
}

export function createLane(parts: LaneParts): Lane {
  const { clock, journal } = parts;
  const entries = createEntries({ ...parts, scene: parts.scene.name, gated: parts.cycle !== undefined });
  const bounced = createBounceFilter();
  const counts: Record<string, number> = {};
  const active = new Set<InputName>();
  let waiting: Reading | undefined;
  let current: Reading | undefined;
  let working: Promise<void> | undefined;
  let admitted: (Acted & { readonly subject: string; readonly at: number }) | undefined;
  let shown: LaneState['shown'];
  let shownTimer: NodeJS.Timeout | undefined;
  let since = 0;
  let stopped = false;
  let asking = false;

  const count = (what: string): void => {
    counts[what] = (counts[what] ?? 0) + 1;
  };

  const mode = (): Mode => {
    if (active.has('fire')) return 'fire';
    if (active.has('staff-lock')) return 'locked';
    return active.has('staff-free') ? 'free' : ordered.mode;
  };

  const ordered = createOrdered({
    clock,
    changed(why) {
      parts.cycle?.setMode(mode());
      if (why === 'ended') entries.ordered('command', { command: 'free', outcome: 'ended' });
      parts.changed();
    },
  });

  const show = ({ decision, reading }: Acted): void => {
    shown = { decision, direction: reading.direction };
    clearTimeout(shownTimer);
    shownTimer = setTimeout(() => {
      shown = undefined;
      parts.signal('idle', 0);
      parts.changed();
    }, SHOWN_MS).unref();
    const yes: Signal = decision.facts['repeat'] === true ? 'attention' : 'admitted';
    parts.signal(decision.verdict.admit ? yes : 'refused', SHOWN_MS);
    parts.changed();
  };

  /** A part that throws, or memories that cannot be read: nobody is admitted on half a decision, and the entry says so. */
  const decideOn = (reading: Reading, repeat: boolean, resolved?: Read): Decision => {
    try {
      return decided(reading, repeat, resolved);
    } catch (error) {
      count('failed');
      parts.log.error('not-decided', {
        station: parts.station,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
      return outOfOrder(parts.scene, 'fault');
    }
  };

  const decided = (reading: Reading, repeat: boolean, resolved: Read | undefined): Decision => {
    if (mode() === 'fire' || mode() === 'locked') return outOfOrder(parts.scene, mode());
    const ago = admitted ? Math.round(clock.monotonic() - admitted.at) : Number.POSITIVE_INFINITY;
    const previous = admitted && ago <= PREVIOUS_MS ? { subject: admitted.subject, agoMs: ago } : undefined;
    const { scene, formats } = parts;
    return decide(reading, { scene, formats, trust: parts.trust(), memory: journal, previous, stop: parts.stop(), repeat, resolved });
  };

  /** The one before is taken off the page: the answer may take its time. */
  const resolved = async (reading: Reading, resolve: Resolver, format: Opaque['format']): Promise<Read> => {
    asking = true;
    shown = undefined;
    clearTimeout(shownTimer);
    parts.signal('reading', SHOWN_MS);
    parts.changed();
    try {
      return await resolve(reading, { scene: parts.scene.name, format });
    } finally {
      asking = false;
    }
  };

  const serve = async (reading: Reading, repeat: boolean): Promise<void> => {
    since = clock.monotonic();
    let decision = decideOn(reading, repeat);
    const format = opaqueFormat(decision);
    if (parts.resolve && format) decision = decideOn(reading, repeat, await resolved(reading, parts.resolve, format));
    const acted = { reading, decision };
    const { verdict } = decision;
    count(verdict.admit ? 'admitted' : `refused_${verdict.refusal}`);
    const seq = entries.verdict(acted, mode());
    if (verdict.admit && seq === undefined && parts.whenJournalFails === 'refuse') {
      show({ reading, decision: outOfOrder(parts.scene, 'journal') });
      return;
    }
    if (verdict.admit) admitted = { ...acted, subject: verdict.credential.subject, at: clock.monotonic() };
    if (!verdict.admit || mode() !== 'normal' || !parts.cycle) return show(acted);
    const passing = parts.cycle.pass(reading.direction);
    if (parts.cycle.state() !== 'locked') show(acted);
    const passage = await passing;
    count(`passage_${passage}`);
    if (passage === 'fault') show({ reading, decision: outOfOrder(parts.scene, 'gate') });
    entries.passage(seq, acted, passage);
  };

  /** By order, without a code; `entry` is that of the order. */
  const release = async (entry: number, direction: Direction, cycle: Cycle): Promise<void> => {
    since = clock.monotonic();
    const passing = cycle.pass(direction);
    if (cycle.state() !== 'locked') parts.signal('admitted', SHOWN_MS);
    const passage = await passing;
    count(`passage_${passage}`);
    entries.ordered('passage', { of: entry, passage, direction });
    parts.signal('idle', 0);
  };

  const planRelease = (direction: Direction): Plan => {
    const { cycle } = parts;
    if (mode() !== 'normal') return { refused: mode() };
    if (!cycle) return { refused: 'no-gate' };
    return working ? { refused: 'busy' } : { act: (entry) => start(() => release(entry, direction, cycle)) };
  };

  const work = async (): Promise<void> => {
    for (let next = waiting; next && !stopped; next = waiting) {
      waiting = undefined;
      current = next;
      await serve(next, false);
    }
  };

  const start = (job: () => Promise<void>): void => {
    working = job()
      .catch((error: unknown) => {
        count('failed');
        parts.log.error('lane-failed', {
          station: parts.station,
          error: error instanceof Error ? (error.stack ?? error.message) : String(error),
        });
      })
      .then(() => {
        working = undefined;
        current = undefined;
        if (waiting && !stopped) start(work);
        parts.changed();
      });
  };

  const repeatLast = (): void => {
    if (!admitted || working || clock.monotonic() - admitted.at > REPEAT_MS) return;
    const { reading } = admitted;
    start(() => serve(reading, true));
  };

  return {
    cycle: parts.cycle,
    accept(reading) {
      if (stopped) return;
      count('readings');
      const same = current !== undefined && current.device === reading.device && sameBytes(current.bytes, reading.bytes);
      if (bounced(reading) || same) {
        count('bounced');
        return;
      }
      if (waiting) count('replaced');
      waiting = reading;
      if (!working) start(work);
    },
    input(name, on) {
      if (name === 'repeat') {
        if (on) repeatLast();
        return;
      }
      if (active.has(name) === on) return;
      if (on) active.add(name);
      else active.delete(name);
      if (name !== 'tamper') parts.cycle?.setMode(mode());
      entries.alarm(name, { active: on });
      parts.changed();
    },
    alarm(alarm, facts = {}) {
      count(`alarm_${alarm}`);
      entries.alarm(alarm, facts);
      parts.changed();
    },
    command(order) {
      if (stopped) return { refused: 'stopping' };
      if (active.has('fire')) return { refused: 'fire' };
      if (active.has('staff-lock') || active.has('staff-free')) return { refused: 'staff-key' };
      if (order.verb === 'release') return planRelease(order.direction);
      if (order.verb !== 'free') return { act: () => ordered.set(order.verb === 'lock' ? 'locked' : 'normal') };
      const why = whyNotFree(order.until, clock);
      return why === undefined ? { act: () => ordered.free(order.until) } : { refused: why };
    },
    state: () => ({
      mode: mode(),
      busy: working !== undefined,
      asking,
      journalFailed: entries.unwritten() > 0,
      active: [...active],
      shown,
      counts,
    }),
    isStuck: () => working !== undefined && clock.monotonic() - since > parts.patienceMs,
    upkeep() {
      // Whoever went through longer ago than anybody asks is not held in memory.
      if (admitted && clock.monotonic() - admitted.at > PREVIOUS_MS) admitted = undefined;
      entries.tellUnwritten();
    },
    async stop() {
      stopped = true;
      waiting = undefined;
      clearTimeout(shownTimer);
      ordered.stop();
      parts.cycle?.stop();
      await working;
    },
  };
}
