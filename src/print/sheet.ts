/** Posters, cards and labels: one code and what it is for, as large as the paper allows. 300 dpi. */
import type { Line, Paper, PrintJob, SheetSize } from '../contracts.js';
import { both } from '../framing/slip-rows.js';
import type { Matrix } from './qr.js';
import { broken, code, ems, fitted, text, type Written } from './svg.js';

export type SheetPaper = Exclude<Paper, { readonly kind: 'slip' }>;

/** In mm. */
export const SHEETS: Readonly<Record<SheetSize, { readonly width: number; readonly height: number }>> = {
  a4: { width: 210, height: 297 },
  a6: { width: 105, height: 148 },
  'id-1': { width: 85.6, height: 53.98 },
  label: { width: 100, height: 70 },
};
export const DPI = 300;
export const dotsOf = (mm: number): number => Math.round((mm * DPI) / 25.4);
/** Half a millimetre, rounded up. */
const LEAST_MODULE = Math.ceil((0.5 * DPI) / 25.4);
/** ISO/IEC 18004: modules of white on each side. */
const QUIET = 4;

export interface SheetParts {
  readonly paper: SheetPaper;
  readonly foot: Pick<PrintJob, 'terminal' | 'at'>;
  readonly matrix: Matrix;
}

/** What is drawn, in dots. @throws RangeError for a code that is too large to be read from this paper */
export function sheetParts(parts: SheetParts, size: SheetSize): readonly string[] {
  const { width, height } = SHEETS[size];
  return width < height ? portrait(parts, width / SHEETS.a4.width) : landscape(parts, width, height);
}

/** In the millimetres of A4, whatever the paper: title in a band, name, code, what to know, who made it. */
function portrait({ paper, foot, matrix }: SheetParts, scale: number): readonly string[] {
  const px = (mm: number): number => dotsOf(mm * scale);
  const say = (words: string, { x = 105, anchor = 'middle', ...way }: Partial<Written> & Pick<Written, 'y' | 'size'>): string =>
    text(words, { ...way, anchor, x: px(x), y: px(way.y), size: px(way.size) });
  const { title, heading } = paper;
  const band = `<rect x="${px(10)}" y="${px(10)}" width="${px(190)}" height="${px(277)}" rx="${px(7)}" fill="none" stroke="#000" stroke-width="${px(1.4)}"/>
    <path d="M${px(10)} ${px(17)}a${px(7)} ${px(7)} 0 0 1 ${px(7)} -${px(7)}h${px(176)}a${px(7)} ${px(7)} 0 0 1 ${px(7)} ${px(7)}v${px(41)}h-${px(190)}z"/>`;
  const { names, size } = named(heading, 174, 24);
  const below = 66 + names.length * size * 1.2;
  const lines = paper.lines.slice(0, 5);
  // A card is read by old eyes, in the hand.
  const step = paper.kind === 'card' ? 18.5 : 13.5;
  const above = 281 - lines.length * step;
  const room = Math.min(176, above - below - 2);
  return [
    band,
    say(title.zh, { y: 38, size: fitted(title.zh, 174, 25), weight: 700, fill: '#fff' }),
    say(both(title).en, { y: 51, size: fitted(both(title).en, 174, 9), fill: '#fff' }),
    ...names.map((name, i) => say(name, { y: 66 + size * (0.95 + i * 1.2), size, weight: 700 })),
    placed(matrix, { x: px(105), y: px(below + 1 + (above - below - 2) / 2), side: px(room) }),
    ...lines.flatMap((line, i) => wide(line, { y: above + i * step, step }, say)),
    say(foot.terminal, { x: 16, y: 293, size: 4, anchor: 'start', fill: '#444' }),
    say(foot.at, { x: 194, y: 293, size: 4, anchor: 'end', fill: '#444' }),
  ];
}

/** On one line unless it would be much smaller than on two, which are then about as long. */
function named(heading: string, width: number, most: number): { readonly names: readonly string[]; readonly size: number } {
  const size = fitted(heading, width, most);
  if (size > most * 0.6) return { names: [heading], size };
  const names = broken(heading, { width: ems(heading) / 2 + 1, size: 1, lines: 2 });
  return { names, size: Math.min(...names.map((name) => fitted(name, width, most))) };
}

type Say = (words: string, way: Partial<Written> & Pick<Written, 'y' | 'size'>) => string;

const zhOf = ({ value }: Line): string => both(value).zh;
const enOf = ({ value }: Line): string => (typeof value === 'string' ? '' : both(value).en);

function wide(line: Line, { y, step }: { readonly y: number; readonly step: number }, say: Say): readonly string[] {
  const size = step * 0.55;
  const small = step * 0.28;
  const [zh, en] = [line.label.zh, both(line.label).en];
  return [
    say(zh, { x: 18, y: y + step * 0.45, size: fitted(zh, 54, size * 0.88), anchor: 'start' }),
    say(zhOf(line), { x: 192, y: y + step * 0.45, size: fitted(zhOf(line), 118, size), anchor: 'end', weight: 700 }),
    say(en, { x: 18, y: y + step * 0.79, size: fitted(en, 70, small), anchor: 'start', fill: '#444' }),
    say(enOf(line), { x: 192, y: y + step * 0.79, size: fitted(enOf(line), 100, small), anchor: 'end', fill: '#444' }),
  ];
}

/** The code at the left as high as the paper, words at the right. */
function landscape({ paper, foot, matrix }: SheetParts, width: number, height: number): readonly string[] {
  const room = Math.min(height - 4, width * 0.58);
  const x = 3 + room;
  const line = width - x - 3;
  const unit = height / 54;
  const say: Say = (words, way) => text(words, { ...way, x: dotsOf(x), y: dotsOf(way.y), size: dotsOf(way.size) });
  const { names, size } = named(paper.heading, line, 8 * unit);
  const below = 13 * unit + names.length * size * 1.15;
  const step = Math.min(8.6 * unit, (height - below - 5 * unit) / Math.max(1, paper.lines.length));
  return [
    placed(matrix, { x: dotsOf(2 + room / 2), y: dotsOf(height / 2), side: dotsOf(room) }),
    say(paper.title.zh, { y: 7 * unit, size: fitted(paper.title.zh, line, 5 * unit), weight: 700 }),
    say(both(paper.title).en, { y: 10.5 * unit, size: fitted(paper.title.en, line, 2.5 * unit), fill: '#444' }),
    ...names.map((name, i) => say(name, { y: 13 * unit + size * (0.9 + i * 1.15), size, weight: 700 })),
    ...paper.lines.flatMap((one, i) => narrow(one, { y: below + i * step, step, line }, say)),
    say(`${foot.terminal} ${foot.at}`, { y: height - 2, size: fitted(`${foot.terminal} ${foot.at}`, line, 1.9 * unit), fill: '#444' }),
  ];
}

interface Slot {
  readonly y: number;
  readonly step: number;
  readonly line: number;
}

function narrow(one: Line, { y, step, line }: Slot, say: Say): readonly string[] {
  const label = `${one.label.zh} ${one.label.en}`;
  return [
    say(label, { y: y + step * 0.42, size: fitted(label, line, step * 0.27), fill: '#444' }),
    say(zhOf(one), { y: y + step * 0.88, size: fitted(zhOf(one), line, step * 0.46), weight: 700 }),
  ];
}

/** In the middle of a square of this side, white around it counted in. @throws RangeError when its modules come out too small */
function placed(matrix: Matrix, { x, y, side }: { readonly x: number; readonly y: number; readonly side: number }): string {
  const module = Math.floor(side / (matrix.size + 2 * QUIET));
  if (module < LEAST_MODULE) throw new RangeError(`a code of ${matrix.size} modules is too large for this paper`);
  const half = Math.floor((matrix.size * module) / 2);
  return code(matrix, { x: x - half, y: y - half, module });
}
