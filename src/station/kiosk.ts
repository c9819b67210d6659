/** Builds one desk from its piece of the configuration: its scenes, its readers, its lamps and voice, wired to each other. */
import type { Inputs, Scanner, Signaller } from '../contracts.js';
import { createDesk, type DeskStation } from './desk.js';
import type { RunningDevice } from './devices.js';
import type { LoadedDesk } from './load.js';
import type { AskPlatform } from './resolve.js';
import type { Shared } from './station.js';
import type { DeviceState } from './supervise.js';

export interface Kiosk {
  readonly id: string;
  readonly desk: DeskStation;
  devices(): readonly { readonly name: string; readonly role: string; readonly state: DeviceState }[];
  /** There are readers, and none of them is open. */
  blind(): boolean;
  stop(): Promise<void>;
}

export interface KioskShared extends Shared {
  /** undefined: there is no line to the platform. */
  ask(): AskPlatform | undefined;
}

/** How long a lamp says that something was read. */
const SIGNAL_MS = 2000;

export function startKiosk({ configuration, scenes, devices }: LoadedDesk, shared: KioskShared): Kiosk {
  const { id } = configuration;
  const { clock, log, changed } = shared;
  let desk: DeskStation | undefined;
  const running: RunningDevice[] = devices.map(({ loaded }) =>
    loaded.start(log, (state) => {
      // What was asked of the person can no longer be answered; what was half read is nobody's.
      if (state !== 'up' && loaded.role === 'scanner') desk?.interrupted();
      changed();
    }),
  );
  const of = <D extends RunningDevice['device']>(role: D['role']): (RunningDevice & { device: D })[] =>
    running.filter((one): one is RunningDevice & { device: D } => one.device.role === role);
  const signals = of<Signaller>('signal').map(({ device }) => device);
  const readers = of<Scanner>('scanner');
  const made = createDesk({ ...shared, station: id, scenes });
  desk = made;

  for (const { device, name } of readers) {
    device.onReading((bytes, medium) => {
      const reading = { station: id, device: name, direction: 'in' as const, at: clock.now(), monotonic: clock.monotonic(), medium };
      for (const signal of signals) signal.show('reading', SIGNAL_MS);
      if (medium === 'code') made.accept({ ...reading, bytes });
      else void shared.cards(bytes).then((known) => made.accept({ ...reading, bytes: known }));
    });
  }
  for (const { device } of of<Inputs>('inputs')) device.onInput((name, active) => made.input(name, active));

  return {
    id,
    desk: made,
    devices: () => running.map((one) => ({ name: one.name, role: one.device.role, state: one.state() })),
    blind: () => readers.length > 0 && readers.every((reader) => reader.state() !== 'up'),
    async stop() {
      await made.stop();
      await Promise.all(running.map((one) => one.stop()));
    },
  };
}
