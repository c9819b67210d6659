/** Builds one lane from its piece of the configuration: scene, devices, gate cycle and lane, wired to each other. */
import type { StationConfiguration } from '../configuration.js';
import type { Clock, Direction, Gate, Inputs, Place, Scanner, Scene, Signaller } from '../contracts.js';
import type { Cards } from './cards.js';
import { type Cycle, createCycle } from './cycle.js';
import type { RunningDevice } from './devices.js';
import { createLane, type Lane, type LaneParts } from './lane.js';
import type { LoadedLane } from './load.js';
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

/** Reading states older than this were noise: nothing came of the first byte. */
const READING_MS = 1500;

export function startStation({ configuration, scene, devices }: LoadedLane, shared: Shared): Station {
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
