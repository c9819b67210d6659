/** GPIO chips by their labels, lines by their names; a line that our own daemon holds is where it should be. */
import { join } from 'node:path';
import { type Box, type Check, found, type GpioLine, type Outcome, reasonOf, right, type SeenDevice, skipped } from './check.js';
import { forbidden } from './devices.js';
import { names, text } from './files.js';

/** As src/ports/gpiochip.ts calls itself. */
const OURS = 'ankang';

export const gpio: Check = {
  title: { zh: 'GPIO 线路', en: 'GPIO lines' },
  look({ devices }, box) {
    const wired = devices.filter(({ port }) => port === 'gpiochip' || port === 'sysfs-gpio');
    if (wired.length === 0) return [skipped('没有配置 GPIO', 'no GPIO is configured')];
    return wired.flatMap((device) => (device.port === 'gpiochip' ? onChip(device, box) : onSysfs(device, box)));
  },
};

function onChip(device: SeenDevice, box: Box): readonly Outcome[] {
  const chip = String(device.address['chip']);
  const at = `${device.name} ${chip}`;
  try {
    const seen = box.gpio(chip);
    if (!seen) return [found('gpio-chip-absent', at)];
    const wrong = [...forbidden(device.name, seen.node, box), ...wantedLines(device).flatMap((line) => oneLine(at, line, seen.lines))];
    return wrong.length > 0 ? wrong : [right(at)];
  } catch (error) {
    return [skipped(`${at}：看不到 GPIO 设备（${reasonOf(error)}）`, `${at}: GPIO devices cannot be looked at (${reasonOf(error)})`)];
  }
}

function oneLine(at: string, line: string | number, lines: readonly GpioLine[]): readonly Outcome[] {
  const seen = typeof line === 'number' ? lines[line] : lines.find(({ name }) => name === line);
  if (!seen) return [found('gpio-line-absent', `${at} ${line}`)];
  return seen.used && seen.consumer !== OURS ? [found('gpio-line-taken', `${at} ${line}: ${seen.consumer}`)] : [];
}

/** Addresses are checked before: every output and input names its line. */
function wantedLines({ address }: SeenDevice): readonly (string | number)[] {
  const tables = [address['outputs'], address['inputs']] as readonly Readonly<Record<string, { readonly line: string | number }>>[];
  return tables.flatMap((table) => Object.values(table ?? {}).map(({ line }) => line));
}

function onSysfs({ name, address }: SeenDevice, { sys }: Box): readonly Outcome[] {
  const folder = join(sys, 'class/gpio');
  const labels = names(folder).map((entry) => text(join(folder, entry, 'label')));
  const at = `${name} ${String(address['chip'])}`;
  return [labels.includes(String(address['chip'])) ? right(at) : found('gpio-chip-absent', at)];
}
