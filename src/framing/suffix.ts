/** Frames that end at a suffix byte or at a pause: what nearly every serial scanner sends (facts, standards 5.1). Pure. */
import { type Framed, type Framer, Held } from './frames.js';

export const CR = 0x0d;
export const LF = 0x0a;
export const TAB = 0x09;

export interface SuffixOptions {
  /** Every one of these ends a frame; CRLF is two ends with nothing between them, and nothing is not a frame. */
  readonly ends: readonly number[];
  /** Bytes of the longest frame. */
  readonly limit: number;
}

/** CR, LF and CRLF alike need no choice: `{ ends: [CR, LF], limit }`. A pause ends a frame as well. */
export function suffixFramer({ ends, limit }: SuffixOptions): Framer {
  const held = new Held(limit);

  const end = (into: Framed[]): void => {
    const bytes = held.take();
    if (bytes) into.push({ event: 'frame', bytes });
  };
  const add = (bytes: Uint8Array, into: Framed[]): void => {
    if (bytes.length === 0) return;
    if (!held.started) into.push({ event: 'start' });
    if (held.add(bytes)) into.push({ event: 'over-long' });
  };

  return {
    push(chunk) {
      const out: Framed[] = [];
      let from = 0;
      for (let at = 0; at < chunk.length; at++) {
        if (!ends.includes(chunk[at] ?? -1)) continue;
        add(chunk.subarray(from, at), out);
        end(out);
        from = at + 1;
      }
      add(chunk.subarray(from), out);
      return out;
    },
    idle() {
      const out: Framed[] = [];
      end(out);
      return out;
    },
  };
}
