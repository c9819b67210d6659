/** `ak/request` (wire.md 6): what a terminal asks of the platform and waits for, signed by the terminal. */
import { z } from 'zod';
import { encodeCbor } from '../crypto/cbor.js';
import { makeSign1 } from '../crypto/cose.js';
import { sm3 } from '../crypto/sm3.js';
import { anything, named, numbered, octets, seconds } from './numbered.js';
import { openSigned, type Signer, type Verify } from './signed.js';

const OPERATION = /^[a-z][a-z0-9-]{0,31}\/[a-z][a-z0-9-]{0,31}$/;

/** The same id asks for the same effect; past its deadline nobody waits any more; without a reply key the answer may travel open. */
export const REQUEST = numbered({
  terminal: named,
  id: octets(16),
  operation: z.string().regex(OPERATION).describe('service/operation'),
  deadline: seconds,
  body: anything,
  replyKey: octets(65).describe('SM2 point 04‖x‖y that the answer’s body is sealed to').optional(),
});
type Fields = z.output<typeof REQUEST.schema>;
export type Request = Readonly<Omit<Fields, 'replyKey'>> & { readonly replyKey: Uint8Array | undefined };

/** `digest`: SM3 of the payload, which the answer names. */
export interface Asked {
  readonly bytes: Uint8Array;
  readonly digest: Uint8Array;
}

const TYP = 'ak/request';

export const isOperation = (text: string): boolean => OPERATION.test(text);

/** @throws RangeError for an operation that is not `service/operation`: a programming error. */
export function makeRequest(request: Request, signer: Signer): Asked {
  const { replyKey, ...fields } = request;
  if (!isOperation(fields.operation)) throw new RangeError(`not service/operation: ${fields.operation}`);
  const payload = encodeCbor(REQUEST.write({ ...fields, ...(replyKey && { replyKey }) }));
  return { bytes: makeSign1(signer.kid, TYP, payload, signer.sign), digest: sm3(payload) };
}

export interface ReadRequest extends Request {
  readonly digest: Uint8Array;
}

/** `forged`: not signed by the terminal; `unreadable`: signed, but not as the table says. */
export function readRequest(bytes: Uint8Array, verify: Verify): ReadRequest | 'forged' | 'unreadable' {
  const signed = openSigned(bytes, TYP, verify);
  if (!signed) return 'forged';
  const request = REQUEST.read(signed.fields);
  return request ? { ...request, replyKey: request.replyKey, digest: sm3(signed.payload) } : 'unreadable';
}

/** What makes two requests of one id the same: SM3 over fields 3 and 5 (wire.md 6). */
export function effectOf({ operation, body }: Pick<Request, 'operation' | 'body'>): Uint8Array {
  return sm3(encodeCbor([operation, body]));
}
