/** What a page may know of a station, as plain data. */
import type { Direction, Facts, Refusal, Scene } from '../contracts.js';
import type { GateState } from './cycle.js';
import type { Mode } from './lane.js';
import type { Station } from './station.js';

export interface ShownStation {
  readonly id: string;
  readonly scene: Scene;
  readonly mode: Mode;
  /** Something is being read right now. */
  readonly reading: boolean;
  readonly journalFailed: boolean;
  readonly gate: GateState | 'down' | 'none';
  /** null: nothing counts the people inside. */
  readonly inside: number | null;
  readonly result:
    | { readonly admit: true; readonly direction: Direction; readonly note: Facts | undefined }
    | { readonly admit: false; readonly refusal: Refusal; readonly note: Facts | undefined }
    | undefined;
}

export function shownOf(station: Station, inside: number): ShownStation {
  const { mode, shown, journalFailed } = station.lane.state();
  const gateDown = station.devices().some(({ role, state }) => role === 'gate' && state !== 'up');
  const verdict = shown?.decision.verdict;
  return {
    id: station.id,
    scene: station.scene,
    mode,
    reading: station.reading(),
    journalFailed,
    gate: !station.cycle ? 'none' : gateDown ? 'down' : station.cycle.state(),
    inside: station.cycle ? inside : null,
    result: !verdict
      ? undefined
      : verdict.admit
        ? { admit: true, direction: shown?.direction ?? 'in', note: verdict.note }
        : { admit: false, refusal: verdict.refusal, note: verdict.note },
  };
}
