/** The signed data `fares`: what a ride costs, as rules that a bus company writes; terminal and platform read them alike. Pure. */
import { z } from 'zod';
import type { Instant } from '../contracts.js';
import { type Cbor, decodeCbor, encodeCbor } from '../crypto/cbor.js';
import { HOURS } from './hours.js';

/** Money is whole fen. Nothing on a county bus costs more than 1,000 yuan; a larger figure is a slip of the keyboard. */
const fen = z.int().min(0).max(100_000);
const seconds = z.int().min(0).max(86_400);
export const PLACE = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,31}$/u, '须为 1–32 个字母、数字、. _ - · 1–32 letters, digits, . _ -');

const reduction = z
  .union([
    z.literal('free'),
    z.strictObject({ percent: z.int().min(0).max(100).describe('to pay, of the fare') }),
    z.strictObject({ fixed: fen.describe('to pay, where it is less than the fare') }),
    z.strictObject({ less: fen.describe('off the fare') }),
  ])
  .describe('what remains to pay');

const concession = z.strictObject({
  class: PLACE.describe('who: the subjects on the list concession.<class>, never what a code says of itself'),
  pay: reduction,
  hours: HOURS.optional().describe('when it holds; absent: always'),
});

const flat = z.strictObject({ id: PLACE, flat: fen });

const staged = z
  .strictObject({
    id: PLACE,
    stops: z
      .array(z.strictObject({ id: PLACE, stage: z.int().min(0).max(99) }))
      .min(2)
      .max(300),
    bands: z.array(fen).min(1).max(100).describe('fare by stages crossed: first within one stage, last for all that are further'),
    unknownStop: fen.describe('fare when the vehicle does not know where it is'),
  })
  .refine(({ stops }) => distinct(stops.map(({ id }) => id)), { path: ['stops'], message: 'two stops with one id' })
  .refine(({ bands }) => isAscending(bands), { path: ['bands'], message: 'a longer way costs less than a shorter one' });

const tariff = z
  .strictObject({
    version: z.int().min(1).max(999_999_999),
    from: z.int().min(0).max(253_402_300_799).describe('Unix seconds; until the next tariff begins'),
    lines: z
      .array(z.union([flat, staged]))
      .min(1)
      .max(500),
    concessions: z.array(concession).max(32).default([]).describe('the one with the lowest fare holds; of equal ones the first'),
    transfer: z
      .strictObject({
        window: seconds.describe('the last second included'),
        since: z.enum(['previous', 'first']).default('previous').describe('counted from which boarding of the journey'),
        most: z.int().min(1).max(20).default(1).describe('transfers in one journey'),
        pay: reduction,
        sameLine: z.boolean().default(false),
      })
      .optional(),
    cap: z.int().min(0).max(1_000_000).optional().describe('what the holder of a code pays at most from 04:00 to 04:00'),
    riders: z.int().min(1).max(20).default(1).describe('on one code, with the driver’s key'),
    again: seconds.default(300).describe('a second tap so soon after the first is a slip, not a ride'),
    offline: z.strictObject({ rides: z.int().min(0).max(1000), fen: z.int().min(0).max(1_000_000) }).optional(),
    step: z.int().min(1).max(1000).default(1).describe('reduced fares are rounded down to a multiple of this'),
  })
  .refine(({ lines }) => distinct(lines.map(({ id }) => id)), { path: ['lines'], message: 'two lines with one id' })
  .refine(({ concessions }) => distinct(concessions.map((one) => one.class)), { path: ['concessions'], message: 'one class twice' });

/** Unknown fields are refused: a rule that is not understood would charge something else than was written. */
export const FARES = z.strictObject({
  tariffs: z
    .array(tariff)
    .min(1)
    .max(8)
    .refine((all) => isRising(all.map(({ from }) => from)), 'tariffs stand in the order of their beginning')
    .refine((all) => isRising(all.map(({ version }) => version)), 'a later tariff has a higher version'),
});

export type Fares = z.infer<typeof FARES>;
export type Tariff = Fares['tariffs'][number];
export type Line = Tariff['lines'][number];
export type StagedLine = z.infer<typeof staged>;
export type Reduction = z.infer<typeof reduction>;

/** As JSON or as decoded CBOR (maps with text keys); undefined: not such data. */
export function parseFares(value: unknown): Fares | undefined {
  return FARES.safeParse(plain(value)).data;
}

/** The bytes that are published as the datum `fares`. @throws ZodError when it is not such data. */
export function encodeFares(fares: z.input<typeof FARES>): Uint8Array {
  return encodeCbor(mapped(FARES.parse(fares)));
}

export const decodeFares = (bytes: Uint8Array): Fares | undefined => parseFares(decodeCbor(bytes));

/** The tariff in force; undefined: the first of them has not begun. */
export function tariffAt(fares: Fares, at: Instant): Tariff | undefined {
  return fares.tariffs.findLast(({ from }) => from * 1000 <= at);
}

/** What remains of a fare, in fen: never more than the fare, rounded down to `step` in the rider's favour. */
export function reduced(fare: number, pay: Reduction, step: number): number {
  return Math.min(fare, Math.floor(remaining(fare, pay) / step) * step);
}

/** A percentage is floored to whole fen before `step`: 50 % of 101 is 50. */
function remaining(fare: number, pay: Reduction): number {
  if (pay === 'free') return 0;
  if ('percent' in pay) return Math.floor((fare * pay.percent) / 100);
  if ('fixed' in pay) return pay.fixed;
  return Math.max(0, fare - pay.less);
}

/** Between two stops of a line; `unknownStop` where one of them is not known. */
export function fareBetween(line: StagedLine, from: string | undefined, to: string | undefined): number {
  const [a, b] = [stageOf(line, from), stageOf(line, to)];
  return a === undefined || b === undefined ? line.unknownStop : band(line, Math.abs(a - b));
}

/** The most that a ride from or to this stop can cost: what a missing tap-off costs. */
export function highestFare(line: StagedLine, stop: string | undefined): number {
  const here = stageOf(line, stop);
  if (here === undefined) return line.unknownStop;
  return band(line, Math.max(...line.stops.map(({ stage }) => Math.abs(stage - here))));
}

export function stageOf(line: StagedLine, stop: string | undefined): number | undefined {
  return line.stops.find(({ id }) => id === stop)?.stage;
}

function band(line: StagedLine, crossed: number): number {
  return line.bands[Math.min(crossed, line.bands.length - 1)] ?? line.unknownStop;
}

const distinct = (ids: readonly string[]): boolean => new Set(ids).size === ids.length;
const isRising = (values: readonly number[]): boolean => values.every((value, i) => i === 0 || value > (values[i - 1] ?? 0));
const isAscending = (values: readonly number[]): boolean => values.every((value, i) => i === 0 || value >= (values[i - 1] ?? 0));

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, held]) => [String(key), plain(held)]));
  return value;
}

function mapped(value: unknown): Cbor {
  if (Array.isArray(value)) return value.map(mapped);
  if (typeof value === 'object' && value !== null) {
    return new Map(Object.entries(value).flatMap(([key, held]) => (held === undefined ? [] : [[key, mapped(held)] as const])));
  }
  return value as string | number | boolean | null;
}
