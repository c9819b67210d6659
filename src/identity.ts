/** What a ticket made of a box (wire.md 7), as it lies in the state folder. */
import { z } from 'zod';

export const name = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    '1–64 个字母、数字、. _ -，以字母或数字开头 · 1–64 letters, digits, . _ -, the first a letter or digit',
  );
export const region = z.string().regex(/^\d{6}$/, '须为 6 位区划代码（GB/T 2260），加引号 · GB/T 2260: 6 digits, in quotes');

/** `identity.json` in the folder `identity` of the state folder: what a ticket made of this box. The keys lie beside it. */
export const IDENTITY = z.strictObject({
  terminal: name,
  checkpoint: name,
  region,
  broker: z.string(),
  /** Where certificates are renewed. */
  enrol: z.string(),
  /** No manifest older than this is ever taken. */
  leastSeq: z.int().nonnegative(),
});
export type Identity = z.infer<typeof IDENTITY>;

/** Names in that folder; `tls` holds key, certificate and authority in one file, so that they change together. */
export const IDENTITY_FILES = {
  folder: 'identity',
  identity: 'identity.json',
  root: 'root.spki',
  sign: 'sign.p8',
  open: 'open.p8',
  tls: 'tls.pem',
  ca: 'ca.pem',
} as const;
