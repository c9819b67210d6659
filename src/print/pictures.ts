/** Papers as pictures: what is handed to printers that draw nothing by themselves. */
import sharp from 'sharp';
import type { PrintJob, Sheet, SheetSize } from '../contracts.js';
import { assertChinese } from './font.js';
import { pdfOf } from './pdf.js';
import { qrMatrix } from './qr.js';
import { DPI, dotsOf, SHEETS, sheetParts } from './sheet.js';
import { drawing } from './svg.js';

export { slipBitmap as bitmapOf } from './slip.js';

/** @throws RangeError for a slip, and for a code that is too large for the size; Error where there is no font */
export async function sheetOf({ paper, ...foot }: Pick<PrintJob, 'paper' | 'terminal' | 'at'>, size: SheetSize): Promise<Sheet> {
  if (paper.kind === 'slip') throw new RangeError('a slip is printed on a roll');
  await assertChinese();
  const mm = SHEETS[size];
  const matrix = await qrMatrix(paper.code);
  const svg = drawing(dotsOf(mm.width), dotsOf(mm.height), sheetParts({ paper, foot, matrix }, size));
  const { data, info } = await sharp(svg).flatten({ background: '#fff' }).greyscale().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const png = sharp(data, { raw: { width, height, channels: 1 } }).withMetadata({ density: DPI });
  return { png: await png.png({ compressionLevel: 9 }).toBuffer(), pdf: pdfOf({ width, height, pixels: data, mm }) };
}
