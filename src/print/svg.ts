/** Drawing for papers: text that fits where it should, codes whose modules are whole dots. Pure. */
import { wrapped } from '../framing/text-lines.js';
import type { Matrix } from './qr.js';

/** Black text needs a font that has Chinese: fonts-noto-cjk. */
const FONT = "'Noto Sans CJK SC','Source Han Sans SC','WenQuanYi Zen Hei',sans-serif";

/** In ems, a little more than they are. */
const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/[ilj.,:;'|!]/, 0.3],
  [/[ ft()[\]/-]/, 0.36],
  [/[mwMW@%]/, 0.92],
  [/[A-Z&#]/, 0.69],
  [/[!-~]/, 0.58],
];

export const ems = (text: string): number =>
  Array.from(text).reduce((sum, character) => sum + (WIDTHS.find(([set]) => set.test(character))?.[1] ?? 1), 0);

export const escaped = (text: string): string =>
  text.replace(/\p{Cc}/gu, ' ').replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

export interface Written {
  readonly x: number;
  /** Of the base line. */
  readonly y: number;
  readonly size: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly weight?: 400 | 700;
  readonly fill?: string;
}

export function text(words: string, { x, y, size, anchor = 'start', weight = 400, fill = '#000' }: Written): string {
  const at = `x="${round(x)}" y="${round(y)}" font-size="${round(size)}"`;
  return `<text ${at} text-anchor="${anchor}" font-weight="${weight}" fill="${fill}">${escaped(words)}</text>`;
}

const round = (value: number): string => String(Math.round(value * 100) / 100);

/** The size at which the words fill the width on one line, at most `most`. */
export const fitted = (words: string, width: number, most: number): number => Math.min(most, width / Math.max(1, ems(words)));

/** Lines at this size; the last of `lines` ends with … where there are more. */
export function broken(words: string, { width, size, lines }: { width: number; size: number; lines: number }): readonly string[] {
  const all = wrapped(words, width, (part) => ems(part) * size);
  return all.length <= lines ? all : [...all.slice(0, lines - 1), `${(all[lines - 1] ?? '').slice(0, -1)}…`];
}

/** `at` and `module` in whole dots. */
export function code(matrix: Matrix, { x, y, module }: { x: number; y: number; module: number }): string {
  const run = (from: number, row: number, length: number): string =>
    `M${x + from * module} ${y + row * module}h${length * module}v${module}h-${length * module}z`;
  const rows = Array.from({ length: matrix.size }, (_, row) => runs(matrix, row).map(([from, length]) => run(from, row, length)));
  return `<path shape-rendering="crispEdges" fill="#000" d="${rows.flat().join('')}"/>`;
}

/** Dark modules of a row: where they begin and how many stand side by side. */
function runs(matrix: Matrix, row: number): readonly (readonly [number, number])[] {
  const found: [number, number][] = [];
  for (let x = 0; x < matrix.size; x++) {
    if (!matrix.isDark(x, row)) continue;
    const last = found.at(-1);
    if (last && last[0] + last[1] === x) last[1]++;
    else found.push([x, 1]);
  }
  return found;
}

export const drawing = (width: number, height: number, parts: readonly string[]): Buffer =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${FONT}"><rect width="100%" height="100%" fill="#fff"/>${parts.join('')}</svg>`,
  );
