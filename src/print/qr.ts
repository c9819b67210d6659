/** Draws a code: for a page as a picture, for a terminal as blocks. Level Q, as printed codes are (facts 8.1). */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { prepareZXingModule, writeBarcode } from 'zxing-wasm/writer';

export interface Drawn {
  /** data:image/svg+xml */
  readonly picture: string;
  readonly blocks: string;
}

let ready: Promise<unknown> | undefined;

/** The module comes from the package, never from the network, which is where zxing-wasm would look by itself. */
async function prepare(): Promise<void> {
  const wasmBinary = await readFile(createRequire(import.meta.url).resolve('zxing-wasm/writer/zxing_writer.wasm'));
  await prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(wasmBinary).buffer }, fireImmediately: true });
}

async function written(content: string | Uint8Array): ReturnType<typeof writeBarcode> {
  await (ready ??= prepare());
  const result = await writeBarcode(content, { format: 'QRCode', options: 'ecLevel=Q' });
  if (result.error) throw new Error(`no QR code: ${result.error}`);
  return result;
}

/** Modules row by row, without the white around them. */
export interface Matrix {
  readonly size: number;
  isDark(x: number, y: number): boolean;
}

/** @throws Error when the text does not fit a QR code. */
export async function qrMatrix(text: string): Promise<Matrix> {
  const { width, data } = (await written(text)).symbol;
  return { size: width, isDark: (x, y) => data[y * width + x] === 0 };
}

/** @throws Error when the bytes do not fit a QR code. */
export async function drawQr(content: string | Uint8Array): Promise<Drawn> {
  const { svg, utf8 } = await written(content);
  return { picture: `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`, blocks: utf8 };
}
