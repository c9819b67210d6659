/** Card readers that read a card by themselves and send a line with what is on it. */
import type { Bytes, Log, Scanner } from '../src/contracts.js';
import { cardBytes, UNREADABLE_CARD } from '../src/framing/card.js';
import { cardOfLine } from '../src/framing/social-security-card.js';
import { CR, LF, suffixFramer } from '../src/framing/suffix.js';
import { framedScanner, scannerSettings } from './_scanner.js';

export const gapMs = scannerSettings.shape.gapMs.default(200).describe('with lines: a pause this long ends one');

/** All fields of a result line, with a long name, are a third of this. */
const LONGEST_LINE = 1024;

export function resultLines(link: Bytes, { gapMs }: { readonly gapMs: number }, log: Log): Scanner & { close(): void } {
  const framer = suffixFramer({ ends: [CR, LF], limit: LONGEST_LINE });
  const framing = { framer, gapMs, maxBytes: LONGEST_LINE, armour: 'none' } as const;
  const scanner = framedScanner((listener) => link.onData(listener), framing, log);
  const read = (line: Uint8Array): Uint8Array => {
    const card = cardOfLine(line);
    if (!card) log.warn('card-unreadable', { bytes: line.length });
    return card ? cardBytes(card) : UNREADABLE_CARD;
  };
  return { ...scanner, onReading: (listener) => scanner.onReading((line) => listener(read(line), 'card')) };
}
