/**
 * A disk with a volatile write cache, as SD cards and SSDs have one: what is written lives in memory until a flush or FUA.
 * `cut` is the plug pulled: each sector of the cache that was not flushed is kept or lost by chance, in no order (torn pages too).
 */

const SECTOR = 512;

/** What it says to a flush: `honest` writes the cache out, `lying` says yes and does nothing. */
export type Manner = 'honest' | 'lying';

export interface CutReport {
  readonly unflushed: number;
  readonly kept: number;
}

interface Write {
  readonly sector: number;
  readonly bytes: Buffer;
}

export class VolatileDisk {
  /** What survives. */
  readonly #platter: Buffer;
  readonly #manner: Manner;
  /** Unflushed sectors, the newest bytes of each. */
  readonly #cache = new Map<number, Buffer>();
  /** The same in the order of writing, for the lying disk only. */
  readonly #order: Write[] = [];
  #markedAt = 0;
  #untilCut = Infinity;
  #onCut: () => void = () => {};
  #dead = false;

  constructor(image: Buffer, manner: Manner) {
    this.#platter = image;
    this.#manner = manner;
  }

  get size(): number {
    return this.#platter.length;
  }

  /** From the cut on no request is answered, the one that brought it included. */
  get dead(): boolean {
    return this.#dead;
  }

  read(offset: number, length: number): Buffer {
    const bytes = Buffer.from(this.#platter.subarray(offset, offset + length));
    const first = Math.floor(offset / SECTOR);
    const last = Math.ceil((offset + length) / SECTOR);
    for (let sector = first; sector < last; sector++) {
      const newer = this.#cache.get(sector);
      if (!newer) continue;
      const at = sector * SECTOR - offset;
      newer.copy(bytes, Math.max(at, 0), Math.max(-at, 0));
    }
    return bytes;
  }

  /** `offset` and the length are whole sectors. `through` (FUA): these sectors, and only these, are promised. */
  write(offset: number, bytes: Buffer, how: 'cached' | 'through'): void {
    for (let at = 0; at < bytes.length; at += SECTOR) {
      const write = { sector: (offset + at) / SECTOR, bytes: Buffer.from(bytes.subarray(at, at + SECTOR)) };
      this.#cache.set(write.sector, write.bytes);
      if (this.#manner === 'lying') this.#order.push(write);
    }
    this.#count();
    if (how === 'cached' || this.#dead || this.#manner === 'lying') return;
    bytes.copy(this.#platter, offset);
    for (let at = 0; at < bytes.length; at += SECTOR) this.#cache.delete((offset + at) / SECTOR);
  }

  flush(): void {
    this.#count();
    if (this.#dead || this.#manner === 'lying') return;
    for (const [sector, bytes] of this.#cache) bytes.copy(this.#platter, sector * SECTOR);
    this.#cache.clear();
  }

  /** Resolves when that many more writes and flushes came in; the last of them is not answered. */
  diesAfter(requests: number): Promise<void> {
    this.#untilCut = requests;
    this.#markedAt = this.#order.length;
    return new Promise((resolve) => (this.#onCut = resolve));
  }

  /**
   * The power is gone; `chance` gives numbers in [0, 1). A lying disk keeps its writes up to the middle since `diesAfter`, in order:
   * the file system on it stays whole, so that only what was promised is missing.
   */
  cut(chance: () => number): CutReport {
    this.#dead = true;
    const unflushed = this.#cache.size;
    const lost = this.#markedAt + Math.floor((this.#order.length - this.#markedAt) / 2);
    const kept = this.#manner === 'lying' ? this.#order.slice(0, lost) : entries(this.#cache).filter(() => chance() < 0.5);
    for (const { sector, bytes } of kept) bytes.copy(this.#platter, sector * SECTOR);
    this.#cache.clear();
    this.#order.length = 0;
    return { unflushed, kept: kept.length };
  }

  /** Power is back: answers again, with what is on the platter. */
  powerOn(): void {
    this.#dead = false;
    this.#untilCut = Infinity;
  }

  #count(): void {
    if (--this.#untilCut > 0 || this.#dead) return;
    this.#dead = true;
    this.#onCut();
  }
}

const entries = (cache: ReadonlyMap<number, Buffer>): Write[] => [...cache].map(([sector, bytes]) => ({ sector, bytes }));
