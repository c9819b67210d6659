/** `ak/command` (wire.md 4): what the county orders one station to do, signed by the platform, for a short time and once. */

import { z } from 'zod';
import type { Direction, Instant } from '../contracts.js';
import { type CborMap, encodeCbor, isUint } from '../crypto/cbor.js';
import { makeSign1 } from '../crypto/cose.js';
import { named, numbered, seconds, uint } from './numbered.js';
import { openSigned, type Signer, type Verify } from './signed.js';

/** `free` ends at `until` (ms) by itself; `normal` ends `lock` and `free`. */
export type Order =
  | { readonly verb: 'release'; readonly direction: Direction }
  | { readonly verb: 'free'; readonly until: Instant }
  | { readonly verb: 'lock' | 'normal' };

/** What a station makes of an order: why not, or how; `entry` is the seq of the entry that was written before. */
export type Plan = { readonly refused: string } | { act(entry: number): void };

const VERB = /^[a-z][a-z-]{0,31}$/;

/** `counter`: above that of every command to this terminal before. */
export const COMMAND = numbered({
  terminal: named,
  station: named,
  counter: uint,
  issued: seconds,
  notAfter: seconds,
  verb: z.string().regex(VERB).describe('release, free, lock, normal'),
  arguments: z
    .custom<CborMap>((value) => value instanceof Map)
    .meta({ type: 'object' })
    .describe('release: {1: "in" | "out"}; free: {1: until, Unix seconds}; lock, normal: {}'),
});
type Fields = Readonly<z.output<typeof COMMAND.schema>>;
export type Command = Omit<Fields, 'verb' | 'arguments'> & { readonly order: Order };

/** `order` is undefined for a verb or arguments that this program does not know. */
export type ReadCommand = Omit<Fields, 'arguments'> & { readonly order: Order | undefined };

/** Every verb of today moves a gate: longer than this (s) none of them may lie about. */
export const LONGEST = 300;

const TYP = 'ak/command';

export function makeCommand({ order, ...command }: Command, signer: Signer): Uint8Array {
  const fields = COMMAND.write({ ...command, verb: order.verb, arguments: argumentsOf(order) });
  return makeSign1(signer.kid, TYP, encodeCbor(fields), signer.sign);
}

/** `forged`: not signed by a platform key; `unreadable`: signed, but not as the table says. */
export function readCommand(bytes: Uint8Array, verify: Verify): ReadCommand | 'forged' | 'unreadable' {
  const signed = openSigned(bytes, TYP, verify);
  if (!signed) return 'forged';
  const command = COMMAND.read(signed.fields);
  if (!command) return 'unreadable';
  const { arguments: given, ...fields } = command;
  return { ...fields, order: orderOf(fields.verb, given) };
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
