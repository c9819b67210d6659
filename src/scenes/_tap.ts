/** A tap of a rider, and which of the published rules hold for it: tariff, line, stop. Pure. */
import type { Situation } from '../contracts.js';
import { FARES, type Fares, type Line, PLACE, parseFares, type StagedLine, stageOf, type Tariff, tariffAt } from '../messages/fares.js';
import type { Rides } from './_rides.js';

/** A tap with all that its price depends on. */
export interface Tap {
  readonly subject: string;
  readonly situation: Situation;
  readonly tariff: Tariff;
  /** All that are published: a ride that began before a change of fares ends by the old ones. */
  readonly tariffs: readonly Tariff[];
  readonly line: Line;
  /** The stop, where the vehicle knows it and the line has it. */
  readonly stop: string | undefined;
  readonly rides: Rides;
}

/** What of a tap comes from the fares and the place. */
export type Rules = Pick<Tap, 'tariff' | 'tariffs' | 'line' | 'stop'>;
export type StagedTap = Tap & { readonly line: StagedLine };

export type NoTariff = 'no-fares' | 'bad-fares' | 'no-tariff' | 'no-line';

const parsed = new WeakMap<object, { readonly fares: Fares | undefined }>();

/** Data of one trust is one object that never changes, so it is checked once. */
function faresOf(data: unknown): Fares | NoTariff {
  if (typeof data !== 'object' || data === null) return data === undefined ? 'no-fares' : 'bad-fares';
  const known = parsed.get(data) ?? { fares: parseFares(data) };
  parsed.set(data, known);
  return known.fares ?? 'bad-fares';
}

/** `line`: of the station's settings; a stop `<line>/<stop>` names its own. Neither: the only line of the tariff. */
export function rulesFor(situation: Situation, configured: string | undefined): Rules | NoTariff {
  const fares = faresOf(situation.data('fares'));
  if (typeof fares === 'string') return fares;
  // Where the clock is unsure across a change of fares, the tariff at `earliest`: the day of an entry follows the same end.
  const tariff = tariffAt(fares, situation.at.earliest);
  if (!tariff) return 'no-tariff';
  const place = placeOf(situation.stop);
  const id = place.line ?? configured ?? (tariff.lines.length === 1 ? tariff.lines[0]?.id : undefined);
  const line = tariff.lines.find((one) => one.id === id);
  if (!line) return 'no-line';
  const known = 'flat' in line ? isPlace(place.stop) : stageOf(line, place.stop) !== undefined;
  return { tariff, tariffs: fares.tariffs, line, stop: known ? place.stop : undefined };
}

/** A tariff of one flat line, for a terminal that has none from the platform; version 0 in the entry. */
export function flatRules(situation: Situation, line: string | undefined, fare: number): Rules {
  const place = placeOf(situation.stop);
  const one = { id: place.line ?? line ?? 'none', flat: fare };
  const { tariffs } = FARES.parse({ tariffs: [{ version: 1, from: 0, lines: [one] }] });
  const [tariff] = tariffs;
  if (!tariff) throw new Error('a tariff list of one has a first');
  return { tariff: { ...tariff, version: 0 }, tariffs, line: one, stop: isPlace(place.stop) ? place.stop : undefined };
}

function placeOf(stop: string | undefined): { readonly line: string | undefined; readonly stop: string | undefined } {
  const [first, second] = (stop ?? '').split('/', 2);
  const [line, place] = second === undefined ? [undefined, first] : [first, second];
  return { line: isPlace(line) ? line : undefined, stop: place === '' ? undefined : place };
}

/** Bounded, since a device names it. */
function isPlace(text: string | undefined): boolean {
  return PLACE.safeParse(text).success;
}
