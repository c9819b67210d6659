/** From the state of the stations to what the page shows. Pure. */
import type { DeskState, Facts, Scene, Words } from '../contracts.js';
import { numberOf, REFUSAL_WORDS } from '../messages/refusals.js';
import type { DeskView, Screen, StationView } from './view.js';

/** What a page needs to know of a station; the shapes of src/station fit it. */
export interface Shown {
  readonly id: string;
  readonly scene: Pick<Scene, 'title' | 'words'>;
  readonly mode: 'normal' | 'fire' | 'free' | 'locked';
  readonly reading: boolean;
  readonly asking: boolean;
  /** Keys and lists are in force. */
  readonly trusted: boolean;
  readonly journalFailed: boolean;
  readonly gate: 'locked' | 'released' | 'free' | 'down' | 'none';
  /** Which of its scanners and card readers are there; a lane that has none lacks none. */
  readonly readers: 'all' | 'some' | 'none';
  readonly inside: number | null;
  readonly result:
    | { readonly admit: true; readonly direction: 'in' | 'out'; readonly note: Facts | undefined }
    | { readonly admit: false; readonly refusal: keyof typeof REFUSAL_WORDS; readonly note: Facts | undefined }
    | undefined;
}

const FREE: Readonly<Record<'fire' | 'free', Words>> = {
  fire: { zh: '请尽快离开', en: 'Please leave at once' },
  free: { zh: '通道开放', en: 'The gate is open' },
};

export function stationView(shown: Shown): StationView {
  const { id, scene, gate, readers, inside } = shown;
  return { station: id, title: scene.title, screen: screenOf(shown), gate, readers, inside };
}

function screenOf({ mode, result, reading, asking, trusted, journalFailed, scene, gate, readers }: Shown): Screen {
  if (mode === 'fire' || mode === 'free') return { screen: 'free', words: FREE[mode] };
  if (mode === 'locked' || journalFailed || gate === 'down' || readers === 'none') return outOfOrder();
  if (!result) return { screen: asking ? 'checking' : reading ? 'reading' : trusted ? 'waiting' : 'starting' };
  const hint = hintOf(scene, result.note);
  if (result.admit) return { screen: 'admitted', direction: result.direction, ...(hint && { hint }) };
  const { visitor, next } = REFUSAL_WORDS[result.refusal];
  return { screen: 'refused', refusal: result.refusal, number: numberOf(result.refusal), words: visitor, next: hint ?? next };
}

function outOfOrder(): Screen {
  return { screen: 'out-of-order', number: numberOf('out-of-order'), words: REFUSAL_WORDS['out-of-order'].visitor };
}

/** The scene's own words for what it noted, under `why`. */
function hintOf({ words }: Pick<Scene, 'words'>, note: Facts | undefined): Words | undefined {
  const why = note?.['why'];
  return typeof why === 'string' ? words[why] : undefined;
}

/** What a page needs to know of a desk; `blind`: it has readers, and none is open. */
export interface ShownDesk {
  readonly id: string;
  readonly state: Omit<DeskState, 'counts' | 'active'>;
  readonly blind: boolean;
  readonly trusted: boolean;
}

export function deskView({ id, state, blind, trusted }: ShownDesk): DeskView {
  const { menu, held, staffCalled, told, visit, mode, journalFailed } = state;
  const screen =
    mode === 'fire' ? 'leave' : mode === 'locked' || journalFailed || blind ? 'out-of-order' : trusted ? 'serving' : 'starting';
  return { station: id, screen, menu, held, staffCalled, told: told ?? null, visit: visit ?? null };
}
