/** Builds one station from its piece of the configuration: scene, devices, gate cycle and lane, wired to each other. */
import { type Loaded, parseWith, type StationConfiguration } from '../configuration.js';
import type { Clock, Direction, Gate, Inputs, Place, Scanner, Scene, Signaller } from '../contracts.js';
import { ConfigurationError, gatherFaults } from '../faults.js';
import type { Cards } from './cards.js';
import { type Cycle, createCycle } from './cycle.js';
import type { NamedScene } from './decide.js';
import { type LoadedDevice, loadDevice, type RunningDevice } from './devices.js';
import { createLane, type Lane, type LaneParts } from './lane.js';
import { loadScene, sceneNames } from './scene.js';
import type { DeviceState } from './supervise.js';

/** What a station shares with the others of its terminal. */
export type Shared = Pick<LaneParts, 'checkpoint' | 'formats' | 'journal' | 'whenJournalFails' | 'trust' | 'sealer' | 'log' | 'resolve'> & {
  readonly clock: Clock;
  /** Whose a card is; codes say that themselves. */
  readonly cards: Cards;
  changed(): void;
};

export interface Station {
  readonly id: string;
  readonly scene: Scene;
  readonly sceneName: string;
  readonly lane: Lane;
  readonly cycle: Cycle | undefined;
  devices(): readonly { readonly name: string; readonly role: string; readonly state: DeviceState }[];
  /** Something is being read right now. */
  reading(): boolean;
  stop(): Promise<void>;
}

/** A station whose every piece of the configuration is right; nothing is opened yet. */
export interface LoadedStation {
  readonly configuration: StationConfiguration;
  readonly scene: NamedScene;
  readonly devices: readonly { readonly loaded: LoadedDevice; readonly direction: Direction }[];
}

/** @throws ConfigurationError with every fault of the station. */
export async function loadStation(
  configuration: StationConfiguration,
  at: readonly PropertyKey[],
  fault: Loaded['fault'],
): Promise<LoadedStation> {
  const faults = gatherFaults();
  const scene = await faults.of(() => sceneOf(configuration, at, fault));
  const devices = await Promise.all(
    configuration.devices.map(async (device, i) => {
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
  if (devices.filter((device) => device?.loaded.role === 'gate').length > 1) {
    faults.add(fault([...at, 'devices'], '一个通道只能有一个闸机', 'a lane has one gate at most'));
  }
  faults.check();
  if (!scene) throw new Error('a scene that is neither there nor at fault');
  return { configuration, scene, devices: devices.filter((device) => device !== undefined) };
}

async function sceneOf(configuration: StationConfiguration, at: readonly PropertyKey[], fault: Loaded['fault']): Promise<NamedScene> {
  const name = configuration.scene;
  const scene = await loadScene(name);
  if (!scene) {
    const known = sceneNames().join(', ');
    throw new ConfigurationError([
      fault([...at, 'scene'], `没有名为 ${name} 的场景，现有：${known}`, `no scene is called ${name}; there are ${known}`),
    ]);
  }
  return { name, scene, settings: parseWith(scene.settings, configuration.settings, [...at, 'settings'], fault) };
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

/** Reading states older than this were noise: nothing came of the first byte. */
const READING_MS = 1500;

export function startStation({ configuration, scene, devices }: LoadedStation, shared: Shared): Station {
  const { id } = configuration;
  const { clock, log, changed } = shared;
  const running: RunningDevice[] = devices.map(({ loaded }) => loaded.start(log, () => changed()));
  const of = <D extends RunningDevice['device']>(role: D['role']): { running: RunningDevice & { device: D }; direction: Direction }[] =>
    running.flatMap((one, i) =>
      one.device.role === role ? [{ running: one as RunningDevice & { device: D }, direction: devices[i]?.direction ?? 'in' }] : [],
    );

  const signals = of<Signaller>('signal').map((one) => one.running.device);
  const gate = of<Gate>('gate')[0]?.running.device;
  /** In the order of the configuration: the first that knows is believed. */
  const places = of<Place>('place').map((one) => ({ device: one.running.device, stop: undefined as string | undefined }));
  let started = Number.NEGATIVE_INFINITY;
  const lane: Lane = createLane({
    ...shared,
    stop: () => places.find(({ stop }) => stop !== undefined)?.stop,
    station: id,
    scene,
    patienceMs: 2000 * (configuration.passageSeconds + configuration.heldOpenSeconds),
    signal: (signal, ms) => {
      for (const one of signals) one.show(signal, ms);
    },
    ...(gate && { cycle: cycleOf(gate, configuration, { log, changed, alarm: (alarm) => lane.alarm(alarm) }) }),
  });

  const knownCard = oneAtATime(shared.cards);
  for (const { running: scanner, direction } of of<Scanner>('scanner')) {
    scanner.device.onStart(() => {
      started = clock.monotonic();
      changed();
    });
    scanner.device.onReading((bytes, medium) => {
      started = Number.NEGATIVE_INFINITY;
      const reading = { station: id, device: scanner.name, direction, at: clock.now(), monotonic: clock.monotonic(), medium };
      if (medium === 'code') lane.accept({ ...reading, bytes });
      else void knownCard(bytes)?.then((known) => lane.accept({ ...reading, bytes: known }));
    });
  }
  for (const place of places) {
    place.device.onPlace((stop) => {
      place.stop = stop;
      changed();
    });
    place.device.onRepeat(() => lane.input('repeat', true));
  }
  for (const { running: inputs } of of<Inputs>('inputs')) inputs.device.onInput((name, active) => lane.input(name, active));

  return {
    id,
    scene: scene.scene,
    sceneName: scene.name,
    lane,
    cycle: lane.cycle,
    devices: () => running.map((one) => ({ name: one.name, role: one.device.role, state: one.state() })),
    reading: () => clock.monotonic() - started < READING_MS,
    async stop() {
      await lane.stop();
      await Promise.all(running.map((one) => one.stop()));
    },
  };
}

/** What the county should know of the stations now: contacts that are active, a journal that cannot be written. */
export function alarmsOf(stations: readonly Station[]): string[] {
  const states = stations.map(({ lane }) => lane.state());
  const journal = states.some(({ journalFailed }) => journalFailed) ? ['journal'] : [];
  return [...new Set([...states.flatMap(({ active }) => active), ...journal])];
}

/** One person stands at a lane: what another card says while the first is worked on is not waited for. */
function oneAtATime(cards: Cards): (bytes: Uint8Array) => ReturnType<Cards> | undefined {
  let working = false;
  return (bytes) => {
    if (working) return undefined;
    working = true;
    return cards(bytes).finally(() => {
      working = false;
    });
  };
}

type CycleRim = Pick<Parameters<typeof createCycle>[0], 'log' | 'changed' | 'alarm'>;

function cycleOf(gate: Gate, { passageSeconds, heldOpenSeconds }: StationConfiguration, rim: CycleRim): Cycle {
  return createCycle({ gate, passageMs: passageSeconds * 1000, heldOpenMs: heldOpenSeconds * 1000, ...rim });
}
