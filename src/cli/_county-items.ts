/** `ankang county items …`: the list of the county hall, from the table that an office keeps. */
import type { Command as Commander } from 'commander';
import { type At, looking, note, order, ordering, print } from './_county-order.js';
import { readInput } from './_trust-files.js';
import { UsageError } from './command.js';

interface ImportOptions extends At {
  readonly goodRows?: boolean;
  readonly dryRun?: boolean;
}

/** As many faults as anybody reads at once. */
const MOST_TOLD = 100;

export function configureItems(command: Commander): void {
  const items = command.command('items').description('政务服务事项目录 · the list of items of the county hall');
  items
    .command('sample')
    .description('演示目录（1172 项，CSV），可作模板 · a made-up list of 1,172 items as CSV, also as a template')
    .action(async () => {
      const { catalogueCsv } = await import('../platform/affairs/catalogue.js');
      process.stdout.write(catalogueCsv());
    });
  order(
    items,
    'import',
    '导入 CSV 或 XLSX；有错行则逐行报告，现行目录不变 · import a CSV or XLSX; bad rows are named by line and the list in force stays',
  )
    .argument('<file>')
    .option('--good-rows', '舍去错行，发布其余 · publish the good rows without the bad ones')
    .option('--dry-run', '只检查 · check only')
    .action((file: string, options: ImportOptions) => importFile(file, options));
  order(items, 'show', '现行目录的版本与数量 · version and size of the list in force').action(({ county }: At) =>
    looking(county, async (store) => {
      const { itemsInForce } = await import('../platform/affairs/in-force.js');
      const search = await itemsInForce(store);
      if (!search) throw new UsageError('尚无目录 · there is no list yet');
      const { version, departments, events } = search;
      print({ version, items: search.find('').length, departments: departments.length, events: events.length });
    }),
  );
}

async function importFile(file: string, { county, goodRows = false, dryRun = false }: ImportOptions): Promise<void> {
  const [{ readTable, TableError }, { importItems }, { itemsInForce }, { setData }] = await Promise.all([
    import('../platform/affairs/table.js'),
    import('../platform/affairs/import.js'),
    import('../platform/affairs/in-force.js'),
    import('../platform/orders.js'),
  ]);
  const bytes = readInput(file);
  await looking(county, async (store) => {
    const version = ((await itemsInForce(store))?.version ?? 0) + 1;
    const read = async () => {
      try {
        return importItems(await readTable(bytes), version);
      } catch (error) {
        throw error instanceof TableError ? new UsageError(`${file}: ${error.message}`) : error;
      }
    };
    const { items, faults } = await read();
    for (const { line, column, words } of faults.slice(0, MOST_TOLD))
      note(`第 ${line} 行${column === '' ? '' : ` ${column}`}：${words.zh} · line ${line}: ${words.en}`);
    if (faults.length > MOST_TOLD) note(`另有 ${faults.length - MOST_TOLD} 处 · and ${faults.length - MOST_TOLD} more`);
    const bad = new Set(faults.map(({ line }) => line)).size;
    if (dryRun || !items || (bad > 0 && !goodRows)) {
      print({ items: items?.items.length ?? 0, bad, published: false });
      process.exitCode = bad > 0 || !items ? 1 : 0;
      return;
    }
    await ordering(county, async ({ store: open }) => {
      await setData(open, 'items', items);
      return { version, items: items.items.length, bad, published: true };
    });
  });
}
