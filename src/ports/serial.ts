/** Serial lines: RS-232, USB-CDC, pseudo-terminals; `path` should be a link of /dev/serial/by-id, which follows the device. */
import { type Stats, statSync } from 'node:fs';
import type { SerialPort } from 'serialport';
import { z } from 'zod';
import type { Bytes, LinkLost, Port } from '../contracts.js';
import { closing, reasonOf } from './_closing.js';

const address = z.strictObject({
  path: z.string().min(1).max(255),
  baudRate: z.number().int().min(300).max(4_000_000).default(9600),
  dataBits: z.union([z.literal(5), z.literal(6), z.literal(7), z.literal(8)]).default(8),
  stopBits: z.union([z.literal(1), z.literal(2)]).default(1),
  parity: z.enum(['none', 'even', 'odd', 'mark', 'space']).default('none'),
  rtscts: z.boolean().default(false),
  xon: z.boolean().default(false).describe('for text scanners only: XON and XOFF are data in a binary code'),
});
export type SerialAddress = z.infer<typeof address>;

/** A hung-up line can read as "nothing, again and again" without ever closing: the device node is looked at beside it. */
const LOOK_MS = 500;

/** @throws Error while the device is away, or another program holds the lock */
async function open({ xon, ...settings }: SerialAddress): Promise<Bytes> {
  const { SerialPort } = await import('serialport');
  const port = new SerialPort({ ...settings, xon, xoff: xon, lock: true, autoOpen: false });
  await step((done) => port.open(done));
  const born = look(settings.path);
  // What came before anyone stood here is nobody's. Some drivers cannot discard it; then the framer meets it as noise.
  await step((done) => port.flush(done)).catch(() => undefined);
  if (!born || !port.isOpen) {
    await shut(port);
    throw new Error(`${settings.path} went away while it was opened`);
  }
  return link(port, settings.path, born);
}

function link(port: SerialPort, path: string, born: Stats): Bytes {
  const end = closing();
  let shutting: Promise<void> | undefined;
  const finish = (lost: LinkLost | undefined): Promise<void> => {
    end.end(lost);
    clearInterval(watch);
    shutting ??= shut(port);
    return shutting;
  };
  const lose = (reason: string): void => void finish({ reason });
  const watch = setInterval(() => {
    const now = look(path);
    if (now?.rdev !== born.rdev || now.ino !== born.ino) lose(`${path} went away`);
  }, LOOK_MS);

  port.on('close', (error: Error | null | undefined) => lose(error ? reasonOf(error) : 'closed'));
  port.on('error', (error) => lose(reasonOf(error)));
  port.on('end', () => lose('end of the stream'));
  return {
    kind: 'bytes',
    closed: end.closed,
    onData: (listener) => void port.on('data', (chunk: Uint8Array) => end.ended || listener(chunk)),
    write: (bytes) => void (end.ended || port.write(Uint8Array.from(bytes))),
    close: () => finish(undefined),
  };
}

function look(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

/** Closing what is closed already is no fault; a port that cannot be closed is gone. */
async function shut(port: SerialPort): Promise<void> {
  if (port.isOpen) await step((done) => port.close(done)).catch(() => undefined);
}

function step(action: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => action((error) => (error ? reject(error) : resolve())));
}

export default { address, open } satisfies Port<Bytes, SerialAddress>;
