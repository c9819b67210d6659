/** Zebra's Simple Serial Interface: packets, their checksum, codes in several packets, retransmissions (facts, standards 5.2). Pure. */
import { type Framed, Held, joined } from './frames.js';

/** [length][opcode][source][status][data…][checksum, 2 bytes]; the length counts all but the checksum. */
const HEADER = 4;
const CHECKSUM = 2;
const HOST = 4;
const SCANNER = 0;

const OPCODE = { ack: 0xd0, nak: 0xd1, scanEnable: 0xe9, decodeData: 0xf3 } as const;
const RETRANSMITTED = 1;
const CONTINUED = 2;

const ACK = ssiPacket(OPCODE.ack);
/** Cause 1: send it again. */
const NAK = ssiPacket(OPCODE.nak, 1);
export const SCAN_ENABLE = ssiPacket(OPCODE.scanEnable);

function ssiPacket(opcode: number, ...data: readonly number[]): Uint8Array {
  const packet = [HEADER + data.length, opcode, HOST, 0, ...data];
  const sum = -packet.reduce((total, byte) => total + byte, 0) & 0xffff;
  return Uint8Array.of(...packet, sum >> 8, sum & 0xff);
}

export interface SsiOptions {
  /** Where the byte stands that names the symbology: before each part of a code, or before the first one only. */
  readonly codeType: 'every' | 'first';
  /** Bytes of the longest code. */
  readonly limit: number;
}

/** What a chunk led to: `answers` go back to the scanner before anything else is done. */
export interface SsiHeard {
  readonly framed: readonly Framed[];
  readonly answers: readonly Uint8Array[];
}

export interface SsiFramer {
  push(chunk: Uint8Array): SsiHeard;
  idle(): SsiHeard;
}

interface Packet {
  readonly opcode: number;
  readonly status: number;
  readonly data: Uint8Array;
}

/** A packet whose checksum is wrong is looked through for the next one, byte by byte; at the pause the scanner is asked again. */
export function ssiFramer(options: SsiOptions): SsiFramer {
  const codes = codesOf(options);
  let waiting: Uint8Array = new Uint8Array(0);
  let noisy = false;
  let begun = false;
  let framed: Framed[] = [];
  let answers: Uint8Array[] = [];

  const take = (packet: Packet): void => {
    noisy = false;
    begun = false;
    if (packet.opcode === OPCODE.ack || packet.opcode === OPCODE.nak) return;
    answers.push(ACK);
    if (packet.opcode === OPCODE.decodeData) framed.push(...codes.add(packet));
  };
  const skip = (): void => {
    if (!noisy) framed.push({ event: 'broken' });
    noisy = true;
    codes.doubt();
  };
  const scan = (bytes: Uint8Array): void => {
    let at = 0;
    for (let packet = packetAt(bytes, at); packet !== 'unfinished'; packet = packetAt(bytes, at)) {
      if (packet) take(packet);
      else skip();
      at += packet ? HEADER + packet.data.length + CHECKSUM : 1;
    }
    waiting = bytes.slice(at);
    if (!begun && waiting[1] === OPCODE.decodeData) framed.push({ event: 'start' });
    begun ||= waiting[1] === OPCODE.decodeData;
  };
  const heard = (): SsiHeard => {
    const all = { framed, answers };
    framed = [];
    answers = [];
    return all;
  };

  return {
    push(chunk) {
      scan(joined(waiting, chunk));
      return heard();
    },
    idle() {
      // A wrong length made us wait for bytes that nobody sends: behind it may stand a whole packet.
      while (waiting.length > 0) {
        skip();
        scan(waiting.subarray(1));
      }
      if (noisy) answers.push(NAK);
      noisy = false;
      framed.push(...codes.idle());
      return heard();
    },
  };
}

/** Puts the parts of a code together; a packet that is sent again because our ACK was lost is not taken twice. */
function codesOf({ codeType, limit }: SsiOptions) {
  const held = new Held(limit);
  let last: string | undefined;
  return {
    add({ status, data }: Packet): readonly Framed[] {
      const name = `${status & CONTINUED} ${String.fromCharCode(...data)}`;
      const again = (status & RETRANSMITTED) !== 0 && name === last;
      last = name;
      if (again) return [];
      const out: Framed[] = held.add(codeType === 'every' || !held.started ? data.subarray(1) : data) ? [{ event: 'over-long' }] : [];
      const bytes = (status & CONTINUED) === 0 ? held.take() : undefined;
      if (bytes) out.push({ event: 'frame', bytes });
      return out;
    },
    /** Something was not understood: what is sent again now need not be what we know. */
    doubt(): void {
      last = undefined;
    },
    idle: (): readonly Framed[] => (held.take() ? [{ event: 'broken' }] : []),
  };
}

/** undefined: no packet begins here. */
function packetAt(bytes: Uint8Array, at: number): Packet | 'unfinished' | undefined {
  const [length = HEADER, opcode = 0, source = SCANNER, status = 0] = bytes.subarray(at, at + HEADER);
  if (length < HEADER || source !== SCANNER) return undefined;
  const end = at + length + CHECKSUM;
  if (bytes.length < at + HEADER || bytes.length < end) return 'unfinished';
  let sum = (((bytes[end - 2] ?? 0) << 8) | (bytes[end - 1] ?? 0)) & 0xffff;
  for (let i = at; i < at + length; i++) sum += bytes[i] ?? 0;
  return (sum & 0xffff) === 0 ? { opcode, status, data: bytes.slice(at + HEADER, at + length) } : undefined;
}
