/**
 * A ticket: one paper or screen with which a new terminal becomes one of the county's (wire.md 7). Text for a QR code that the terminal's own
 * scanner reads: `AT1:` and Base45 of a CBOR map. What is long travels later and is pinned here by its digest, so that the code stays readable. Pure.
 */
import { decodeBase45, encodeBase45 } from '../crypto/base45.js';
import { type Cbor, decodeCborMap, encodeCbor, isBytes, isUint } from '../crypto/cbor.js';
import { sm3 } from '../crypto/sm3.js';
import { isName, isRegion } from './topics.js';

export interface Ticket {
  readonly terminal: string;
  readonly checkpoint: string;
  /** GB/T 2260. */
  readonly region: string;
  /** SM3 of the root's SubjectPublicKeyInfo. */
  readonly root: Uint8Array;
  /** No manifest older than this is ever taken. */
  readonly leastSeq: number;
  /** mqtts://host:port */
  readonly broker: string;
  /** https://host:port, where it is handed in. */
  readonly enrol: string;
  /** SHA-256 of the certificate (DER) of the county's CA: of broker, enrolment and terminals. */
  readonly ca: Uint8Array;
  /** 16 bytes. Who knows it is who was handed the ticket. */
  readonly secret: Uint8Array;
  /** Unix seconds. */
  readonly expires: number;
}

const PREFIX = 'AT1:';
const LONGEST_TEXT = 1200;
const LONGEST_URL = 200;
const DIGEST = 32;
const SECRET = 16;

/** Names the ticket without giving it away: SM3(secret)[0..8). */
export const ticketId = (secret: Uint8Array): Uint8Array => sm3(secret).subarray(0, 8);

export function encodeTicket(ticket: Ticket): string {
  const { terminal, checkpoint, region, root, leastSeq, broker, enrol, ca, secret, expires } = ticket;
  const values: readonly Cbor[] = [terminal, checkpoint, region, root, leastSeq, broker, enrol, ca, secret, expires];
  return `${PREFIX}${encodeBase45(encodeCbor(new Map(values.map((value, i) => [i + 1, value]))))}`;
}

export const isTicket = (text: Uint8Array): boolean => Buffer.from(text.subarray(0, PREFIX.length)).toString('latin1') === PREFIX;

/** undefined: not exactly such a text. */
export function decodeTicket(text: Uint8Array): Ticket | undefined {
  const bytes = text.length <= LONGEST_TEXT && isTicket(text) ? decodeBase45(text, PREFIX.length) : undefined;
  const fields = bytes && decodeCborMap(bytes);
  if (fields?.size !== 10) return undefined;
  const [terminal, checkpoint, region, root, leastSeq, broker, enrol, ca, secret, expires] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((key) =>
    fields.get(key),
  );
  if (!isText(terminal, isName) || !isText(checkpoint, isName) || !isText(region, isRegion)) return undefined;
  if (!isBytes(root, DIGEST) || !isUint(leastSeq) || !isBytes(ca, DIGEST) || !isBytes(secret, SECRET) || !isUint(expires)) return undefined;
  if (!isText(broker, isBroker) || !isText(enrol, isEnrol)) return undefined;
  return { terminal, checkpoint, region, root, leastSeq, broker, enrol, ca, secret, expires };
}

const isText = (value: Cbor | undefined, fits: (text: string) => boolean): value is string => typeof value === 'string' && fits(value);
const isUrl = (text: string, protocol: string): boolean => {
  const url = text.length <= LONGEST_URL && URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === protocol && url.hostname !== '' && url.username === '' && url.password === '';
};
export const isBroker = (text: string): boolean => isUrl(text, 'mqtts:');
export const isEnrol = (text: string): boolean => isUrl(text, 'https:');
