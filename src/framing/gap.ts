/** Frames that end at a pause only: for binary codes, which may hold the suffix as data (facts, standards 5.1). Pure. */
import { type Framed, type Framer, Held } from './frames.js';

export interface GapOptions {
  /** What the scanner appends; cut off where it stands at the very end, and nowhere else. Empty: nothing is cut. */
  readonly suffix: readonly number[];
  /** Bytes of the longest frame, its suffix not counted. */
  readonly limit: number;
}

export function gapFramer({ suffix, limit }: GapOptions): Framer {
  const held = new Held(limit + suffix.length);
  return {
    push(chunk) {
      const out: Framed[] = [];
      if (chunk.length === 0) return out;
      if (!held.started) out.push({ event: 'start' });
      if (held.add(chunk)) out.push({ event: 'over-long' });
      return out;
    },
    idle() {
      const bytes = held.take();
      const payload = bytes && withoutSuffix(bytes, suffix);
      if (!payload || payload.length === 0) return [];
      return [payload.length > limit ? { event: 'over-long' } : { event: 'frame', bytes: payload }];
    },
  };
}

function withoutSuffix(bytes: Uint8Array, suffix: readonly number[]): Uint8Array {
  const from = bytes.length - suffix.length;
  const ends = from >= 0 && suffix.every((byte, i) => bytes[from + i] === byte);
  return ends ? bytes.subarray(0, from) : bytes;
}
