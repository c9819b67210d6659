/**
 * ESC/POS printers, whatever the wire. Before a job the printer is asked what it lacks; the job goes piece by piece, each waited for,
 * so that neither a slow line nor a small memory overflows; what a job that stopped left in the printer is thrown away.
 *
 *   look (DLE EOT) → piece → done? (GS r) → … → cut → done? → look
 */
import { z } from 'zod';
import type { Bytes, Log, Printer, PrinterState, PrintJob } from '../src/contracts.js';
import { bands, CUT, feed, INIT } from '../src/framing/escpos.js';
import { slipPieces } from '../src/framing/escpos-slip.js';
import { ASK, ASK_DONE, FORGET, stateOf } from '../src/framing/escpos-status.js';
import { ENCODINGS } from '../src/framing/gb18030.js';
import { type Asking, asking } from './_escpos-asking.js';

/** 8 dots a millimetre; what is printed is narrower than the paper. */
const DOTS = { '58': 384, '80': 576 } as const;

export const escposSettings = z.strictObject({
  paper: z.enum(['58', '80']).default('80').describe('width of the roll in mm'),
  takes: z
    .array(z.enum(['slip', 'label', 'card']))
    .min(1)
    .default(['slip', 'label']),
  mode: z
    .enum(['text', 'raster'])
    .default('text')
    .describe('text: the printer has a Chinese font; raster: it has none, slips are sent as pictures'),
  encoding: z.enum(ENCODINGS).default('gb18030').describe('gbk: for older printers, which garble characters of four bytes'),
  cuts: z.boolean().default(true).describe('false: it has no knife, the paper is torn off'),
  answers: z
    .enum(['done', 'now', 'never'])
    .default('done')
    .describe('done: GS r and DLE EOT; now: DLE EOT only; never: it cannot be asked, and nothing that it lacks is seen'),
  patienceMs: z.int().min(100).max(60_000).default(10_000).describe('a piece that takes longer has failed'),
  lookMs: z.int().min(100).max(600_000).default(10_000).describe('how often it is looked at while it has nothing to do'),
});
export type EscposSettings = z.infer<typeof escposSettings>;

/** Lines of a band of a picture: 3 mm. */
const BAND = 24;
/** Past the edge to tear at. */
const TEAR_LINES = 5;
/** While a piece is waited for: is it the paper? */
const STALLED_MS = 1000;

type Outcome = Awaited<ReturnType<Printer['print']>>;

export function escposOver(link: Bytes, settings: EscposSettings, log: Log): Printer & { close(): void } {
  const line = asking(link);
  const { look, onState } = watched(line, settings);
  const print = conversation({ link, line, settings, look, log });
  let printing = false;
  const idle = setInterval(() => void (printing || look()), settings.lookMs);
  // Whoever listens is there by then.
  queueMicrotask(() => void (printing || look()));
  return {
    role: 'printer',
    takes: settings.takes,
    async print(job, signal) {
      printing = true;
      const outcome = await print(job, signal);
      printing = false;
      return outcome;
    },
    onState,
    close() {
      clearInterval(idle);
      line.close();
    },
  };
}

interface Watched {
  /** Asks; tells whoever listens what has changed. undefined: no answer. */
  look(): Promise<PrinterState | undefined>;
  readonly onState: Printer['onState'];
}

function watched(line: Asking, settings: EscposSettings): Watched {
  const listeners: ((state: PrinterState) => void)[] = [];
  let known: PrinterState | undefined;
  return {
    async look() {
      const state = await stateNow(line, settings);
      if (state !== undefined && state !== known && !line.closed) {
        known = state;
        for (const listener of listeners) listener(state);
      }
      return state;
    },
    onState: (listener) => void listeners.push(listener),
  };
}

interface Talking extends Pick<Watched, 'look'> {
  readonly link: Bytes;
  readonly line: Asking;
  readonly settings: EscposSettings;
  readonly log: Log;
}

/** Prints a job; never rejects. */
function conversation(talking: Talking): (job: PrintJob, signal: AbortSignal) => Promise<Outcome> {
  const { link, line, settings, log } = talking;
  const lacking = async (): Promise<Outcome | undefined> => {
    const state = await talking.look();
    if (state !== undefined || settings.answers === 'never') return outcomeOf(state);
    log.warn('printer-silent');
    return 'failed';
  };
  /** Why it stopped; undefined: all of it is printed. */
  const sent = async (pieces: readonly Uint8Array[], signal: AbortSignal): Promise<Outcome | undefined> => {
    for (const piece of pieces) {
      if (signal.aborted || line.closed) return 'failed';
      link.write(piece);
      const why = await finished(talking, signal);
      if (why) return why;
    }
    return undefined;
  };
  return async (job, signal) => {
    try {
      const lacks = await lacking();
      if (lacks) return lacks;
      const why = await sent(await piecesOf(job, settings), signal);
      if (!why) await talking.look();
      else if (!line.closed && settings.answers !== 'never') link.write(FORGET);
      return why ?? 'printed';
    } catch (error) {
      log.error('print-failed', { reason: error instanceof Error ? error.message : String(error) });
      return 'failed';
    }
  };
}

/** Waits for a piece. undefined: it is printed. */
async function finished({ line, settings, look }: Talking, signal: AbortSignal): Promise<Outcome | undefined> {
  if (settings.answers === 'never') return undefined;
  if (settings.answers === 'now') return outcomeOf((await look()) ?? 'error');
  const answered = line.ask('done', ASK_DONE, settings.patienceMs);
  for (;;) {
    const stalled = pause(STALLED_MS, signal);
    const first = await Promise.race([answered, stalled.over]);
    stalled.end();
    if (first === undefined || signal.aborted) return 'failed';
    if (first !== 'paused') return undefined;
    const lacks = outcomeOf(await look());
    if (lacks) return lacks;
  }
}

async function stateNow(line: Asking, { answers }: EscposSettings): Promise<PrinterState | undefined> {
  if (answers === 'never') return undefined;
  const offline = await line.ask('now', ASK.offline);
  const paper = offline === undefined ? undefined : await line.ask('now', ASK.paper);
  return offline === undefined || paper === undefined ? undefined : stateOf({ offline, paper });
}

/** @throws RangeError for what does not fit the paper */
async function piecesOf(job: PrintJob, settings: EscposSettings): Promise<readonly Uint8Array[]> {
  const dots = DOTS[settings.paper];
  const printed =
    settings.mode === 'text' ? slipPieces(job, { dots, encoding: settings.encoding }) : [INIT, ...bands(await job.bitmap(dots), BAND)];
  return [...printed, settings.cuts ? CUT : feed(TEAR_LINES)];
}

function outcomeOf(state: PrinterState | undefined): Outcome | undefined {
  if (state === 'error') return 'failed';
  return state === 'paper-out' || state === 'cover-open' ? state : undefined;
}

interface Pause {
  readonly over: Promise<'paused'>;
  end(): void;
}

/** Over after a time, when it is aborted, or when it is ended. */
function pause(ms: number, signal: AbortSignal): Pause {
  let end: () => void = () => undefined;
  const over = new Promise<'paused'>((resolve) => {
    end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve('paused');
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
  return { over, end };
}
