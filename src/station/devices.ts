/** From a device of the configuration to one that is kept open: finds its driver and its port by name, checks both pieces. */
import { existsSync, readdirSync } from 'node:fs';
import { type DeviceConfiguration, type Loaded, parseWith } from '../configuration.js';
import type { Device, Driver, Link, Log, Port, Role } from '../contracts.js';
import { ConfigurationError, gatherFaults } from '../faults.js';
import { standIn } from './stand-in.js';
import { type DeviceState, supervise } from './supervise.js';

const DRIVERS = new URL('../../drivers/', import.meta.url);
const PORTS = new URL('../ports/', import.meta.url);

/** A device whose driver, address and settings are right; nothing is opened yet. */
export interface LoadedDevice {
  readonly name: string;
  readonly role: Role;
  /** Name of the port, and the address as that port checked it. */
  readonly port: string;
  readonly address: unknown;
  start(log: Log, onState: (state: DeviceState, reason: string) => void): RunningDevice;
}

export interface RunningDevice {
  readonly name: string;
  /** Stable across re-openings. `gate.release` throws a DeviceFault while the gate is away. */
  readonly device: Device;
  state(): DeviceState;
  stop(): Promise<void>;
}

export interface Where {
  /** Where the device stands in the configuration: ['stations', 0, 'devices', 1]. */
  readonly at: readonly PropertyKey[];
  readonly fault: Loaded['fault'];
}

/** @throws ConfigurationError naming the known drivers, or every wrong field of the address and the settings */
export async function loadDevice(wanted: DeviceConfiguration, { at, fault }: Where): Promise<LoadedDevice> {
  const driver = await driverOf(wanted.driver, { at, fault });
  const port = await portOf(driver.port);
  const faults = gatherFaults();
  const address = await faults.of(() => parseWith(port.address, wanted.address, [...at, 'address'], fault));
  const settings = await faults.of(() => parseWith(driver.settings, wanted.settings, [...at, 'settings'], fault));
  faults.check();
  const name = wanted.name ?? wanted.driver;
  return {
    name,
    role: driver.role,
    port: driver.port,
    address,
    start: (log, onState) => run({ name, driver, port, address, settings, log, onState }),
  };
}

interface Parts {
  readonly name: string;
  readonly driver: Driver;
  readonly port: Port;
  readonly address: unknown;
  readonly settings: unknown;
  readonly log: Log;
  readonly onState: (state: DeviceState, reason: string) => void;
}

function run({ name, driver, port, address, settings, log, onState }: Parts): RunningDevice {
  const mine = withName(log, name);
  const stand = standIn(driver.role, name, mine);
  let state: DeviceState = 'down';
  const supervised = supervise<Link, Device>({
    open: () => port.open(address),
    attach: (link) => driver.attach(link, settings, mine),
    path: pathOf(address),
    log: mine,
    onState: (now, reason, real) => {
      state = now;
      stand.behind(real);
      onState(now, reason);
    },
  });
  return { name, device: stand.device, state: () => state, stop: () => supervised.stop() };
}

/** Ports whose device is a file call it `path`. */
function pathOf(address: unknown): string | undefined {
  const path = (address as { readonly path?: unknown } | null)?.path;
  return typeof path === 'string' ? path : undefined;
}

/** Names of the drivers there are: the files of the folder, without those that start with _. */
export function driverNames(): readonly string[] {
  return readdirSync(DRIVERS)
    .filter((file) => file.endsWith('.js') && !file.startsWith('_'))
    .map((file) => file.slice(0, -'.js'.length))
    .sort();
}

async function driverOf(name: string, { at, fault }: Where): Promise<Driver> {
  const known = driverNames();
  if (!known.includes(name)) {
    const names = known.join(', ');
    throw new ConfigurationError([
      fault([...at, 'driver'], `没有名为 ${name} 的驱动，现有：${names}`, `no driver is called ${name}; there are ${names}`),
    ]);
  }
  return ((await import(new URL(`${name}.js`, DRIVERS).href)) as { default: Driver }).default;
}

async function portOf(name: string): Promise<Port> {
  const file = new URL(`${name}.js`, PORTS);
  if (!existsSync(file)) throw new Error(`no port is called ${name}`);
  return ((await import(file.href)) as { default: Port }).default;
}

function withName(log: Log, device: string): Log {
  const named = (facts?: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => ({ device, ...facts });
  return {
    info: (event, facts) => log.info(event, named(facts)),
    warn: (event, facts) => log.warn(event, named(facts)),
    error: (event, facts) => log.error(event, named(facts)),
  };
}
