/** `ak/answer` (wire.md 6): what the platform says to one request, signed by the platform, its body sealed where that was asked for. */
import { type Cbor, decodeCbor, encodeCbor, isBytes, isUint } from '../crypto/cbor.js';
import { makeSign1 } from '../crypto/cose.js';
import { createSealer, type Opener } from '../crypto/seal.js';
import { decodePoint } from '../crypto/sm2.js';
import { sm3 } from '../crypto/sm3.js';
import { openSigned, type Signer, type Verify } from './signed.js';
import { isName } from './topics.js';

/**
 * `unknown`: no such operation, or nothing is known by what was asked; `refused`: known, and not given (the body may say why);
 * `conflict`: this id asked for something else before; `late`: past its deadline when it came; `fault`: could not be worked out now.
 */
export const STATUSES = ['ok', 'unknown', 'refused', 'conflict', 'late', 'fault'] as const;
export type Status = (typeof STATUSES)[number];

export interface Answer {
  readonly terminal: string;
  readonly id: Uint8Array;
  /** SM3 of the request's payload. */
  readonly digest: Uint8Array;
  readonly status: Status;
  /** null: nothing to say. */
  readonly body: Cbor;
  /** Unix seconds. */
  readonly issued: number;
}

const TYP = 'ak/answer';

const contextOf = (id: Uint8Array): string => `answer/${Buffer.from(id).toString('hex')}`;
/** wire.md 5: for answers. */
export const replyKid = (replyKey: Uint8Array): Uint8Array => sm3(replyKey).subarray(0, 8);

/** A body that is not null is sealed to `replyKey`, if there is one. @throws RangeError when that is no point of the curve. */
export function makeAnswer(answer: Answer, signer: Signer, replyKey: Uint8Array | undefined): Uint8Array {
  const { terminal, id, digest, status, issued } = answer;
  const payload = encodeCbor(
    new Map<number, Cbor>([
      [1, terminal],
      [2, id],
      [3, digest],
      [4, status],
      [5, answer.body === null || !replyKey ? answer.body : sealed(answer.body, id, replyKey)],
      [6, issued],
    ]),
  );
  return makeSign1(signer.kid, TYP, payload, signer.sign);
}

function sealed(body: Cbor, id: Uint8Array, replyKey: Uint8Array): Uint8Array {
  const point = decodePoint(replyKey);
  if (!point) throw new RangeError('the reply key is not on the curve');
  return createSealer(point, replyKid(replyKey)).seal(encodeCbor(body), contextOf(id));
}

/** undefined: malformed, or not signed by a platform key. The body is still sealed if it was asked for so. */
export function readAnswer(bytes: Uint8Array, verify: Verify): Answer | undefined {
  const fields = openSigned(bytes, TYP, verify)?.fields;
  const [terminal, id, digest, word, body, issued] = [1, 2, 3, 4, 5, 6].map((label) => fields?.get(label));
  const status = STATUSES.find((one) => one === word);
  if (fields?.size !== 6 || typeof terminal !== 'string' || !isName(terminal) || !isBytes(id, 16)) return undefined;
  if (!isBytes(digest, 32) || !status || body === undefined || !isUint(issued)) return undefined;
  return { terminal, id, digest, status, body, issued };
}

/** The body as it was sealed; undefined: not sealed to this key for this answer, or not whole. */
export function openBody({ id, body }: Pick<Answer, 'id' | 'body'>, opener: Opener): Cbor | undefined {
  if (body === null) return null;
  const plain = isBytes(body) ? opener.open(body, contextOf(id)) : undefined;
  return plain && decodeCbor(plain);
}
