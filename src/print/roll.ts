/** The paper in the virtual printer: what is put on it line by line, in the dots of its head. */
import type { Told } from '../framing/escpos-reader.js';
import { qrModules } from '../framing/qr-size.js';

export interface Character {
  readonly text: string;
  readonly x: number;
  readonly wide: number;
  readonly high: number;
  /** Height of its cell before it is made larger. */
  readonly cell: number;
  readonly bold: boolean;
}

/** What stands with its upper edge at `y`; text stands on it. */
export type Mark =
  | { readonly y: number; readonly characters: readonly Character[] }
  | { readonly y: number; readonly x: number; readonly code: string; readonly module: number }
  | { readonly y: number; readonly row: number; readonly bits: Uint8Array };

export interface Roll {
  /** How many dots of paper that took. */
  put(told: Told): number;
  printed(): { readonly width: number; readonly height: number; readonly marks: readonly Mark[] };
}

const START = { align: 0, font: 0, wide: 1, high: 1, bold: false, spacing: 30 };
type How = typeof START;
/** A paper of 1.5 m. */
const LONGEST = 12_000;
/** From the edge above to the first line, and from the last to the knife. */
const EDGE = 40;
const CHINESE = 24;
const LATIN = { width: 12, height: 24 } as const;
const SMALL = { width: 9, height: 18 } as const;

export function createRoll(dots: number): Roll {
  const marks: Mark[] = [];
  let how: How = START;
  let y = EDGE;
  let x = 0;
  let line: Character[] = [];
  let code = { module: 3, text: '' };

  const advance = (by: number): number => {
    y += by;
    return by;
  };
  const keep = (mark: Mark): void => {
    if (y < LONGEST) marks.push(mark);
  };
  const shift = (width: number): number => (how.align === 1 ? Math.floor((dots - width) / 2) : how.align === 2 ? dots - width : 0);

  const newLine = (): number => {
    const height = Math.max(0, ...line.map(({ cell, high }) => cell * high));
    const right = shift(x);
    if (line.length > 0) keep({ y: y + height, characters: line.map((one) => ({ ...one, x: one.x + right })) });
    line = [];
    x = 0;
    return advance(Math.max(how.spacing, height));
  };

  const write = (text: string): number => {
    let used = 0;
    for (const character of text) {
      const latin = how.font === 1 ? SMALL : LATIN;
      const isLatin = character.charCodeAt(0) < 0x80;
      const width = how.wide * (isLatin ? latin.width : CHINESE);
      if (x + width > dots) used += newLine();
      line.push({ text: character, x, wide: how.wide, high: how.high, cell: isLatin ? latin.height : CHINESE, bold: how.bold });
      x += width;
    }
    return used;
  };

  const qr = (does: number, data: Uint8Array): number => {
    if (does === 0x43) code = { ...code, module: data[0] ?? 3 };
    if (does === 0x50) code = { ...code, text: new TextDecoder().decode(data.subarray(1)) };
    if (does !== 0x51 || code.text === '') return 0;
    const side = qrModules(code.text) * code.module;
    // Wider than the head: a real one prints nothing.
    if (side > dots) return 0;
    keep({ y, x: shift(side), code: code.text, module: code.module });
    return advance(side);
  };

  const set = (change: Partial<How>): number => {
    how = { ...how, ...change };
    return 0;
  };

  return {
    put(told) {
      switch (told.told) {
        case 'init':
          return set(START);
        case 'align':
          return set({ align: told.to });
        case 'font':
          return set({ font: told.to });
        case 'size':
          return set({ wide: told.wide, high: told.high });
        case 'bold':
          return set({ bold: told.on });
        case 'spacing':
          return set({ spacing: told.dots });
        case 'column':
          x = Math.min(told.dots, dots);
          return 0;
        case 'text':
          return write(told.text);
        case 'line':
          return newLine();
        case 'feed':
          return Array.from({ length: told.lines }, newLine).reduce((sum, used) => sum + used, 0);
        case 'qr':
          return qr(told.does, told.data);
        case 'raster':
          keep({ y, row: told.row, bits: told.bits });
          return advance(told.row === 0 ? 0 : told.bits.length / told.row);
        case 'ask-done':
        case 'ask-now':
        case 'cut':
        case 'forget':
        case 'unknown':
          return 0;
      }
    },
    printed: () => ({ width: dots, height: Math.min(LONGEST, y) + EDGE, marks }),
  };
}
