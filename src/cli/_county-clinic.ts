/** `ankang county clinic-ledger`: what was paid at the clinic on a day, in the county's book and in the hospital's. */
import type { Command as Commander } from 'commander';
import { connectHospital } from './_county-hospital.js';
import { type At, looking, order, print } from './_county-order.js';
import { EXIT, UsageError } from './command.js';

interface Options extends At {
  readonly hospital: string;
  readonly hospitalToken?: string;
  readonly day?: string;
  readonly json?: boolean;
}

export function configureClinic(command: Commander): void {
  order(
    command,
    'clinic-ledger',
    '县平台与医院按日对账，精确到分，不符退出码 1 · a day’s payments at the county and at the hospital, to the fen; exit code 1 when they differ',
  )
    .requiredOption('--hospital <url>', '医院的 FHIR R4 服务 · base of the hospital’s FHIR R4 server')
    .option('--hospital-token <file>', '令牌文件 · file with its bearer token')
    .option('--day <day>', 'YYYY-MM-DD，缺省为今日 · default: today')
    .option('--json', 'JSON')
    .action(compare);
}

async function compare({ county, hospital, hospitalToken, day, json = false }: Options): Promise<void> {
  if (day !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new UsageError(`--day 须为 YYYY-MM-DD · must be YYYY-MM-DD: ${day}`);
  if (!URL.canParse(hospital)) throw new UsageError(`--hospital 地址不对 · is not such an address: ${hospital}`);
  const connected = await connectHospital({ county, hospital, ...(hospitalToken !== undefined && { hospitalToken }) });
  const [{ openFhir }, { ledgerOf }, { localTime }] = await Promise.all([
    import('../platform/fhir/client.js'),
    import('../platform/clinic/ledger.js'),
    import('../messages/calendar.js'),
  ]);
  if (!connected) throw new UsageError('--hospital');
  const fhir = openFhir(connected.address, AbortSignal.timeout(120_000));
  await looking(county, async (store) => {
    const ledger = await ledgerOf(fhir, store, day ?? localTime(Date.now()).day).catch((error: unknown) => {
      throw new UsageError(`医院没有答复 · the hospital did not answer: ${error instanceof Error ? error.message : String(error)}`);
    });
    process.exitCode = ledger.holds ? EXIT.done : EXIT.no;
    if (json) return print(ledger);
    const yuan = (fen: number): string => (fen / 100).toFixed(2);
    const lines = [
      `平台 county    ${yuan(ledger.platform)}`,
      `医院 hospital  ${yuan(ledger.hospital)}`,
      `待告知 waiting ${ledger.waiting}`,
      ...ledger.differences.map(({ bill, why }) => `不符 differs   ${bill} ${why}`),
      ledger.holds ? '对账相符 · reconciled' : '对账不符 · does not reconcile',
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  });
}
