/** Builds one desk from its piece of the configuration: its scenes, its readers, its lamps and voice, wired to each other. */
import type { Desk, DeskState, Inputs, Printer, Scanner, Signaller, Sound, Workstation } from '../contracts.js';
import { createDesk, type DeskParts, type DeskStation } from './desk.js';
import type { DeskJournal } from './desk-work.js';
import type { RunningDevice } from './devices.js';
import type { LoadedDesk } from './load.js';
import type { Payments } from './payments.js';
import { createPrinting, type Pictures, type PrinterSeen } from './printing.js';
import type { AskPlatform } from './resolve.js';
import type { Shared } from './station.js';
import type { DeviceState } from './supervise.js';

export interface Kiosk {
  readonly id: string;
  readonly desk: DeskStation;
  devices(): readonly { readonly name: string; readonly role: string; readonly state: DeviceState }[];
  /** What its printers lack. */
  alarms(): readonly string[];
  printers(): readonly PrinterSeen[];
  /** There are readers, and none of them is open. */
  blind(): boolean;
  stop(): Promise<void>;
}

export interface KioskShared extends Shared {
  readonly deskJournal: DeskJournal;
  readonly venueCode: Desk['venueCode'];
  /** Of this box: stands on what it prints. */
  readonly terminal: string;
  /** Loaded with the first picture that is printed. */
  pictures(): Promise<Pictures>;
  readonly charge: Payments['charge'];
  readonly draw: Desk['draw'];
  readonly register: DeskParts['register'];
  readonly invite: DeskParts['invite'];
  /** undefined: there is no line to the platform. */
  ask(): AskPlatform | undefined;
}

/** How long a lamp says that something was read. */
const SIGNAL_MS = 2000;
const SETTLE_MS = 150;

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
  let spoken = '';
  let speaking: NodeJS.Timeout | undefined;
  /** Once for each step: what the person should do now. A step that is over at once is not spoken of. */
  const speak = (): void => {
    const state = made.state();
    const sound = soundOf(state);
    const now = `${sound ?? ''} ${state.visit?.step ?? ''}`;
    if (now !== spoken && sound) for (const signal of signals) signal.say?.(sound);
    spoken = now;
  };
  const tell = (): void => {
    clearTimeout(speaking);
    speaking = setTimeout(speak, SETTLE_MS).unref();
    changed();
  };
  const charge: DeskParts['charge'] = (scene, bill, code) => shared.charge({ station: id, scene }, bill, code);
  const workstation = of<Workstation>('workstation')[0]?.device;
  const handOver: DeskParts['handOver'] = async (told) => (await workstation?.tell(told)) ?? false;
  const printing = createPrinting({
    ...shared,
    printers: of<Printer>('printer'),
    alarm: (facts) => made.alarm(facts),
  });
  const made = createDesk({
    ...shared,
    charge,
    print: printing.print,
    handOver,
    journal: shared.deskJournal,
    changed: tell,
    station: id,
    scenes,
  });
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
    alarms: printing.alarms,
    printers: printing.states,
    blind: () => readers.length > 0 && readers.every((reader) => reader.state() !== 'up'),
    async stop() {
      await made.stop();
      printing.stop();
      clearTimeout(speaking);
      await Promise.all(running.map((one) => one.stop()));
    },
  };
}

/** What stands on the page, as it is said. Of the same step nothing is said twice. */
function soundOf({ mode, visit, staffCalled }: DeskState): Sound | undefined {
  if (mode === 'fire') return 'leave';
  if (mode === 'locked') return 'out-of-order';
  if (staffCalled) return 'staff-called';
  if (!visit) return undefined;
  if (visit.fading) return 'still-there';
  const { prompt } = visit;
  if ('turned' in prompt) return 'try-again';
  return PROMPTED[prompt.kind];
}

const PROMPTED: Readonly<Record<NonNullable<DeskState['visit']>['prompt']['kind'], Sound>> = {
  identify: 'scan',
  scan: 'scan-goods',
  choose: 'choose',
  search: 'enter',
  confirm: 'confirm',
  fill: 'enter',
  show: 'done',
  pay: 'pay',
  busy: 'wait',
};
