/** `ankang doctor`: looks at the box, the devices, the keys and the line to the county; says what is wrong and what to do. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { loadConfiguration } from '../configuration.js';
import type { Words } from '../contracts.js';
import { type Box, found, type Outcome, type SeenDevice } from '../doctor/check.js';
import { type Examined, examine, isFit } from '../doctor/examine.js';
import { FINDINGS } from '../doctor/findings.js';
import { ConfigurationError } from '../faults.js';
import { lookAtChip } from '../ports/_gpio-look.js';
import { loadStation } from '../station/load.js';
import { boxClocks } from '../trust/clock.js';
import { type Command, EXIT, UsageError } from './command.js';

interface Options {
  readonly config: string;
  readonly json?: true;
}

/** As systemd/ankang.service names them. */
const GROUPS = ['dialout', 'plugdev', 'video', 'lp'];
const TITLE: Words = { zh: '配置', en: 'configuration' };

async function doctor({ config, json }: Options): Promise<void> {
  const examined = await examineFile(config);
  process.stdout.write(json ? `${JSON.stringify(factsOf(examined))}\n` : examined.flatMap(linesOf).join('\n') + '\n');
  if (!isFit(examined)) process.exitCode = EXIT.no;
}

/** With a file that cannot be read as a configuration there is nothing to compare the box with. */
async function examineFile(file: string): Promise<readonly Examined[]> {
  const faulty = (faults: readonly string[]): Examined => ({
    title: TITLE,
    outcomes: faults.map((fault) => found('configuration', fault)),
  });
  try {
    const loaded = loadConfiguration(file, process.env);
    const { configuration, resolve } = loaded;
    const { devices, faults } = await devicesOf(loaded);
    const first = faults.length > 0 ? faulty(faults) : { title: TITLE, outcomes: [{ state: 'right', at: file } satisfies Outcome] };
    return [first, ...(await examine({ configuration, awaited: loaded.identity === 'awaited', devices, resolve }, thisBox()))];
  } catch (error) {
    if (error instanceof ConfigurationError) return [faulty(error.faults)];
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new UsageError((error as Error).message);
    throw error;
  }
}

async function devicesOf({
  configuration,
  fault,
}: ReturnType<typeof loadConfiguration>): Promise<{ devices: readonly SeenDevice[]; faults: readonly string[] }> {
  const devices: SeenDevice[] = [];
  const faults: string[] = [];
  for (const [i, station] of configuration.stations.entries()) {
    try {
      const loaded = await loadStation(station, ['stations', i], fault);
      for (const { loaded: device } of loaded.devices) {
        const { name, port } = device;
        devices.push({ name: `${station.id}/${name}`, port, address: device.address as SeenDevice['address'] });
      }
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      faults.push(...error.faults);
    }
  }
  return { devices, faults };
}

function thisBox(): Box {
  return {
    sys: '/sys',
    proc: '/proc',
    dev: '/dev',
    etc: '/etc',
    run: '/run',
    clocks: boxClocks(),
    built: statSync(import.meta.filename).mtimeMs,
    groups: GROUPS,
    udev,
    gpio: lookAtChip,
    async free(folder) {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    },
  };
}

const MOST_SAID = 65_536;

async function udev(node: string): Promise<Readonly<Record<string, string>> | undefined> {
  const child = spawn('udevadm', ['info', '--query=property', `--name=${node}`], { stdio: ['ignore', 'pipe', 'ignore'], timeout: 5000 });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    if (said.length < MOST_SAID) said += chunk.toString();
  });
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) return undefined;
  } catch {
    return undefined; // udevadm is not installed
  }
  const lines = said.split('\n').map((line): [string, string] => [line.replace(/=.*/s, ''), line.replace(/^[^=]*=?/, '')]);
  return Object.fromEntries(lines);
}

const MARK = { right: '✓', found: '✗', advice: '!', skipped: '–' } as const;

function linesOf({ title, outcomes }: Examined): readonly string[] {
  const head = `${title.zh} · ${title.en}`;
  return outcomes.flatMap((outcome) => {
    if (outcome.state === 'right') return [`${MARK.right} ${head}: ${outcome.at}`];
    if (outcome.state === 'skipped') return [`${MARK.skipped} ${head}: 跳过，${outcome.why.zh} · skipped, ${outcome.why.en}`];
    const { number, words, fix, ...rest } = FINDINGS[outcome.finding];
    const mark = 'advice' in rest ? MARK.advice : MARK.found;
    return [`${mark} ${head}: ${number} ${words.zh} · ${words.en}`, `    ${outcome.at}`, `    → ${fix.zh}`, `    → ${fix.en}`];
  });
}

function factsOf(examined: readonly Examined[]): unknown {
  const checks = examined.flatMap(({ title, outcomes }) =>
    outcomes.map((outcome) => ({ check: title.en, ...outcome, ...(outcome.state === 'found' && FINDINGS[outcome.finding]) })),
  );
  return { fit: isFit(examined), checks };
}

export default {
  summary: {
    zh: '检查本机、设备、密钥和线路，说明如何修复',
    en: 'examines box, devices, keys and line, and says how to mend what is wrong',
  },
  configure: (command) =>
    void command
      .requiredOption('--config <file>', '配置文件 · the configuration, YAML')
      .option('--json', '输出 JSON · print JSON')
      .action(doctor),
} satisfies Command;
