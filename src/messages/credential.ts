/** Bodies of `credential/resolve` (wire.md 1.4): whose code is this that only its issuer can read? Pure. */
import { COLOURS, type Colour, type Instant } from '../contracts.js';
import { decodeBase64Url } from '../crypto/base-n.js';
import { type Cbor, isUint } from '../crypto/cbor.js';

export const RESOLVE = 'credential/resolve';

/** `code`: the text as it was scanned; `scene`: what it was held up for. */
export interface ResolveBody {
  readonly code: string;
  readonly scene: string;
}

/** Holds for this reading only; `validUntil` in ms bounds how long it may be thought over. */
export interface Resolved {
  readonly subject: string;
  readonly colour: Colour;
  readonly validUntil: Instant;
}

/** Why a code that its issuer knows is not resolved; body of an answer `refused`: `{1: reason}`. */
export const RESOLVE_REFUSALS = ['expired', 'revoked'] as const;
export type ResolveRefusal = (typeof RESOLVE_REFUSALS)[number];

const LONGEST_CODE = 1200;
const SCENE = /^[a-z][a-z0-9/-]{0,63}$/;

/** `{1 code, 2 scene}` */
export const encodeResolve = ({ code, scene }: ResolveBody): Cbor => fields(code, scene);

export function decodeResolve(body: Cbor): ResolveBody | undefined {
  if (!(body instanceof Map) || body.size !== 2) return undefined;
  const [code, scene] = [body.get(1), body.get(2)];
  if (typeof code !== 'string' || code.length === 0 || code.length > LONGEST_CODE) return undefined;
  return typeof scene === 'string' && SCENE.test(scene) ? { code, scene } : undefined;
}

/** `{1 subject, 2 colour, 3 valid until (Unix seconds)}` */
export const encodeResolved = ({ subject, colour, validUntil }: Resolved): Cbor =>
  fields(subject, COLOURS.indexOf(colour), Math.floor(validUntil / 1000));

export function decodeResolved(body: Cbor): Resolved | undefined {
  if (!(body instanceof Map) || body.size !== 3) return undefined;
  const [subject, number, until] = [body.get(1), body.get(2), body.get(3)];
  const colour = isUint(number) ? COLOURS[number] : undefined;
  if (typeof subject !== 'string' || decodeBase64Url(subject)?.length !== 16 || !colour || !isUint(until)) return undefined;
  return { subject, colour, validUntil: until * 1000 };
}

export const encodeResolveRefusal = (reason: ResolveRefusal): Cbor => fields(reason);

export function decodeResolveRefusal(body: Cbor): ResolveRefusal | undefined {
  return body instanceof Map && body.size === 1 ? RESOLVE_REFUSALS.find((reason) => reason === body.get(1)) : undefined;
}

/** A body's values under 1, 2, 3… */
function fields(...values: readonly Cbor[]): Cbor {
  return new Map(values.map((value, i) => [i + 1, value]));
}
