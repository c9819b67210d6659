/** Where the state folder lies: writable, durable, checked at start, with room for the journal, on storage that lasts. */
import { join } from 'node:path';
import { type Box, type Check, found, type Outcome, type Patient, right, skipped } from './check.js';
import { look, names, nearest, text } from './files.js';

const MIB = 1024 * 1024;
/** The least that logs, trust data and the write-ahead log want beside the journal. */
const BESIDE = 64 * MIB;

export const disk: Check = {
  title: { zh: '磁盘', en: 'disk' },
  async look(patient, box) {
    const state = patient.resolve(patient.configuration.terminal.state);
    const folder = nearest(state);
    const mount = mountOf(folder, text(join(box.proc, 'self/mounts')) ?? '');
    return [
      await room(patient, folder, box),
      ...(mount ? mounted(mount, box) : [skipped('读不到挂载表', 'the table of mounts cannot be read')]),
      ...wear(box),
    ];
  },
};

async function room({ configuration, resolve }: Patient, folder: string, { free }: Box): Promise<Outcome> {
  const { terminal, journal } = configuration;
  const taken = look(join(resolve(terminal.state), 'journal.db'))?.size ?? 0;
  const wanted = Math.max(0, journal.limitMiB * MIB - taken) + BESIDE;
  const there = await free(folder);
  const at = `${folder}: ${mib(there)} MiB`;
  return there < wanted ? found('disk-short', `${at} < ${mib(wanted)} MiB`) : right(at);
}

const mib = (bytes: number): number => Math.floor(bytes / MIB);

interface Mount {
  readonly device: string;
  readonly at: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** The last line whose mount point is above the folder: /proc/self/mounts, as fstab(5). */
function mountOf(folder: string, table: string): Mount | undefined {
  const mounts = table.split('\n').map((line): Mount => {
    const [device = '', at = '', type = '', options = ''] = line.split(' ').map(unescaped);
    return { device, at, type, options: options.split(',') };
  });
  const above = mounts.filter(({ at }) => at === '/' || folder === at || (at !== '' && folder.startsWith(`${at}/`)));
  const longest = Math.max(...above.map(({ at }) => at.length));
  return above.findLast(({ at }) => at.length === longest);
}

/** Blanks and their like are written in octal. */
const unescaped = (field: string): string =>
  field.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

const VOLATILE = new Set(['tmpfs', 'ramfs', 'overlay']);
/** File systems whose fsck at start repairs something. */
const CHECKED = new Set(['ext2', 'ext3', 'ext4', 'vfat', 'f2fs']);

function mounted(mount: Mount, { etc }: Box): readonly Outcome[] {
  const at = `${mount.at} ${mount.type} ${mount.device}`;
  if (VOLATILE.has(mount.type)) return [found('state-volatile', at)];
  const fsck = checkedAtStart(mount, text(join(etc, 'fstab')) ?? '');
  return mount.options.includes('ro') ? [found('disk-read-only', at), fsck] : [right(at), fsck];
}

function checkedAtStart({ at, type }: Mount, fstab: string): Outcome {
  if (!CHECKED.has(type)) return skipped(`${type} 不由 fsck 检查`, `${type} is not checked by fsck`);
  const lines = fstab.split('\n').map((line) => line.trim().split(/\s+/));
  const line = lines.find(([device = '#', where]) => !device.startsWith('#') && where === at);
  if (!line) return skipped(`/etc/fstab 没有 ${at}`, `/etc/fstab does not name ${at}`);
  return Number(line[5] ?? 0) > 0 ? right(`fsck ${at}`) : found('fsck-off', `/etc/fstab ${at}`);
}

/** JEDEC eMMC: `life_time` in steps of ten per cent for two kinds of cells, 0x0B beyond its end; `pre_eol_info` 1 is normal. */
function wear({ sys }: Box): readonly Outcome[] {
  const cards = names(join(sys, 'block')).filter((name) => /^mmcblk\d+$/.test(name));
  if (cards.length === 0) return [skipped('没有存储卡', 'there is no memory card')];
  return cards.map((card) => {
    const said = ['life_time', 'pre_eol_info'].map((file) => text(join(sys, 'block', card, 'device', file)));
    const [life, reserve] = said;
    if (life === undefined && reserve === undefined)
      return skipped(`${card} 不报告寿命（SD 卡都不报告）`, `${card} does not tell its wear; SD cards never do`);
    const worn = (life ?? '').split(/\s+/).some((step) => Number(step) >= 0x0a) || Number(reserve ?? 1) > 1;
    return worn ? found('card-worn', `${card}: ${said.join(', ')}`) : right(`${card}: ${said.join(', ')}`);
  });
}
