/** HID devices through hidraw: found by listing, since the names of their nodes move with every replug (facts, hardware 3b). */
import type { HIDAsync } from 'node-hid';
import { z } from 'zod';
import type { LinkLost, Port, Reports } from '../contracts.js';
import { closing, reasonOf } from './_closing.js';

const number = z.number().int().min(0).max(0xffff);

const address = z.strictObject({
  vendorId: number.describe('as lsusb shows it: 0x05e0'),
  productId: number,
  serialNumber: z.string().min(1).max(126).optional().describe('which of several alike'),
  usagePage: number.optional().describe('which interface of the device: 0x8c for scanners in POS mode, 1 with usage 6 for keyboards'),
  usage: number.optional(),
  path: z.string().min(1).max(255).optional().describe('a node that a udev rule named; else any that fits is taken'),
});
export type HidAddress = z.infer<typeof address>;

/** node-hid is linked with it, also where only hidraw is used. */
const LIBRARY = /libusb-1\.0\.so/;

/** @throws Error while the device is away, when several fit, or when its node may not be opened */
async function open(wanted: HidAddress): Promise<Reports> {
  const { devicesAsync, HIDAsync } = await import('node-hid');
  const listed = await devicesAsync(wanted.vendorId, wanted.productId).catch((error: unknown) => {
    throw new Error(LIBRARY.test(reasonOf(error)) ? `${reasonOf(error)}: apt install libusb-1.0-0` : reasonOf(error), { cause: error });
  });
  const path = wanted.path ?? onePath(fitting(listed, wanted));
  return link(await HIDAsync.open(path));
}

type Listed = Partial<Record<'path' | 'serialNumber', string | undefined>> & Partial<Record<'usagePage' | 'usage', number | undefined>>;

/** Nodes of the devices that are as asked for; a device is listed once for each of its usages. */
function fitting(listed: readonly Listed[], { serialNumber, usagePage, usage }: HidAddress): readonly string[] {
  const asked = Object.entries({ serialNumber, usagePage, usage }).filter(([, value]) => value !== undefined);
  const fits = listed.filter((one) => asked.every(([key, value]) => one[key as keyof Listed] === value));
  return [...new Set(fits.flatMap(({ path }) => path ?? []))];
}

/** Of two scanners alike one may stand at another gate: none is chosen. */
function onePath(paths: readonly string[]): string {
  const [path, another] = paths;
  if (path === undefined) throw new Error('no such HID device');
  if (another !== undefined) throw new Error(`${paths.length} such HID devices: say which by serialNumber, usagePage, usage or path`);
  return path;
}

function link(device: HIDAsync): Reports {
  const end = closing();
  let shutting: Promise<void> | undefined;
  const finish = (lost: LinkLost | undefined): Promise<void> => {
    end.end(lost);
    // A device that cannot be closed is gone.
    shutting ??= device.close().catch(() => undefined);
    return shutting;
  };
  // For an unplugged device some kernels make an 'error' without an argument, others one with words.
  device.on('error', (error: unknown) => void finish({ reason: error === undefined ? 'unplugged' : reasonOf(error) }));
  return {
    kind: 'reports',
    closed: end.closed,
    onReport: (listener) => void device.on('data', (report: Uint8Array) => end.ended || listener(report)),
    write: async (report) => {
      if (!end.ended) await device.write(Buffer.from(report));
    },
    close: () => finish(undefined),
  };
}

export default { address, open } satisfies Port<Reports, HidAddress>;
