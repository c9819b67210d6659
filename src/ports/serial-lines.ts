/** Serial lines of text: GPS receivers, key pads. Whole lines only; a line that is too long is skipped to its end. */
import { ReadlineParser } from '@serialport/parser-readline';
import { z } from 'zod';
import type { Port, Text } from '../contracts.js';
import serial from './serial.js';

const ENDS = { lf: '\n', cr: '\r' } as const;
type Ends = keyof typeof ENDS;

const address = serial.address.extend({
  ends: z.enum(['lf', 'cr']).default('lf').describe('the character that ends a line; the other one beside it is cut off'),
});
export type SerialLinesAddress = z.infer<typeof address>;

/** The parser keeps what has no end, so it is not given more than this. */
const LONGEST = 4096;

/** @throws Error as the serial port does */
async function open({ ends, ...where }: SerialLinesAddress): Promise<Text> {
  const { onData, closed, close } = await serial.open(where);
  const listeners: ((line: string) => void)[] = [];
  let isOpen = true;
  void closed.then(() => {
    isOpen = false;
  });
  onData(
    linesOf(ends, (line) => {
      if (isOpen) for (const listener of listeners) listener(line);
    }),
  );
  return { kind: 'text', closed, close, onLine: (listener) => void listeners.push(listener) };
}

/** Takes chunks and tells lines. After `LONGEST` bytes without an end the parser is made anew, and the rest of that line is skipped. */
export function linesOf(ends: Ends, tell: (line: string) => void): (chunk: Uint8Array) => void {
  const delimiter = ENDS[ends];
  let parser = parserOf(delimiter, tell);
  let pending = 0;
  let skipping = false;
  return (chunk) => {
    const from = skipping ? chunk.indexOf(delimiter.charCodeAt(0)) + 1 : 0;
    if (skipping && from === 0) return;
    skipping = false;
    const rest = Buffer.from(chunk.subarray(from));
    const end = rest.lastIndexOf(delimiter) + 1;
    pending = end === 0 ? pending + rest.length : rest.length - end;
    parser.write(pending > LONGEST ? rest.subarray(0, end) : rest);
    if (pending <= LONGEST) return;
    // Not ended, or it would tell the half line it holds.
    parser = parserOf(delimiter, tell);
    pending = 0;
    skipping = true;
  };
}

function parserOf(delimiter: string, tell: (line: string) => void): ReadlineParser {
  const parser = new ReadlineParser({ delimiter, encoding: 'latin1' });
  parser.on('data', (line: string) => {
    const text = line.replace(/^[\r\n]+|[\r\n]+$/g, '');
    if (text !== '' && text.length <= LONGEST) tell(text);
  });
  return parser;
}

export default { address, open } satisfies Port<Text, SerialLinesAddress>;
