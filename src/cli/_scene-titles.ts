/** What every scene is called, for the county's board and its reports. */
import type { Words } from '../contracts.js';
import { loadScene, sceneNames } from '../station/scene.js';

export async function sceneTitles(): Promise<Readonly<Record<string, Words>>> {
  const scenes = await Promise.all(sceneNames().map(async (name) => [name, (await loadScene(name))?.title] as const));
  return Object.fromEntries(scenes.flatMap(([name, title]) => (title ? [[name, title]] : [])));
}
