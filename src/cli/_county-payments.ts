/** `ankang county payments`: bills and how they stand, and three books held against each other. */
import { existsSync } from 'node:fs';
import type { Command as Commander } from 'commander';
import { yuan } from '../messages/money.js';
import type { Balance } from '../platform/pay-books.js';
import type { Bill } from '../platform/store-payments.js';
import { type At, looking, order, print } from './_county-order.js';
import { EXIT, UsageError } from './command.js';

interface Options extends At {
  readonly json?: boolean;
  readonly state?: string;
  readonly reconcile?: boolean;
}

type Store = Parameters<Parameters<typeof looking>[1]>[0];

const STATES: readonly string[] = ['open', 'charging', 'paid', 'void'] satisfies Bill['state'][];

export function configurePayments(command: Commander): void {
  order(
    command,
    'payments',
    '账单及其状态；--reconcile 与支付方流水、终端记录三方对账，不符退出码 1 · bills and how they stand; three books against each other, exit code 1 when they differ',
  )
    .option('--state <state>', STATES.join(' | '))
    .option('--reconcile', '三方对账（沙箱支付方） · provider (sandbox), platform, journals, to the fen')
    .option('--json', 'JSON')
    .action(({ county, json = false, state, reconcile }: Options) => {
      if (state !== undefined && !STATES.includes(state))
        throw new UsageError(`状态须为其一 · one of: ${STATES.join(' | ')}, not ${state}`);
      return looking(county, (store) => (reconcile ? compare(store, county, json) : list(store, state, json)));
    });
}

const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

async function list(store: Store, state: string | undefined, json: boolean): Promise<void> {
  const bills = (await store.bills()).filter((bill) => state === undefined || bill.state === state);
  if (json) {
    const shown = bills.map(({ opened, paidAt, told, ...bill }) => ({
      ...bill,
      opened: time(opened),
      paidAt: time(paidAt),
      told: time(told),
    }));
    return print(shown);
  }
  const lines = bills.map(({ number, service, amount, state: how, told, what, receipt }) =>
    [
      number,
      service,
      yuan(amount).padStart(10),
      WORDS[how],
      how === 'paid' ? (told === null ? '未告知 untold' : '已告知 told') : '',
      what.zh,
      receipt ?? '',
    ].join('  '),
  );
  const sum = bills.filter((bill) => bill.state === 'paid').reduce((all, { amount }) => all + amount, 0);
  process.stdout.write(
    `${[...lines, `共 ${bills.length} 单，已付 ${yuan(sum)} 元 · ${bills.length} bills, paid ${yuan(sum)}`].join('\n')}\n`,
  );
}

const WORDS: Readonly<Record<Bill['state'], string>> = {
  open: '未付 open',
  charging: '付款中 charging',
  paid: '已付 paid',
  void: '作废 void',
};

async function compare(store: Store, folder: string, json: boolean): Promise<void> {
  const [{ balance }, { openSandbox, sandboxPath }, { PAYMENT_KIND }] = await Promise.all([
    import('../platform/pay-books.js'),
    import('../platform/pay-sandbox.js'),
    import('../messages/payment.js'),
  ]);
  const file = sandboxPath(folder);
  if (!existsSync(file)) throw new UsageError(`没有支付方流水 · there is no book of a provider: ${file}`);
  const sandbox = openSandbox({ file, now: () => Date.now() });
  try {
    const movements = await sandbox.statement(0, AbortSignal.timeout(60_000));
    const entries = (await store.recorded({ kind: PAYMENT_KIND })).map(({ facts }) => facts);
    const result = balance({ movements, attempts: await store.attempts(), entries });
    process.exitCode = result.holds ? EXIT.done : EXIT.no;
    if (json) return print(result);
    process.stdout.write(`${written(result).join('\n')}\n`);
  } finally {
    sandbox.end();
  }
}

const written = ({ provider, platform, journals, waiting, waitingFen, differences, holds }: Balance): readonly string[] => [
  `支付方 provider  ${yuan(provider)}`,
  `平台   platform  ${yuan(platform)}`,
  `终端   journals  ${yuan(journals)}`,
  `待定   waiting   ${waiting} (${yuan(waitingFen)})`,
  ...differences.map(({ bill, attempt, why }) => `不符   differs   ${bill} ${attempt} ${why}`),
  holds ? '对账相符 · reconciled' : '对账不符 · does not reconcile',
];
