/** The gate, contacts and lamps of a lane on a real kernel: drivers kept open by the supervisor, on both ways to GPIO. */
import assert from 'node:assert/strict';
import { GpioChip, LABEL, WIRES, type Wire } from '../gpio-chip.js';
import type { Guest } from '../guest.js';
import type { Lab, Suite } from '../report.js';

const PROGRAM = '/opt/ankang/build/test/vm/guest/device.js';
const REPLUGS = 3;

const gate = (pulseMs: number): object => ({
  driver: 'relay-gpiochip',
  name: 'gate',
  address: {
    chip: LABEL,
    outputs: { in: { line: 'GATE_IN' }, out: { line: 'GATE_OUT' } },
    inputs: { passedIn: { line: 'PASSAGE_A', debounceMs: 0 }, passedOut: { line: 'PASSAGE_B', debounceMs: 0 } },
  },
  settings: { fails: 'safe', pulseMs, releases: ['in', 'out'], sensors: ['passedIn', 'passedOut'] },
});
const contacts = {
  driver: 'inputs-gpiochip',
  name: 'contacts',
  address: { chip: LABEL, inputs: { fire: { line: 'FIRE', debounceMs: 20 }, tamper: { line: 'TAMPER', debounceMs: 20 } } },
  settings: { contacts: { fire: 'normally-closed', tamper: 'normally-open' } },
};
const lamps = {
  driver: 'lamps-gpiochip',
  name: 'lamps',
  address: { chip: LABEL, outputs: { green: { line: 'LAMP_GREEN' }, red: { line: 'LAMP_RED' }, buzzer: { line: 'BUZZER' } } },
  settings: {
    lines: ['green', 'red', 'buzzer'],
    signals: { idle: [{ on: ['red'] }], admitted: [{ on: ['green', 'buzzer'], ms: 100 }, { on: ['green'] }] },
  },
};
const sysfsGate = (settings: object): object => ({
  driver: 'relay-onoff',
  name: 'old-gate',
  address: { chip: LABEL, outputs: { in: { line: WIRES.GATE_IN } } },
  settings: { fails: 'safe', pulseMs: 5000, ...settings },
});

async function start(guest: Guest, ...devices: readonly object[]): Promise<number> {
  guest.reports.forget();
  const pid = await guest.start('device', 'node', PROGRAM, ...devices.map((device) => JSON.stringify(device)));
  await guest.reports.next({ loaded: devices.length });
  for (const device of devices) await guest.reports.next({ device: (device as { name: string }).name, state: 'up' });
  return pid;
}

async function tell(guest: Guest, command: string): Promise<void> {
  guest.reports.forget();
  await guest.tell('device', command);
  await guest.reports.next({ done: command.split(' ')[0] });
}

const levels = async (chip: GpioChip, wire: Wire): Promise<string> => (await chip.driven(wire)).map(({ level }) => level).join('');

async function characterDevice(lab: Lab, guest: Guest, chip: GpioChip): Promise<void> {
  let pid = 0;
  await lab.check('start and first signal of a lane move no gate', async () => {
    await chip.pull([['FIRE', 1]]);
    await chip.record();
    pid = await start(guest, gate(300), contacts, lamps);
    assert.match((await levels(chip, 'GATE_IN')) + (await levels(chip, 'GATE_OUT')), /^0+$/);
    assert.deepEqual([await chip.level('LAMP_RED'), await chip.level('LAMP_GREEN')], [1, 0]);
  });
  await lab.check('a release is one pulse, never shorter than asked, and the other direction stays shut', async () => {
    await chip.record();
    await tell(guest, 'release "in"');
    await chip.becomes('GATE_IN', 0);
    const pulse = (await chip.driven('GATE_IN')).filter(({ level }, i, all) => level !== all[i - 1]?.level);
    assert.deepEqual(
      pulse.map(({ level }) => level),
      [1, 0],
    );
    assert.ok((pulse[1]?.at ?? 0) - (pulse[0]?.at ?? 0) >= 0.295, 'the kernel saw at least 300 ms');
    assert.match(await levels(chip, 'GATE_OUT'), /^0*$/);
  });
  await lab.check('passages in both directions are told apart', async () => {
    guest.reports.forget();
    await chip.pull(
      [
        ['PASSAGE_A', 1],
        ['PASSAGE_A', 0],
        ['PASSAGE_B', 1],
        ['PASSAGE_B', 0],
      ],
      50,
    );
    await guest.reports.next({ sense: 'passed', direction: 'out' });
    assert.deepEqual(
      guest.reports.all({ sense: 'passed' }).map(({ direction }) => direction),
      ['in', 'out'],
    );
  });
  await lab.check('a cut cable of the fire contact is a fire', async () => {
    await tell(guest, 'fire?');
    assert.equal(guest.reports.all({ fire: false }).length, 1);
    await chip.pull([['FIRE', 0]]);
    await guest.reports.next({ input: 'fire', active: true });
    await chip.pull([['FIRE', 1]]);
    await guest.reports.next({ input: 'fire', active: false });
  });
  await lab.check('a signal plays its pattern on lamps and buzzer and goes back to idle', async () => {
    await chip.record();
    await tell(guest, 'show "admitted"');
    await chip.becomes('LAMP_GREEN', 1);
    await chip.becomes('LAMP_RED', 1);
    const buzzer = (await levels(chip, 'BUZZER')).replaceAll(/(.)\1+/g, '$1');
    assert.equal(buzzer, '10');
  });
  await lab.check(`the chip pulled out and put back ${REPLUGS} times: all devices come back and the gate was never moved`, async () => {
    await chip.record();
    for (let i = 0; i < REPLUGS; i++) {
      guest.reports.forget();
      await chip.unplug();
      for (const device of ['gate', 'contacts', 'lamps']) await guest.reports.next({ device, state: 'down' });
      await chip.plug();
      for (const device of ['gate', 'contacts', 'lamps']) await guest.reports.next({ device, state: 'up' });
    }
    assert.match((await levels(chip, 'GATE_IN')) + (await levels(chip, 'GATE_OUT')), /^0+$/);
    await tell(guest, 'release "out"');
    await chip.becomes('GATE_OUT', 1);
  });
  await lab.check('after the last replug a person is still seen', async () => {
    guest.reports.forget();
    await chip.pull(
      [
        ['PASSAGE_A', 1],
        ['PASSAGE_A', 0],
      ],
      50,
    );
    await guest.reports.next({ sense: 'passed', direction: 'in' });
  });
  await guest.kill(pid);
  await lab.check('killed in the middle of a pulse, the gate shuts; started again, it stays shut', async () => {
    pid = await start(guest, gate(5000));
    await tell(guest, 'release "in"');
    assert.equal(await chip.level('GATE_IN'), 1);
    await guest.kill(pid);
    assert.equal(await chip.level('GATE_IN'), 0);
    await chip.record();
    pid = await start(guest, gate(5000));
    assert.match(await levels(chip, 'GATE_IN'), /^0+$/);
    await guest.kill(pid);
  });
}

async function sysfs(lab: Lab, guest: Guest, chip: GpioChip): Promise<void> {
  let pid = 0;
  await lab.check('a gate on sysfs is refused until someone accepts that it stays energised', async () => {
    guest.reports.forget();
    await guest.start('device', 'node', PROGRAM, JSON.stringify(sysfsGate({})));
    const { why } = await guest.reports.next({ failed: 'configuration' });
    assert.match(String(why), /leavesEnergised/);
  });
  await lab.check('on sysfs the lines are found from the base of the labelled chip and asking for them moves nothing', async () => {
    await chip.record();
    pid = await start(guest, sysfsGate({ leavesEnergised: 'accepted' }));
    assert.match(await levels(chip, 'GATE_IN'), /^0+$/);
    await tell(guest, 'release "in"');
    assert.equal(await chip.level('GATE_IN'), 1);
  });
  await lab.check('on sysfs a killed daemon leaves the gate energised, as documented, and the next start drops it', async () => {
    await guest.kill(pid);
    assert.equal(await chip.level('GATE_IN'), 1);
    pid = await start(guest, sysfsGate({ leavesEnergised: 'accepted' }));
    assert.equal(await chip.level('GATE_IN'), 0);
    await guest.kill(pid);
  });
}

export default {
  title: 'devices',
  async run(lab) {
    const guest = await lab.guest();
    const chip = new GpioChip(guest);
    await chip.plug();
    await characterDevice(lab, guest, chip);
    await sysfs(lab, guest, chip);
  },
} satisfies Suite;
