/** What a terminal says of itself on `up/state` (wire.md 4): retained, and as its will when it is gone. Pure. */
import { z } from 'zod';

/** PrinterState, and what the terminal knows without the printer. */
export const PRINTER_STATES = ['ready', 'paper-low', 'paper-out', 'cover-open', 'error', 'away', 'unknown'] as const;

const millis = z.int().nonnegative();

/**
 * `session`: one run of the daemon, 8 bytes of hex. `since`: when it began (ms). `trustAge`: seconds since the manifest was issued, null: no
 * manifest or no idea of the time. `backlog.hours`: until the journal's size limit at the present rate, null: no limit in sight.
 * `clock.latest`: null when nothing is known. `alarms`: words such as `twin`. `printers`: of its desks, absent where there are none; `away`:
 * not connected, `unknown`: it has not said yet.
 */
export const State = z.strictObject({
  session: z.string().regex(/^[0-9a-f]{16}$/),
  journal: z.string().regex(/^[0-9a-f]{16}$/),
  since: millis,
  health: z.enum(['serving', 'degraded', 'out-of-order', 'offline']),
  trustAge: z.int().nonnegative().nullable(),
  backlog: z.strictObject({ entries: z.int().nonnegative(), bytes: z.int().nonnegative(), hours: z.int().nonnegative().nullable() }),
  clock: z.strictObject({ earliest: millis, latest: millis.nullable() }),
  alarms: z.array(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/)).max(16),
  version: z.string().max(32),
  printers: z
    .array(z.strictObject({ name: z.string().min(1).max(64), state: z.enum(PRINTER_STATES) }))
    .max(8)
    .optional(),
});
export type State = z.infer<typeof State>;

const LARGEST = 4096;

/** undefined: not such a state. */
export function parseState(text: string): State | undefined {
  if (text.length > LARGEST) return undefined;
  try {
    return State.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // not JSON
  }
}
