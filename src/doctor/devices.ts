/** Serial lines, HID devices, cameras: there, ours to open, under a name that stays, and nobody else at them. */
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { HidAddress } from '../ports/hid.js';
import { type Box, type Check, found, type Outcome, right, type SeenDevice, skipped } from './check.js';
import { look, names, runs, text } from './files.js';

export const devices: Check = {
  title: { zh: '设备', en: 'devices' },
  async look({ devices: all }, box) {
    const seen = await Promise.all(all.map((device) => oneDevice(device, box)));
    const outcomes = seen.flat();
    return outcomes.length > 0 ? outcomes : [skipped('没有可检查的设备', 'there is no device that can be looked at')];
  },
};

async function oneDevice(device: SeenDevice, box: Box): Promise<readonly Outcome[]> {
  const { address, port, name } = device;
  if (port.startsWith('simulated-')) return [skipped(`${name} 是模拟设备`, `${name} is simulated`)];
  if (port === 'hid' && address['path'] === undefined) return hidDevice(name, address as HidAddress, box);
  if (typeof address['path'] === 'string') return deviceFile(name, address['path'], box);
  return ELSEWHERE.has(port) ? [] : [skipped(`${name}：${port} 没有可看的文件`, `${name}: ${port} has no file to look at`)];
}

/** Ports that have a check of their own. */
const ELSEWHERE = new Set(['gpiochip', 'sysfs-gpio', 'pcsc']);

const MOVES = /\/(ttyUSB|ttyACM|hidraw|video|usb\/lp)\d+$/;
const MODEM_LIKE = /^tty(USB|ACM)\d+$/;

async function deviceFile(name: string, path: string, box: Box): Promise<readonly Outcome[]> {
  if (!look(path)) return [found('device-absent', `${name} ${path}`)];
  const node = realpathSync(path);
  const wrong = [...(MOVES.test(path) ? [found('device-path-moves', `${name} ${path}`)] : []), ...forbidden(name, node, box)];
  const modem = MODEM_LIKE.test(node.split('/').at(-1) ?? '') ? await modemManager(name, node, box) : [];
  return [...(wrong.length > 0 ? wrong : [right(`${name} ${path}`)]), ...modem];
}

/** What the service may open by its groups; whoever runs the doctor may open more. */
export function forbidden(name: string, node: string, { etc, groups }: Pick<Box, 'etc' | 'groups'>): readonly Outcome[] {
  const stats = look(node);
  if (!stats) return [found('device-absent', `${name} ${node}`)];
  const mine = groupIds(text(join(etc, 'group')) ?? '', groups);
  const may = (stats.mode & 0o006) === 0o006 || (mine.has(stats.gid) && (stats.mode & 0o060) === 0o060) || stats.isDirectory();
  const mode = (stats.mode & 0o777).toString(8);
  return may ? [] : [found('device-forbidden', `${name} ${node}: mode ${mode}, group ${stats.gid}; service: ${groups.join(', ')}`)];
}

/** group(5): `name:password:GID:users`. */
function groupIds(table: string, groups: readonly string[]): ReadonlySet<number> {
  const lines = table.split('\n').map((line) => line.split(':'));
  return new Set(lines.filter(([group = '']) => groups.includes(group)).map(([, , id]) => Number(id)));
}

async function modemManager(name: string, node: string, box: Box): Promise<readonly Outcome[]> {
  if (!runs(box.proc, 'ModemManager')) return [];
  const properties = await box.udev(node);
  if (!properties) return [skipped(`${name}：ModemManager 在运行，但问不到 udev`, `${name}: ModemManager runs, and udev cannot be asked`)];
  const ignored = properties['ID_MM_DEVICE_IGNORE'] === '1' || properties['ID_MM_PORT_IGNORE'] === '1';
  return ignored ? [] : [found('modem-manager', `${name} ${node}`)];
}

/** Folders of /sys/bus/hid/devices are called `bus:vendor:product.number`, in hexadecimal. */
function hidDevice(name: string, { vendorId, productId, serialNumber }: HidAddress, box: Box): readonly Outcome[] {
  const all = join(box.sys, 'bus/hid/devices');
  const hex = (value: number): string => value.toString(16).toUpperCase().padStart(4, '0');
  const wanted = `:${hex(vendorId)}:${hex(productId)}.`;
  const serial = (folder: string): boolean =>
    serialNumber === undefined || (text(join(folder, 'uevent')) ?? '').split('\n').includes(`HID_UNIQ=${serialNumber}`);
  const folders = names(all)
    .filter((entry) => entry.includes(wanted))
    .map((entry) => join(all, entry))
    .filter(serial);
  if (folders.length === 0) return [found('device-absent', `${name} ${hex(vendorId)}:${hex(productId)}`)];
  return folders.flatMap((folder) => hidInterface(name, folder, box));
}

function hidInterface(name: string, folder: string, box: Box): readonly Outcome[] {
  const nodes = names(join(folder, 'hidraw'));
  const inputs = names(join(folder, 'input')).filter((entry) => text(join(folder, 'input', entry, 'inhibited')) !== '1');
  const wrong = [
    ...nodes.flatMap((node) => forbidden(name, join(box.dev, node), box)),
    ...inputs.map((input) => found('scanner-types', `${name} ${input}`)),
  ];
  return wrong.length > 0 ? wrong : [right(`${name} ${nodes.join(' ')}`)];
}
