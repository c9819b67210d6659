/**
 * Reports of card readers of the family 0483:572B (facts, standards 4.3). Pure.
 *
 *   report: length (FF: go on), frame…       first frame: 00nnnnnn, command, [status of 2 bytes], data…; n more: 11nnnnnn, data…
 */

const REPORT = 64;
const ACK = 0xff;
const MOST = REPORT - 1;

/** contactless: ISO 14443-4 in the field; contact: ISO 7816 in the slot. */
export const DK = {
  contactless: { on: 0x62, transfer: 0x6f, off: 0x6e },
  contact: { on: 0x90, transfer: 0x92, off: 0x91 },
} as const;
/** With `contactless.on`: a card with an operating system. */
export const ISO14443_4 = 0x76;

/** As it is written: the report id first, which is 0. @throws RangeError for data that needs a second frame: no command of ours does */
export function dkCommand(command: number, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  if (data.length > MOST - 2) throw new RangeError('the command is too long for one report');
  return report([2 + data.length, 0, command, ...data]);
}

export const DK_ACK = report([ACK]);

function report(bytes: readonly number[]): Uint8Array {
  const whole = new Uint8Array(1 + REPORT);
  whole.set(bytes, 1);
  return whole;
}

export interface DkAnswer {
  readonly command: number;
  /** Status 90 00. */
  readonly ok: boolean;
  readonly data: Uint8Array;
}
/** more: acknowledge it, there is more to come; broken: frames out of order, which are thrown away. */
export type DkHeard = DkAnswer | 'more' | 'broken' | 'nothing';

export interface DkFramer {
  push(report: Uint8Array): DkHeard;
  reset(): void;
}

export function dkFramer(): DkFramer {
  let parts: number[] = [];
  let wanted = 0;
  let got = 0;
  const reset = (): void => {
    parts = [];
    wanted = 0;
    got = 0;
  };
  const end = (): DkHeard => {
    if (got < wanted) return 'more';
    const [command = 0, status1, status2, ...data] = parts;
    reset();
    return { command, ok: status1 === 0x90 && status2 === 0x00, data: Uint8Array.from(data) };
  };
  const begin = (follow: number, frame: Uint8Array): DkHeard => {
    reset();
    if (frame.length < 3) return 'broken';
    wanted = follow;
    parts.push(...frame);
    return end();
  };
  const goOn = (number: number, frame: Uint8Array): DkHeard => {
    if (number !== got + 1 || number > wanted || frame.length === 0) {
      reset();
      return 'broken';
    }
    got = number;
    parts.push(...frame);
    return end();
  };
  return {
    reset,
    push(report) {
      const [length = 0, head = 0] = report;
      if (length === ACK) return 'nothing';
      const frame = report.subarray(2, 1 + length);
      if (length === 0 || length > MOST || report.length < 1 + length || (head >> 6 !== 0 && head >> 6 !== 3)) {
        reset();
        return 'broken';
      }
      return head >> 6 === 0 ? begin(head & 0x3f, frame) : goOn(head & 0x3f, frame);
    },
  };
}
