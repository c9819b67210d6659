/** What a page may know of a station, as plain data. */
import type { Station } from './station.js';

/** `Shown` of the page's views; the one who joins the two is told if they part. */
export function shownOf(station: Station, inside: number, trusted: boolean) {
  const { mode, shown, asking, journalFailed } = station.lane.state();
  const gateDown = station.devices().some(({ role, state }) => role === 'gate' && state !== 'up');
  const readers = station.devices().filter(({ role }) => role === 'scanner');
  const away = readers.filter(({ state }) => state !== 'up').length;
  const verdict = shown?.decision.verdict;
  return {
    id: station.id,
    scene: station.scene,
    mode,
    reading: station.reading(),
    asking,
    trusted,
    journalFailed,
    gate: !station.cycle ? ('none' as const) : gateDown ? ('down' as const) : station.cycle.state(),
    readers: away === 0 ? ('all' as const) : away < readers.length ? ('some' as const) : ('none' as const),
    inside: station.cycle ? inside : null,
    result: !verdict
      ? undefined
      : verdict.admit
        ? { admit: true as const, direction: shown?.direction ?? 'in', note: verdict.note }
        : { admit: false as const, refusal: verdict.refusal, note: verdict.note },
  };
}
