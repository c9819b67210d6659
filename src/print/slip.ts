/** A paper for a roll as a picture: for printers that have no Chinese of their own. One bit a dot, 203 dpi. */
import sharp from 'sharp';
import type { Bitmap, PrintJob, Words } from '../contracts.js';
import { fittedModule } from '../framing/escpos-slip.js';
import { type Row, rowsOf } from '../framing/slip-rows.js';
import { assertChinese } from './font.js';
import { type Matrix, qrMatrix } from './qr.js';
import { broken, code, drawing, ems, fitted, text, type Written } from './svg.js';

interface Block {
  readonly height: number;
  /** Drawn with its upper edge at `y`. */
  at(y: number): string;
}

const MARGIN = 4;
const SIZE = { title: 54, heading: 48, zh: 28, en: 19, foot: 19 } as const;
const GAP = 8;
/** Lines of one row: more is no slip any more. */
const MOST_LINES = 12;
/** A slip of 1.5 m at most. */
const LONGEST = 12_000;

/** @throws RangeError for a code that is too large for the roll; Error where there is no font */
export async function slipBitmap(job: Pick<PrintJob, 'paper' | 'terminal' | 'at'>, dots: number): Promise<Bitmap> {
  await assertChinese();
  const blocks: Block[] = [];
  for (const row of rowsOf(job)) blocks.push(await blockOf(row, dots));
  const parts: string[] = [];
  let y = GAP;
  for (const block of blocks) {
    parts.push(block.at(y));
    y += block.height + GAP;
  }
  return oneBit(dots, Math.min(LONGEST, Math.ceil(y)), parts);
}

async function blockOf(row: Row, dots: number): Promise<Block> {
  const width = dots - 2 * MARGIN;
  const middle = { x: dots / 2, anchor: 'middle' } as const;
  switch (row.row) {
    case 'title': {
      const size = fitted(row.words.zh, width, SIZE.title);
      return stacked([lines(row.words.zh, { ...middle, size, weight: 700 }, width), ...english(row.words, middle, width)]);
    }
    case 'heading':
      return lines(row.text, { ...middle, size: SIZE.heading, weight: 700 }, width);
    case 'words':
      return stacked([
        lines(row.words.zh, { x: MARGIN, size: SIZE.zh, weight: 700 }, width),
        ...english(row.words, { x: MARGIN, anchor: 'start' }, width),
      ]);
    case 'pair':
      return pair(row, dots);
    case 'foot':
      return across([row.left, row.right], { size: SIZE.foot, weight: 400 }, dots);
    case 'rule':
      return { height: 3, at: (y) => `<rect x="${MARGIN}" y="${Math.round(y)}" width="${width}" height="3"/>` };
    case 'code':
      return codeBlock(await qrMatrix(row.text), dots);
  }
}

type Way = Omit<Written, 'y'>;

function lines(words: string, way: Way, width: number): Block {
  const all = broken(words, { width, size: way.size, lines: MOST_LINES });
  const step = way.size * 1.25;
  return {
    height: all.length * step,
    at: (y) => all.map((line, i) => text(line, { ...way, y: y + i * step + way.size * 0.95 })).join(''),
  };
}

const english = ({ zh, en }: Words, where: Pick<Way, 'x'> & { readonly anchor: 'start' | 'middle' }, width: number): readonly Block[] =>
  en === zh ? [] : [lines(en, { ...where, size: SIZE.en }, width)];

function pair({ label, value }: { readonly label: Words; readonly value: Words }, dots: number): Block {
  const below = value.en === value.zh ? '' : value.en;
  return stacked([
    across([label.zh, value.zh], { size: SIZE.zh, weight: 700 }, dots),
    across([label.en, below], { size: SIZE.en, weight: 400 }, dots),
  ]);
}

/** Left and right on one line where both fit, else one below the other. */
function across([left, right]: readonly [string, string], { size, weight }: Pick<Required<Way>, 'size' | 'weight'>, dots: number): Block {
  const width = dots - 2 * MARGIN;
  const first = lines(left, { x: MARGIN, size, weight: 400 }, width);
  const second = lines(right, { x: dots - MARGIN, anchor: 'end', size, weight }, width);
  if ((ems(left) + ems(right) + 1) * size > width) return right === '' ? first : stacked([first, second]);
  return { height: first.height, at: (y) => first.at(y) + second.at(y) };
}

function stacked(blocks: readonly Block[]): Block {
  const at = (y: number): string => {
    let below = y;
    return blocks
      .map((block) => {
        const drawn = block.at(below);
        below += block.height;
        return drawn;
      })
      .join('');
  };
  return { height: blocks.reduce((sum, { height }) => sum + height, 0), at };
}

/** White above and below as ISO/IEC 18004 wants it. */
function codeBlock(matrix: Matrix, dots: number): Block {
  const module = fittedModule(matrix.size, dots);
  const side = matrix.size * module;
  const quiet = 4 * module;
  return {
    height: side + 2 * quiet,
    at: (y) => code(matrix, { x: Math.floor((dots - side) / 2), y: Math.round(y) + quiet, module }),
  };
}

async function oneBit(width: number, height: number, parts: readonly string[]): Promise<Bitmap> {
  const grey = await sharp(drawing(width, height, parts))
    .flatten({ background: '#fff' })
    .greyscale()
    .raw()
    .toBuffer();
  const row = Math.ceil(width / 8);
  const bits = new Uint8Array(row * height);
  for (let i = 0; i < width * height; i++) {
    if ((grey[i] ?? 255) >= 128) continue;
    const at = Math.floor(i / width) * row + ((i % width) >> 3);
    bits[at] = (bits[at] ?? 0) | (0x80 >> ((i % width) & 7));
  }
  return { width, height, bits };
}
