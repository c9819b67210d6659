/** GPS and BeiDou receivers that speak NMEA 0183: the stop a vehicle is at, from a table of stops. */
import { z } from 'zod';
import type { Driver, Place, Text } from '../src/contracts.js';
import { type Fix, fixOf, metresBetween } from '../src/framing/nmea.js';
import { stopName, teller } from './_places.js';

const settings = z.strictObject({
  stops: z
    .array(
      z.strictObject({
        stop: stopName,
        latitude: z.number().min(-90).max(90),
        longitude: z.number().min(-180).max(180),
        radius: z.number().min(10).max(1000).default(60).describe('metres around it that count as the stop'),
      }),
    )
    .min(1)
    .max(500),
  between: z
    .enum(['last', 'unknown'])
    .default('last')
    .describe('what holds between two stops: the last one, where people boarded, or nothing'),
  leastSatellites: z.number().int().min(3).max(20).default(4),
  mostDilution: z.number().min(1).max(50).default(5).describe('HDOP; a worse fix is not used'),
  holdSeconds: z.number().int().min(1).max(600).default(60).describe('without a good fix for so long (a tunnel) the place is unknown'),
});
type Settings = z.infer<typeof settings>;

function attach(link: Text, wanted: Settings): Place & { close(): void } {
  const { place, at } = teller();
  let lost: ReturnType<typeof setTimeout> | undefined;
  let last: string | undefined;
  const now = (stop: string | undefined): void => {
    last = stop;
    at(stop);
  };
  link.onLine((line) => {
    const fix = fixOf(line);
    if (!fix || fix === 'none' || fix.satellites < wanted.leastSatellites || fix.dilution > wanted.mostDilution) return;
    clearTimeout(lost);
    lost = setTimeout(() => now(undefined), wanted.holdSeconds * 1000);
    now(nearest(fix, wanted.stops) ?? (wanted.between === 'last' ? last : undefined));
  });
  return { ...place, close: () => clearTimeout(lost) };
}

/** The nearest of the stops whose circle the vehicle is in. */
function nearest(fix: Fix, stops: Settings['stops']): string | undefined {
  let found: { readonly stop: string; readonly metres: number } | undefined;
  for (const stop of stops) {
    const metres = metresBetween(fix, stop);
    if (metres <= stop.radius && metres < (found?.metres ?? Number.POSITIVE_INFINITY)) found = { stop: stop.stop, metres };
  }
  return found?.stop;
}

export default { role: 'place', port: 'serial-lines', settings, attach } satisfies Driver<Text, Settings, Place>;
