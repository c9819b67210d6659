/**
 * What the county tells of phones (wire.md 4). Each notice is taken once: its id is kept in the transaction of its entry and of what it
 * changes, so that said twice it counts once, also across a restart.
 *
 *   down/<terminal>/notice → signature, for me, time, id → journal (notice) + id + stock or count → page
 */
import type { Clock, Facts, Log, Moment, Notice } from '../contracts.js';
import { JournalError } from '../journal/error.js';
import type { Journal, Transaction } from '../journal/journal.js';
import { NOTICE_LIFE, noticeOf, readNotice, type SignedNotice } from '../messages/notice.js';
import type { Verify } from '../messages/signed.js';
import { powerOfTwo } from './flood.js';

/** `taken`: a desk has it; `unheard`: ours, and no desk of this box has a use for it. `unwritten`: the disk refused, so nothing was done. */
export const NOTICE_OUTCOMES = ['taken', 'unheard', 'forged', 'unreadable', 'foreign', 'replayed', 'late', 'early', 'unwritten'] as const;
export type NoticeOutcome = (typeof NOTICE_OUTCOMES)[number];
type Dropped = Exclude<NoticeOutcome, 'taken' | 'unheard' | 'unwritten'>;

/** Within the transaction; what it returns is done once that is on disk. undefined: nobody here has a use for it. */
export type Hear = (tx: Transaction, notice: Notice) => (() => void) | undefined;

export interface NoticesSettings {
  readonly terminal: string;
  readonly checkpoint: string;
  readonly journal: Pick<Journal, 'transaction' | 'keptUnder' | 'kept'>;
  readonly hear: Hear;
  /** Ids that are remembered; the oldest go first, and nothing as old is taken after that. */
  readonly mostIds?: number;
  readonly verify: Verify;
  readonly heard?: (issued: number) => void;
  /** Trust ages and clock quality of an entry at that moment. */
  readonly circumstances: (at: Moment) => Facts;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Notices {
  readonly counts: Readonly<Record<NoticeOutcome, number>>;
  /** Bytes of `down/<terminal>/notice`. */
  take(bytes: Uint8Array): void;
}

const IDS = 'notice/id/';
/** Nothing registered up to then (Unix seconds) is taken any more: its id may be forgotten. */
const FLOOR = 'notice/floor';
const MOST_IDS = 2000;
/** wire.md 2: so far may other clocks be ahead of ours (ms). */
const SKEW = 60_000;

export function createNotices(settings: NoticesSettings): Notices {
  const { terminal, checkpoint, journal, clock, log, mostIds = MOST_IDS } = settings;
  const counts = Object.fromEntries(NOTICE_OUTCOMES.map((outcome) => [outcome, 0])) as Record<NoticeOutcome, number>;
  /** In the order of their times, as they came. */
  const ids = new Map(journal.keptUnder(IDS).map(([name, issued]) => [name.slice(IDS.length), Number(issued)]));
  let floor = Number(journal.kept(FLOOR) ?? 0);

  const entry = (tx: Transaction, facts: Facts): void => {
    const at = clock.now();
    tx.append({ kind: 'notice', at, facts: { checkpoint, ...facts, ...settings.circumstances(at) } });
  };

  /** What is not for us is entered the first time only. */
  const drop = (why: Dropped): Dropped => {
    if (counts[why] === 0) journal.transaction((tx) => entry(tx, { outcome: 'dropped', reason: why }));
    return why;
  };

  /** Room for one more; the oldest go, and with them everything as old. */
  const room = (tx: Transaction): { readonly gone: readonly string[]; readonly floor: number } => {
    const old = Math.floor(clock.now().earliest / 1000) - NOTICE_LIFE;
    const sorted = [...ids].sort(([, a], [, b]) => a - b);
    const over = sorted.length >= mostIds ? (sorted[sorted.length - mostIds]?.[1] ?? 0) : 0;
    const gone = sorted.filter(([, issued]) => issued <= Math.max(old, over)).map(([id]) => id);
    for (const id of gone) tx.forget(`${IDS}${id}`);
    if (over > floor) tx.keep(FLOOR, over);
    return { gone, floor: Math.max(floor, over) };
  };

  const takeOne = (signed: SignedNotice, id: string): 'taken' | 'unheard' => {
    const { scene, event, what, quantity, number, issued } = signed;
    const written = journal.transaction((tx) => {
      const freed = room(tx);
      const apply = settings.hear(tx, noticeOf(signed));
      entry(tx, { scene, ...(event !== null && { event }), what, quantity, number, issued, outcome: apply ? 'taken' : 'unheard' });
      tx.keep(`${IDS}${id}`, issued);
      return { apply, ...freed };
    });
    for (const old of written.gone) ids.delete(old);
    floor = written.floor;
    ids.set(id, issued);
    written.apply?.();
    return written.apply ? 'taken' : 'unheard';
  };

  const attempt = (bytes: Uint8Array): NoticeOutcome => {
    const notice = readNotice(bytes, settings.verify);
    if (typeof notice === 'string') return drop(notice);
    if (notice.terminal !== terminal) return drop('foreign');
    const id = Buffer.from(notice.id).toString('hex');
    if (ids.has(id)) return drop('replayed');
    const why = untimely(notice, clock.now(), floor);
    if (why) return drop(why);
    settings.heard?.(notice.issued);
    return takeOne(notice, id);
  };

  return {
    counts,
    take(bytes) {
      let outcome: NoticeOutcome;
      try {
        outcome = attempt(bytes);
      } catch (error) {
        if (!(error instanceof JournalError)) throw error;
        log.error('notice-unwritten', { code: error.code });
        outcome = 'unwritten';
      }
      const times = ++counts[outcome];
      if (outcome === 'taken') log.info('notice', { outcome });
      else if (powerOfTwo(times)) log.warn('notice-dropped', { outcome, times });
    },
  };
}

function untimely({ issued }: SignedNotice, { earliest, latest }: Moment, floor: number): 'late' | 'early' | undefined {
  if (earliest >= (issued + NOTICE_LIFE) * 1000 || issued <= floor) return 'late';
  return issued * 1000 > latest + SKEW ? 'early' : undefined;
}
