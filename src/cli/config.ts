/** `ankang config`: is a configuration right, and what may be written in one. */
import type { Command as Commander } from 'commander';
import { checkConfiguration } from './_configuration.js';
import type { Command } from './command.js';

async function schema(): Promise<void> {
  const { configurationSchema } = await import('./_config-schema.js');
  process.stdout.write(`${JSON.stringify(await configurationSchema(), null, 2)}\n`);
}

export default {
  summary: { zh: '检查配置，输出配置的 JSON Schema', en: 'checks a configuration, prints the JSON Schema of configurations' },
  configure(command: Commander) {
    command
      .command('check <file>')
      .description('检查配置 · check a configuration')
      .action((file: string) => checkConfiguration(file));
    command.command('schema').description('供编辑器补全 · for completion in editors').action(schema);
  },
} satisfies Command;
