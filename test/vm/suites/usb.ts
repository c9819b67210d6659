/** A scanner on USB: plugged in late, read, pulled out in the middle of a code, put back. */
import assert from 'node:assert/strict';
import type { Suite } from '../report.js';
import { UsbScanner } from '../usb-scanner.js';

const REPLUGS = 3;

export default {
  title: 'usb',
  async run(lab) {
    const guest = await lab.guest();
    const scanner = new UsbScanner(guest);
    await scanner.make();
    const device = { driver: 'serial-scanner', name: 'scanner', address: { path: scanner.path }, settings: { gapMs: 2000 } };

    await lab.check('a scanner that is plugged in after the start is found', async () => {
      await guest.start('device', 'node', '/opt/ankang/build/test/vm/guest/device.js', JSON.stringify(device));
      await guest.reports.next({ device: 'scanner', state: 'down' });
      await scanner.plug();
      await guest.reports.next({ device: 'scanner', state: 'up' });
    });
    await lab.check('a code arrives as it was sent', async () => {
      await scanner.send('AK1:CODE-0\\r');
      await guest.reports.next({ reading: 'AK1:CODE-0' });
    });
    await lab.check(
      `pulled out ${REPLUGS} times in the middle of a code: it comes back, and no half of a code joins the next`,
      async () => {
        for (let i = 1; i <= REPLUGS; i++) {
          guest.reports.forget();
          await scanner.send(`HALF-${i}-`);
          await scanner.unplug();
          await guest.reports.next({ device: 'scanner', state: 'down' });
          await scanner.plug();
          await guest.reports.next({ device: 'scanner', state: 'up' });
          await scanner.send(`AK1:CODE-${i}\\r`);
          const { reading } = await guest.reports.next({ reading: /CODE/ });
          assert.equal(reading, `AK1:CODE-${i}`);
        }
      },
    );
  },
} satisfies Suite;
