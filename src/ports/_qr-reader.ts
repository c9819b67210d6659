/** Reads one QR code out of a grey picture, stage by stage, with the zxing module of the package: the network is never asked. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { prepareZXingModule, type ZXingReaderModule } from 'zxing-wasm/reader';
import { type Grey, inked, levelled, Pyramid } from './_grey.js';
import { LADDER, type Preparation, type Stage } from './_qr-ladder.js';

export interface Found {
  /** What the code holds, byte for byte. */
  readonly bytes: Uint8Array;
  readonly stage: Stage;
}

export interface QrReader {
  /** The first code that one of the stages finds; synchronous. */
  read(picture: Grey, stages: readonly Stage[]): Found | undefined;
}

/** The package's types of the module stand on Emscripten's, which are not there: this is the part of them that is needed. */
interface Memory {
  /** Another array whenever the memory grows. */
  readonly HEAPU8: Uint8Array;
  _malloc(size: number): number;
  _free(at: number): void;
}
type Module = ZXingReaderModule & Memory;
type Options = Parameters<Module['readBarcodesFromPixmap']>[3];

const LOCAL_AVERAGE = 0;
const GLOBAL_HISTOGRAM = 1;

const QR_ONLY: Options = {
  formats: 'QRCode',
  tryHarder: false,
  tryRotate: false,
  tryInvert: false,
  tryDownscale: false,
  tryDenoise: false,
  binarizer: LOCAL_AVERAGE,
  isPure: false,
  downscaleThreshold: 500,
  downscaleFactor: 3,
  minLineCount: 2,
  maxNumberOfSymbols: 1,
  validateOptionalChecksum: false,
  returnErrors: false,
  eanAddOnSymbol: 0,
  textMode: 0,
  characterSet: 0,
  tryCode39ExtendedMode: false,
};

const PREPARE: Readonly<Record<Preparation, (picture: Grey) => Grey>> = {
  plain: (picture) => picture,
  'level-5': (picture) => levelled(picture, 5),
  'level-10': (picture) => levelled(picture, 10),
  'ink-1': inked,
  'ink-2': (picture) => inked(inked(picture)),
};

/** @throws Error when the module does not read the code that it must know: it is no decoder then */
export async function openQrReader(): Promise<QrReader> {
  const reader = readerOver(await instantiate());
  warmUp(reader);
  return reader;
}

async function instantiate(): Promise<Module> {
  const wasm = await readFile(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'));
  const overrides = { wasmBinary: new Uint8Array(wasm).buffer };
  return (await prepareZXingModule({ overrides, fireImmediately: true })) as Module;
}

function readerOver(module: Module): QrReader {
  const room = roomIn(module);
  const look = ({ width, height, pixels }: Grey, options: Options): Uint8Array | undefined => {
    const at = room(width * height);
    module.HEAPU8.set(pixels.subarray(0, width * height), at);
    const found = module.readBarcodesFromPixmap(at, width, height, options);
    const first = found.size() > 0 ? found.get(0) : undefined;
    const bytes = first?.isValid ? first.bytes.slice() : undefined;
    release(found);
    return bytes;
  };
  return {
    read(picture, stages) {
      const pyramid = new Pyramid(picture);
      for (const stage of stages) {
        const bytes = look(PREPARE[stage.preparation](pyramid.at(stage.longest)), optionsOf(stage));
        if (bytes) return { bytes, stage };
      }
      return undefined;
    },
  };
}

function optionsOf({ binarizer, harder, inverted, denoised }: Stage): Options {
  return {
    ...QR_ONLY,
    binarizer: binarizer === 'average' ? LOCAL_AVERAGE : GLOBAL_HISTOGRAM,
    tryHarder: harder ?? false,
    tryInvert: inverted ?? false,
    tryDenoise: denoised ?? false,
  };
}

/** One block of the module's memory, made larger when a larger picture comes. */
function roomIn(module: Module): (size: number) => number {
  let at = 0;
  let held = 0;
  return (size) => {
    if (size <= held) return at;
    if (held > 0) module._free(at);
    held = 0;
    at = module._malloc(size);
    if (at === 0) throw new Error(`the decoder has no memory for a picture of ${size} pixels`);
    held = size;
    return at;
  };
}

/** The answer is an object of the module's own memory; its types do not say so. */
function release(answer: { readonly delete?: () => void } | object): void {
  if ('delete' in answer && typeof answer.delete === 'function') answer.delete();
}

/** "AK" as a version 1 code: a row is a number, its leftmost module the highest bit. */
const KNOWN: readonly number[] = [
  0x1fc17f, 0x104741, 0x17585d, 0x175b5d, 0x17575d, 0x105941, 0x1fd57f, 0x001b00, 0x17c17c, 0x109d25, 0x0bc296, 0x053436, 0x115a97,
  0x0013ca, 0x1fc160, 0x105fca, 0x175524, 0x175124, 0x17569c, 0x104035, 0x1fda9c,
];
const KNOWN_TEXT = 'AK';
const QUIET = 4;
const MODULE_PIXELS = 6;
/** The first looks of a fresh module take ten times as long as later ones; a gate's first visitor should not wait. */
const WARM_UPS = 3;

function warmUp(reader: QrReader): void {
  const picture = drawn(KNOWN);
  for (const stage of Array.from({ length: WARM_UPS }, () => LADDER).flat()) {
    const found = reader.read(picture, [stage]);
    // A drawing has no uneven light and no gaps in its ink: what mends those may well spoil it.
    const mustRead = stage.preparation === 'plain';
    if (found ? new TextDecoder().decode(found.bytes) !== KNOWN_TEXT : mustRead) {
      throw new Error('the QR decoder does not read a code that it must know');
    }
  }
}

function drawn(rows: readonly number[]): Grey {
  const side = (rows.length + 2 * QUIET) * MODULE_PIXELS;
  const pixels = new Uint8Array(side * side).fill(255);
  for (let y = 0; y < side; y++) {
    const row = rows[Math.floor(y / MODULE_PIXELS) - QUIET] ?? 0;
    for (let x = 0; x < side; x++) {
      const column = Math.floor(x / MODULE_PIXELS) - QUIET;
      if (column >= 0 && column < rows.length && (row >> (rows.length - 1 - column)) & 1) pixels[y * side + x] = 0;
    }
  }
  return { width: side, height: side, pixels };
}
