/** `ankang config`: is a configuration right, and what may be written in one. */
import type { Command as Commander } from 'commander';
import { ConfigurationError, loadConfiguration } from '../configuration.js';
import { type Command, EXIT, UsageError } from './command.js';

async function check(file: string): Promise<void> {
  const { checkStations } = await import('../main.js');
  try {
    await checkStations(loadConfiguration(file, process.env));
    process.stdout.write(`配置无误 · the configuration is right: ${file}\n`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new UsageError((error as Error).message);
    if (!(error instanceof ConfigurationError)) throw error;
    process.stdout.write(`${error.message}\n`);
    process.exitCode = EXIT.no;
  }
}

async function schema(): Promise<void> {
  const { configurationSchema } = await import('./_config-schema.js');
  process.stdout.write(`${JSON.stringify(await configurationSchema(), null, 2)}\n`);
}

export default {
  summary: { zh: '检查配置，输出配置的 JSON Schema', en: 'checks a configuration, prints the JSON Schema of configurations' },
  configure(command: Commander) {
    command.command('check <file>').description('检查配置 · check a configuration').action(check);
    command.command('schema').description('供编辑器补全 · for completion in editors').action(schema);
  },
} satisfies Command;
