/**
 * An ESC/POS printer that is drawn: hears the bytes a real one would hear, answers as it does, and gives the paper out as a picture.
 * For the demo and the tests. What stops a real one (no paper, open cover) stops this one, with the job in its memory.
 */
import { escposReader, type Told } from '../framing/escpos-reader.js';
import { createRoll, type Roll } from './roll.js';
import { pictureOf } from './roll-picture.js';

export interface VirtualPrinterParts {
  /** 384 or 576. */
  readonly dots: number;
  /** What it says to the terminal. */
  answer(bytes: Uint8Array): void;
  /** A paper that was cut off, as PNG. */
  onPaper(png: Buffer): void;
}

export interface VirtualPrinter {
  hear(bytes: Uint8Array): void;
  /** `paper`: dots that are left on the roll; `stuck`: it prints nothing and says that all is well. */
  set(change: { readonly paper?: number; readonly cover?: 'open' | 'shut'; readonly fault?: 'cutter' | 'stuck' | 'none' }): void;
  /** Resolves when everything that was cut off so far is drawn. */
  drawn(): Promise<void>;
}

/** Of the roll: from here on the end is near. */
const NEAR_END = 4000;
const NEW_ROLL = 400_000;
/** Commands that wait while it cannot print: a real one has some kilobytes. */
const MEMORY = 4096;

export function createVirtualPrinter({ dots, answer, onPaper }: VirtualPrinterParts): VirtualPrinter {
  const reader = escposReader();
  let left = NEW_ROLL;
  let cover: 'open' | 'shut' = 'shut';
  let fault: 'cutter' | 'stuck' | 'none' = 'none';
  let waiting: Told[] = [];
  let roll: Roll = createRoll(dots);
  let drawing: Promise<void> = Promise.resolve();

  const blocked = (): boolean => left <= 0 || cover === 'open' || fault !== 'none';
  const status = (what: number): number => {
    const offline = (cover === 'open' ? 0x04 : 0) | (left <= 0 ? 0x20 : 0) | (fault === 'cutter' ? 0x40 : 0);
    const paper = (left <= 0 ? 0x60 : 0) | (left < NEAR_END ? 0x0c : 0);
    return 0x12 | (what === 2 ? offline : what === 4 ? paper : 0);
  };

  const cut = (): void => {
    const done = roll;
    roll = createRoll(dots);
    drawing = drawing.then(async () => onPaper(await pictureOf(done.printed())));
  };

  const obey = (told: Told): void => {
    if (told.told === 'ask-done') answer(Uint8Array.of(left < NEAR_END ? 0x03 : 0));
    else if (told.told === 'cut') cut();
    else left -= roll.put(told);
  };

  const work = (): void => {
    while (!blocked()) {
      const next = waiting.shift();
      if (!next) return;
      obey(next);
    }
  };

  return {
    hear(bytes) {
      for (const told of reader.push(bytes)) {
        if (told.told === 'ask-now') answer(Uint8Array.of(status(told.what)));
        else if (told.told === 'forget') {
          waiting = [];
          roll = createRoll(dots);
        } else if (waiting.length < MEMORY) waiting.push(told);
        work();
      }
    },
    set(change) {
      left = change.paper ?? left;
      cover = change.cover ?? cover;
      fault = change.fault ?? fault;
      work();
    },
    drawn: () => drawing,
  };
}
