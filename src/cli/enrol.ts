/** `ankang enrol`: makes this box one of the county's terminals by a ticket that is typed or piped, where it has no scanner for it. */
import { readFileSync, statSync } from 'node:fs';
import { readConfiguration } from './_configuration.js';
import { type Command, UsageError } from './command.js';

interface Options {
  readonly config: string;
  readonly ticket: string;
}

async function enrol({ config, ticket }: Options): Promise<void> {
  const loaded = readConfiguration(config);
  if (loaded.identity === undefined)
    throw new UsageError('配置中没有 keys: enrolled，不按登记码建立身份 · the configuration does not say keys: enrolled');
  const { terminal } = loaded.configuration;
  const [{ enrolBox }, { EnrolError }] = await Promise.all([import('../enrol/enrol.js'), import('../enrol/error.js')]);
  const text = Buffer.from(ticket === '-' ? readFileSync(0, 'latin1').trim() : ticket, 'latin1');
  try {
    const earliest = statSync(import.meta.filename).mtimeMs;
    const identity = await enrolBox({ ticket: text, state: loaded.resolve(terminal.state), mode: terminal.mode, earliest });
    process.stdout.write(`${JSON.stringify(identity)}\n`);
  } catch (error) {
    if (error instanceof EnrolError) throw new UsageError(error.message);
    throw error;
  }
}

export default {
  summary: { zh: '按登记码把本机登记为终端', en: 'enrols this box by a ticket of the county' },
  configure: (command) =>
    void command
      .requiredOption('--config <file>', '配置文件 · the configuration, YAML')
      .requiredOption('--ticket <text>', '登记码文字；- 从标准输入读 · the ticket’s text; - reads standard input')
      .action(enrol),
} satisfies Command;
