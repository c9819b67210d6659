/** HID scanners and card readers on a real kernel: found by listing, read through hidraw, pulled out and put back. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Guest } from '../guest.js';
import type { Lab, Suite } from '../report.js';

const REPLUGS = 3;
const VENDOR = 0x0483;
const FOLDER = '/opt/ankang/build/test/vm/guest';

/** USB HID 1.11 appendix E.6: a boot keyboard. */
const KEYBOARD =
  '05010906a101050719e029e71500250175019508810295017508810305071900296515002565750895068100050819012905950575019102950175039103c0';
/** Scanned data report 2: length, AIM identifier, 56 bytes, continued. */
const POS =
  '058c0902a1010912a1028502150026ff00' +
  '75089501' +
  '0501093b8102' +
  '9503' +
  '058c09fb09fc09fd8102' +
  '953809fe820201' +
  '9501750809ff8102' +
  'c0c0';
/** 64 bytes in, 64 bytes out, no report ids. */
const VENDOR_DEFINED = '0600ff0901a101150026ff007508954009018102954009019102c0';

const PRODUCT = { keyboard: 0x1001, pos: 0x1002, reader: 0x572b } as const;

const keyboard = {
  driver: 'hid-keyboard-scanner',
  name: 'keyboard',
  address: { vendorId: VENDOR, productId: PRODUCT.keyboard },
  settings: {},
};
const pos = {
  driver: 'hid-pos-scanner',
  name: 'pos',
  address: { vendorId: VENDOR, productId: PRODUCT.pos, usagePage: 0x8c },
  settings: {},
};
const reader = { driver: 'hid-card-reader', name: 'reader', address: { vendorId: VENDOR, productId: PRODUCT.reader }, settings: {} };

/** Reports of a boot keyboard that types lower-case letters and digits. */
function typed(text: string): readonly string[] {
  return Array.from(text, (character) => {
    const at = 'abcdefghijklmnopqrstuvwxyz1234567890\n'.indexOf(character);
    return [`0000${(4 + at).toString(16).padStart(2, '0')}0000000000`, '0'.repeat(16)];
  }).flat();
}

function posReports(text: string): readonly string[] {
  const parts = text.match(/.{1,56}/g) ?? [];
  return parts.map((part, i) => {
    const report = Buffer.alloc(62);
    report.writeUInt8(2, 0);
    report.writeUInt8(part.length, 1);
    report.write(`]Q1${part}`, 2, 'latin1');
    report.writeUInt8(i < parts.length - 1 ? 1 : 0, 61);
    return report.toString('hex');
  });
}

/** A virtual device, in a program of its own. */
async function virtual(guest: Guest, name: string) {
  guest.reports.forget();
  await guest.start(name, 'node', `${FOLDER}/hid.js`);
  await guest.reports.next({ ready: 'hid' });
  const tell = (command: string, value: unknown): Promise<void> => guest.tell(name, `${command} ${JSON.stringify(value)}`);
  return {
    plug: (descriptor: string, product: number, serial = 'SN1') => tell('plug', { descriptor, product, serial }),
    reports: (list: readonly string[]) => tell('reports', list),
    replies: (table: unknown) => tell('replies', table),
    unplug: () => tell('unplug', null),
  };
}

async function watch(guest: Guest, device: object): Promise<number> {
  guest.reports.forget();
  const pid = await guest.start('device', 'node', `${FOLDER}/device.js`, JSON.stringify(device));
  await guest.reports.next({ loaded: 1 }, 30_000).catch(async (error: unknown) => {
    throw new Error(await guest.must('cat /run/device.log'), { cause: error });
  });
  return pid;
}

async function keyboardMode(lab: Lab, guest: Guest): Promise<void> {
  const scanner = await virtual(guest, 'keys');
  const pid = await watch(guest, keyboard);
  await lab.check('a keyboard scanner that is plugged in after the start is found and read', async () => {
    await guest.reports.next({ device: 'keyboard', state: 'down' });
    await scanner.plug(KEYBOARD, PRODUCT.keyboard);
    await guest.reports.next({ device: 'keyboard', state: 'up' });
    await scanner.reports(typed('code0\n'));
    await guest.reports.next({ reading: 'code0' });
  });
  await lab.check(`pulled out ${REPLUGS} times in the middle of a code: it comes back, and no half of a code joins the next`, async () => {
    for (let i = 1; i <= REPLUGS; i++) {
      guest.reports.forget();
      await scanner.reports(typed('half'));
      await scanner.unplug();
      const { reason } = await guest.reports.next({ device: 'keyboard', state: 'down' });
      assert.match(String(reason), /unplugged|disconnected/);
      await scanner.plug(KEYBOARD, PRODUCT.keyboard);
      await guest.reports.next({ device: 'keyboard', state: 'up' });
      await scanner.reports(typed(`code${i}\n`));
      const { reading } = await guest.reports.next({ reading: /code/ });
      assert.equal(reading, `code${i}`);
    }
  });
  await guest.kill(pid);
  await scanner.unplug();
}

async function posMode(lab: Lab, guest: Guest): Promise<void> {
  const [left, right] = [await virtual(guest, 'left'), await virtual(guest, 'right')];
  const code = `AK1:${'0123456789'.repeat(40)}`;
  await left.plug(POS, PRODUCT.pos, 'LEFT');
  await right.plug(POS, PRODUCT.pos, 'RIGHT');
  let pid = 0;
  await lab.check('of two scanners alike none is taken until the configuration says which', async () => {
    pid = await watch(guest, pos);
    const { reason } = await guest.reports.next({ device: 'pos', state: 'down' });
    assert.match(String(reason), /2 such HID devices/);
    await guest.kill(pid);
    guest.reports.forget();
    pid = await watch(guest, { ...pos, address: { ...pos.address, serialNumber: 'RIGHT' } });
    await guest.reports.next({ device: 'pos', state: 'up' });
  });
  await lab.check('a code of eight reports comes whole, and only from the scanner of this lane', async () => {
    await left.reports(posReports('AK1:LEFT'));
    await right.reports(posReports(code));
    const { reading } = await guest.reports.next({ reading: /AK1/ });
    assert.equal(reading, code);
  });
  await guest.kill(pid);
}

async function cards(lab: Lab, guest: Guest): Promise<void> {
  const recording = JSON.parse(readFileSync(new URL('../../../../test/recordings/hid-card-reader.json', import.meta.url), 'utf8')) as {
    readonly replies: unknown;
  };
  const device = await virtual(guest, 'card');
  await device.replies(recording.replies);
  await device.plug(VENDOR_DEFINED, PRODUCT.reader);
  await lab.check('a card in a HID reader is asked and read', async () => {
    const pid = await watch(guest, reader);
    const { reading } = await guest.reports.next({ device: 'reader', reading: /./ });
    assert.match(String(reading), /ssc.*A00000019.*999999d1560000050099110145ffffff/);
    assert.deepEqual(guest.reports.all({ written: /./ }), [], 'nothing was asked that the reader does not know');
    await guest.kill(pid);
  });
}

export default {
  title: 'hid',
  async run(lab) {
    const guest = await lab.guest();
    await guest.must('modprobe -a uhid hid-generic; udevadm settle');
    await keyboardMode(lab, guest);
    await posMode(lab, guest);
    await cards(lab, guest);
  },
} satisfies Suite;
