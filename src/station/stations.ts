/** All stations of a terminal as one: what becomes of them together, and what the county, the page and monitoring may know. */
import type { Order, Plan } from '../messages/command.js';
import { type Kiosk, type KioskShared, startKiosk } from './kiosk.js';
import { isDesk, type LoadedStation } from './load.js';
import { createPayments } from './payments.js';
import type { PrinterSeen } from './printing.js';
import { type Station, startStation } from './station.js';
import type { DeviceState } from './supervise.js';

export interface Stations {
  readonly lanes: readonly Station[];
  readonly desks: readonly Kiosk[];
  /** Every device is open. */
  allUp(): boolean;
  /** Every entry could be written. */
  healthy(): boolean;
  /** No lane is stuck in one reading. */
  works(): boolean;
  upkeep(): void;
  /** The platform can be asked again: payments in doubt are settled. */
  reachable(): void;
  /** Contacts that are active, a journal that cannot be written. */
  alarms(): string[];
  /** Of every desk. */
  printers(): PrinterSeen[];
  /** Whom the county's orders are for. */
  commanded(): readonly { readonly id: string; readonly scene: string; command(order: Order): Plan }[];
  counted(): readonly Counted[];
  stop(): Promise<void>;
}

/** What monitoring may know of one. */
export interface Counted {
  readonly id: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly devices: readonly { readonly name: string; readonly role: string; readonly state: DeviceState }[];
}

export function startStations(loaded: readonly LoadedStation[], parts: Omit<KioskShared, 'charge'>): Stations {
  const payments = createPayments({ ...parts, journal: parts.deskJournal });
  const shared: KioskShared = { ...parts, charge: payments.charge };
  const lanes: Station[] = [];
  const desks: Kiosk[] = [];
  for (const station of loaded) {
    if (isDesk(station)) desks.push(startKiosk(station, shared));
    else lanes.push(startStation(station, shared));
  }
  const states = () => [...lanes.map(({ lane }) => lane.state()), ...desks.map(({ desk }) => desk.state())];
  const healthy = (): boolean => !states().some(({ journalFailed }) => journalFailed);
  return {
    lanes,
    desks,
    allUp: () => [...lanes, ...desks].every((station) => station.devices().every(({ state }) => state === 'up')),
    healthy,
    works: () => lanes.every(({ lane }) => !lane.isStuck()),
    upkeep() {
      for (const { lane } of lanes) lane.upkeep();
      for (const { desk } of desks) desk.upkeep();
      payments.settle();
    },
    reachable: payments.settle,
    alarms: () => [
      ...new Set([
        ...states().flatMap(({ active }) => active),
        ...desks.flatMap((desk) => desk.alarms()),
        ...(healthy() ? [] : ['journal']),
      ]),
    ],
    printers: () => desks.flatMap((desk) => desk.printers()),
    commanded: () => [
      ...lanes.map(({ id, sceneName, lane }) => ({ id, scene: sceneName, command: lane.command })),
      ...desks.map(({ id, desk }) => ({ id, scene: 'desk', command: desk.command })),
    ],
    counted: () => [
      ...lanes.map(({ id, lane, devices }) => ({ id, counts: lane.state().counts, devices: devices() })),
      ...desks.map(({ id, desk, devices }) => ({ id, counts: desk.state().counts, devices: devices() })),
    ],
    async stop() {
      payments.stop();
      await Promise.all([...lanes, ...desks].map((station) => station.stop()));
    },
  };
}
