/** Small readings of files that may not be there. */
import { closeSync, openSync, readdirSync, readSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Files of /sys and /proc, tables of /etc: none is larger. */
const LARGEST = 1024 * 1024;

/** Trimmed; undefined: there is no such file. @throws when it is there and cannot be read */
export function text(path: string): string | undefined {
  const file = unlessAbsent(() => openSync(path, 'r'));
  if (file === undefined) return undefined;
  try {
    const bytes = Buffer.alloc(LARGEST);
    let length = 0;
    // Files of /proc come in pieces.
    for (let read = -1; read !== 0 && length < LARGEST; length += read) read = readSync(file, bytes, length, LARGEST - length, null);
    return bytes.toString('utf8', 0, length).trim();
  } finally {
    closeSync(file);
  }
}

/** Names in a folder; none when there is no such folder. */
export function names(folder: string): readonly string[] {
  return unlessAbsent(() => readdirSync(folder)) ?? [];
}

export function look(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

/** The path without links, or that of its nearest folder that is there. */
export function nearest(path: string): string {
  const real = unlessAbsent(() => realpathSync(path));
  return real ?? (dirname(path) === path ? path : nearest(dirname(path)));
}

/** Does a program of this name run? Names are cut after 15 characters by the kernel. */
export function runs(proc: string, program: string): boolean {
  return names(proc).some((id) => /^\d+$/.test(id) && text(`${proc}/${id}/comm`) === program.slice(0, 15));
}

const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ESRCH']);

function unlessAbsent<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (ABSENT.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
