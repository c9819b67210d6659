/**
 * From the entries of a validator to what is due (docs/ride.md, "The entry, and settling it"). Pure.
 *
 *   entries of closed days, in order → rides that the gate did not take back → tap-offs in the place of what they end → rides
 */
import type { Facts, Instant } from '../contracts.js';
import { dayOf, localTime } from '../messages/calendar.js';
import type { Ride } from '../messages/settlement.js';

export interface RideEntry {
  readonly id: string;
  readonly seq: number;
  readonly kind: string;
  readonly at: Instant;
  readonly received: Instant;
  readonly facts: Facts;
  /** Who rode, as far as this county can tell one from another; undefined: it cannot. */
  readonly rider: string | undefined;
}

/** A journal that says nothing more for so long after it came is not waited for. */
const WAIT_MS = 72 * 3_600_000;
/** Nobody rode on these (docs/ride.md). */
const TAKEN_BACK: ReadonlySet<unknown> = new Set(['not-taken', 'forced', 'held-open', 'fault']);

/** How many of the entries are of days that are over: their tap-offs and passages are all there. */
export function closed(entries: readonly RideEntry[], now: Instant): number {
  const newest = Math.max(...entries.map(({ at }) => dayOf(at)), Number.NEGATIVE_INFINITY);
  let count = 0;
  for (const { at, received } of entries) {
    if (dayOf(at) >= newest && now - received < WAIT_MS) break;
    count++;
  }
  return count;
}

/** Of entries that are closed. A ride of several is told once for each of its transactions, so that all of them can be found again. */
export function ridesOf(entries: readonly RideEntry[]): readonly Ride[] {
  const back = new Set(entries.flatMap(({ kind, facts }) => (kind === 'passage' && TAKEN_BACK.has(facts['passage']) ? [facts['of']] : [])));
  const taken = entries.filter(
    ({ kind, seq, facts }) => kind === 'verdict' && facts['scene'] === 'ride' && facts['verdict'] === 'admit' && !back.has(seq),
  );
  return taken.map((entry) => rideOf(entry, taken));
}

function rideOf(entry: RideEntry, all: readonly RideEntry[]): Ride {
  const { id, at, seq } = entry;
  const note = noteOf(entry);
  const fare = whole(note['fare']);
  const off = note['tap'] === 'off' && note['unmatched'] !== true;
  const replaces = off ? all.filter((one) => one.seq < seq && isSameRide(one, entry)).map((one) => one.id) : [];
  return {
    id,
    at: new Date(at).toISOString(),
    day: localTime(dayOf(at) * DAY).day,
    line: text(note['line']),
    stop: text(note['stop']),
    fare: fare ?? 0,
    riders: Math.max(1, whole(note['riders']) ?? 1),
    version: whole(note['version']) ?? null,
    ...(replaces.length > 0 && { replaces }),
    ...(fare === undefined && { unpriced: true as const }),
    ...(off && replaces.length === 0 && { unpaired: true as const }),
    ...(['concession', 'transfer', 'capped'].some((key) => note[key] !== undefined) && { reduced: true as const }),
  };
}

const DAY = 86_400_000;

/** docs/ride.md: subject, checkpoint, day of service and `ride` name a ride. */
function isSameRide(one: RideEntry, off: RideEntry): boolean {
  return (
    off.rider !== undefined &&
    one.rider === off.rider &&
    dayOf(one.at) === dayOf(off.at) &&
    one.facts['checkpoint'] === off.facts['checkpoint'] &&
    noteOf(one)['ride'] === noteOf(off)['ride']
  );
}

function noteOf({ facts }: RideEntry): Facts {
  const { note } = facts;
  return typeof note === 'object' && note !== null && !Array.isArray(note) ? (note as Facts) : {};
}

const whole = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
const text = (value: unknown): string | null => (typeof value === 'string' ? value.slice(0, 64) : null);
