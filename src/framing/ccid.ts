/**
 * CCID messages on a serial line, as GemPC Twin and its kin speak them (CCID 1.1 chapter 6; frame of libccid's serial driver). Pure.
 *
 *   03 06 | type, length (4, little-endian), slot, sequence, 3 bytes, data… | XOR of all before       03 15 16: say it again
 *   50 03: a card was put in                                                                          50 02: it was taken out
 */
import { joined } from './frames.js';

const SYNC = 0x03;
const GOOD = 0x06;
const AGAIN = 0x15;
const SLOT_CHANGE = 0x50;
const HEADER = 10;
/** CCID 6.1: an extended APDU is longer, and none of ours is one. */
const LONGEST = 300;

export const COMMAND = { powerOn: 0x62, powerOff: 0x63, slotStatus: 0x65, transfer: 0x6f } as const;
const FIRST_ANSWER = 0x80;

export interface CcidAnswer {
  readonly event: 'answer';
  readonly sequence: number;
  /** 0 and 1: a card is there, 2: none is. */
  readonly icc: number;
  /** 0: done, 1: failed, 2: the card needs more time. */
  readonly command: number;
  readonly data: Uint8Array;
}
export type CcidEvent =
  | CcidAnswer
  | { readonly event: 'card'; readonly present: boolean }
  | { readonly event: 'again' }
  | { readonly event: 'broken' };

export function ccidCommand(type: number, sequence: number, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const length = [data.length & 0xff, data.length >> 8, 0, 0];
  const frame = [SYNC, GOOD, type, ...length, 0, sequence & 0xff, 0, 0, 0, ...data];
  return Uint8Array.of(
    ...frame,
    frame.reduce((sum, byte) => sum ^ byte, 0),
  );
}

export interface CcidFramer {
  push(chunk: Uint8Array): readonly CcidEvent[];
  /** What came so far is nothing: no answer was whole in time. */
  reset(): void;
}

/** What is no frame is passed over byte by byte; so are the echo of our own commands and requests for time of one byte. */
export function ccidFramer(): CcidFramer {
  let waiting: Uint8Array = new Uint8Array(0);
  return {
    push(chunk) {
      const events: CcidEvent[] = [];
      const bytes = joined(waiting, chunk);
      let at = 0;
      for (let found = at < bytes.length && frameAt(bytes, at); found; found = at < bytes.length && frameAt(bytes, at)) {
        at += found.length;
        if (found.event) events.push(found.event);
      }
      waiting = bytes.slice(at);
      return events;
    },
    reset() {
      waiting = new Uint8Array(0);
    },
  };
}

interface Found {
  readonly length: number;
  readonly event?: CcidEvent;
}

/** undefined: what begins here has not ended. */
function frameAt(bytes: Uint8Array, at: number): Found | undefined {
  const [first, second, third] = bytes.subarray(at, at + 3);
  if (first === SLOT_CHANGE) return second === undefined ? undefined : slotChange(second);
  if (first !== SYNC) return (first ?? 0) >= FIRST_ANSWER ? { length: 1 } : broken;
  if (second === undefined) return undefined;
  if (second === AGAIN && third === (SYNC ^ AGAIN)) return { length: 3, event: { event: 'again' } };
  if (second === AGAIN && third === undefined) return undefined;
  return second === GOOD ? messageAt(bytes, at) : broken;
}

const broken: Found = { length: 1, event: { event: 'broken' } };

function slotChange(what: number): Found {
  return what === 2 || what === 3 ? { length: 2, event: { event: 'card', present: what === 3 } } : broken;
}

function messageAt(bytes: Uint8Array, from: number): Found | undefined {
  const message = bytes.subarray(from + 2);
  if (message.length < HEADER) return undefined;
  const [type = 0, low = 0, high = 0, higher = 0, highest = 0, , sequence = 0, status = 0] = message;
  const length = low | (high << 8);
  if (higher !== 0 || highest !== 0 || length > LONGEST) return broken;
  const frame = bytes.subarray(from, from + 2 + HEADER + length + 1);
  if (frame.length < 2 + HEADER + length + 1) return undefined;
  if (frame.reduce((sum, byte) => sum ^ byte, 0) !== 0) return broken;
  if (type < FIRST_ANSWER) return { length: frame.length };
  const data = message.slice(HEADER, HEADER + length);
  return { length: frame.length, event: { event: 'answer', sequence, icc: status & 3, command: status >> 6, data } };
}
