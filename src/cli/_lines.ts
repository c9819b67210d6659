/** Lines out of a stream of bytes of any size, in bounded memory: only line feeds separate, nothing is trimmed or decoded. */

/** A line's bytes, or undefined for one that was too long to keep. */
export type Line = Uint8Array | undefined;

export interface Splitter {
  /** The lines that end in this chunk. */
  push(chunk: Uint8Array): Line[];
  /** What stands behind the last line feed; nothing when nothing does. */
  end(): Line[];
}

const FEED = 0x0a;

/** `longest`: bytes that a line may have. */
export function splitter(longest: number): Splitter {
  let parts: Uint8Array[] = [];
  let length = 0;
  const add = (part: Uint8Array): void => {
    length += part.length;
    if (length > longest) parts = [];
    else if (part.length > 0) parts.push(Uint8Array.from(part));
  };
  const take = (): Line => {
    const line = length > longest ? undefined : Uint8Array.from(Buffer.concat(parts));
    parts = [];
    length = 0;
    return line;
  };
  return {
    push(chunk) {
      const lines: Line[] = [];
      let from = 0;
      for (let at = chunk.indexOf(FEED); at >= 0; at = chunk.indexOf(FEED, from)) {
        add(chunk.subarray(from, at));
        lines.push(take());
        from = at + 1;
      }
      add(chunk.subarray(from));
      return lines;
    },
    end: () => (length > 0 ? [take()] : []),
  };
}
