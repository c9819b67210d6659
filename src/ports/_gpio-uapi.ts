/** The structs of the Linux GPIO character device, version 2 (linux/gpio.h): numbers in, bytes out. Little-endian hosts. */

/** Request codes of ioctl: direction, size of the struct, 0xB4, number. */
export const IOCTL = {
  chipInfo: 0x8044b401,
  lineInfo: 0xc100b405,
  getLine: 0xc250b407,
  getValues: 0xc010b40e,
  setValues: 0xc010b40f,
} as const;

export const FLAG = {
  activeLow: 1n << 1n,
  input: 1n << 2n,
  output: 1n << 3n,
  edgeRising: 1n << 4n,
  edgeFalling: 1n << 5n,
  openDrain: 1n << 6n,
  openSource: 1n << 7n,
  pullUp: 1n << 8n,
  pullDown: 1n << 9n,
  biasDisabled: 1n << 10n,
} as const;

const MAX_LINES = 64;
const MAX_ATTRIBUTES = 10;
const ATTRIBUTE = { flags: 1, outputValues: 2, debounce: 3 } as const;

/** One line of a request; `value` is logical (after active-low) and counts for outputs, `debounceUs` for inputs. */
export interface WantedLine {
  readonly offset: number;
  readonly flags: bigint;
  readonly value: boolean;
  readonly debounceUs: number;
}

/** Bytes of the edges that the kernel keeps until they are read. */
export const EDGE_SIZE = 48;
export const EDGE_BUFFER = 64;

/**
 * struct gpio_v2_line_request: all lines at once, each with its own flags, outputs with their first value. The descriptor
 * of the request comes back at `FD_OFFSET`.
 * @throws RangeError when there are more lines or more different settings than one request can carry
 */
export function lineRequest(lines: readonly WantedLine[], consumer: string): Buffer {
  if (lines.length === 0 || lines.length > MAX_LINES) throw new RangeError(`a request has 1 to ${MAX_LINES} lines, not ${lines.length}`);
  const attributes = attributesOf(lines);
  if (attributes.length > MAX_ATTRIBUTES) throw new RangeError('too many different kinds of lines and debounce times for one request');
  const request = Buffer.alloc(592);
  lines.forEach(({ offset }, i) => request.writeUInt32LE(offset, 4 * i));
  request.write(consumer, 256, 31, 'utf8');
  request.writeBigUInt64LE(lines[0]?.flags ?? 0n, 288);
  request.writeUInt32LE(attributes.length, 296);
  attributes.forEach(({ id, value, mask }, i) => {
    request.writeUInt32LE(id, 320 + 24 * i);
    request.writeBigUInt64LE(value, 328 + 24 * i);
    request.writeBigUInt64LE(mask, 336 + 24 * i);
  });
  request.writeUInt32LE(lines.length, 560);
  request.writeUInt32LE(EDGE_BUFFER, 564);
  return request;
}

export const FD_OFFSET = 588;

interface Attribute {
  readonly id: number;
  readonly value: bigint;
  /** Bit i: line i of the request. */
  readonly mask: bigint;
}

/** The request's own flags are those of the first line; every other kind of line is an attribute over its lines. */
function attributesOf(lines: readonly WantedLine[]): readonly Attribute[] {
  const flags = groups(lines, (line) => line.flags).filter(([value]) => value !== lines[0]?.flags);
  const debounces = groups(lines, (line) => BigInt(line.debounceUs)).filter(([value]) => value > 0n);
  const outputs = maskOf(lines, (line) => (line.flags & FLAG.output) !== 0n);
  const active = maskOf(lines, (line) => (line.flags & FLAG.output) !== 0n && line.value);
  return [
    ...flags.map(([value, mask]) => ({ id: ATTRIBUTE.flags, value, mask })),
    ...(outputs > 0n ? [{ id: ATTRIBUTE.outputValues, value: active, mask: outputs }] : []),
    ...debounces.map(([value, mask]) => ({ id: ATTRIBUTE.debounce, value, mask })),
  ];
}

function groups(lines: readonly WantedLine[], key: (line: WantedLine) => bigint): readonly (readonly [bigint, bigint])[] {
  return [...new Set(lines.map(key))].map((value) => [value, maskOf(lines, (line) => key(line) === value)] as const);
}

function maskOf(lines: readonly WantedLine[], chosen: (line: WantedLine) => boolean): bigint {
  return lines.reduce((mask, line, i) => (chosen(line) ? mask | (1n << BigInt(i)) : mask), 0n);
}

/** struct gpio_v2_line_values: bits and mask by the order of the request. */
export function lineValues(bits: bigint, mask: bigint): Buffer {
  const values = Buffer.alloc(16);
  values.writeBigUInt64LE(bits, 0);
  values.writeBigUInt64LE(mask, 8);
  return values;
}

export const bitsOf = (values: Buffer): bigint => values.readBigUInt64LE(0);

/** An edge after active-low; `at` is CLOCK_MONOTONIC in ms; `sequence` counts the edges of the whole request from 1. */
export interface RawEdge {
  readonly at: number;
  readonly active: boolean;
  readonly offset: number;
  readonly sequence: number;
}

export function edgesOf(buffer: Buffer): readonly RawEdge[] {
  return Array.from({ length: Math.floor(buffer.length / EDGE_SIZE) }, (_, i) => ({
    at: Number(buffer.readBigUInt64LE(EDGE_SIZE * i)) / 1e6,
    active: buffer.readUInt32LE(EDGE_SIZE * i + 8) === 1,
    offset: buffer.readUInt32LE(EDGE_SIZE * i + 12),
    sequence: buffer.readUInt32LE(EDGE_SIZE * i + 16),
  }));
}

export const CHIP_INFO_SIZE = 68;

/** struct gpiochip_info. */
export function chipInfoOf(info: Buffer): { readonly name: string; readonly label: string; readonly lines: number } {
  return { name: textOf(info.subarray(0, 32)), label: textOf(info.subarray(32, 64)), lines: info.readUInt32LE(64) };
}

/** struct gpio_v2_line_info, asking for `offset`. */
export function lineInfoQuery(offset: number): Buffer {
  const info = Buffer.alloc(256);
  info.writeUInt32LE(offset, 64);
  return info;
}

export const lineNameOf = (info: Buffer): string => textOf(info.subarray(0, 32));

/** Is the line requested, and by whom (GPIO_V2_LINE_FLAG_USED)? */
export function lineUseOf(info: Buffer): { readonly used: boolean; readonly consumer: string } {
  return { used: (info.readBigUInt64LE(72) & 1n) !== 0n, consumer: textOf(info.subarray(32, 64)) };
}

function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.subarray(0, end < 0 ? bytes.length : end).toString('utf8');
}
