/** `ankang county terminal …`: which terminals there are, and what each may do. */
import type { Command as Commander } from 'commander';
import { type At, atDisk, note, order, ordering, type Parts } from './_county-order.js';
import { readInput } from './_trust-files.js';
import { UsageError } from './command.js';

interface TerminalOptions extends At {
  readonly checkpoint: string;
  readonly site?: string;
  readonly regionKey?: boolean;
  readonly sign?: string;
  readonly open?: string;
  readonly testKeys?: boolean;
  readonly kit?: string;
}

export function configureTerminals(command: Commander): void {
  const terminal = command.command('terminal').description('终端登记 · terminals');
  order(
    terminal,
    'add',
    '登记终端 · enter a terminal; the password in the answer is for the embedded broker: uplink.url mqtt://TERMINAL:PASSWORD@host',
  )
    .argument('<id>')
    .requiredOption('--checkpoint <name>', '检查点 · the checkpoint it belongs to')
    .option('--site <name>', '场所 · terminals of one site share replay memory; default: the checkpoint')
    .option('--region-key', '授予区域密钥 · grant the region key: card readers, attendee lists')
    .option('--sign <file>', '签名公钥 · SPKI DER of the key made on the device')
    .option('--open <file>', '解封公钥 · SPKI DER of the key that secrets are sealed to')
    .option('--test-keys', '用本目录的测试密钥 · TEST keys of this folder, made when they are not there')
    .option('--kit <folder>', '写出终端测试包 · write what the TEST terminal starts with (root, sign, open)')
    .action((id: string, options: TerminalOptions) => ordering(options.county, (parts) => enter(id, options, parts)));
  order(terminal, 'strike', '注销丢失的终端 · strike off a lost terminal; site and list keys move on')
    .argument('<id>')
    .action(async (id: string, { county }: At) => {
      const { strikeTerminal } = await import('../platform/orders.js');
      await ordering(county, ({ store, now }) => strikeTerminal(store, id, now));
    });
  order(terminal, 'list', '终端一览 · the terminals').action(async ({ county }: At) => {
    await ordering(county, async ({ store }) => ({
      terminals: (await store.terminals()).map(({ id, checkpoint, site, region, struck }) => ({ id, checkpoint, site, region, struck })),
    }));
  });
}

async function enter(id: string, options: TerminalOptions, { keys, store, now }: Parts): Promise<unknown> {
  const [{ addTerminal }, { makeTerminalKeys }, { writeTerminalKit }] = await Promise.all([
    import('../platform/orders.js'),
    import('../platform/ceremony.js'),
    import('../platform/terminal-kit.js'),
  ]);
  const common = { id, checkpoint: options.checkpoint, site: options.site ?? options.checkpoint, region: options.regionKey === true };
  if (options.sign !== undefined && options.open !== undefined) {
    await addTerminal(store, { ...common, sign: readInput(options.sign), open: readInput(options.open) });
    return { id };
  }
  if (!options.testKeys) throw new UsageError('--sign FILE --open FILE，或 --test-keys · give both public keys, or --test-keys');
  if (!keys.terminals().includes(id)) atDisk(() => makeTerminalKeys({ folder: keys.folder, id, now }));
  const { sign, open } = keys.terminal(id);
  await addTerminal(store, { ...common, sign: sign.spki, open: open.spki });
  const kit = options.kit === undefined ? {} : { kit: atDisk(() => writeTerminalKit(keys, id, options.kit ?? '')) };
  note('口令写入 uplink.url，仅限内置代理 · the password goes into uplink.url, embedded broker only: mqtt://TERMINAL:PASSWORD@host');
  return { id, password: keys.brokerPassword(id), ...kit };
}
