/** `ankang run`: the terminal daemon, until it is told to stop. Tells systemd when it serves, and that it works. */
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { InvalidArgumentError } from 'commander';
import type { Log } from '../contracts.js';
import { createLog } from '../log.js';
import { startTerminal, type Terminal } from '../main.js';
import { asUsage, checkConfiguration, readConfiguration } from './_configuration.js';
import type { Command } from './command.js';

const LINGER_MS = 2000;

const LEVELS = ['info', 'warn', 'error'] as const;
type Level = (typeof LEVELS)[number];

interface Options {
  readonly config: string;
  readonly check?: true;
  readonly logLevel: Level;
}

/** A small box, one small job: new objects get 1 MB instead of up to 16, and what stays grows in small steps. Costs no time. */
const SMALL = '--semi-space-growth-factor=1 --optimize-for-size';

async function run({ config, check, logLevel }: Options): Promise<void> {
  setFlagsFromString(SMALL);
  if (check) return checkConfiguration(config);
  const loaded = readConfiguration(config);
  const { terminal } = loaded.configuration;
  const log = createLog({ level: logLevel, toJournald: process.env['JOURNAL_STREAM'] !== undefined, terminal: terminal.id });
  const stopping = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  process.on('uncaughtException', (error) => {
    // What nobody foresaw must not go on half-way: systemd starts anew, and the gate's lines fall with the process.
    log.error('fault', { error: error.stack ?? error.message });
    process.exit(70);
  });
  const running = await asUsage(() => startTerminal({ loaded, log }));
  const watchdog = await serveSystemd(running, log);
  await stopping;
  watchdog.stop();
  await running.stop();
  // All is written and closed; what still holds the process (a library's handle) is told and not waited for.
  setTimeout(() => {
    log.warn('still-open', { resources: process.getActiveResourcesInfo() });
    process.exit();
  }, LINGER_MS).unref();
}

function level(text: string): Level {
  const known = LEVELS.find((one) => one === text);
  if (known === undefined) throw new InvalidArgumentError(`须为其一 · must be one of: ${LEVELS.join(', ')}`);
  return known;
}

/** Type=notify and WatchdogSec of the unit: fed at half its time, and only while the stations are served (decision 8). */
async function serveSystemd(terminal: Terminal, log: Log): Promise<{ stop(): void }> {
  const socket = process.env['NOTIFY_SOCKET'];
  if (!socket) return { stop: () => undefined };
  const { openNotifier } = await import('../ports/notify.js');
  const notifier = openNotifier(socket);
  notifier.notify('READY=1\nSTATUS=serving\n');
  const every = Number(process.env['WATCHDOG_USEC'] ?? 0) / 2000;
  const feed = (): void => {
    if (terminal.works()) notifier.notify('WATCHDOG=1\n');
    else log.error('watchdog-starved');
  };
  const timer = every > 0 ? setInterval(feed, every) : undefined;
  return {
    stop: () => {
      clearInterval(timer);
      notifier.notify('STOPPING=1\n');
    },
  };
}

export default {
  summary: { zh: '运行终端守护进程', en: 'runs the terminal daemon' },
  configure: (command) =>
    void command
      .requiredOption('--config <file>', '配置文件 · the configuration, YAML')
      .option('--check', '只检查配置，不运行 · only checks the configuration')
      .option('--log-level <level>', LEVELS.join(' | '), level, 'info')
      .action(run),
} satisfies Command;
