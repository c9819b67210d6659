/** Bodies of `credential/resolve` (wire.md 1.4): whose code is this that only its issuer can read? Pure. */
import { z } from 'zod';
import { COLOURS, type Colour, type Instant } from '../contracts.js';
import { decodeBase64Url } from '../crypto/base-n.js';
import type { Cbor } from '../crypto/cbor.js';
import { numbered, seconds, uint } from './numbered.js';

/** Bytes of a subject. */
const SUBJECT = 16;

export const RESOLVE = 'credential/resolve';

const LONGEST_CODE = 1200;
const SCENE = /^[a-z][a-z0-9/-]{0,63}$/;

/** `code`: the text as it was scanned; `scene`: what it was held up for. */
export const RESOLVE_BODY = numbered({ code: z.string().min(1).max(LONGEST_CODE), scene: z.string().regex(SCENE) });
export type ResolveBody = Readonly<z.output<typeof RESOLVE_BODY.schema>>;

/** Holds for this reading only; `validUntil` in ms bounds how long it may be thought over. */
export interface Resolved {
  readonly subject: string;
  readonly colour: Colour;
  readonly validUntil: Instant;
}

/** Why a code that its issuer knows is not resolved; body of an answer `refused`: `{1: reason}`. */
export const RESOLVE_REFUSALS = ['expired', 'revoked'] as const;
export type ResolveRefusal = (typeof RESOLVE_REFUSALS)[number];

export const encodeResolve = (body: ResolveBody): Cbor => RESOLVE_BODY.write(body);
export const decodeResolve = (body: Cbor): ResolveBody | undefined => RESOLVE_BODY.read(body);

export const RESOLVED = numbered({
  subject: z
    .string()
    .refine((text) => decodeBase64Url(text)?.length === SUBJECT)
    .meta({ pattern: '^[A-Za-z0-9_-]{22}$' }),
  colour: uint.max(COLOURS.length - 1).describe(`index of ${COLOURS.join(', ')}`),
  validUntil: seconds,
});

export const encodeResolved = ({ subject, colour, validUntil }: Resolved): Cbor =>
  RESOLVED.write({ subject, colour: COLOURS.indexOf(colour), validUntil: Math.floor(validUntil / 1000) });

export function decodeResolved(body: Cbor): Resolved | undefined {
  const fields = RESOLVED.read(body);
  const colour = fields && COLOURS[fields.colour];
  return fields && colour && { subject: fields.subject, colour, validUntil: fields.validUntil * 1000 };
}

export const encodeResolveRefusal = (reason: ResolveRefusal): Cbor => new Map([[1, reason]]);

export function decodeResolveRefusal(body: Cbor): ResolveRefusal | undefined {
  return body instanceof Map && body.size === 1 ? RESOLVE_REFUSALS.find((reason) => reason === body.get(1)) : undefined;
}
