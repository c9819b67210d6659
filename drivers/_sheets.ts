/** Printers of whole sheets: posters, cards and labels go as files; what the other end complains of is looked at now and then. */
import { z } from 'zod';
import type { Files, Log, Printer, PrinterState, PrintJob, Sheet, SheetSize } from '../src/contracts.js';

type SheetKind = 'poster' | 'card' | 'label';

export const sheetSettings = z.strictObject({
  takes: z
    .array(z.enum(['poster', 'card', 'label']))
    .min(1)
    .default(['poster', 'card', 'label']),
  card: z.enum(['a6', 'id-1']).default('a6').describe('id-1: as large as a bank card; a6: large print'),
  lookMs: z.int().min(100).max(600_000).default(10_000).describe('how often it is looked at'),
});
export type SheetSettings = z.infer<typeof sheetSettings>;

/** Words of IPP's printer-state-reasons (RFC 8011, 5.4.12), the worst first. */
const MEANS: readonly (readonly [RegExp, PrinterState])[] = [
  [/^(cover|door|interlock)-open/, 'cover-open'],
  [/^(media-empty|media-needed|input-tray-missing)/, 'paper-out'],
  [/^(media-jam|paused|shutdown|stopped|offline|other|toner-empty|marker-supply-empty)|-error$/, 'error'],
  [/^media-low/, 'paper-low'],
];

export const stateOf = (alerts: readonly string[]): PrinterState =>
  MEANS.find(([word]) => alerts.some((alert) => word.test(alert)))?.[1] ?? 'ready';

/** What of a sheet is sent, by the ending of the file. */
export type Parts = readonly (keyof Sheet)[];

export function sheetsOver(link: Files, { takes, card, lookMs, parts }: SheetSettings & { readonly parts: Parts }, log: Log): SheetPrinter {
  const listeners: ((state: PrinterState) => void)[] = [];
  const sizes: Readonly<Record<SheetKind, SheetSize>> = { poster: 'a4', card, label: 'label' };
  let known: PrinterState | undefined;
  let count = 0;
  let closed = false;

  const look = async (): Promise<PrinterState> => {
    const state = stateOf(await link.alerts());
    if (state !== known && !closed) for (const listener of listeners) listener(state);
    known = state;
    return state;
  };

  const print = async (job: PrintJob): ReturnType<Printer['print']> => {
    const { kind } = job.paper;
    if (kind === 'slip') throw new RangeError('a slip is no sheet');
    const state = await look();
    if (state === 'paper-out' || state === 'cover-open') return state;
    if (state === 'error' || closed) return 'failed';
    const sheet = await job.sheet(sizes[kind]);
    const name = `${job.at.replace(/\D/g, '')}-${++count}-${kind}`;
    for (const part of parts) await link.send({ name: `${name}.${part}`, bytes: sheet[part] });
    return 'printed';
  };

  const timer = setInterval(() => void look(), lookMs);
  // Whoever listens is there by then.
  queueMicrotask(() => void look());
  return {
    role: 'printer',
    takes,
    async print(job) {
      try {
        return await print(job);
      } catch (error) {
        log.error('print-failed', { reason: error instanceof Error ? error.message : String(error) });
        return 'failed';
      }
    },
    onState: (listener) => void listeners.push(listener),
    close() {
      closed = true;
      clearInterval(timer);
    },
  };
}

export type SheetPrinter = Printer & { close(): void };
