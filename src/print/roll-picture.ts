/** What was put on the roll as a PNG, as it would lie in the hand: the width of the paper, one dot a pixel. */
import sharp from 'sharp';
import { qrMatrix } from './qr.js';
import type { Character, Mark, Roll } from './roll.js';
import { code, drawing, escaped } from './svg.js';

/** Every Latin letter half as wide as a Chinese one, as in the printer. */
const FONT = "'Noto Sans Mono CJK SC','WenQuanYi Zen Hei Mono','Noto Sans CJK SC',monospace";
/** Paper beside the head: 58 mm has 48 mm of print. */
const BESIDE = 40;
/** Of the cell, below the base line. */
const DESCENT = 0.14;

export async function pictureOf({ width, height, marks }: ReturnType<Roll['printed']>): Promise<Buffer> {
  const parts = await Promise.all(marks.map(drawn));
  const { data, info } = await sharp(drawing(width, height, parts))
    .flatten({ background: '#fff' })
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  for (const mark of marks) if ('bits' in mark) blit(data, info, mark);
  return sharp(data, { raw: { width: info.width, height: info.height, channels: 1 } })
    .extend({ left: BESIDE, right: BESIDE, background: '#fff' })
    .png()
    .toBuffer();
}

async function drawn(mark: Mark): Promise<string> {
  if ('characters' in mark) return mark.characters.map((one) => letter(one, mark.y)).join('');
  return 'code' in mark ? code(await qrMatrix(mark.code), mark) : '';
}

function letter({ text, x, wide, high, cell, bold }: Character, y: number): string {
  if (text === ' ') return '';
  // A rule is drawn through the whole cell, as printers' fonts have it.
  if (text === '─') return `<rect x="${x}" y="${y - 13}" width="${24 * wide}" height="2"/>`;
  const place = `transform="translate(${x} ${y - cell * high * DESCENT}) scale(${wide} ${high})"`;
  return `<text ${place} font-family="${FONT}" font-size="${cell}" font-weight="${bold ? 700 : 400}">${escaped(text)}</text>`;
}

interface Plane {
  readonly width: number;
  readonly height: number;
}

function blit(grey: Uint8Array, { width, height }: Plane, { y, row, bits }: Extract<Mark, { readonly bits: Uint8Array }>): void {
  const dark = (i: number, x: number): boolean => (((bits[i * row + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1) === 1;
  const lines = row === 0 ? 0 : bits.length / row;
  for (let i = 0; i < lines && y + i < height; i++) {
    for (let x = 0; x < Math.min(width, row * 8); x++) if (dark(i, x)) grey[(y + i) * width + x] = 0;
  }
}
