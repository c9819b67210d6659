/** Finding a GPIO chip by its label and a line by its name, and the one system call behind both. */
import { closeSync, openSync, readdirSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import koffi from 'koffi';
import { reasonOf } from './_closing.js';
import { CHIP_INFO_SIZE, chipInfoOf, IOCTL, lineInfoQuery, lineNameOf } from './_gpio-uapi.js';

const libc = koffi.load('libc.so.6');
const cIoctl = libc.func('int ioctl(int fd, unsigned long request, void *argument)');

/** Descriptor of the chip with that label or path. Numbers of chips change with kernels and boards; labels do not. */
export function chipOf(chip: string): number {
  if (chip.startsWith('/')) return openSync(chip, 'r+');
  const refused: string[] = [];
  for (const file of readdirSync('/dev').filter((entry) => /^gpiochip\d+$/.test(entry))) {
    try {
      const fd = openSync(`/dev/${file}`, 'r+');
      if (labelOf(fd) === chip) return fd;
      closeSync(fd);
    } catch (error) {
      refused.push(`${file}: ${reasonOf(error)}`);
    }
  }
  throw new Error(`no GPIO chip has the label ${chip}${refused.length > 0 ? ` (${refused.join(', ')})` : ''}`);
}

function labelOf(chip: number): string {
  try {
    return infoOf(chip).label;
  } catch (error) {
    closeSync(chip);
    throw error;
  }
}

function infoOf(chip: number): ReturnType<typeof chipInfoOf> {
  const info = Buffer.alloc(CHIP_INFO_SIZE);
  ioctl(chip, IOCTL.chipInfo, info);
  return chipInfoOf(info);
}

/** Names of the lines by offset; '' where the board gave none. */
export function namesOf(chip: number): readonly string[] {
  return Array.from({ length: infoOf(chip).lines }, (_, offset) => {
    const info = lineInfoQuery(offset);
    ioctl(chip, IOCTL.lineInfo, info);
    return lineNameOf(info);
  });
}

export function offsetOf(line: string | number, names: readonly string[]): number {
  if (typeof line === 'string' && names.indexOf(line) !== names.lastIndexOf(line)) throw new Error(`several lines are named ${line}`);
  const offset = typeof line === 'number' ? line : names.indexOf(line);
  if (offset < 0 || offset >= names.length) throw new Error(`the chip has no line ${line}`);
  return offset;
}

/** @throws Error with the name of the system's error, `EBUSY` where another program holds a line */
export function ioctl(fd: number, request: number, argument: Buffer): void {
  if (Number(cIoctl(fd, request, argument)) >= 0) return;
  throw new Error(`GPIO request 0x${request.toString(16)}: ${getSystemErrorName(-koffi.errno())}`);
}
