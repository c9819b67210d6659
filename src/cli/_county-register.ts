/** `ankang county recall`: who bought of a batch that is called back (COLD-02). The county knows, the counter never did. */
import type { Command as Commander } from 'commander';
import { type At, looking, order, print } from './_county-order.js';

export function configureRegister(command: Commander): void {
  order(command, 'recall', '召回：谁买过这一批，各多少 · who bought of a batch, and how much; it is recorded that this was asked')
    .argument('<terminal>', '柜台的终端 · the counter’s terminal')
    .argument('<batch>', '批次登记号，如 A1B2-7 · the number of the batch')
    .requiredOption('--purpose <text>', '何人因何查询，留痕 · who asks and what for; recorded')
    .action(async (terminal: string, batch: string, { county, purpose }: At & { purpose: string }) => {
      const { recalled } = await import('../platform/recall.js');
      await looking(county, async (store) => {
        for (const buyer of await recalled(store, { terminal, batch, purpose, now: Date.now() })) print(buyer);
      });
    });
}
