/** What a framer makes of the chunks of a byte stream or the reports of a device: beginnings, whole frames, and what is none. Pure. */

export type Framed =
  /** The first byte of something arrived. */
  | { readonly event: 'start' }
  | { readonly event: 'frame'; readonly bytes: Uint8Array }
  /** Reported once; what was held is thrown away, and so is the rest up to its end. */
  | { readonly event: 'over-long' }
  /** What arrived makes no frame: a wrong checksum, a length that cannot be, an end that never came. It is thrown away. */
  | { readonly event: 'broken' };

/** Made anew at every opening of the port, so that half a frame never joins another. The gap's timer belongs to the driver. */
export interface Framer {
  push(chunk: Uint8Array): readonly Framed[];
  /** Nothing has arrived for as long as ends a frame. */
  idle(): readonly Framed[];
}

const EMPTY = new Uint8Array(0);

/** The bytes of one frame, at most `limit` of them; grows to what is needed and never beyond the limit. */
export class Held {
  readonly #limit: number;
  #bytes: Uint8Array = EMPTY;
  #length = 0;
  #overflown = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Something of a frame has arrived, though it may have been thrown away. */
  get started(): boolean {
    return this.#overflown || this.#length > 0;
  }

  /** Adds what fits. True: this is what made the frame too long. */
  add(bytes: Uint8Array): boolean {
    if (this.#overflown || bytes.length === 0) return false;
    if (this.#length + bytes.length > this.#limit) {
      this.#overflown = true;
      this.#bytes = EMPTY;
      this.#length = 0;
      return true;
    }
    this.#reserve(this.#length + bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return false;
  }

  /** A copy of what was held, or nothing when it was empty or too long; starts afresh. Whose code it was is not left behind. */
  take(): Uint8Array | undefined {
    const whole = this.#length > 0 ? this.#bytes.slice(0, this.#length) : undefined;
    this.#bytes.fill(0, 0, this.#length);
    this.#length = 0;
    this.#overflown = false;
    return whole;
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.min(this.#limit, Math.max(256, 2 * length)));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

export function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
