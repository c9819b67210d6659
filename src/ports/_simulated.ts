/**
 * Words between a simulated device and its workbench: one JSON value a line over a unix socket. The terminal opens a named
 * thing first, as it would open a device; the workbench answers once, then both sides talk until either goes away.
 */
import { z } from 'zod';

const levels = z.record(z.string().max(64), z.boolean());

/** Terminal to workbench. Bytes are Base64. */
export const TO_BENCH = z.union([
  z.strictObject({
    open: z.enum(['bytes', 'lines']),
    name: z.string().min(1).max(64),
    outputs: levels,
    inputs: z.array(z.string()).max(64),
  }),
  z.strictObject({ data: z.base64() }),
  z.strictObject({ set: levels }),
]);
export type ToBench = z.infer<typeof TO_BENCH>;

/** Workbench to terminal. `opened` carries where the inputs stand; `at` is monotonic, in ms. */
export const TO_TERMINAL = z.union([
  z.strictObject({ opened: levels }),
  z.strictObject({ refused: z.string().max(200) }),
  z.strictObject({ data: z.base64() }),
  z.strictObject({ edge: z.strictObject({ name: z.string(), active: z.boolean(), at: z.number() }) }),
]);
export type ToTerminal = z.infer<typeof TO_TERMINAL>;

/** Characters of the longest line; a peer that sends more is cut off. */
export const LINE_LIMIT = 131_072;

/** Splits what arrives into lines; undefined: the peer broke the bound. */
export function lineSplitter(): (chunk: string) => readonly string[] | undefined {
  let held = '';
  return (chunk) => {
    const parts = (held + chunk).split('\n');
    held = parts.pop() ?? '';
    return held.length > LINE_LIMIT || parts.some((part) => part.length > LINE_LIMIT) ? undefined : parts;
  };
}

/** The value of a line, or undefined when it is not one of these words. */
export function parsed<T>(schema: z.ZodType<T>, line: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
