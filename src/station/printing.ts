/** The printers of a desk as its conversations see them: which takes the paper, one job at a time, and what it lacks is told and written. */
import type { Bitmap, Clock, Desk, Facts, Log, Paper, Printed, Printer, PrinterState, PrintJob, Sheet, SheetSize } from '../contracts.js';
import { localTime } from '../messages/calendar.js';
import type { RunningDevice } from './devices.js';

/** What draws papers: src/print/pictures.ts. */
export interface Pictures {
  bitmapOf(job: Written, dots: number): Promise<Bitmap>;
  sheetOf(job: Written, size: SheetSize): Promise<Sheet>;
}

type Written = Pick<PrintJob, 'paper' | 'terminal' | 'at'>;
type RunningPrinter = Pick<RunningDevice, 'name' | 'state'> & { readonly device: Printer };

export interface PrintingParts {
  readonly printers: readonly RunningPrinter[];
  readonly terminal: string;
  readonly clock: Clock;
  readonly log: Log;
  pictures(): Promise<Pictures>;
  alarm(facts: Facts): void;
  changed(): void;
  /** A job that takes longer has failed. */
  readonly patienceMs?: number;
}

/** As the county is told of it. */
export interface PrinterSeen {
  readonly name: string;
  readonly state: PrinterState | 'away' | 'unknown';
}

export interface Printing {
  readonly print: Desk['print'];
  /** What printers lack now. */
  readonly alarms: () => readonly string[];
  readonly states: () => readonly PrinterSeen[];
  stop(): void;
}

/** Nobody stands at a desk longer for a piece of paper. */
const PATIENCE_MS = 45_000;
/** What staff must mend, one alarm each. */
const TROUBLES = ['paper-out', 'cover-open'] as const;
type Trouble = (typeof TROUBLES)[number];
const isTrouble = (state: PrinterState | Printed | undefined): state is Trouble => TROUBLES.some((trouble) => trouble === state);

export function createPrinting(parts: PrintingParts): Printing {
  const stopping = new AbortController();
  const slots = parts.printers.map((printer) => slotOf(printer, parts));

  const print: Desk['print'] = async (paper) => {
    const taking = slots.filter(({ device }) => device.takes.includes(paper.kind));
    // One that was never there may be the one for this paper.
    if (taking.length === 0) return slots.some(({ device }) => device.takes.length === 0) ? 'failed' : 'no-printer';
    let said: Printed = 'failed';
    for (const slot of taking.toSorted((a, b) => a.rank() - b.rank())) {
      said = await slot.print(jobOf(paper, parts), stopping.signal);
      // What failed may be half printed; what lacks something is left to the next.
      if (!isTrouble(said)) return said;
    }
    return said;
  };

  return {
    print,
    alarms: () => [...new Set(slots.map((slot) => slot.trouble()).filter((trouble) => trouble !== undefined))],
    states: () => slots.map((slot) => slot.seen()),
    stop: () => stopping.abort(),
  };
}

interface Slot {
  readonly device: Printer;
  /** The lower the sooner it is asked. */
  rank(): number;
  trouble(): Trouble | undefined;
  seen(): PrinterSeen;
  print(job: PrintJob, stopping: AbortSignal): Promise<Printed>;
}

function slotOf({ device, name, state }: RunningPrinter, parts: PrintingParts): Slot {
  let told: PrinterState | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  const tell = (trouble: Trouble, active: boolean): void => parts.alarm({ alarm: trouble, device: name, active });
  device.onState((now) => {
    const before = told;
    told = now;
    if (before === now) return;
    if (isTrouble(before)) tell(before, false);
    if (isTrouble(now)) tell(now, true);
    parts.changed();
  });
  const timed = async (job: PrintJob, stopping: AbortSignal): Promise<Printed> => {
    if (state() !== 'up') return 'failed';
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(parts.patienceMs ?? PATIENCE_MS)]);
    const printed = await Promise.race([device.print(job, signal), aborted(signal)]);
    if (printed !== 'printed') parts.log.warn('not-printed', { device: name, printed });
    return printed;
  };
  return {
    device,
    rank: () => (state() === 'up' ? 0 : 2) + (isTrouble(told) || told === 'error' ? 1 : 0),
    trouble: () => (isTrouble(told) ? told : undefined),
    seen: () => ({ name, state: state() === 'up' ? (told ?? 'unknown') : 'away' }),
    print(job, stopping) {
      const mine = turn.then(() => timed(job, stopping));
      turn = mine;
      return mine;
    },
  };
}

/** A driver is given a moment to throw away what is left before it is no longer waited for. */
const AFTERWARDS_MS = 2000;

function aborted(signal: AbortSignal): Promise<Printed> {
  return new Promise((resolve) => {
    const later = (): void => void setTimeout(() => resolve('failed'), AFTERWARDS_MS).unref();
    if (signal.aborted) later();
    else signal.addEventListener('abort', later, { once: true });
  });
}

function jobOf(paper: Paper, { terminal, clock, pictures }: PrintingParts): PrintJob {
  const { day, minute } = localTime(clock.now().earliest);
  const two = (value: number): string => String(value).padStart(2, '0');
  const written: Written = { paper, terminal, at: `${day} ${two(Math.floor(minute / 60))}:${two(minute % 60)}` };
  return {
    ...written,
    bitmap: async (dots) => (await pictures()).bitmapOf(written, dots),
    sheet: async (size) => (await pictures()).sheetOf(written, size),
  };
}
