/** Who holds which line of a GPIO chip; asks, requests nothing: for `ankang doctor`. */
import { accessSync, closeSync, constants, existsSync, readdirSync, readlinkSync } from 'node:fs';
import { chipOf, ioctl, namesOf } from './_gpio-chip.js';
import { IOCTL, lineInfoQuery, lineUseOf } from './_gpio-uapi.js';

export interface ChipSeen {
  readonly node: string;
  readonly lines: readonly { readonly name: string; readonly used: boolean; readonly consumer: string }[];
}

/** By label or path; undefined: there is no such chip. @throws Error when one that may be it cannot be opened */
export function lookAtChip(chip: string): ChipSeen | undefined {
  const fd = opened(chip);
  if (fd === undefined) return undefined;
  try {
    const lines = namesOf(fd).map((name, offset) => ({ name, ...useOf(fd, offset) }));
    return { node: readlinkSync(`/proc/self/fd/${fd}`), lines };
  } finally {
    closeSync(fd);
  }
}

function opened(chip: string): number | undefined {
  try {
    return chipOf(chip);
  } catch {
    // Absent, unless one of the chips is closed to us: then that is the answer.
    for (const node of candidates(chip)) accessSync(node, constants.R_OK | constants.W_OK);
    return undefined;
  }
}

function candidates(chip: string): readonly string[] {
  if (chip.startsWith('/')) return existsSync(chip) ? [chip] : [];
  return readdirSync('/dev').flatMap((file) => (/^gpiochip\d+$/.test(file) ? [`/dev/${file}`] : []));
}

function useOf(fd: number, offset: number): ReturnType<typeof lineUseOf> {
  const info = lineInfoQuery(offset);
  ioctl(fd, IOCTL.lineInfo, info);
  return lineUseOf(info);
}
