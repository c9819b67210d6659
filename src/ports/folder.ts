/** A folder that whole files are put into, for another program or a person to fetch: written beside and renamed, so that nobody sees half of one. */
import { accessSync, constants } from 'node:fs';
import { readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Files, Port } from '../contracts.js';
import { closing, reasonOf } from './_closing.js';

const address = z.strictObject({
  path: z.string().min(1).max(4096).describe('folder; it must be there'),
  most: z.int().min(1).max(10_000).default(200).describe('files in it: fuller than that it takes no more'),
});
export type FolderAddress = z.infer<typeof address>;

const NAME = /^[a-z0-9][a-z0-9.-]{0,100}$/;

/** @throws Error while it is not there, or not ours to write in */
async function open({ path, most }: FolderAddress): Promise<Files> {
  const writable = (): void => accessSync(path, constants.W_OK | constants.X_OK);
  writable();
  const end = closing();
  return {
    kind: 'files',
    closed: end.closed,
    async send({ name, bytes }) {
      if (!NAME.test(name)) throw new Error(`not the name of a file: ${name}`);
      if ((await readdir(path)).length >= most) throw new Error(`there are ${most} files in ${path}`);
      await writeFile(join(path, `.${name}`), bytes, { mode: 0o640 });
      await rename(join(path, `.${name}`), join(path, name));
    },
    async alerts() {
      try {
        writable();
      } catch (error) {
        end.end({ reason: reasonOf(error) });
      }
      return [];
    },
    close: async () => end.end(undefined),
  };
}

export default { address, open } satisfies Port<Files, FolderAddress>;
