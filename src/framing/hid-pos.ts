/** Scanned data of HID POS scanners, usage page 0x8C: one code may take several reports (facts, standards 5.6). Pure. */
import { type Framed, type Framer, Held } from './frames.js';

export interface PosOptions {
  /** Of the scanned data report; 0: the device uses no ids. Other reports are passed over. */
  readonly reportId: number;
  /** byte: a length stands before the AIM identifier. padded: none does, and the last report is filled up with zeros. */
  readonly length: 'byte' | 'padded';
  /** Bytes of data one report has room for. */
  readonly dataBytes: number;
  /** Bytes of the longest code. */
  readonly limit: number;
}

interface Part {
  readonly aim: string;
  readonly data: Uint8Array;
  readonly continued: boolean;
}

const AIM = 3;

/** A chunk is one report: [id] [length] AIM(3) data … continued (bit 0 of the last byte). A frame is the code without its AIM. */
export function posFramer(options: PosOptions): Framer {
  const held = new Held(options.limit);
  let aim = '';

  /** Half a code whose rest did not come. */
  const drop = (): readonly Framed[] => (held.take() ? [{ event: 'broken' }] : []);
  const add = (part: Part): readonly Framed[] => {
    const out: Framed[] = held.started ? [] : [{ event: 'start' }];
    aim = part.aim;
    if (held.add(part.data)) out.push({ event: 'over-long' });
    const bytes = part.continued ? undefined : held.take();
    if (bytes) out.push({ event: 'frame', bytes });
    return out;
  };
  return {
    push(report) {
      if (report.length === 0 || (options.reportId !== 0 && report[0] !== options.reportId)) return [];
      const part = partOf(report.subarray(options.reportId === 0 ? 0 : 1), options);
      if (!part) {
        held.take();
        return [{ event: 'broken' }];
      }
      return [...(held.started && part.aim !== aim ? drop() : []), ...add(part)];
    },
    idle: drop,
  };
}

function partOf(report: Uint8Array, { length, dataBytes }: PosOptions): Part | undefined {
  const from = length === 'byte' ? 1 + AIM : AIM;
  const continued = ((report[report.length - 1] ?? 0) & 1) === 1;
  const room = report.subarray(from, Math.min(from + dataBytes, report.length - 1));
  const data = length === 'byte' ? room.subarray(0, report[0]) : continued ? room : withoutPadding(room);
  const aim = String.fromCharCode(...report.subarray(from - AIM, from));
  const isWhole = length === 'padded' || data.length === report[0];
  return isWhole && /^(?:\][A-Za-z][0-9A-Za-z]|\0\0\0)$/.test(aim) ? { aim, data, continued } : undefined;
}

function withoutPadding(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.subarray(0, end);
}
