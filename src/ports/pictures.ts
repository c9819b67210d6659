/**
 * Still pictures that another program drops into a folder: every one is read once and deleted before it is looked at, since
 * a picture may show a person. Half-written ones are waited for.
 */
import { type FSWatcher, watch } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sharp } from 'sharp';
import { z } from 'zod';
import type { Codes, LinkLost, Picture, Port } from '../contracts.js';
import { closing, reasonOf } from './_closing.js';
import { type Decoder, openDecoder } from './_decoder.js';
import type { Grey } from './_grey.js';

const address = z.strictObject({
  path: z.string().min(1).max(4096).describe('folder into which pictures are dropped: JPEG, PNG or WebP, by their endings'),
  deletes: z.literal('accepted').describe('every picture in the folder is deleted when it is read, and those found at the opening unread'),
  longest: z.number().int().min(320).max(4096).default(2048).describe('larger pictures are made smaller first; longer side in pixels'),
});
export type PicturesAddress = z.infer<typeof address>;

const PICTURE = /^[^.].*\.(jpe?g|png|webp)$/i;
/** By what is in them, whatever they are called. */
const FORMATS: readonly (string | undefined)[] = ['jpeg', 'png', 'webp'];
const MOST_BYTES = 32 * 1024 * 1024;
const MOST_PIXELS = 64_000_000;
/** Beside the folder's own news, which not every file system tells. */
const LOOK_MS = 500;
/** A file that did not grow for so long is whole. */
const SETTLE_MS = 60;

/** @throws Error while the folder is away, or is not ours to delete in */
async function open({ path, longest }: PicturesAddress): Promise<Codes> {
  await Promise.all((await picturesIn(path)).map((file) => rm(file)));
  const prepare = await preparation(longest);
  return link(path, prepare, await openDecoder());
}

type Prepare = (file: Uint8Array) => Promise<Grey | undefined>;

function link(path: string, prepare: Prepare, decoder: Decoder): Codes {
  const end = closing();
  const listeners: ((picture: Picture) => void)[] = [];
  let round = Promise.resolve();
  let isWaiting = false;
  const finish = async (lost: LinkLost | undefined): Promise<void> => {
    end.end(lost);
    clearInterval(looking);
    news?.close();
    await decoder.close();
    await round;
  };
  const lose = (error: unknown): void => void finish({ reason: reasonOf(error) });
  const codeIn = async (picture: Grey): Promise<Uint8Array | undefined> => (await decoder.look(picture, 'thorough')).code;
  const each = async (): Promise<void> => {
    isWaiting = false;
    for (const file of await picturesIn(path)) {
      if (end.ended) return;
      const at = Number(process.hrtime.bigint()) / 1e6;
      const picture = await taken(file, prepare);
      const code = picture && (await Promise.race([codeIn(picture), end.closed.then(() => undefined)]));
      if (end.ended) return;
      for (const listener of listeners) listener({ at, code });
    }
  };
  /** One round at a time; one more is enough for whatever came during it. */
  const look = (): void => {
    if (isWaiting || end.ended) return;
    isWaiting = true;
    round = round.then(each).catch(lose);
  };
  const looking = setInterval(look, LOOK_MS);
  const news = newsOf(path, look);
  void decoder.lost.then(lose);
  return { kind: 'codes', closed: end.closed, onPicture: (listener) => void listeners.push(listener), close: () => finish(undefined) };
}

/** Waits until the file is whole, reads it and deletes it. undefined: too large, gone meanwhile, or not a picture. */
async function taken(file: string, prepare: Prepare): Promise<Grey | undefined> {
  const size = await settled(file);
  const bytes = size > 0 && size <= MOST_BYTES ? await readFile(file) : undefined;
  await rm(file, { force: true });
  return bytes && prepare(bytes);
}

/** Its size, once it has stopped growing; 0 when it is gone. */
async function settled(file: string): Promise<number> {
  for (let before = -1; ; ) {
    const size = (await stat(file).catch(() => undefined))?.size ?? 0;
    if (size === before || size > MOST_BYTES) return size;
    before = size;
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }
}

/** Turned as the camera was held, grey, on white, not too large. undefined: not one of the formats, or broken. */
async function preparation(longest: number): Promise<Prepare> {
  const { default: sharp } = await import('sharp');
  sharp.cache(false);
  sharp.concurrency(1);
  const shaped = (picture: Sharp): Sharp =>
    picture
      .autoOrient()
      .flatten({ background: '#fff' })
      .resize({ width: longest, height: longest, fit: 'inside', withoutEnlargement: true })
      .greyscale();
  return async (file) => {
    const picture = sharp(file, { limitInputPixels: MOST_PIXELS, failOn: 'error' });
    const { format } = await picture.metadata().catch(() => ({ format: undefined }));
    if (!FORMATS.includes(format)) return undefined;
    const made = await shaped(picture)
      .raw()
      .toBuffer({ resolveWithObject: true })
      .catch(() => undefined);
    // A copy of its own: the pixels are moved to another thread, and sharp's buffer may be part of a larger one.
    return made && { width: made.info.width, height: made.info.height, pixels: new Uint8Array(made.data) };
  };
}

async function picturesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => PICTURE.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/** Tells at once that something came; a folder that cannot be watched is looked at in turn. */
function newsOf(folder: string, tell: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, tell);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}

export default { address, open } satisfies Port<Codes, PicturesAddress>;
