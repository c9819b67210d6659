/** What the journal keeps about trust, so that a wiped or exchanged folder cannot go back (wire.md 3): one value, changed at once. */
import { z } from 'zod';
import { decodeHex, encodeHex } from '../crypto/base-n.js';
import { sameBytes } from '../crypto/cbor.js';
import type { Keep } from './keep.js';

const hex = (bytes: number) =>
  z
    .string()
    .length(2 * bytes)
    .transform((text, context): Uint8Array => {
      const decoded = decodeHex(text);
      if (decoded) return decoded;
      context.addIssue({ code: 'custom', message: 'must be hex' });
      return z.NEVER;
    });

/** A signed file in the folder: its number, SM3 (of a manifest's payload, of sealed secrets whole), and the root (point) that signed it. */
const signed = z.object({ seq: z.int().nonnegative(), sm3: hex(32), root: hex(64) });

const schema = z.object({
  /** The root of the configuration when all this began: another one there is a new enrolment. */
  enrolled: hex(64),
  roots: z.array(hex(64)).min(1).max(2),
  least: z.int().nonnegative(),
  manifest: signed.optional(),
  /** Newest first: what is needed for the keys of the lists in force. */
  secrets: z.array(signed).max(64),
});

export type SignedFile = z.infer<typeof signed>;
export type Pointer = z.infer<typeof schema>;

const NAME = 'trust';

/**
 * The journal's pins; those of the enrolment (`root`: a point) at first, and when the operator enrolled anew under another
 * root. `damaged` is told which field of what was kept is wrong.
 */
export function pinned(
  keep: Keep,
  enrolment: { readonly root: Uint8Array; readonly leastSeq: number },
  damaged: (field: string) => void,
): Pointer {
  const { root, leastSeq } = enrolment;
  const text = keep.kept(NAME);
  const read = text === undefined ? undefined : schema.safeParse(parsed(text));
  if (read?.error) damaged(read.error.issues[0]?.path.join('.') ?? '');
  const before = read?.data;
  if (before && sameBytes(before.enrolled, root)) return { ...before, least: Math.max(before.least, leastSeq) };
  return { enrolled: root, roots: [root], least: leastSeq, secrets: [] };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // said by the schema
  }
}

/** Durable when it returns. @throws when the journal cannot be written. */
export function writePointer(keep: Keep, { enrolled, roots, least, manifest, secrets }: Pointer): void {
  const value: z.input<typeof schema> = {
    enrolled: encodeHex(enrolled),
    roots: roots.map(encodeHex),
    least,
    ...(manifest && { manifest: textOf(manifest) }),
    secrets: secrets.map(textOf),
  };
  keep.keep(NAME, JSON.stringify(value));
}

const textOf = ({ seq, sm3, root }: SignedFile): z.input<typeof signed> => ({ seq, sm3: encodeHex(sm3), root: encodeHex(root) });

/** Also while the folder is empty the journal knows what was in force: only that, or newer, comes back. */
export function wrongSeq({ least, manifest }: Pointer, seq: number, digest: Uint8Array): 'rolled-back' | 'forked' | undefined {
  if (seq < least || seq < (manifest?.seq ?? 0)) return 'rolled-back';
  return seq === manifest?.seq && !sameBytes(manifest.sm3, digest) ? 'forked' : undefined;
}
