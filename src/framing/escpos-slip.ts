/** A paper laid out for an ESC/POS printer that has Chinese: labels left, values right, everything counted in dots. */
import type { PrintJob, Words } from '../contracts.js';
import { column, INIT, joined, LINE_FEED, qr, type Style, style } from './escpos.js';
import { type Encoding, encodeGb18030, isWide } from './gb18030.js';
import { qrModules } from './qr-size.js';
import { type Row, rowsOf } from './slip-rows.js';
import { wrapped } from './text-lines.js';

export interface RollText {
  /** Across the print: 384 on paper of 58 mm, 576 on 80 mm. */
  readonly dots: number;
  readonly encoding: Encoding;
}

const CHINESE = 24;
const LATIN = { a: 12, b: 9 } as const;
const PLAIN: Style = { align: 'left', font: 'a', size: 1, weight: 'regular', leading: 34 };
const SMALL: Style = { ...PLAIN, font: 'b', leading: 38 };
const LARGE: Style = { ...PLAIN, align: 'centre', size: 2, weight: 'bold' };
/** Lines that belong together. */
const CLOSE = 27;
/** 8 dots are a millimetre: half of one at least, and no code needs a module of more than one. */
const MODULE = { least: 4, most: 8 } as const;
/** ISO/IEC 18004 wants four modules of white on each side. */
const QUIET = 8;

/** What is sent one after the other; each ends with a line. @throws RangeError for a code that is too long for this paper */
export function slipPieces(job: Pick<PrintJob, 'paper' | 'terminal' | 'at'>, roll: RollText): readonly Uint8Array[] {
  return [INIT, ...rowsOf(job).map((row) => joined(rowBytes(row, roll)))];
}

function rowBytes(row: Row, roll: RollText): readonly Uint8Array[] {
  switch (row.row) {
    case 'title':
      return bilingual(row.words, LARGE, roll);
    case 'heading':
      return lines(row.text, { ...LARGE, leading: 64 }, roll);
    case 'words':
      return bilingual(row.words, PLAIN, roll);
    case 'pair':
      return pair(row, roll);
    case 'foot':
      return across(row.left, row.right, SMALL, roll);
    case 'rule':
      return line('─'.repeat(roll.dots / CHINESE), PLAIN, roll);
    case 'code':
      return code(row.text, roll);
  }
}

/** The Chinese lines, and close below them in small letters what differs in English. */
const bilingual = ({ zh, en }: Words, how: Style, roll: RollText): readonly Uint8Array[] =>
  en === zh
    ? lines(zh, how, roll)
    : [...lines(zh, { ...how, leading: CLOSE * how.size }, roll), ...lines(en, { ...SMALL, align: how.align }, roll)];

const pair = ({ label, value }: { readonly label: Words; readonly value: Words }, roll: RollText): readonly Uint8Array[] => [
  ...across(label.zh, value.zh, { ...PLAIN, weight: 'bold', leading: CLOSE }, roll),
  ...across(label.en, value.en === value.zh ? '' : value.en, SMALL, roll),
];

/** Left and right on one line where both fit, else one below the other. */
function across(left: string, right: string, how: Style, roll: RollText): readonly Uint8Array[] {
  const measure = measureOf(how);
  const bytes = (text: string): Uint8Array => encodeGb18030(text, roll.encoding);
  const ending = (part: string): readonly Uint8Array[] => [column(roll.dots - measure(part)), bytes(part), LINE_FEED];
  if (right === '') return lines(left, how, roll);
  if (measure(left) + measure(' ') + measure(right) <= roll.dots) return [style(how), bytes(left), ...ending(right)];
  return [...lines(left, { ...how, leading: CLOSE }, roll), style(how), ...wrapped(right, roll.dots, measure).flatMap(ending)];
}

/** Lines of one text stand close to each other. */
const lines = (text: string, how: Style, roll: RollText): readonly Uint8Array[] =>
  wrapped(text, roll.dots, measureOf(how)).flatMap((part, i, all) =>
    line(part, i < all.length - 1 ? { ...how, leading: CLOSE * how.size } : how, roll),
  );

const line = (text: string, how: Style, { encoding }: RollText): readonly Uint8Array[] => [
  style(how),
  encodeGb18030(text, encoding),
  LINE_FEED,
];

const measureOf =
  ({ font, size }: Style) =>
  (text: string): number =>
    Array.from(text).reduce((sum, character) => sum + size * (isWide(character) ? CHINESE : LATIN[font]), 0);

function code(text: string, { dots }: RollText): readonly Uint8Array[] {
  return [style({ ...PLAIN, align: 'centre' }), LINE_FEED, qr(text, moduleDots(text, dots)), LINE_FEED];
}

/** As large as the paper allows. @throws RangeError when it cannot be printed so that it can be read */
export const moduleDots = (text: string, dots: number): number => fittedModule(qrModules(text), dots);

export function fittedModule(modules: number, dots: number): number {
  const module = Math.min(MODULE.most, Math.floor(dots / (modules + QUIET)));
  if (module < MODULE.least) throw new RangeError(`a code of ${modules} modules is too large for ${dots} dots`);
  return module;
}
