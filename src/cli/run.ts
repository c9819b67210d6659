/** `ankang run`: the terminal daemon, until it is told to stop. Tells systemd when it serves, and that it works. */
import { setFlagsFromString } from 'node:v8';
import { InvalidArgumentError } from 'commander';
import type { Loaded } from '../configuration.js';
import type { Log } from '../contracts.js';
import { JournalError } from '../journal/error.js';
import { createLog } from '../log.js';
import { startTerminal } from '../main.js';
import { asUsage, checkConfiguration, readConfiguration } from './_configuration.js';
import { journalWords } from './_journal-words.js';
import { toldToStop } from './_stopping.js';
import { type Command, EXIT } from './command.js';

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
  // Small buffers would share slabs that outlive them, and with them what somebody's card or an answer said.
  Buffer.poolSize = 0;
  if (check) return checkConfiguration(config);
  const first = readConfiguration(config);
  const log = logFor(first, logLevel);
  const stop = new AbortController();
  const stopping = toldToStop().then(() => stop.abort());
  process.on('uncaughtException', (error) => {
    // What nobody foresaw must not go on half-way: systemd starts anew, and the gate's lines fall with the process.
    log.error('fault', { error: error.stack ?? error.message });
    process.exit(70);
  });
  if (first.identity === 'awaited' && !(await enrolled(first, log, stop.signal))) return;
  // A ticket says who this box is.
  const loaded = first.identity === 'awaited' ? readConfiguration(config) : first;
  const running = await asUsage(() => startTerminal({ loaded, log: loaded === first ? log : logFor(loaded, logLevel) })).catch(told);
  if (!running) return;
  const watchdog = await serveSystemd(() => running.works(), log);
  await stopping;
  watchdog.stop();
  await running.stop();
  // All is written and closed; what still holds the process (a library's handle) is told and not waited for.
  setTimeout(() => {
    log.warn('still-open', { resources: process.getActiveResourcesInfo() });
    process.exit();
  }, LINGER_MS).unref();
}

/** The box's trouble, not the program's: said in words, and systemd tries again. */
function told(error: unknown): undefined {
  const words = error instanceof JournalError ? journalWords(error) : portWords(error);
  if (words === undefined) throw error;
  process.stderr.write(`ankang run: ${words}\n`);
  process.exitCode = EXIT.fault;
}

/** undefined: it is something else. */
function portWords(error: unknown): string | undefined {
  const { code, syscall, port } = error as NodeJS.ErrnoException & { readonly port?: number };
  return syscall === 'listen' ? `页面端口 ${port} 不可用 · the port of the page, ${port}, cannot be used: ${code}` : undefined;
}

function logFor({ configuration: { terminal } }: Loaded, logLevel: Level): Log {
  return createLog({ level: logLevel, toJournald: process.env['JOURNAL_STREAM'] !== undefined, terminal: terminal.id });
}

/** systemd is told that the box does what it can, and fed meanwhile. */
async function enrolled(loaded: Loaded, log: Log, signal: AbortSignal): Promise<boolean> {
  const { awaitEnrolment } = await import('../awaiting.js');
  const watchdog = await serveSystemd(() => true, log, 'awaiting enrolment');
  try {
    return await asUsage(() => awaitEnrolment({ loaded, log, signal }));
  } finally {
    watchdog.pause();
  }
}

function level(text: string): Level {
  const known = LEVELS.find((one) => one === text);
  if (known === undefined) throw new InvalidArgumentError(`须为其一 · must be one of: ${LEVELS.join(', ')}`);
  return known;
}

interface Watchdog {
  /** Fed no more, by us. */
  pause(): void;
  stop(): void;
}

/** Type=notify and WatchdogSec of the unit: fed at half its time, and only while the stations are served (decision 8). */
async function serveSystemd(works: () => boolean, log: Log, status = 'serving'): Promise<Watchdog> {
  const socket = process.env['NOTIFY_SOCKET'];
  if (!socket) return { pause: () => undefined, stop: () => undefined };
  const { openNotifier } = await import('../ports/notify.js');
  const notifier = openNotifier(socket);
  notifier.notify(`READY=1\nSTATUS=${status}\n`);
  const every = Number(process.env['WATCHDOG_USEC'] ?? 0) / 2000;
  const feed = (): void => {
    if (works()) notifier.notify('WATCHDOG=1\n');
    else log.error('watchdog-starved');
  };
  const timer = every > 0 ? setInterval(feed, every) : undefined;
  const pause = (): void => clearInterval(timer);
  return {
    pause,
    stop: () => {
      pause();
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
