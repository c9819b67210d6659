/** Stations whose every piece of the configuration is right: scenes and devices found by name, settings checked. Nothing is opened yet. */
import { type Loaded, parseWith, type StationConfiguration } from '../configuration.js';
import type { DeskScene, Direction, Scene, Words } from '../contracts.js';
import { ConfigurationError, gatherFaults } from '../faults.js';
import type { NamedScene } from './decide.js';
import type { NamedDeskScene } from './desk.js';
import { type LoadedDevice, loadDevice } from './devices.js';
import { isDeskScene, loadScene, sceneNames } from './scene.js';

interface LoadedDevices {
  readonly configuration: StationConfiguration;
  readonly devices: readonly { readonly loaded: LoadedDevice; readonly direction: Direction }[];
}

export interface LoadedLane extends LoadedDevices {
  readonly scene: NamedScene;
}

export interface LoadedDesk extends LoadedDevices {
  readonly scenes: readonly NamedDeskScene[];
}

export type LoadedStation = LoadedLane | LoadedDesk;

export const isDesk = (station: LoadedStation): station is LoadedDesk => 'scenes' in station;

/** What stands on the page while nobody is served. */
export function titleOf(station: LoadedStation): Words {
  return isDesk(station) ? { zh: '自助服务', en: 'Self-service' } : station.scene.scene.title;
}

interface Where {
  readonly at: readonly PropertyKey[];
  readonly fault: Loaded['fault'];
}

/** @throws ConfigurationError with every fault of the station. */
export async function loadStation(
  configuration: StationConfiguration,
  at: readonly PropertyKey[],
  fault: Loaded['fault'],
): Promise<LoadedStation> {
  const faults = gatherFaults();
  const where = { at, fault };
  const isLane = configuration.kind === 'lane';
  const scenes = await faults.of<{ scene: NamedScene } | { scenes: readonly NamedDeskScene[] }>(() =>
    isLane ? laneScene(configuration, where) : deskScenes(configuration, where),
  );
  const devices = await faults.of(() => devicesOf(configuration, where));
  faults.check();
  if (!scenes || !devices) throw new Error('a station that is neither there nor at fault');
  return { configuration, devices, ...scenes };
}

async function devicesOf({ kind, devices: wanted }: StationConfiguration, { at, fault }: Where): Promise<LoadedDevices['devices']> {
  const faults = gatherFaults();
  const devices = await Promise.all(
    wanted.map(async (device, i) => {
      const loaded = await faults.of(() => loadDevice(device, { at: [...at, 'devices', i], fault }));
      return loaded && { loaded, direction: device.direction };
    }),
  );
  const names = new Set<string>();
  for (const [i, device] of devices.entries()) {
    if (device && names.has(device.loaded.name)) {
      faults.add(fault([...at, 'devices', i, 'name'], `设备名 ${device.loaded.name} 重复`, `two devices are called ${device.loaded.name}`));
    }
    if (device) names.add(device.loaded.name);
  }
  const gates = devices.filter((device) => device?.loaded.role === 'gate').length;
  if (kind === 'lane' && gates > 1) faults.add(fault([...at, 'devices'], '一个通道只能有一个闸机', 'a lane has one gate at most'));
  if (kind === 'desk' && gates > 0) faults.add(fault([...at, 'devices'], '服务台没有闸机', 'a desk has no gate'));
  faults.check();
  return devices.filter((device) => device !== undefined);
}

async function laneScene({ scene: name, scenes, settings }: StationConfiguration, { at, fault }: Where): Promise<{ scene: NamedScene }> {
  if (scenes)
    throw new ConfigurationError([
      fault([...at, 'scenes'], '通道只有一个 scene；多个场景须 kind: desk', 'a lane has one `scene`; several need kind: desk'),
    ]);
  if (name === undefined) throw new ConfigurationError([fault([...at, 'scene'], '缺少场景', 'a lane needs its scene')]);
  const scene = await sceneNamed(name, { at: [...at, 'scene'], fault });
  if (isDeskScene(scene))
    throw new ConfigurationError([fault([...at, 'scene'], `${name} 是服务台的场景，须 kind: desk`, `${name} is for a desk: kind: desk`)]);
  return { scene: { name, scene, settings: parseWith(scene.settings, settings ?? {}, [...at, 'settings'], fault) } };
}

async function deskScenes(
  { scene, scenes, settings }: StationConfiguration,
  { at, fault }: Where,
): Promise<{ scenes: readonly NamedDeskScene[] }> {
  const faults = gatherFaults();
  if (scene !== undefined) faults.add(fault([...at, 'scene'], '服务台的场景写在 scenes 之下', 'the scenes of a desk stand under `scenes`'));
  if (settings) faults.add(fault([...at, 'settings'], '服务台的设置写在各场景之下', 'settings of a desk stand with each scene'));
  if (!scenes) faults.add(fault([...at, 'scenes'], '缺少场景', 'a desk needs its scenes'));
  const loaded = await Promise.all((scenes ?? []).map((one, i) => faults.of(() => deskScene(one, { at: [...at, 'scenes', i], fault }))));
  const names = new Set<string>();
  for (const [i, { scene: name }] of (scenes ?? []).entries()) {
    if (names.has(name)) faults.add(fault([...at, 'scenes', i, 'scene'], `场景 ${name} 重复`, `the scene ${name} stands there twice`));
    names.add(name);
  }
  faults.check();
  return { scenes: loaded.filter((one) => one !== undefined) };
}

async function deskScene(
  { scene: name, settings }: NonNullable<StationConfiguration['scenes']>[number],
  { at, fault }: Where,
): Promise<NamedDeskScene> {
  const scene = await sceneNamed(name, { at: [...at, 'scene'], fault });
  if (!isDeskScene(scene))
    throw new ConfigurationError([fault([...at, 'scene'], `${name} 是通道的场景，须 kind: lane`, `${name} is for a lane: kind: lane`)]);
  return { name, scene, settings: parseWith(scene.settings, settings, [...at, 'settings'], fault) };
}

async function sceneNamed(name: string, { at, fault }: Where): Promise<Scene | DeskScene> {
  const scene = await loadScene(name);
  if (scene) return scene;
  const known = sceneNames().join(', ');
  throw new ConfigurationError([fault(at, `没有名为 ${name} 的场景，现有：${known}`, `no scene is called ${name}; there are ${known}`)]);
}

/** @throws ConfigurationError with the faults of all stations */
export async function loadStations({ configuration, fault }: Loaded): Promise<readonly LoadedStation[]> {
  const faults = gatherFaults();
  const loaded = await Promise.all(
    configuration.stations.map((station, i) => faults.of(() => loadStation(station, ['stations', i], fault))),
  );
  faults.check();
  return loaded.filter((station) => station !== undefined);
}
