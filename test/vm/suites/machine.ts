/** The virtual machine itself: what the other suites rely on. */
import assert from 'node:assert/strict';
import type { Suite } from '../report.js';

export default {
  title: 'machine',
  async run(lab) {
    const first = await lab.guest();
    await lab.check('a restored guest has the time of the host', async () => {
      const now = Number(await first.must('date +%s'));
      assert.ok(Math.abs(now - Date.now() / 1000) < 30, `guest ${now}`);
    });
    const draw = 'head -c 16 /dev/urandom | od -An -tx1';
    const drawn = await first.must(draw);
    await first.off();
    await lab.check('two guests from one snapshot draw different random numbers', async () => {
      assert.notEqual(await (await lab.guest()).must(draw), drawn);
    });
  },
} satisfies Suite;
