/** Is there a font that has Chinese? Without one every character is drawn as the same empty box, and nobody would know. */
import sharp from 'sharp';
import { drawing, text } from './svg.js';

let known: Promise<boolean> | undefined;

/** @throws Error where Chinese cannot be drawn */
export async function assertChinese(): Promise<void> {
  known ??= hasChinese();
  if (!(await known)) throw new Error('no font with Chinese is here: apt install fontconfig fonts-noto-cjk');
}

/** Two characters that look nothing alike. */
async function hasChinese(): Promise<boolean> {
  const [one, other] = await Promise.all(['一', '康'].map(drawn));
  return one !== undefined && other !== undefined && !one.equals(other);
}

const drawn = (character: string): Promise<Buffer> =>
  sharp(drawing(40, 40, [text(character, { x: 4, y: 34, size: 32 })]))
    .greyscale()
    .raw()
    .toBuffer();
