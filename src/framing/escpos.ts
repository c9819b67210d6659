/** Commands of ESC/POS printers as bytes. Numbers are those of the command reference of the printers' makers. */
import type { Bitmap } from '../contracts.js';

const ESC = 0x1b;
const FS = 0x1c;
const GS = 0x1d;

/** Printer as at switching on; Chinese on. */
export const INIT = Uint8Array.of(ESC, 0x40, FS, 0x26);
export const LINE_FEED = Uint8Array.of(0x0a);

export interface Style {
  readonly align: 'left' | 'centre';
  /** a: 12 × 24 dots, b: 9 × 17; Chinese is 24 × 24 in both. */
  readonly font: 'a' | 'b';
  /** So many times as wide and high. */
  readonly size: 1 | 2 | 3;
  readonly weight: 'regular' | 'bold';
  /** From this line to the next, in dots. */
  readonly leading: number;
}

export function style({ align, font, size, weight, leading }: Style): Uint8Array {
  return command(
    [ESC, 0x61, align === 'centre' ? 1 : 0],
    [ESC, 0x4d, font === 'b' ? 1 : 0],
    [GS, 0x21, ((size - 1) << 4) | (size - 1)],
    [ESC, 0x45, weight === 'bold' ? 1 : 0],
    [ESC, 0x33, leading],
  );
}

/** ESC $: what follows begins so many dots from the left. */
export const column = (dots: number): Uint8Array => Uint8Array.of(ESC, 0x24, dots & 0xff, dots >> 8);
export const feed = (lines: number): Uint8Array => Uint8Array.of(ESC, 0x64, lines);
/** GS V 66: feeds so far that the print is past the knife, and cuts all but a bridge. */
export const CUT = Uint8Array.of(GS, 0x56, 66, 0);

/** GS ( k: model 2, module of so many dots, level Q, store, print. */
export function qr(text: string, dots: number): Uint8Array {
  const data = new TextEncoder().encode(text);
  const length = data.length + 3;
  return command(
    [GS, 0x28, 0x6b, 4, 0, 0x31, 0x41, 50, 0],
    [GS, 0x28, 0x6b, 3, 0, 0x31, 0x43, dots],
    [GS, 0x28, 0x6b, 3, 0, 0x31, 0x45, 50],
    [GS, 0x28, 0x6b, length & 0xff, length >> 8, 0x31, 0x50, 0x30, ...data],
    [GS, 0x28, 0x6b, 3, 0, 0x31, 0x51, 0x30],
  );
}

/** GS v 0, band by band: a printer of little memory prints one while the next comes. */
export function bands({ width, height, bits }: Bitmap, lines: number): readonly Uint8Array[] {
  const row = Math.ceil(width / 8);
  return Array.from({ length: Math.ceil(height / lines) }, (_, i) => {
    const part = bits.subarray(i * lines * row, Math.min(height, (i + 1) * lines) * row);
    const count = part.length / row;
    const band = new Uint8Array(8 + part.length);
    band.set([GS, 0x76, 0x30, 0, row & 0xff, row >> 8, count & 0xff, count >> 8]);
    band.set(part, 8);
    return band;
  });
}

const command = (...parts: readonly (readonly number[])[]): Uint8Array => Uint8Array.from(parts.flat());

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
