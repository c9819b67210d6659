/** What the page may know of a desk and do at it, as plain data. Pure. */
import type { DeskScene, Json, Words } from '../contracts.js';
import type { Prompt } from './prompt.js';
import type { Visit } from './visit.js';

/** What the page may know of a desk. */
export interface DeskState {
  readonly menu: readonly { readonly scene: string; readonly title: Words }[];
  /** Somebody held up a code before choosing. */
  readonly held: boolean;
  readonly journalFailed: boolean;
  readonly staffCalled: boolean;
  readonly visit:
    | {
        readonly id: string;
        readonly scene: string;
        readonly title: Words;
        readonly step: number;
        readonly prompt: Prompt;
        readonly faults: Visit['faults'];
        /** Nobody touched anything for a while: is the person still there? */
        readonly fading: boolean;
      }
    | undefined;
  readonly counts: Readonly<Record<string, number>>;
}

/** What the page may do. `visit` and `step` name what the person saw when they touched it. */
export type DeskAction =
  | { readonly do: 'start'; readonly scene: string }
  | { readonly do: 'answer'; readonly visit: string; readonly step: number; readonly value: Json }
  | { readonly do: 'leave'; readonly visit: string }
  | { readonly do: 'stay'; readonly visit: string }
  | { readonly do: 'call-staff' };

type Titled = { readonly name: string; readonly scene: Pick<DeskScene, 'title'> };

export function shownVisit(visit: Visit, scenes: readonly Titled[], fading: boolean): DeskState['visit'] {
  const { id, scene, step, prompt, faults } = visit;
  const title = scenes.find(({ name }) => name === scene)?.scene.title;
  return title && { id, scene, title, step, prompt, faults, fading };
}
