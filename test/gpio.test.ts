/** GPIO without a chip: the structs of the kernel's interface byte for byte, and the one waiting thread on real descriptors. */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { edgesOf, FLAG, IOCTL, lineRequest, lineValues, type WantedLine } from '../src/ports/_gpio-uapi.js';
import { watch } from '../src/ports/_poll.js';

const output = (offset: number, value: boolean, flags = 0n): WantedLine => ({ offset, value, flags: FLAG.output | flags, debounceUs: 0 });
const input = (offset: number, debounceUs: number, flags = 0n): WantedLine => ({
  offset,
  value: false,
  flags: FLAG.input | flags,
  debounceUs,
});

/** Attribute i of a struct gpio_v2_line_request: id, value, mask. */
const attribute = (request: Buffer, i: number): readonly [number, bigint, bigint] => [
  request.readUInt32LE(320 + 24 * i),
  request.readBigUInt64LE(328 + 24 * i),
  request.readBigUInt64LE(336 + 24 * i),
];

t.test('a gate and its sensors are one request: outputs stand where they should from the first moment', (t) => {
  const edges = FLAG.edgeRising | FLAG.edgeFalling;
  const request = lineRequest(
    [output(4, false), output(5, true, FLAG.activeLow), input(8, 5000, edges), input(9, 5000, edges), input(10, 0, edges)],
    'ankang',
  );
  t.equal(request.length, 592);
  t.same(
    [0, 1, 2, 3, 4].map((i) => request.readUInt32LE(4 * i)),
    [4, 5, 8, 9, 10],
  );
  t.equal(request.subarray(256, 263).toString('latin1'), 'ankang\0');
  t.equal(request.readBigUInt64LE(288), 8n, 'flags of the first line');
  t.equal(request.readUInt32LE(296), 4);
  t.same(attribute(request, 0), [1, 8n | 2n, 0b00010n], 'the active-low output');
  t.same(attribute(request, 1), [1, 4n | 16n | 32n, 0b11100n], 'the inputs');
  t.same(attribute(request, 2), [2, 0b00010n, 0b00011n], 'first values of the outputs');
  t.same(attribute(request, 3), [3, 5000n, 0b01100n], 'debounce in the kernel, µs');
  t.equal(request.readUInt32LE(560), 5);
  t.end();
});

t.test('what one request cannot carry is refused before the kernel sees it', (t) => {
  t.throws(() => lineRequest([], 'ankang'), RangeError);
  t.throws(
    () =>
      lineRequest(
        Array.from({ length: 65 }, (_, i) => output(i, false)),
        'ankang',
      ),
    RangeError,
  );
  t.throws(
    () =>
      lineRequest(
        Array.from({ length: 12 }, (_, i) => input(i, 1000 * (i + 1))),
        'ankang',
      ),
    RangeError,
  );
  t.end();
});

t.test('codes of the requests carry the sizes of their structs', (t) => {
  const size = (code: number): number => (code >>> 16) & 0x3fff;
  t.same(Object.values(IOCTL).map(size), [68, 256, 592, 16, 16]);
  t.same(lineValues(5n, 7n).toString('hex'), '05000000000000000700000000000000');
  t.end();
});

t.test('edges are read as the kernel writes them', (t) => {
  const event = Buffer.alloc(48 * 2 + 7);
  event.writeBigUInt64LE(1_500_000n, 0);
  event.writeUInt32LE(1, 8);
  event.writeUInt32LE(9, 12);
  event.writeUInt32LE(1, 16);
  event.writeBigUInt64LE(2_000_000n, 48);
  event.writeUInt32LE(2, 56);
  event.writeUInt32LE(9, 60);
  event.writeUInt32LE(2, 64);
  t.same(edgesOf(event), [
    { at: 1.5, active: true, offset: 9, sequence: 1 },
    { at: 2, active: false, offset: 9, sequence: 2 },
  ]);
  t.end();
});

t.test('one thread waits for many descriptors, and lets go of one before it is closed', async (t) => {
  const folder = t.testdir();
  const fifos = ['a', 'b'].map((name) => join(folder, name));
  spawnSync('mkfifo', fifos);
  const [a, b] = fifos.map((path) => openSync(path, 'r+')) as [number, number];
  const heard: string[] = [];
  let more: () => void = () => undefined;
  const next = (): Promise<void> =>
    new Promise((resolve) => {
      more = resolve;
    });
  const listen = (fd: number, name: string): ReturnType<typeof watch> =>
    watch(
      fd,
      () => {
        const bytes = Buffer.alloc(16);
        heard.push(name + bytes.toString('latin1', 0, readSync(fd, bytes)));
        more();
      },
      (reason) => t.fail(reason),
    );
  const watches = [listen(a, 'a'), listen(b, 'b')];
  for (const [fd, text] of [
    [b, '1'],
    [a, '2'],
    [b, '3'],
  ] as const) {
    const told = next();
    writeSync(fd, text);
    await told;
  }
  t.same(heard, ['b1', 'a2', 'b3']);
  await watches[0]?.stop();
  closeSync(a);
  const told = next();
  writeSync(b, '4');
  await told;
  await Promise.all(watches.map((one) => one.stop()));
  closeSync(b);
  t.equal(heard.at(-1), 'b4');
});

t.test('a chip that is not there is told by its label', async (t) => {
  const { default: port } = await import('../src/ports/gpiochip.js');
  await t.rejects(port.open(port.address.parse({ chip: 'no-such-chip', outputs: { in: { line: 'GATE' } } })), /no-such-chip/);
  await t.rejects(port.open(port.address.parse({ chip: '/dev/no-such-chip' })), /ENOENT/);
  const sysfs = await import('../src/ports/sysfs-gpio.js');
  await t.rejects(
    sysfs.default.open(sysfs.default.address.parse({ chip: 'no-such-chip' })),
    existsSync('/sys/class/gpio') ? /label/ : /ENOENT|not compiled|bindings/i,
  );
  t.comment(
    `GPIO chips here: ${readdirSync('/dev').filter((file) => file.startsWith('gpiochip')).length}; real ones are tested in the virtual machine`,
  );
});
