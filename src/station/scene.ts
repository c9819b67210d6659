/** Finds a scene by its name: `entry` is src/scenes/entry.ts, `clinic/card` is src/scenes/clinic/card.ts; loaded only when the configuration names it. */
import { readdirSync } from 'node:fs';
import type { DeskScene, Scene } from '../contracts.js';

const FOLDER = new URL('../scenes/', import.meta.url);

/** Single scenes first, then those of folders. */
export function sceneNames(): readonly string[] {
  const entries = readdirSync(FOLDER, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return [
    ...namesIn(FOLDER),
    ...folders.sort().flatMap((folder) => namesIn(new URL(`${folder}/`, FOLDER)).map((name) => `${folder}/${name}`)),
  ];
}

/** What begins with _ is shared by scenes and is none. */
const namesIn = (folder: URL): readonly string[] =>
  readdirSync(folder)
    .filter((file) => /^[a-z].*\.js$/.test(file))
    .map((file) => file.slice(0, -'.js'.length))
    .sort();

/** undefined: there is no such scene. */
export async function loadScene(name: string): Promise<Scene | DeskScene | undefined> {
  if (!sceneNames().includes(name)) return undefined;
  return ((await import(new URL(`${name}.js`, FOLDER).href)) as { default: Scene | DeskScene }).default;
}

export const isDeskScene = (scene: Scene | DeskScene): scene is DeskScene => 'visit' in scene;

/** Who may begin at a desk is decided by admission alone; what comes of it, in the conversation. */
export function judgingOnly(scene: DeskScene): Scene {
  return { ...scene, judge: () => ({ admit: true }) };
}
