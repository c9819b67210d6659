#!/usr/bin/env node
/** The command `ankang`: finds its sub-commands by listing this folder and loads only the one that is called. */
import { readdirSync } from 'node:fs';
import { Command as Commander, CommanderError } from 'commander';
import { said } from './_sayings.js';
import { type Command, EXIT, UsageError } from './command.js';

const NOT_COMMANDS = new Set(['ankang.js', 'command.js']);

function names(): string[] {
  const here = readdirSync(new URL('.', import.meta.url));
  return here
    .filter((file) => file.endsWith('.js') && !file.startsWith('_') && !NOT_COMMANDS.has(file))
    .map((file) => file.slice(0, -3))
    .sort();
}

async function load(name: string): Promise<Command> {
  const module = (await import(new URL(`${name}.js`, import.meta.url).href)) as { default: Command };
  return module.default;
}

async function main(argv: readonly string[]): Promise<void> {
  const program = new Commander('ankang');
  program.description('安康码终端 · Ankang code terminal').exitOverride().showHelpAfterError();
  program.configureOutput({ outputError: (text, write) => write(`错误 · error: ${said(text)}`) });
  const called = argv[2];
  for (const name of names()) {
    if (called !== undefined && names().includes(called) && called !== name) continue;
    const command = await load(name);
    command.configure(program.command(name).description(`${command.summary.zh} · ${command.summary.en}`));
  }
  await program.parseAsync(argv);
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever read has read enough (`| head`): that is no fault, and a no that was already given stays one.
  if (error.code === 'EPIPE') process.exit();
  process.stderr.write(`ankang: 无法写到标准输出 · cannot write to standard output: ${error.message}\n`);
  process.exit(EXIT.fault);
});

try {
  await main(process.argv);
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  } else if (error instanceof UsageError) {
    process.stderr.write(`ankang: ${error.message}\n`);
    process.exitCode = EXIT.usage;
  } else {
    process.stderr.write(`ankang: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = EXIT.fault;
  }
}
