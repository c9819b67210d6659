/**
 * The words of the site on disk, so that lanes that lost their power together still know them: packets as they were on the wire, each
 * behind its length (16 bits), proved again by their MAC when they are read. Gone at 04:00 with the day.
 */
import { readFileSync, statSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { setImmediate as immediate } from 'node:timers/promises';
import type { Log } from '../contracts.js';
import { LONGEST_WORD } from '../messages/site.js';
import { MOST_ROWS } from './memory.js';

export interface Shelf {
  /** What was there at the start. */
  readonly found: readonly Uint8Array[];
  /** On disk a moment later; nobody waits for it. */
  add(packet: Uint8Array): void;
  /** Writes it anew with what is worth keeping now. */
  rewrite(): void;
  close(): Promise<void>;
}

export interface ShelfParts {
  readonly file: string;
  /** All that is worth keeping: what the file is written anew with when it has grown, or when it must forget. */
  readonly worth: () => Iterable<Uint8Array>;
  readonly log: Log;
}

const LARGEST = 2 * MOST_ROWS * (LONGEST_WORD + 2);
const SETTLE_MS = 500;
const SLICE = 256;

export function openShelf({ file, worth, log }: ShelfParts): Shelf {
  let pending: Uint8Array[] = [];
  let anew = false;
  let written = 0;
  let failed = false;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const write = async (): Promise<void> => {
    timer = undefined;
    const [packets, whole] = [pending, anew || written > 2 * MOST_ROWS];
    pending = [];
    anew = false;
    try {
      if (whole) written = await replace(file, await gathered(worth()));
      else written += await append(file, packets);
      failed = false;
    } catch (error) {
      // What could not be written is in memory all the same: the next time the whole is written.
      anew = true;
      if (!failed) log.error('site-not-kept', { error: error instanceof Error ? error.message : String(error) });
      failed = true;
    }
  };

  const soon = (): void => {
    timer ??= setTimeout(() => {
      writing = writing.then(write);
    }, SETTLE_MS).unref();
  };

  return {
    found: read(file, log),
    add(packet) {
      if (!anew) pending.push(packet);
      soon();
    },
    rewrite() {
      anew = true;
      pending = [];
      soon();
    },
    async close() {
      clearTimeout(timer);
      await writing;
      if (anew || pending.length > 0) await write();
    },
  };
}

/** A MAC each: thousands of them in slices, so that no scan waits. */
async function gathered(worth: Iterable<Uint8Array>): Promise<readonly Uint8Array[]> {
  const packets: Uint8Array[] = [];
  for (const packet of worth) {
    packets.push(packet);
    if (packets.length % SLICE === 0) await immediate();
  }
  return packets;
}

async function append(file: string, packets: readonly Uint8Array[]): Promise<number> {
  await put(file, 'a', packets);
  return packets.length;
}

async function replace(file: string, packets: readonly Uint8Array[]): Promise<number> {
  await put(`${file}.tmp`, 'w', packets);
  await rename(`${file}.tmp`, file);
  return packets.length;
}

async function put(path: string, flag: 'a' | 'w', packets: readonly Uint8Array[]): Promise<void> {
  const handle = await open(path, flag, 0o600);
  try {
    await handle.writeFile(Buffer.concat(packets.flatMap((packet) => [Uint8Array.of(packet.length >> 8, packet.length & 0xff), packet])));
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** As far as it is whole: a power cut leaves half a packet at the end. */
function read(file: string, log: Log): readonly Uint8Array[] {
  const packets: Uint8Array[] = [];
  try {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size === 0) return [];
    if (size > LARGEST) throw new RangeError(`${size} bytes; the limit is ${LARGEST}`);
    const bytes = readFileSync(file);
    for (let at = 0; at + 2 <= bytes.length; ) {
      const length = bytes.readUInt16BE(at);
      if (length === 0 || length > LONGEST_WORD || at + 2 + length > bytes.length) break;
      packets.push(bytes.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  } catch (error) {
    log.error('site-not-recalled', { error: error instanceof Error ? error.message : String(error) });
  }
  return packets;
}
