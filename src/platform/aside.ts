/** An entry that is kept aside (it came too early, or contradicts another), as text of the store. */
import { z } from 'zod';
import type { Entry } from '../messages/entry.js';

const BASE64 = z.string().transform((text) => Uint8Array.from(Buffer.from(text, 'base64')));
const ASIDE = z.object({
  seq: z.int(),
  earliest: z.int(),
  latest: z.int().nullable(),
  kind: z.string(),
  public: z.string(),
  seal: BASE64.optional(),
  prev: BASE64,
  hash: BASE64,
});

export function toText({ seq, earliest, latest, kind, public: facts, seal, prev, hash }: Entry): string {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  return JSON.stringify({ seq, earliest, latest, kind, public: facts, seal: seal && base64(seal), prev: base64(prev), hash: base64(hash) });
}

/** Our own writing, read back; @throws when the store is damaged. */
export function fromText(text: string): Entry {
  const { seal, ...rest } = ASIDE.parse(JSON.parse(text));
  return { ...rest, seal };
}
