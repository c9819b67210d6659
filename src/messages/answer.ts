/** `ak/answer` (wire.md 6): what the platform says to one request, signed by the platform, its body sealed where that was asked for. */
import { z } from 'zod';
import { type Cbor, decodeCbor, encodeCbor, isBytes } from '../crypto/cbor.js';
import { makeSign1 } from '../crypto/cose.js';
import { createSealer, type Opener } from '../crypto/seal.js';
import { decodePoint } from '../crypto/sm2.js';
import { sm3 } from '../crypto/sm3.js';
import { anything, named, numbered, octets, seconds } from './numbered.js';
import { openSigned, type Signer, type Verify } from './signed.js';

/**
 * `unknown`: no such operation, or nothing is known by what was asked; `refused`: known, and not given (the body may say why);
 * `conflict`: this id asked for something else before; `late`: past its deadline when it came; `fault`: could not be worked out now.
 */
export const STATUSES = ['ok', 'unknown', 'refused', 'conflict', 'late', 'fault'] as const;
export type Status = (typeof STATUSES)[number];

/** `digest`: SM3 of the request's payload; `body`: null: nothing to say. */
export const ANSWER = numbered({
  terminal: named,
  id: octets(16),
  digest: octets(32),
  status: z.enum(STATUSES),
  body: anything.describe('as the operation says, or sealed to the reply key (wire.md 5)'),
  issued: seconds,
});
export type Answer = Readonly<z.output<typeof ANSWER.schema>>;

const TYP = 'ak/answer';

const contextOf = (id: Uint8Array): string => `answer/${Buffer.from(id).toString('hex')}`;
/** wire.md 5: for answers. */
export const replyKid = (replyKey: Uint8Array): Uint8Array => sm3(replyKey).subarray(0, 8);

/** A body that is not null is sealed to `replyKey`, if there is one. @throws RangeError when that is no point of the curve. */
export function makeAnswer(answer: Answer, signer: Signer, replyKey: Uint8Array | undefined): Uint8Array {
  const { id, body } = answer;
  const payload = encodeCbor(ANSWER.write({ ...answer, body: body === null || !replyKey ? body : sealed(body, id, replyKey) }));
  return makeSign1(signer.kid, TYP, payload, signer.sign);
}

function sealed(body: Cbor, id: Uint8Array, replyKey: Uint8Array): Uint8Array {
  const point = decodePoint(replyKey);
  if (!point) throw new RangeError('the reply key is not on the curve');
  return createSealer(point, replyKid(replyKey)).seal(encodeCbor(body), contextOf(id));
}

/** undefined: malformed, or not signed by a platform key. The body is still sealed if it was asked for so. */
export function readAnswer(bytes: Uint8Array, verify: Verify): Answer | undefined {
  return ANSWER.read(openSigned(bytes, TYP, verify)?.fields);
}

/** The body as it was sealed; undefined: not sealed to this key for this answer, or not whole. */
export function openBody({ id, body }: Pick<Answer, 'id' | 'body'>, opener: Opener): Cbor | undefined {
  if (body === null) return null;
  const plain = isBytes(body) ? opener.open(body, contextOf(id)) : undefined;
  return plain && decodeCbor(plain);
}
