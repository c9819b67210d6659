/** `ankang county case …`: officials read cases of the county hall and move them. `ankang county library`: what the e-licence library gets wrong. */
import type { Command as Commander } from 'commander';
import { type At, looking, numberWithin, order, print } from './_county-order.js';
import { UsageError } from './command.js';

interface ListOptions extends At {
  readonly state?: string;
  readonly limit: number;
}

export function configureCases(command: Commander): void {
  const cases = command.command('case').description('办件 · cases of the county hall');
  order(cases, 'list', '办件，新的在前 · cases, the newest first, one JSON a line')
    .option('--state <state>', 'submitted | accepted | returned | decided | delivered')
    .option('--limit <n>', '条数 · how many', numberWithin(1, 100_000), 100)
    .action((options: ListOptions) => list(options));
  order(cases, 'show', '一个办件及其申请表，留痕 · one case with its form; that it was read is recorded')
    .argument('<number>', '办件编号 · 341525-261125-00001')
    .requiredOption('--purpose <text>', '何人因何查看 · who reads it and what for')
    .action(async (number: string, { county, purpose }: At & { purpose: string }) => {
      const { opened } = await import('../platform/affairs/cases.js');
      await atHall(county, async (hall) => {
        const { token: _, ...shown } = await opened(hall, number, purpose);
        print(shown);
      });
    });
  for (const [verb, words] of Object.entries(VERBS)) {
    order(cases, verb, words)
      .argument('<number>')
      .option('--note <text>', '告诉申请人 · told to the applicant')
      .action(async (number: string, { county, note }: At & { note?: string }) => {
        const { move } = await import('../platform/affairs/cases.js');
        await atHall(county, async (hall) => {
          const { state } = await move({ ...hall, number, verb: verb as keyof typeof VERBS, note });
          print({ number, state });
        });
      });
  }
  order(command, 'library', '电子证照库（演示）的故障：well | slow | away | half · faults of the made-up e-licence library')
    .argument('<fault>')
    .action(async (fault: string, { county }: At) => {
      const { LIBRARY_FAULTS } = await import('../platform/affairs/licences.js');
      if (!LIBRARY_FAULTS.some((one) => one === fault)) throw new UsageError(`须为其一 · one of: ${LIBRARY_FAULTS.join(' | ')}`);
      await looking(county, async (store) => {
        await store.putFault('licences', fault);
        print({ library: fault });
      });
    });
}

const VERBS = {
  accept: '受理 · accept it',
  return: '退回补正，须写 --note · return it: something is missing',
  decide: '办结 · decide it',
  deliver: '送达 · it was delivered',
} as const;

async function list({ county, state, limit }: ListOptions): Promise<void> {
  const { isState } = await import('../platform/affairs/case.js');
  if (state !== undefined && !isState(state)) throw new UsageError(`没有这个状态 · no such state: ${state}`);
  await atHall(county, async ({ store }) => {
    for (const { number, item, name, state: now, at, note, subject } of await store.cases({ limit, ...(state && { state }) }))
      print({ number, item, name: name.zh, state: now, at: new Date(at).toISOString(), subject, ...(note !== null && { note }) });
  });
}

/** With every application that has come a case. */
async function atHall(county: string, work: (hall: import('../platform/affairs/cases.js').Hall) => Promise<void>): Promise<void> {
  const [{ settle }, { openKeys }] = await Promise.all([import('../platform/affairs/cases.js'), import('../platform/keys.js')]);
  await looking(county, async (store) => {
    const hall = { store, region: openKeys(county).region, now: Date.now() };
    await settle(hall);
    await work(hall);
  });
}
