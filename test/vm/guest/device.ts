/**
 * Devices of a configuration, kept open as the terminal keeps them: `node device.js DEVICE…`, each in JSON as under `devices:`.
 * Commands: release "in", lock, show "admitted". Reports what the devices tell, and when each goes up and down.
 */

import { type Device, type Direction, type Signal } from '../../../src/contracts.js';
import { ConfigurationError } from '../../../src/faults.js';
import { loadDevice } from '../../../src/station/devices.js';
import { log, obey, report } from './words.js';

const SHOWN_MS = 600;

function listen(name: string, device: Device): void {
  if (device.role === 'gate') device.onSense((sense) => report({ device: name, ...sense }));
  if (device.role === 'inputs') device.onInput((input, active) => report({ device: name, input, active }));
  if (device.role === 'scanner') device.onReading((bytes) => report({ device: name, reading: Buffer.from(bytes).toString() }));
}

function commandsOf(devices: readonly Device[]): Parameters<typeof obey>[0] {
  const one = <R extends Device['role']>(role: R): Extract<Device, { role: R }> => {
    const found = devices.find((device): device is Extract<Device, { role: R }> => device.role === role);
    if (!found) throw new Error(`no ${role} here`);
    return found;
  };
  return {
    release: (direction: Direction) => one('gate').release(direction),
    lock: () => one('gate').lock(),
    show: (signal: Signal) => one('signal').show(signal, SHOWN_MS),
    'fire?': () => report({ fire: one('inputs').state('fire') }),
  };
}

try {
  const devices: Device[] = [];
  for (const text of process.argv.slice(2)) {
    const wanted = { direction: 'in', address: {}, settings: {}, ...(JSON.parse(text) as { driver: string }) } as const;
    const loaded = await loadDevice(wanted, { at: [], fault: (at, _zh, en) => `${at.join('.')} ${en}` });
    const running = loaded.start(log, (state, reason) => report({ device: loaded.name, state, reason }));
    listen(running.name, running.device);
    devices.push(running.device);
  }
  obey(commandsOf(devices));
  report({ loaded: devices.length });
} catch (error) {
  report({ failed: error instanceof ConfigurationError ? 'configuration' : 'program', why: String(error) });
  process.exitCode = 1;
}
