/** `ankang county operator | operators | settle`: companies whose vehicles carry our terminals, and what is due to them (RIDE-03). */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command as Commander } from 'commander';
import { type At, atDisk, looking, order, ordering, print } from './_county-order.js';
import { UsageError } from './command.js';

export function configureOperators(command: Commander): void {
  order(command, 'operator', '登记运营单位及其检查点 · enter an operator and the checkpoints of its vehicles')
    .argument('<id>', '名称，也是其 MQTT 用户名 · also its MQTT user')
    .requiredOption('--checkpoints <list>', '以逗号分隔 · with commas between', (text: string) => text.split(','))
    .option('--name <text>', '单位名称 · what it is called')
    .action(async (id: string, { county, checkpoints, name = id }: At & { checkpoints: string[]; name?: string }) => {
      const { isName } = await import('../messages/topics.js');
      if (![id, ...checkpoints].every(isName))
        throw new UsageError('名称只可用字母、数字、点、横线、下划线 · letters, digits, dot, dash and underscore only');
      await ordering(county, async ({ store, keys }) => {
        await store.putOperator({ id, name, checkpoints });
        const platform = join(keys.folder, 'platform.spki');
        atDisk(() => writeFileSync(platform, keys.platform.spki));
        return { operator: id, checkpoints, platform };
      });
    });
  order(command, 'operators', '运营单位，一行一个 JSON · operators, one JSON a line').action(({ county }: At) =>
    looking(county, async (store) => {
      const open = await store.unconfirmed();
      for (const operator of await store.operators()) {
        const last = await store.lastBatch(operator.id);
        print({
          ...operator,
          batches: last?.number ?? 0,
          unconfirmed: open.filter((one) => one.operator === operator.id).map(({ number }) => number),
        });
      }
    }),
  );
  order(
    command,
    'settle',
    '立即结算已结束营运日的乘车 · settle the rides of closed days now; a running county does so every ten minutes',
  ).action(async ({ county }: At) => {
    const { settle } = await import('../platform/settle.js');
    await ordering(county, (parts) => settle(parts));
  });
}
