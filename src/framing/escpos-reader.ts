/** The bytes of an ESC/POS job as what they tell the printer to do, for the printer that is drawn. Pure; nothing grows beyond a command. */

export type Told =
  | { readonly told: 'text'; readonly text: string }
  | { readonly told: 'line' }
  | { readonly told: 'init' }
  | { readonly told: 'align'; readonly to: number }
  | { readonly told: 'font'; readonly to: number }
  | { readonly told: 'size'; readonly wide: number; readonly high: number }
  | { readonly told: 'bold'; readonly on: boolean }
  | { readonly told: 'column'; readonly dots: number }
  | { readonly told: 'spacing'; readonly dots: number }
  | { readonly told: 'feed'; readonly lines: number }
  | { readonly told: 'cut' }
  | { readonly told: 'qr'; readonly does: number; readonly data: Uint8Array }
  | { readonly told: 'raster'; readonly row: number; readonly bits: Uint8Array }
  /** Answered at once; the number is what is asked. */
  | { readonly told: 'ask-now'; readonly what: number }
  | { readonly told: 'ask-done' }
  | { readonly told: 'forget' }
  | { readonly told: 'unknown'; readonly bytes: Uint8Array };

interface Command {
  /** Of all its bytes; undefined: not all are here that say so. */
  length(bytes: Uint8Array): number | undefined;
  told(bytes: Uint8Array): Told;
}

const fixed = (length: number, told: Command['told']): Command => ({ length: () => length, told });
const at = (bytes: Uint8Array, i: number): number => bytes[i] ?? 0;
const word = (bytes: Uint8Array, i: number): number => at(bytes, i) | (at(bytes, i + 1) << 8);
const unknown: Command['told'] = (bytes) => ({ told: 'unknown', bytes });

const COMMANDS: Readonly<Record<string, Command>> = {
  '1b40': fixed(2, () => ({ told: 'init' })),
  '1b61': fixed(3, (bytes) => ({ told: 'align', to: at(bytes, 2) })),
  '1b4d': fixed(3, (bytes) => ({ told: 'font', to: at(bytes, 2) })),
  '1b45': fixed(3, (bytes) => ({ told: 'bold', on: (at(bytes, 2) & 1) === 1 })),
  '1b33': fixed(3, (bytes) => ({ told: 'spacing', dots: at(bytes, 2) })),
  '1b24': fixed(4, (bytes) => ({ told: 'column', dots: word(bytes, 2) })),
  '1b64': fixed(3, (bytes) => ({ told: 'feed', lines: at(bytes, 2) })),
  '1d21': fixed(3, (bytes) => ({ told: 'size', wide: 1 + (at(bytes, 2) >> 4), high: 1 + (at(bytes, 2) & 15) })),
  '1d56': { length: (bytes) => (bytes.length < 3 ? undefined : at(bytes, 2) >= 65 ? 4 : 3), told: () => ({ told: 'cut' }) },
  '1d28': {
    length: (bytes) => (bytes.length < 5 ? undefined : 5 + word(bytes, 3)),
    told: (bytes) =>
      at(bytes, 2) === 0x6b && at(bytes, 5) === 0x31 ? { told: 'qr', does: at(bytes, 6), data: bytes.subarray(7) } : unknown(bytes),
  },
  '1d76': {
    length: (bytes) => (bytes.length < 8 ? undefined : 8 + word(bytes, 4) * word(bytes, 6)),
    told: (bytes) => ({ told: 'raster', row: word(bytes, 4), bits: bytes.slice(8) }),
  },
  '1d72': fixed(3, () => ({ told: 'ask-done' })),
  '1004': fixed(3, (bytes) => ({ told: 'ask-now', what: at(bytes, 2) })),
  '1014': fixed(10, () => ({ told: 'forget' })),
  // Chinese on: it always is.
  '1c26': fixed(2, unknown),
};
const LEADS = new Set(Object.keys(COMMANDS).map((key) => Number.parseInt(key.slice(0, 2), 16)));
const LF = 0x0a;
/** A band of a picture, or a code: whatever is longer is none. */
const LONGEST = 65_536;

export interface EscposReader {
  push(chunk: Uint8Array): readonly Told[];
}

export function escposReader(): EscposReader {
  let held: Uint8Array = new Uint8Array(0);
  return {
    push(chunk) {
      held = Uint8Array.from([...held, ...chunk]);
      const all: Told[] = [];
      for (let next = first(held); next; next = first(held)) {
        held = held.slice(next.length);
        all.push(next.told);
      }
      if (held.length > LONGEST) held = new Uint8Array(0);
      return all;
    },
  };
}

/** undefined: the first command is not whole yet. */
function first(bytes: Uint8Array): { readonly told: Told; readonly length: number } | undefined {
  if (bytes.length === 0) return undefined;
  if (at(bytes, 0) === LF) return { told: { told: 'line' }, length: 1 };
  if (!LEADS.has(at(bytes, 0))) return textOf(bytes);
  if (bytes.length < 2) return undefined;
  const command = COMMANDS[Array.from(bytes.subarray(0, 2), (byte) => byte.toString(16).padStart(2, '0')).join('')];
  const length = command ? command.length(bytes) : 2;
  if (length === undefined || bytes.length < length) return undefined;
  const whole = bytes.slice(0, length);
  return { told: (command?.told ?? unknown)(whole), length };
}

/** Up to the next command; half a character waits for its other half. */
function textOf(bytes: Uint8Array): { readonly told: Told; readonly length: number } | undefined {
  let length = 0;
  while (length < bytes.length && at(bytes, length) >= 0x20) {
    const size = at(bytes, length) < 0x80 ? 1 : at(bytes, length + 1) >= 0x30 && at(bytes, length + 1) <= 0x39 ? 4 : 2;
    if (length + size > bytes.length) break;
    length += size;
  }
  if (length === 0) return at(bytes, 0) >= 0x80 ? undefined : { told: unknown(bytes.slice(0, 1)), length: 1 };
  return { told: { told: 'text', text: new TextDecoder('gb18030').decode(bytes.subarray(0, length)) }, length };
}
