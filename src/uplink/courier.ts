/**
 * Carries the journal to the platform: a cursor that moves on as messages go out and goes back to the last `ak/ack` when the way was broken.
 *
 *   pruned … acked │ sent, waiting for ak/ack │ to send … last
 *                   └─ at most WINDOW ────────┘
 */
import type { Log } from '../contracts.js';
import type { Journal } from '../journal/journal.js';
import { type Entry, MESSAGE_ENTRIES, type Origin, toEvent, toMessage } from '../messages/entry.js';
import { makeHead, type Signer } from '../messages/signed.js';

/** wire.md 4. */
export const WINDOW = 512;
/** Characters of events in one message; an entry that is longer goes alone. */
const MESSAGE_SIZE = 256 * 1024;
/** Messages that the broker has not confirmed; enough that the pipe never empties. */
const IN_FLIGHT = 8;
/** When nobody listened: again after so long (ms), then twice as long, up to the patience. */
const UNHEARD = 1000;

export interface CourierSettings {
  readonly journal: Pick<Journal, 'last' | 'acked' | 'read'>;
  readonly origin: Origin;
  readonly signer: Signer;
  readonly log: Log;
  /** Without progress for so long (ms), plus up to half as much again: start over after the last acknowledged entry. */
  readonly patience: number;
  publish(message: string, answered: (error: Error | undefined) => void): void;
}

export interface Courier {
  /** The highest seq that was ever sent, by this run or, for all we know, by one before. */
  readonly published: number;
  readonly metrics: { readonly messages: number; readonly entries: number; readonly refused: number; readonly restarts: number };
  up(): void;
  down(): void;
  /** The broker has something of ours and nobody listens: the platform is not there yet, or its broker forgot it. */
  unheard(): void;
  /** Something was appended or acknowledged. */
  wake(): void;
  stop(): void;
}

export function createCourier({ journal, origin, signer, log, patience: long, publish }: CourierSettings): Courier {
  const metrics = { messages: 0, entries: 0, refused: 0, restarts: 0 };
  const journalId = Buffer.from(origin.journal, 'hex');
  let published = journal.last;
  let next = 1;
  let inFlight = 0;
  /** Counts connections, so that the broker's late word about an earlier one is not taken for this one. */
  let connection = 0;
  let connected = false;
  let turn: NodeJS.Immediate | undefined;
  let patience: NodeJS.Timeout | undefined;
  let progress = 0;
  /** Since the last progress, how long was last waited because nobody listened. */
  let alone = 0;
  let listening = true;

  /** One message a turn, so that a scan never waits for more than one. */
  const pump = (): void => {
    turn = undefined;
    if (!ready()) return;
    try {
      send(batch());
      wake();
    } catch (error) {
      // The disk would not give an entry; the scans know of it too. Tried again when patience ends.
      log.error('courier-failed', { error: error instanceof Error ? error.message : String(error) });
      beginPatience();
    }
  };

  /** Room for a full message, or for all that is left: otherwise small acknowledgements would make small messages. */
  const ready = (): boolean => {
    const room = journal.acked + WINDOW - (next - 1);
    return connected && inFlight < IN_FLIGHT && next <= journal.last && room >= Math.min(MESSAGE_ENTRIES, journal.last - next + 1);
  };

  const batch = (): { events: string[]; last: Entry | undefined } => {
    const events: string[] = [];
    let [size, last]: [number, Entry | undefined] = [0, undefined];
    for (const entry of journal.read(next, MESSAGE_ENTRIES)) {
      const event = toEvent(origin, entry);
      size += event.length;
      if (last && size > MESSAGE_SIZE) break;
      events.push(event);
      last = entry;
    }
    return { events, last };
  };

  const send = ({ events, last }: ReturnType<typeof batch>): void => {
    if (!last) throw new Error(`journal ${origin.journal} has no entry ${next} of ${journal.last}`);
    const head = makeHead({ terminal: origin.terminal, journal: journalId, seq: last.seq, hash: last.hash }, signer);
    const sentOn = connection;
    next = last.seq + 1;
    published = Math.max(published, last.seq);
    inFlight++;
    metrics.messages++;
    metrics.entries += events.length;
    beginPatience();
    publish(toMessage(events, head), (error) => {
      if (sentOn === connection) confirmed(error);
    });
  };

  const confirmed = (error: Error | undefined): void => {
    inFlight--;
    if (error) {
      metrics.refused++;
      log.warn('courier-refused', { error: error.message, refused: metrics.refused });
    }
    wake();
  };

  const wake = (): void => {
    if (journal.acked > progress) moved();
    if (turn === undefined && ready()) turn = setImmediate(pump);
  };

  const moved = (): void => {
    progress = journal.acked;
    alone = 0;
    listening = true;
    next = Math.max(next, progress + 1);
    endPatience();
    if (next > progress + 1) beginPatience();
  };

  const beginPatience = (wait = long): void => {
    patience ??= setTimeout(restart, wait * (1 + Math.random() / 2)).unref();
  };

  const endPatience = (): void => {
    clearTimeout(patience);
    patience = undefined;
  };

  const restart = (): void => {
    patience = undefined;
    listening = true;
    if (!connected) return;
    metrics.restarts++;
    log.warn('courier-restart', { acked: journal.acked, sent: next - 1 });
    next = journal.acked + 1;
    wake();
  };

  return {
    get published() {
      return published;
    },
    metrics,
    up() {
      connection++;
      connected = true;
      [next, inFlight, listening] = [journal.acked + 1, 0, true];
      wake();
    },
    down() {
      connected = false;
      endPatience();
    },
    unheard() {
      if (!listening || !connected || next <= journal.acked + 1) return;
      listening = false;
      alone = Math.min(long, alone === 0 ? UNHEARD : 2 * alone);
      endPatience();
      beginPatience(alone);
    },
    wake,
    stop() {
      this.down();
      if (turn) clearImmediate(turn);
    },
  };
}
