/** Devices that fail in every way: none of them ends the daemon, and each is back when it can be. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { createWorkbench, type Workbench } from '../src/cli/_workbench.js';
import { type DeviceConfiguration } from '../src/configuration.js';
import type { Bytes, Lines, LinkLost, Log, Scanner } from '../src/contracts.js';
import { ConfigurationError } from '../src/faults.js';
import { driverNames, loadDevice, type RunningDevice } from '../src/station/devices.js';
import { supervise } from '../src/station/supervise.js';

const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const folder = t.testdir();
const fault = (at: readonly PropertyKey[], zh: string, en: string): string => `${at.join('.')} ${zh} · ${en}`;

async function until(true_: () => boolean): Promise<void> {
  while (!true_()) await sleep(5);
}

async function start(wanted: Pick<DeviceConfiguration, 'driver' | 'address' | 'settings'>, log = quiet): Promise<RunningDevice> {
  const loaded = await loadDevice({ direction: 'in', ...wanted }, { at: ['devices', 0], fault });
  const running = loaded.start(log, () => undefined);
  t.teardown(() => running.stop());
  return running;
}

async function bench(name: string): Promise<Workbench> {
  const workbench = await createWorkbench(join(folder, name));
  t.teardown(() => workbench.close());
  return workbench;
}

/** A link in memory that can be lost. */
function linkOf(): { link: Bytes; lose(reason: string): void; say(text: string): void; closed: boolean } {
  let settle: (lost: LinkLost | undefined) => void = () => undefined;
  const listeners: ((chunk: Uint8Array) => void)[] = [];
  const self = {
    closed: false,
    say: (text: string) => listeners.forEach((listener) => listener(Buffer.from(text))),
    lose: (reason: string) => settle({ reason }),
    link: {
      kind: 'bytes',
      closed: new Promise<LinkLost | undefined>((resolve) => {
        settle = resolve;
      }),
      onData: (listener) => void listeners.push(listener),
      write: () => undefined,
      close: async () => {
        self.closed = true;
        settle(undefined);
      },
    } satisfies Bytes as Bytes,
  };
  return self;
}

const scanner = (link: Bytes, hear: (chunk: Uint8Array) => void): Scanner => {
  link.onData(hear);
  return { role: 'scanner', onReading: () => undefined, onStart: () => undefined };
};

t.test('a driver that throws is an event: its link is closed and it is made anew', async (t) => {
  const links: ReturnType<typeof linkOf>[] = [];
  const states: string[] = [];
  const heard: string[] = [];
  const supervised = supervise<Bytes, Scanner>({
    open: async () => {
      links.push(linkOf());
      return links.at(-1)?.link as Bytes;
    },
    attach: (link) => {
      if (links.length === 1) throw new Error('cannot begin');
      return scanner(link, (chunk) => {
        if (links.length === 2) throw new Error('cannot go on');
        heard.push(Buffer.from(chunk).toString());
      });
    },
    onState: (state, reason) => void states.push(`${state} ${reason}`),
    log: quiet,
  });
  await until(() => states.length === 2);
  links[1]?.say('bang');
  await until(() => states.length === 4);
  links[2]?.say('fine');
  links[2]?.lose('cable');
  await until(() => states.length === 5);
  await supervised.stop();
  t.same(heard, ['fine']);
  t.same(states.slice(0, 5), ['down cannot begin', 'up opened', 'down the driver threw: cannot go on', 'up opened', 'down cable']);
  t.ok(
    links.every(({ closed }) => closed),
    'no link is left open',
  );
});

t.test('stopped while it waits, while it opens and while it works, it ends', async (t) => {
  const waiting = supervise<Bytes, Scanner>({
    open: () => Promise.reject(new Error('away')),
    attach: (link) => scanner(link, () => undefined),
    onState: () => undefined,
    log: quiet,
    path: join(folder, 'no/such/folder/device'),
  });
  await sleep(20);
  await waiting.stop();

  const late = linkOf();
  let attached = false;
  let open: (link: Bytes) => void = () => undefined;
  const opening = supervise<Bytes, Scanner>({
    open: () =>
      new Promise((resolve) => {
        open = resolve;
      }),
    attach: (link) => {
      attached = true;
      return scanner(link, () => undefined);
    },
    onState: () => undefined,
    log: quiet,
  });
  const stopped = opening.stop();
  open(late.link);
  await stopped;
  t.ok(late.closed, 'what opened too late was closed');
  t.notOk(attached);

  const working = linkOf();
  const states: string[] = [];
  const supervised = supervise<Bytes, Scanner>({
    open: async () => working.link,
    attach: (link) => scanner(link, () => undefined),
    onState: (state) => void states.push(state),
    log: quiet,
  });
  await until(() => states.length === 1);
  await supervised.stop();
  t.ok(working.closed);
  t.same(states, ['up', 'down']);
});

t.test('a wrong device is refused by name: driver, field of the address, field of the settings', async (t) => {
  const refused = async (wanted: Pick<DeviceConfiguration, 'driver' | 'address' | 'settings'>): Promise<readonly string[]> => {
    try {
      await loadDevice({ direction: 'in', ...wanted }, { at: ['devices', 0], fault });
      return [];
    } catch (error) {
      if (error instanceof ConfigurationError) return error.faults;
      throw error;
    }
  };
  const [unknown] = await refused({ driver: 'serial-scaner', address: {}, settings: {} });
  t.match(unknown, /devices\.0\.driver .*没有名为 serial-scaner 的驱动.*no driver is called serial-scaner.*serial-scanner/);
  t.match(await refused({ driver: '_blueprint', address: {}, settings: {} }), [/_blueprint/]);
  t.match(await refused({ driver: '../src/main', address: {}, settings: {} }), [/no driver/]);
  t.match(await refused({ driver: 'serial-scanner', address: { path: '/dev/ttyS0', baud: 1 }, settings: { gapMs: 'soon' } }), [
    /devices\.0\.address\.baud/,
    /devices\.0\.settings\.gapMs/,
  ]);
  t.match(await refused({ driver: 'relay-onoff', address: { chip: 'a' }, settings: { fails: 'secure' } }), [
    /settings\.leavesEnergised .*leavesEnergised: accepted/,
  ]);
  t.notOk(driverNames().some((name) => name.startsWith('_')));
});

t.test('a gate that is away says so to whoever would open it, and opens again when it is back', async (t) => {
  const workbench = await bench('gate.sock');
  const lines: string[] = [];
  workbench.onEvent((event) => event.event === 'line' && lines.push(`${event.line} ${event.active}`));
  workbench.unplug('gate');
  const address = { path: workbench.path, name: 'gate', outputs: ['in'], inputs: ['passedIn'] };
  const running = await start({ driver: 'simulated-gate', address, settings: { fails: 'secure', pulseMs: 100, sensors: ['passedIn'] } });
  const { device: gate } = running;
  if (gate.role !== 'gate') throw new Error('not a gate');
  const senses: unknown[] = [];
  gate.onSense((sense) => senses.push(sense));
  t.throws(() => gate.release('in'), { code: 'device-down' });
  gate.lock();

  workbench.plug('gate');
  await until(() => running.state() === 'up');
  t.equal(gate.senses, true);
  gate.release('in');
  await until(() => lines.length === 2);
  t.same(lines, ['in true', 'in false'], 'the pulse ended by itself');
  workbench.lines('gate').drive('passedIn', true);
  workbench.lines('gate').drive('passedIn', false);
  await until(() => senses.length === 1);
  t.same(senses, [{ sense: 'passed', direction: 'in' }]);
  t.throws(() => gate.release('out'), { code: 'device-failed' });

  gate.release('in');
  await until(() => lines.length === 3);
  workbench.unplug('gate');
  await until(() => running.state() === 'down');
  await until(() => lines.length === 4);
  t.equal(workbench.lines('gate').read('in'), false, 'a gate whose cable is pulled during the pulse falls');
  t.throws(() => gate.release('in'), { code: 'device-down' });
});

t.test('a daemon that dies lets go of every line of the workbench', async (t) => {
  const workbench = await bench('dies.sock');
  const { default: port } = await import('../src/ports/simulated-lines.js');
  const link: Lines = await port.open({ path: workbench.path, name: 'lamp', outputs: ['green', 'red'], inputs: [] });
  link.set({ green: true, red: true });
  await until(() => workbench.lines('lamp').read('red'));
  await t.rejects(port.open({ path: workbench.path, name: 'lamp', outputs: [], inputs: [] }), /open elsewhere/);
  await link.close();
  await until(() => !workbench.isOpen('lamp'));
  t.notOk(workbench.lines('lamp').read('green') || workbench.lines('lamp').read('red'));
});

t.test('a fire that began while the contacts were away is told when they are back', async (t) => {
  const workbench = await bench('fire.sock');
  const contacts = workbench.lines('contacts');
  contacts.drive('fire', true);
  const address = { path: workbench.path, name: 'contacts', inputs: ['fire'] };
  const running = await start({ driver: 'simulated-inputs', address, settings: { contacts: { fire: 'normally-closed' } } });
  const { device: inputs } = running;
  if (inputs.role !== 'inputs') throw new Error('not inputs');
  const told: unknown[] = [];
  inputs.onInput((name, active) => told.push(`${name} ${active}`));
  await until(() => running.state() === 'up');
  t.equal(inputs.state('fire'), false);
  workbench.unplug('contacts');
  await until(() => running.state() === 'down');
  contacts.drive('fire', false);
  workbench.plug('contacts');
  await until(() => running.state() === 'up');
  t.equal(inputs.state('fire'), true);
  t.same(told, ['fire true']);
});

t.test('a scanner at the workbench reads, also what was typed with its opening; a listener that throws does not unplug it', async (t) => {
  const workbench = await bench('scanner.sock');
  const errors: string[] = [];
  const log: Log = { ...quiet, error: (event) => void errors.push(event) };
  workbench.onEvent(({ event, name }) => event === 'opened' && workbench.scanner(name).send(Buffer.from('EARLY\r')));
  const running = await start({ driver: 'simulated-scanner', address: { path: workbench.path, name: 'reader' }, settings: {} }, log);
  const { device } = running;
  if (device.role !== 'scanner') throw new Error('not a scanner');
  const readings: string[] = [];
  device.onReading((bytes) => {
    readings.push(Buffer.from(bytes).toString());
    throw new Error('the lane is wrong');
  });
  await until(() => readings.length === 1);
  workbench.scanner('reader').send(Buffer.from('LATER\n'));
  await until(() => readings.length === 2);
  t.same(readings, ['EARLY', 'LATER']);
  t.same(errors, ['listener-threw', 'listener-threw']);
  t.equal(running.state(), 'up');
});

t.test('lamps that are away are no fault of the lane', async (t) => {
  const running = await start({
    driver: 'simulated-lamps',
    address: { path: join(folder, 'nobody.sock'), name: 'lamps', outputs: ['green'] },
    settings: { lines: ['green'], signals: { admitted: [{ on: ['green'] }] } },
  });
  const { device: lamps } = running;
  if (lamps.role !== 'signal') throw new Error('not lamps');
  lamps.show('admitted', 100);
  t.equal(running.state(), 'down');
});
