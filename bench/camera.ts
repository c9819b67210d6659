/**
 * Photographs of QR codes to bytes: our ladder beside the defaults of zxing-wasm, on the same grey pixels, in turns. The corpus
 * is not part of the project: a folder with a manifest.tsv, given as the argument or found beside the project.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { defaultReaderOptions, prepareZXingModule } from 'zxing-wasm/reader';
import type { Grey } from '../src/ports/_grey.js';
import { stagesFor } from '../src/ports/_qr-ladder.js';
import { openQrReader } from '../src/ports/_qr-reader.js';
import { print, type Row } from './row.js';

const CORPUS = resolve(import.meta.dirname, '../../../shared/corpus/qr');
/** The best of so many looks counts, for both sides: the machine is shared. */
const LOOKS = 2;

interface Photograph {
  readonly picture: Grey;
  /** Texts of the codes in it; none: there is no code. */
  readonly expected: readonly string[];
}

/** One line of the manifest: file, group, basis, texts as JSON, and what does not matter here. */
async function photographs(folder: string): Promise<readonly Photograph[]> {
  const lines = readFileSync(join(folder, 'manifest.tsv'), 'utf8').trim().split('\n').slice(1);
  const rows = lines.map((line) => line.split('\t')).sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return Promise.all(
    rows.map(async ([file = '', , , texts = '[]']) => {
      const made = sharp(join(folder, file)).autoOrient().flatten({ background: '#fff' }).greyscale().raw();
      const { data, info } = await made.toBuffer({ resolveWithObject: true });
      const picture = { width: info.width, height: info.height, pixels: new Uint8Array(data) };
      return { picture, expected: (JSON.parse(texts) as string[]).map(plain) };
    }),
  );
}

/** The corpus was written down by several people: ends of lines and blanks at the end differ. */
const plain = (text: string): string => text.replace(/\r\n?/g, '\n').trim();
const CHARACTERS = ['utf-8', 'shift_jis', 'gb18030', 'latin1'].map((name) => new TextDecoder(name));

function isRight(bytes: Uint8Array | undefined, expected: readonly string[]): boolean {
  if (!bytes) return false;
  return CHARACTERS.some((characters) => expected.includes(plain(characters.decode(bytes))));
}

/** Synchronous, from grey pixels to the bytes of a code. */
type Look = (picture: Grey) => readonly Uint8Array[];

/** The module itself, as the library calls it: no copy through an image file stands between the pixels and its decoder. */
interface Module {
  readonly HEAPU8: Uint8Array;
  _malloc(size: number): number;
  _free(at: number): void;
  readBarcodesFromPixmap(at: number, width: number, height: number, options: object): Answer;
}
interface Answer {
  size(): number;
  get(at: number): { readonly bytes: Uint8Array; readonly isValid: boolean };
  delete(): void;
}

async function module(): Promise<Module> {
  const wasm = readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'));
  const overrides = { wasmBinary: new Uint8Array(wasm).buffer };
  return (await prepareZXingModule({ overrides, fireImmediately: true })) as object as Module;
}

/** What readBarcodes does with nothing said: every format, up to 255 of them. The numbers are the first of each list but HRI. */
const DEFAULTS = { ...defaultReaderOptions, formats: '', binarizer: 0, eanAddOnSymbol: 0, textMode: 2, characterSet: 0 };

function library(zxing: Module, options: object): Look {
  return ({ width, height, pixels }) => {
    const at = zxing._malloc(width * height);
    zxing.HEAPU8.set(pixels, at);
    const answer = zxing.readBarcodesFromPixmap(at, width, height, options);
    const found = Array.from({ length: answer.size() }, (_, i) => answer.get(i)).filter(({ isValid }) => isValid);
    const codes = found.map(({ bytes }) => bytes.slice());
    answer.delete();
    zxing._free(at);
    return codes;
  };
}

async function ladder(): Promise<Look> {
  const reader = await openQrReader();
  return (picture) => {
    const found = reader.read(picture, stagesFor(Math.max(picture.width, picture.height)));
    return found ? [found.bytes] : [];
  };
}

interface Result {
  /** Of a hundred codes. */
  readonly rate: number;
  /** Mean of one photograph, codes or not. */
  readonly ms: number;
  /** Photographs without a code in which one was seen. */
  readonly invented: number;
}

/** Everybody looks at a photograph before anybody looks at the next. */
function compare(corpus: readonly Photograph[], looks: readonly Look[]): readonly Result[] {
  const totals = looks.map(() => ({ ms: 0, right: 0, invented: 0 }));
  for (const { picture, expected } of corpus) {
    for (const [who, look] of looks.entries()) {
      const total = totals[who];
      if (!total) continue;
      const { codes, ms } = timed(() => look(picture));
      total.ms += ms;
      if (codes.some((code) => isRight(code, expected))) total.right++;
      else if (expected.length === 0 && codes.length > 0) total.invented++;
    }
  }
  const codes = corpus.filter(({ expected }) => expected.length > 0).length;
  return totals.map(({ ms, right, invented }) => ({ ms: ms / corpus.length, rate: (100 * right) / codes, invented }));
}

function timed(look: () => readonly Uint8Array[]): { readonly codes: readonly Uint8Array[]; readonly ms: number } {
  let best = Number.POSITIVE_INFINITY;
  let codes: readonly Uint8Array[] = [];
  for (let i = 0; i < LOOKS; i++) {
    const start = performance.now();
    codes = look();
    best = Math.min(best, performance.now() - start);
  }
  return { codes, ms: best };
}

export async function bench(folder = CORPUS): Promise<Row[]> {
  if (!existsSync(join(folder, 'manifest.tsv'))) {
    console.log(`camera: no photographs at ${folder}; name a folder with a manifest.tsv as the argument`);
    return [];
  }
  const corpus = await photographs(folder);
  const zxing = await module();
  const looks = [await ladder(), library(zxing, DEFAULTS), library(zxing, { ...DEFAULTS, formats: 'QRCode', maxNumberOfSymbols: 1 })];
  const [warm] = corpus;
  if (warm) compare([warm], looks);
  const halves = [
    // The ladder was learnt on every second photograph, beginning with the first.
    { which: 'held out', half: corpus.filter((_, i) => i % 2 === 1) },
    { which: 'learnt on', half: corpus.filter((_, i) => i % 2 === 0) },
  ];
  return halves.flatMap(({ which, half }) => rows(`QR photographs, ${which}`, compare(half, looks)));
}

function rows(what: string, [ours, peer, tuned]: readonly Result[]): Row[] {
  if (!ours || !peer || !tuned) return [];
  const rate = (peers: string, other: Result): Row => ({
    what: `${what}: codes read`,
    value: ours.rate,
    unit: '%',
    beside: `${peers} ${other.rate.toFixed(1)} %, invented ${ours.invented}`,
    ratio: ours.rate / other.rate,
  });
  const time = (peers: string, other: Result): Row => ({
    what: `${what}: mean time`,
    value: ours.ms,
    unit: 'ms',
    beside: `${peers} ${other.ms.toFixed(2)} ms`,
    ratio: ours.ms / other.ms,
  });
  return [
    { ...rate('zxing-wasm defaults', peer), must: '≥ 1', aim: `≥ ${(peer.rate + 4).toFixed(1)} %` },
    { ...time('zxing-wasm defaults', peer), must: '≤ 1', aim: '≤ 0.25' },
    rate('defaults told QR only, one symbol', tuned),
    time('defaults told QR only, one symbol', tuned),
  ];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) print(await bench(process.argv[2]));
