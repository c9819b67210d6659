/** `ak/command` (wire.md 4): what the county orders one station to do, signed by the platform, for a short time and once. */
import type { Direction, Instant } from '../contracts.js';
import { type Cbor, type CborMap, encodeCbor, isUint } from '../crypto/cbor.js';
import { makeSign1 } from '../crypto/cose.js';
import { openSigned, type Signer, type Verify } from './signed.js';
import { isName } from './topics.js';

/** `free` ends at `until` (ms) by itself; `normal` ends `lock` and `free`. */
export type Order =
  | { readonly verb: 'release'; readonly direction: Direction }
  | { readonly verb: 'free'; readonly until: Instant }
  | { readonly verb: 'lock' | 'normal' };

/** What a station makes of an order: why not, or how; `entry` is the seq of the entry that was written before. */
export type Plan = { readonly refused: string } | { act(entry: number): void };

export interface Command {
  readonly terminal: string;
  readonly station: string;
  /** Above that of every command to this terminal before. */
  readonly counter: number;
  /** Unix seconds, both. */
  readonly issued: number;
  readonly notAfter: number;
  readonly order: Order;
}

/** `order` is undefined for a verb or arguments that this program does not know. */
export interface ReadCommand extends Omit<Command, 'order'> {
  readonly verb: string;
  readonly order: Order | undefined;
}

/** Every verb of today moves a gate: longer than this (s) none of them may lie about. */
export const LONGEST = 300;

const TYP = 'ak/command';
const VERB = /^[a-z][a-z-]{0,31}$/;

export function makeCommand({ terminal, station, counter, issued, notAfter, order }: Command, signer: Signer): Uint8Array {
  const fields = new Map<number, Cbor>([
    [1, terminal],
    [2, station],
    [3, counter],
    [4, issued],
    [5, notAfter],
    [6, order.verb],
    [7, argumentsOf(order)],
  ]);
  return makeSign1(signer.kid, TYP, encodeCbor(fields), signer.sign);
}

/** `forged`: not signed by a platform key; `unreadable`: signed, but not as the table says. */
export function readCommand(bytes: Uint8Array, verify: Verify): ReadCommand | 'forged' | 'unreadable' {
  const signed = openSigned(bytes, TYP, verify);
  if (!signed) return 'forged';
  const [terminal, station, counter, issued, notAfter, verb, given] = [1, 2, 3, 4, 5, 6, 7].map((label) => signed.fields?.get(label));
  if (signed.fields?.size !== 7 || typeof terminal !== 'string' || !isName(terminal) || typeof station !== 'string' || !isName(station)) {
    return 'unreadable';
  }
  if (!isUint(counter) || !isUint(issued) || !isUint(notAfter) || typeof verb !== 'string' || !VERB.test(verb)) return 'unreadable';
  if (!(given instanceof Map)) return 'unreadable';
  return { terminal, station, counter, issued, notAfter, verb, order: orderOf(verb, given) };
}

/** release: {1: direction}; free: {1: until, Unix seconds}; the others: {}. */
function argumentsOf(order: Order): CborMap {
  if (order.verb === 'release') return new Map([[1, order.direction]]);
  return order.verb === 'free' ? new Map([[1, Math.floor(order.until / 1000)]]) : new Map();
}

function orderOf(verb: string, given: CborMap): Order | undefined {
  const first = given.get(1);
  if (verb === 'release') return given.size === 1 && (first === 'in' || first === 'out') ? { verb, direction: first } : undefined;
  if (verb === 'free') return given.size === 1 && isUint(first) ? { verb, until: first * 1000 } : undefined;
  return (verb === 'lock' || verb === 'normal') && given.size === 0 ? { verb } : undefined;
}
