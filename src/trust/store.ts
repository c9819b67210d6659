/** Where trust data lies: a folder whose files are whole or not there. */
import { mkdirSync } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sameBytes } from '../crypto/cbor.js';
import { PART } from '../messages/status-list.js';
import { gently, sm3Steps } from './gently.js';

/** What a file must be: bytes and SM3 of the whole. */
export interface Whole {
  readonly size: number;
  readonly sm3: Uint8Array;
}

const UNFINISHED = '.part';
const HALF_WRITTEN = '.tmp';

/** Names are ours (`colour.red@7`), never a path. */
export class TrustFolder {
  readonly #folder: string;

  /** Makes the folder, readable by its owner only. */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#folder = folder;
  }

  /** undefined: no such file, or it is larger than `largest`. */
  async read(name: string, largest: number): Promise<Uint8Array | undefined> {
    const size = await this.#sizeOf(name);
    if (size === undefined || size > largest) return undefined;
    const file = await open(this.#path(name));
    try {
      return await readAll(file, size);
    } finally {
      await file.close();
    }
  }

  /** The file if it is exactly this; undefined otherwise. */
  async readWhole(name: string, { size, sm3 }: Whole): Promise<Uint8Array | undefined> {
    const bytes = await this.read(name, size);
    if (!bytes || bytes.length !== size) return undefined;
    return sameBytes(await gently(sm3Steps(bytes)), sm3) ? bytes : undefined;
  }

  /** On disk under its name, or not at all. */
  async write(name: string, bytes: Uint8Array): Promise<void> {
    const half = name + HALF_WRITTEN;
    const file = await open(this.#path(half), 'w', 0o600);
    try {
      await file.writeFile(bytes);
    } finally {
      await file.close();
    }
    await this.#settle(half, name);
  }

  /** A file being fetched: how many whole parts of it are there already. */
  async partsThere(name: string): Promise<number> {
    return Math.floor(((await this.#sizeOf(name + UNFINISHED)) ?? 0) / PART);
  }

  /** Puts part `at` after those before it; what a cut left of it is overwritten. */
  async addPart(name: string, at: number, bytes: Uint8Array): Promise<void> {
    const file = await open(this.#path(name + UNFINISHED), at === 0 ? 'w' : 'r+', 0o600);
    try {
      await file.write(bytes, 0, bytes.length, at * PART);
      await file.truncate(at * PART + bytes.length);
    } finally {
      await file.close();
    }
  }

  /** The fetched file, when it is exactly this: durable under its name from now on. Otherwise it is thrown away. */
  async finish(name: string, whole: Whole): Promise<Uint8Array | undefined> {
    const fetched = name + UNFINISHED;
    if (whole.size === 0) await this.addPart(name, 0, new Uint8Array(0));
    const bytes = await this.readWhole(fetched, whole);
    if (bytes) await this.#settle(fetched, name);
    else await this.remove(fetched);
    return bytes;
  }

  async #settle(from: string, to: string): Promise<void> {
    const file = await open(this.#path(from), 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(this.#path(from), this.#path(to));
    await this.#sync();
  }

  async remove(name: string): Promise<void> {
    await rm(this.#path(name), { force: true });
  }

  /** Removes every file but these and their unfinished fetches. */
  async keepOnly(names: ReadonlySet<string>): Promise<void> {
    for (const file of await readdir(this.#folder)) {
      const name = file.endsWith(UNFINISHED) ? file.slice(0, -UNFINISHED.length) : file;
      if (!names.has(name)) await rm(this.#path(file), { force: true });
    }
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  async #sizeOf(name: string): Promise<number | undefined> {
    try {
      const found = await stat(this.#path(name));
      return found.isFile() ? found.size : undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async #sync(): Promise<void> {
    const folder = await open(this.#folder);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}

/** In pieces, so that a large file never holds the event loop; a file cut short meanwhile is what it is. */
async function readAll(file: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(size); // not zeroed: that alone would take milliseconds for a large list
  let at = 0;
  while (at < size) {
    const { bytesRead } = await file.read(bytes, at, Math.min(4 * PART, size - at), at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return bytes.subarray(0, at);
}
