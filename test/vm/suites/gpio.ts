/** GPIO on a real kernel: the ports of the terminal against gpio-sim, watched by the kernel's own trace. */
import assert from 'node:assert/strict';
import { GpioChip, LABEL, type Wire } from '../gpio-chip.js';
import type { Guest } from '../guest.js';
import type { Suite } from '../report.js';

const LINK = '/opt/ankang/build/test/vm/guest/link.js';
const GATE = {
  chip: LABEL,
  outputs: { gate: { line: 'GATE_IN' }, lamp: { line: 'LAMP_GREEN' } },
  inputs: {
    first: { line: 'PASSAGE_A', debounceMs: 0 },
    second: { line: 'PASSAGE_B', debounceMs: 0 },
    fire: { line: 'FIRE', debounceMs: 50 },
  },
};

async function openLink(guest: Guest, port: string, address: object): Promise<number> {
  guest.reports.forget();
  const pid = await guest.start('link', 'node', LINK, port, JSON.stringify(address));
  await guest.reports.next({ open: port });
  return pid;
}

async function levels(chip: GpioChip, wire: Wire): Promise<string> {
  return (await chip.driven(wire)).map(({ level }) => level).join('');
}

export default {
  title: 'gpio',
  async run(lab) {
    const guest = await lab.guest();
    const chip = new GpioChip(guest);
    await chip.plug();
    let pid = 0;

    await lab.check('the chip is found by its label and lines by their names, and asking for them moves nothing', async () => {
      await chip.record();
      pid = await openLink(guest, 'gpiochip', GATE);
      assert.match(await levels(chip, 'GATE_IN'), /^0+$/);
      assert.match(await levels(chip, 'LAMP_GREEN'), /^0+$/);
    });
    await lab.check('a set line is driven, the others are left alone', async () => {
      await guest.tell('link', 'set {"gate":true}');
      await guest.reports.next({ done: 'set' });
      assert.deepEqual([await chip.level('GATE_IN'), await chip.level('LAMP_GREEN')], [1, 0]);
    });
    await lab.check('a second program is refused the lines', async () => {
      await guest.start('second', 'node', LINK, 'gpiochip', JSON.stringify(GATE));
      await guest.reports.next({ failed: /EBUSY/ });
    });
    await lab.check('a person walking through two sensors is seen in order, each edge once', async () => {
      guest.reports.forget();
      await chip.pull([
        ['PASSAGE_A', 1],
        ['PASSAGE_B', 1],
        ['PASSAGE_A', 0],
        ['PASSAGE_B', 0],
      ]);
      await guest.reports.next({ edge: 'second', active: false });
      const seen = guest.reports.all({ edge: /./ }).map(({ edge, active }) => [edge, active]);
      assert.deepEqual(seen, [
        ['first', true],
        ['second', true],
        ['first', false],
        ['second', false],
      ]);
    });
    await lab.check('a contact that bounces is one edge', async () => {
      guest.reports.forget();
      await chip.pull(Array.from({ length: 11 }, (_, i) => ['FIRE', i % 2 === 0 ? 1 : 0] as const));
      await guest.reports.next({ edge: 'fire', active: true });
      await guest.must('sleep 0.5');
      assert.equal(guest.reports.all({ edge: 'fire' }).length, 1);
    });
    await lab.check('a storm of edges beyond the queue of the kernel ends with the true state', async () => {
      guest.reports.forget();
      await guest.must(`kill -STOP ${pid}`);
      await chip.pull(Array.from({ length: 301 }, (_, i) => ['PASSAGE_A', i % 2 === 0 ? 1 : 0] as const));
      await guest.must(`kill -CONT ${pid}; sleep 1`);
      assert.equal(guest.reports.all({ edge: 'first' }).at(-1)?.['active'], true);
    });
    await lab.check('a program killed with the gate open lets go of it at once', async () => {
      assert.equal(await chip.level('GATE_IN'), 1);
      await guest.kill(pid);
      assert.equal(await chip.level('GATE_IN'), 0);
    });
    await lab.check('lines that are given back on purpose go to rest first', async () => {
      await openLink(guest, 'gpiochip', GATE);
      await guest.tell('link', 'set {"gate":true}');
      await guest.reports.next({ done: 'set' });
      await guest.tell('link', 'close');
      await guest.reports.next({ closed: null });
      await chip.becomes('GATE_IN', 0);
    });
    await lab.check('a chip that is pulled out while in use closes the link and says so', async () => {
      pid = await openLink(guest, 'gpiochip', GATE);
      await chip.unplug();
      await guest.reports.next({ closed: /./ });
      await guest.kill(pid);
    });
  },
} satisfies Suite;
