/**
 * A HID device of the kernel's user-space driver (uhid), seen by everyone else as plugged in: `node hid.js`.
 * Commands: plug {"descriptor": hex, "product": number, "serial": text}, reports [hex, …], replies {written: [report, …]}, unplug.
 */
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { obey, report } from './words.js';

/** linux/uhid.h */
const EVENT = { destroy: 1, output: 6, create2: 11, input2: 12 } as const;
const CREATE2_SIZE = 4376;
const BUS_USB = 3;
const VENDOR = 0x0483;

interface Plug {
  readonly descriptor: string;
  readonly product: number;
  readonly serial: string;
}

let fd: number | undefined;
let replies: Readonly<Record<string, readonly string[]>> = {};

function opened(): number {
  if (fd === undefined) throw new Error('nothing is plugged in');
  return fd;
}

function plug({ descriptor, product, serial }: Plug): void {
  const create = Buffer.alloc(CREATE2_SIZE);
  const rd = Buffer.from(descriptor, 'hex');
  create.writeUInt32LE(EVENT.create2, 0);
  create.write('TEST device', 4, 127);
  create.write('uhid', 132, 63);
  create.write(serial, 196, 63);
  create.writeUInt16LE(rd.length, 260);
  create.writeUInt16LE(BUS_USB, 262);
  create.writeUInt32LE(VENDOR, 264);
  create.writeUInt32LE(product, 268);
  rd.copy(create, 280);
  fd = openSync('/dev/uhid', constants.O_RDWR | constants.O_NONBLOCK);
  writeSync(fd, create);
}

function send(hex: string): void {
  const data = Buffer.from(hex, 'hex');
  const input = Buffer.alloc(6 + data.length);
  input.writeUInt32LE(EVENT.input2, 0);
  input.writeUInt16LE(data.length, 4);
  data.copy(input, 6);
  writeSync(opened(), input);
}

function unplug(): void {
  const destroy = Buffer.alloc(4);
  destroy.writeUInt32LE(EVENT.destroy, 0);
  writeSync(opened(), destroy);
  closeSync(opened());
  fd = undefined;
}

/** What was written to the device: answered from the table, or reported. */
function hear(): void {
  const event = Buffer.alloc(CREATE2_SIZE);
  while (fd !== undefined) {
    try {
      readSync(fd, event);
    } catch {
      return; // EAGAIN: nothing has been written
    }
    if (event.readUInt32LE(0) !== EVENT.output) continue;
    const written = event.subarray(4, 4 + event.readUInt16LE(4 + 4096)).toString('hex');
    const answers = replies[written];
    if (!answers) report({ written });
    for (const answer of answers ?? []) send(answer);
  }
}

setInterval(hear, 10);
obey({
  plug,
  unplug,
  reports: (list: readonly string[]) => {
    for (const hex of list) send(hex);
  },
  replies: (table: typeof replies) => {
    replies = table;
  },
});
report({ ready: 'hid' });
