/** `ak/request` (wire.md 6): what a terminal asks of the platform and waits for, signed by the terminal. */
import { z } from 'zod';
import { type Cbor, decodeCbor, encodeCbor } from '../crypto/cbor.js';
import { makeSign1 } from '../crypto/cose.js';
import type { Opener, Sealer } from '../crypto/seal.js';
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
  seal: octets().describe('the body, sealed to the platform (wire.md 5); field 5 is null then').optional(),
});
type Fields = z.output<typeof REQUEST.schema>;
export type Request = Readonly<Omit<Fields, 'replyKey' | 'seal'>> & { readonly replyKey: Uint8Array | undefined };

/** `digest`: SM3 of the payload, which the answer names. */
export interface Asked {
  readonly bytes: Uint8Array;
  readonly digest: Uint8Array;
}

const TYP = 'ak/request';

export const isOperation = (text: string): boolean => OPERATION.test(text);

const contextOf = (id: Uint8Array): string => `request/${Buffer.from(id).toString('hex')}`;

/** `sealer`: the body names a person, and the broker is none of its readers. @throws RangeError for an operation that is not `service/operation`: a programming error. */
export function makeRequest(request: Request, signer: Signer, sealer?: Sealer): Asked {
  const { replyKey, body, ...fields } = request;
  if (!isOperation(fields.operation)) throw new RangeError(`not service/operation: ${fields.operation}`);
  const said = sealer ? { body: null, seal: sealer.seal(encodeCbor(body), contextOf(request.id)) } : { body };
  const payload = encodeCbor(REQUEST.write({ ...fields, ...said, ...(replyKey && { replyKey }) }));
  return { bytes: makeSign1(signer.kid, TYP, payload, signer.sign), digest: sm3(payload) };
}

export interface ReadRequest extends Request {
  readonly digest: Uint8Array;
}

/** `forged`: not signed by the terminal; `unreadable`: signed, but not as the table says, or sealed and not to this opener. */
export function readRequest(bytes: Uint8Array, verify: Verify, opener?: Pick<Opener, 'open'>): ReadRequest | 'forged' | 'unreadable' {
  const signed = openSigned(bytes, TYP, verify);
  if (!signed) return 'forged';
  const request = REQUEST.read(signed.fields);
  if (!request) return 'unreadable';
  const { seal, replyKey, ...fields } = request;
  const body = seal ? opened(seal, fields, opener) : fields.body;
  return body === undefined ? 'unreadable' : { ...fields, body, replyKey, digest: sm3(signed.payload) };
}

function opened(seal: Uint8Array, { id, body }: Pick<Request, 'id' | 'body'>, opener: Pick<Opener, 'open'> | undefined): Cbor | undefined {
  const plain = body === null ? opener?.open(seal, contextOf(id)) : undefined;
  return plain && decodeCbor(plain);
}

/** What makes two requests of one id the same: SM3 over fields 3 and 5 (wire.md 6), the body as it was before it was sealed. */
export function effectOf({ operation, body }: Pick<Request, 'operation' | 'body'>): Uint8Array {
  return sm3(encodeCbor([operation, body]));
}
