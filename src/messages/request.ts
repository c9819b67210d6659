/** `ak/request` (wire.md 6): what a terminal asks of the platform and waits for, signed by the terminal. */
import { type Cbor, encodeCbor, isBytes, isUint } from '../crypto/cbor.js';
import { makeSign1 } from '../crypto/cose.js';
import { sm3 } from '../crypto/sm3.js';
import { openSigned, type Signer, type Verify } from './signed.js';
import { isName } from './topics.js';

export interface Request {
  readonly terminal: string;
  /** 16 bytes; the same id asks for the same effect. */
  readonly id: Uint8Array;
  /** `service/operation`. */
  readonly operation: string;
  /** Unix seconds; past it nobody waits any more. */
  readonly deadline: number;
  readonly body: Cbor;
  /** SM2 point 04‖x‖y that the answer's body is sealed to; undefined: it may travel open. */
  readonly replyKey: Uint8Array | undefined;
}

/** `digest`: SM3 of the payload, which the answer names. */
export interface Asked {
  readonly bytes: Uint8Array;
  readonly digest: Uint8Array;
}

const TYP = 'ak/request';
const ID = 16;
const POINT = 65;
const OPERATION = /^[a-z][a-z0-9-]{0,31}\/[a-z][a-z0-9-]{0,31}$/;

export const isOperation = (text: string): boolean => OPERATION.test(text);

/** @throws RangeError for an operation that is not `service/operation`: a programming error. */
export function makeRequest(request: Request, signer: Signer): Asked {
  const { terminal, id, operation, deadline, body, replyKey } = request;
  if (!isOperation(operation)) throw new RangeError(`not service/operation: ${operation}`);
  const fields = new Map<number, Cbor>([
    [1, terminal],
    [2, id],
    [3, operation],
    [4, deadline],
    [5, body],
  ]);
  const payload = encodeCbor(replyKey ? fields.set(6, replyKey) : fields);
  return { bytes: makeSign1(signer.kid, TYP, payload, signer.sign), digest: sm3(payload) };
}

export interface ReadRequest extends Request {
  readonly digest: Uint8Array;
}

/** `forged`: not signed by the terminal; `unreadable`: signed, but not as the table says. */
export function readRequest(bytes: Uint8Array, verify: Verify): ReadRequest | 'forged' | 'unreadable' {
  const signed = openSigned(bytes, TYP, verify);
  if (!signed) return 'forged';
  const { fields, payload } = signed;
  const [terminal, id, operation, deadline, body, replyKey] = [1, 2, 3, 4, 5, 6].map((label) => fields?.get(label));
  if (fields?.size !== (replyKey === undefined ? 5 : 6) || typeof terminal !== 'string' || !isName(terminal)) return 'unreadable';
  if (!isBytes(id, ID) || typeof operation !== 'string' || !isOperation(operation) || !isUint(deadline)) return 'unreadable';
  if (body === undefined || !(replyKey === undefined || isBytes(replyKey, POINT))) return 'unreadable';
  return { terminal, id, operation, deadline, body, replyKey, digest: sm3(payload) };
}

/** What makes two requests of one id the same: SM3 over fields 3 and 5 (wire.md 6). */
export function effectOf({ operation, body }: Pick<Request, 'operation' | 'body'>): Uint8Array {
  return sm3(encodeCbor([operation, body]));
}
