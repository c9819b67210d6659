/** What an ESC/POS printer is asked about itself, and what its answers of one byte mean. */
import type { PrinterState } from '../contracts.js';

/** DLE EOT: answered at once, whatever is still to be printed. */
export const ASK = {
  offline: Uint8Array.of(0x10, 0x04, 2),
  paper: Uint8Array.of(0x10, 0x04, 4),
} as const;
/** GS r 1: answered in its turn, when all that was sent before is done. */
export const ASK_DONE = Uint8Array.of(0x1d, 0x72, 1);
/** DLE DC4 8: forget what is not printed yet. Half of somebody's slip is not for the next person. */
export const FORGET = Uint8Array.of(0x10, 0x14, 8, 1, 3, 20, 1, 6, 2, 8);

/** Which kind of question a byte answers: their fixed bits differ. Flow control and noise answer nothing. */
export function answers(byte: number): 'now' | 'done' | undefined {
  if ((byte & 0b1001_0011) === 0b0001_0010) return 'now';
  return (byte & 0b1001_0000) === 0 && byte < 0x10 ? 'done' : undefined;
}

const COVER = 0b0000_0100;
const STOPPED_BY_PAPER = 0b0010_0000;
const ERROR = 0b0100_0000;
const NEAR_END = 0b0000_1100;
const END = 0b0110_0000;

/** The worst first. */
export function stateOf({ offline, paper }: { readonly offline: number; readonly paper: number }): PrinterState {
  if (offline & COVER) return 'cover-open';
  if (paper & END || offline & STOPPED_BY_PAPER) return 'paper-out';
  if (offline & ERROR) return 'error';
  return paper & NEAR_END ? 'paper-low' : 'ready';
}
