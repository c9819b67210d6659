/** What the page may know of a desk and do at it, as plain data. Pure. */
import type { DeskScene, DeskState } from '../contracts.js';
import type { Visit } from './visit.js';

type Titled = { readonly name: string; readonly scene: Pick<DeskScene, 'title'> };

export function shownVisit(visit: Visit, scenes: readonly Titled[], fading: boolean): DeskState['visit'] {
  const { id, scene, step, prompt, faults } = visit;
  const title = scenes.find(({ name }) => name === scene)?.scene.title;
  return title && { id, scene, title, step, prompt, faults, fading };
}
