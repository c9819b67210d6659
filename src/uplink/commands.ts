/**
 * Orders of the county to this terminal's stations (wire.md 4). Each is tried once: its counter is kept in the transaction of the entry
 * that says what became of it, and that entry is written before anything moves.
 *
 *   down/<terminal>/command → signature, counter, time → station's plan → journal (command) → act
 */
import type { Clock, Facts, Log, Moment } from '../contracts.js';
import { JournalError } from '../journal/error.js';
import type { Journal } from '../journal/journal.js';
import { LONGEST, type Order, type Plan, type ReadCommand, readCommand } from '../messages/command.js';
import type { Verify } from '../messages/signed.js';
import { powerOfTwo } from './flood.js';

/** `done`, `refused`: ours, and in the journal one by one. `unwritten`: the disk refused, so nothing was done. The others are not ours. */
export type CommandOutcome = 'done' | 'refused' | 'unwritten' | Dropped;
type Dropped = 'forged' | 'unreadable' | 'foreign' | 'replayed';

/** A station as far as orders go. */
export interface Commanded {
  readonly id: string;
  readonly scene: string;
  command(order: Order): Plan;
}

export interface CommandsSettings {
  readonly terminal: string;
  readonly checkpoint: string;
  readonly journal: Pick<Journal, 'transaction' | 'kept'>;
  readonly stations: readonly Commanded[];
  readonly verify: Verify;
  readonly heard?: (issued: number) => void;
  /** Trust ages and clock quality of an entry at that moment. */
  readonly circumstances: (at: Moment) => Facts;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Commands {
  readonly counts: Readonly<Record<CommandOutcome, number>>;
  /** Bytes of `down/<terminal>/command`. */
  take(bytes: Uint8Array): void;
  /** After a start: the stations are locked or free as they were ordered to be. */
  resume(): void;
}

const COUNTER = 'command/counter';
const modeName = (station: string): string => `command/mode/${station}`;
/** wire.md 2: so far may other clocks be ahead of ours (ms). */
const SKEW = 60_000;

export function createCommands(settings: CommandsSettings): Commands {
  const { terminal, checkpoint, journal, clock, log } = settings;
  const counts: Record<CommandOutcome, number> = { done: 0, refused: 0, unwritten: 0, forged: 0, unreadable: 0, foreign: 0, replayed: 0 };
  const stationOf = (id: string): Commanded | undefined => settings.stations.find((station) => station.id === id);
  const last = (): number => Number(journal.kept(COUNTER) ?? 0);

  const write = (facts: Facts, keep: Readonly<Record<string, number | string>> = {}): number => {
    const at = clock.now();
    return journal.transaction((tx) => {
      for (const [name, value] of Object.entries(keep)) tx.keep(name, value);
      return tx.append({ kind: 'command', at, facts: { checkpoint, ...facts, ...settings.circumstances(at) } }).seq;
    });
  };

  /** What is not an order to us is entered the first time only. */
  const drop = (why: Dropped): Dropped => {
    if (counts[why] === 0) write({ outcome: 'dropped', reason: why });
    return why;
  };

  const planOf = (command: ReadCommand): Plan => {
    const why = lapsed(command, clock.now());
    if (why !== undefined) return { refused: why };
    if (!command.order) return { refused: 'unknown-verb' };
    return stationOf(command.station)?.command(command.order) ?? { refused: 'unknown-station' };
  };

  const carryOut = (command: ReadCommand): 'done' | 'refused' => {
    const { station, counter, verb, issued, order } = command;
    const scene = stationOf(station)?.scene;
    const plan = planOf(command);
    const about: Facts = { ...(scene !== undefined && { scene }), station, command: verb, counter, issued, ...argumentsOf(order) };
    if ('refused' in plan) {
      write({ ...about, outcome: 'refused', reason: plan.refused }, { [COUNTER]: counter });
      return 'refused';
    }
    const mode = order && modeWord(order);
    const entry = write({ ...about, outcome: 'done' }, { [COUNTER]: counter, ...(mode !== undefined && { [modeName(station)]: mode }) });
    plan.act(entry);
    return 'done';
  };

  const attempt = (bytes: Uint8Array): CommandOutcome => {
    const command = readCommand(bytes, settings.verify);
    if (typeof command === 'string') return drop(command);
    settings.heard?.(command.issued);
    if (command.terminal !== terminal) return drop('foreign');
    if (command.counter <= last()) return drop('replayed');
    return carryOut(command);
  };

  return {
    counts,
    take(bytes) {
      let outcome: CommandOutcome;
      try {
        outcome = attempt(bytes);
      } catch (error) {
        if (!(error instanceof JournalError)) throw error;
        log.error('command-unwritten', { code: error.code });
        outcome = 'unwritten';
      }
      const times = ++counts[outcome];
      if (outcome === 'done' || outcome === 'refused') log.info('command', { outcome });
      else if (powerOfTwo(times)) log.warn('command-dropped', { outcome, times });
    },
    resume() {
      for (const station of settings.stations) {
        const order = orderOfMode(journal.kept(modeName(station.id)));
        const plan = order && station.command(order);
        if (plan && 'act' in plan) plan.act(0);
        else if (plan) log.info('command-not-resumed', { station: station.id, reason: plan.refused });
      }
    },
  };
}

/** Why the time is against it; wire.md 4: taken if latest < not-after. */
function lapsed({ issued, notAfter }: ReadCommand, { earliest, latest }: Moment): string | undefined {
  if (notAfter > issued + LONGEST) return 'overlong';
  if (earliest >= notAfter * 1000) return 'late';
  if (latest >= notAfter * 1000) return 'clock-uncertain';
  return issued * 1000 > latest + SKEW ? 'early' : undefined;
}

function argumentsOf(order: Order | undefined): Facts {
  if (order?.verb === 'release') return { direction: order.direction };
  return order?.verb === 'free' ? { until: order.until } : {};
}

/** What a restart must know of it; undefined: nothing. */
function modeWord(order: Order): string | undefined {
  if (order.verb === 'release') return undefined;
  return order.verb === 'free' ? `free ${order.until}` : order.verb;
}

function orderOfMode(word: number | string | undefined): Order | undefined {
  if (word === 'lock') return { verb: 'lock' };
  const until = typeof word === 'string' ? /^free (\d{1,16})$/.exec(word)?.[1] : undefined;
  return until === undefined ? undefined : { verb: 'free', until: Number(until) };
}
