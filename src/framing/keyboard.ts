/** Text from the boot reports of a keyboard, as a scanner in keyboard mode sends them (facts, standards 5.5; US layout). Pure. */
import type { Framed, Framer } from './frames.js';
import { suffixFramer } from './suffix.js';

export interface KeyboardOptions {
  /** Characters that end a frame; a pause ends it as well. */
  readonly ends: readonly number[];
  /** Bytes of the longest frame. */
  readonly limit: number;
  /** What the decimal of Alt and keypad digits means: a Unicode scalar, or one or two bytes of GBK. */
  readonly alt: 'unicode' | 'gbk';
}

/** Modifiers, left and right. */
const CTRL = 0x11;
const SHIFT = 0x22;
const ALT = 0x44;

/** Usages 0x04 to 0x38 and, without Shift, 0x54 to 0x63; NUL: a key that types nothing. */
const PLAIN = "abcdefghijklmnopqrstuvwxyz1234567890\r\0\0\t -=[]\\#;'`,./";
const SHIFTED = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ!@#$%^&*()\r\0\0\t _+{}|~:"~<>?';
const KEYPAD = '/*-+\r1234567890.';
const FIRST = 0x04;
const FIRST_KEYPAD = 0x54;

/** HID Usage Tables 10: 01 to 03 in the array are errors; 01 is more keys than the report can say. */
const LAST_ERROR = 0x03;
const REPORT = 8;
const LONGEST_CODE = 8;

/** Frames are UTF-8, whatever the scanner's own coding. A chunk is one report, without its id. */
export function keyboardFramer({ ends, limit, alt }: KeyboardOptions): Framer {
  const framer = suffixFramer({ ends, limit });
  let held: readonly number[] = [];
  let code = '';

  const endCode = (): readonly number[] => {
    const typed = code === '' ? [] : ENCODE[alt](Number(code));
    code = '';
    return typed;
  };
  const type = (usage: number, modifiers: number): readonly number[] => {
    if ((modifiers & ALT) === 0) return character(usage, modifiers);
    // A longer number is none; it stays one that is none.
    code = (code + keypadDigit(usage)).slice(0, LONGEST_CODE);
    return [];
  };
  const text = (framed: readonly Framed[]): readonly Framed[] =>
    alt === 'gbk' ? framed.map((one) => (one.event === 'frame' ? { event: 'frame', bytes: fromGbk(one.bytes) } : one)) : framed;

  return {
    push(report) {
      const keys = [...report.subarray(2)].filter((usage) => usage !== 0);
      if (report.length !== REPORT || keys.some((usage) => usage <= LAST_ERROR)) return [];
      const modifiers = report[0] ?? 0;
      const before = (modifiers & ALT) === 0 ? endCode() : [];
      const typed = [...before, ...pressed(keys, held).flatMap((usage) => type(usage, modifiers))];
      held = keys;
      return text(framer.push(Uint8Array.from(typed)));
    },
    idle: () => text([...framer.push(Uint8Array.from(endCode())), ...framer.idle()]),
  };
}

/** Keys that went down between two reports, in the order of the array; one that stands there twice was pressed twice. */
function pressed(keys: readonly number[], held: readonly number[]): readonly number[] {
  const down = [...held];
  return keys.filter((usage) => {
    const at = down.indexOf(usage);
    if (at >= 0) down.splice(at, 1);
    return at < 0;
  });
}

function character(usage: number, modifiers: number): readonly number[] {
  const row = (modifiers & SHIFT) === 0 ? PLAIN : SHIFTED;
  const typed = (row.charAt(usage - FIRST) || KEYPAD.charAt(usage - FIRST_KEYPAD)).charCodeAt(0);
  if (Number.isNaN(typed) || typed === 0) return [];
  if ((modifiers & CTRL) === 0) return [typed];
  // Ctrl+] is GS: what stands in the columns @ to _ and ` to DEL of ASCII loses its column.
  return typed >= 0x40 ? [typed & 0x1f] : [];
}

/** 0x59 to 0x62. */
function keypadDigit(usage: number): string {
  return /\d/.exec(KEYPAD.charAt(usage - FIRST_KEYPAD))?.[0] ?? '';
}

const ENCODE: Readonly<Record<KeyboardOptions['alt'], (value: number) => readonly number[]>> = {
  unicode: (value) => [...new TextEncoder().encode(value > 0x10ffff ? '\ufffd' : String.fromCodePoint(value))],
  // 0xff begins no character of GBK: it is read as U+FFFD.
  gbk: (value) => (value > 0xffff ? [0xff] : value > 0xff ? [value >> 8, value & 0xff] : [value]),
};

function fromGbk(bytes: Uint8Array): Uint8Array {
  return new TextEncoder().encode(new TextDecoder('gb18030').decode(bytes));
}
