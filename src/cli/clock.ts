/** `ankang clock`: the operator's word against a floor of the clock that is too high (decision 5): written into the journal, then done. */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Instant } from '../contracts.js';
import { JournalError } from '../journal/error.js';
import { openJournal } from '../journal/journal.js';
import { createLog } from '../log.js';
import { boxClocks, openClock } from '../trust/clock.js';
import { keepIn } from '../trust/keep.js';
import { readConfiguration } from './_configuration.js';
import { type Command, UsageError } from './command.js';

interface Options {
  readonly config: string;
  readonly to: Instant;
}

/** An instant with its zone, such as 2026-11-23T08:00:00+08:00: nobody should have to guess which midnight was meant. */
function instant(text: string): Instant {
  const at = /T.*(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new InvalidArgumentError('须带时区 · with its zone: 2026-11-23T08:00:00+08:00');
  return at;
}

function lowerFloor({ config, to }: Options): void {
  const loaded = readConfiguration(config);
  const { terminal, clock: settings, journal: limits } = loaded.configuration;
  if (loaded.identity === 'awaited') throw new UsageError('本机尚未登记 · this box is not enrolled yet');
  const folder = loaded.resolve(terminal.state);
  const built = statSync(new URL('../main.js', import.meta.url)).mtimeMs;
  const clocks = boxClocks();
  const floored = { now: () => ({ earliest: built, latest: Number.POSITIVE_INFINITY }), monotonic: () => clocks.monotonic() };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const journal = opened(() =>
    openJournal({
      file: join(folder, 'journal.db'),
      terminal: terminal.id,
      clock: floored,
      limit: limits.limitMiB * 1024 * 1024,
      keepDays: limits.keepDays,
    }),
  );
  try {
    let from: Instant | undefined;
    const clock = openClock({
      settings,
      built,
      clocks,
      keep: keepIn(journal),
      log: createLog({ level: 'warn', toJournald: false, terminal: terminal.id }),
      lowered(event) {
        ({ from } = event);
        journal.transaction((tx) => tx.append({ kind: 'clock', at: clock.now(), facts: { event: 'floor-lowered', ...event } }));
      },
    });
    clock.lowerFloor(to, 'operator');
    const now = clock.now().earliest;
    clock.close();
    const was =
      from === undefined
        ? '未改变（已不高于此，或早于程序生成时间） · unchanged: not above it, or before the program was built'
        : `原为 · was ${iso(from)}`;
    process.stdout.write(`时间下限 · floor of the clock: ${iso(now)}; ${was}\n`);
  } finally {
    journal.close();
  }
}

const iso = (at: Instant): string => new Date(at).toISOString();

function opened<T>(open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (error instanceof JournalError && error.code === 'in-use')
      throw new UsageError('守护进程正在运行，请先停止：systemctl stop ankang · the daemon is running: stop it first');
    throw error;
  }
}

export default {
  summary: { zh: '本机时钟的下限', en: 'the floor of this box’s clock' },
  configure: (command) =>
    void command
      .command('lower-floor')
      .description('调低时间下限，记入日志 · lower the floor; the journal says who and from what')
      .requiredOption('--config <file>', '配置文件 · the configuration, YAML')
      .requiredOption('--to <time>', '不早于此刻 · it is not before this: 2026-11-23T08:00:00+08:00', instant)
      .action(lowerFloor),
} satisfies Command;
