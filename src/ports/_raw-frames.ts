/** Cuts a stream of raw video into frames and keeps their grey part only, in buffers that are used again and again. */

export interface FrameShape {
  /** Bytes of a frame that are grey pixels; they come first. */
  readonly grey: number;
  /** Bytes of a whole frame, colour included. */
  readonly whole: number;
}

/**
 * `swap` is given a buffer whenever it is full and returns the one that is filled next, `shape.grey` bytes long.
 * A stream that ends within a frame leaves nothing.
 */
export function frameCutter(shape: FrameShape, swap: (full: Uint8Array) => Uint8Array): (chunk: Uint8Array) => void {
  let filling = new Uint8Array(shape.grey);
  let at = 0;
  return (chunk) => {
    let rest = chunk;
    while (rest.length > 0) {
      const part = rest.subarray(0, shape.whole - at);
      if (at < shape.grey) filling.set(part.subarray(0, shape.grey - at), at);
      at += part.length;
      rest = rest.subarray(part.length);
      if (at < shape.whole) continue;
      at = 0;
      filling = swap(filling) as Uint8Array<ArrayBuffer>;
    }
  };
}
