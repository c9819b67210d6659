/** `ankang fleet`: plays many terminals against a TEST county that runs, and says whether it has every entry, once. */
import { readFileSync } from 'node:fs';
import type { Account } from '../fleet/account.js';
import type { Fleet } from '../fleet/fleet.js';
import type { CountyKeys } from '../platform/keys.js';
import type { CountyStore } from '../platform/store.js';
import { assertCounty, note, numberWithin, unreachable } from './_county-order.js';
import { type Command, EXIT, UsageError } from './command.js';

interface Options {
  readonly county: string;
  readonly broker: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly terminals: number;
  readonly days: number;
  readonly seconds: number;
  readonly patience: number;
  readonly seed: string;
  readonly json?: boolean;
}

const TELL_MS = 2000;
const CONNECT_S = 60;
/** Forks are not acknowledged; the last of them may still be on their way. */
const FORKS_S = 5;
const LOOK_MS = 50;
const SHANGHAI_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;

async function run(options: Options): Promise<void> {
  await assertCounty(options.county);
  const { protocol } = URL.canParse(options.broker) ? new URL(options.broker) : { protocol: '' };
  if (protocol !== 'mqtt:' && protocol !== 'mqtts:')
    throw new UsageError(`--broker 地址不对 · is not such an address: ${options.broker} (mqtt://…, mqtts://…)`);
  const [{ openKeys }, { openCountyStore }, { accountOf }] = await Promise.all([
    import('../platform/keys.js'),
    import('../platform/open-store.js'),
    import('../fleet/account.js'),
  ]);
  const keys = openKeys(options.county);
  if (!keys.test) throw new UsageError('只对测试县平台 · the fleet is played against a TEST county only');
  const store = await openCountyStore(options.county).catch(unreachable);
  const fleet = await newFleet(options, keys);
  try {
    await entered(fleet, store);
    await played(fleet, options);
    await within(
      FORKS_S,
      async () => (await accountOf(fleet, store)).forks.kept === fleet.terminals.reduce((sum, { forked }) => sum + forked, 0),
    );
    const account = await accountOf(fleet, store);
    process.stdout.write(options.json ? `${JSON.stringify(account)}\n` : table(account));
    process.exitCode = account.holds ? EXIT.done : EXIT.no;
  } finally {
    fleet.end();
    await store.close();
  }
}

async function newFleet(options: Options, keys: CountyKeys): Promise<Fleet> {
  const [{ createFleet }, { fastestVerifier }] = await Promise.all([import('../fleet/fleet.js'), import('../crypto/wasm-verifier.js')]);
  const { broker, terminals, days, seconds, seed } = options;
  const verifier = fastestVerifier('wasm', (reason) => note(reason));
  const file = (name: 'ca' | 'cert' | 'key') => (options[name] === undefined ? {} : { [name]: readFileSync(options[name]) });
  const tls = { ...file('ca'), ...file('cert'), ...file('key') };
  const yesterday = Math.floor((Date.now() + SHANGHAI_MS) / DAY_MS) * DAY_MS - SHANGHAI_MS - days * DAY_MS;
  return createFleet({
    url: broker,
    region: keys.region,
    terminals,
    days,
    secondsPerDay: seconds,
    seed,
    from: yesterday,
    options: (id) => ({ ...tls, username: id, password: keys.brokerPassword(id) }),
    verify: (kid, typ, message, signature) =>
      typ === 'ak/ack' && Buffer.from(kid).equals(keys.platform.kid) && verifier.verify(keys.platform.point, message, signature, 'kept'),
  });
}

/** The keys of all terminals, made for this run, at the county. */
async function entered({ members }: Fleet, store: CountyStore): Promise<void> {
  const { addTerminal } = await import('../platform/orders.js');
  for (const { id, checkpoint, sign, open } of members)
    await addTerminal(store, { id, checkpoint, site: checkpoint, sign, open, region: false });
  note(`终端已登记 · terminals registered: ${members.length}`);
}

/** Until all is acknowledged, or patience ends. */
async function played(fleet: Fleet, { patience }: Options): Promise<void> {
  const { terminals, planned } = fleet;
  const acked = (): number => terminals.reduce((sum, one) => sum + one.acked, 0);
  const sent = (): number => terminals.reduce((sum, { outbox }) => sum + outbox.last, 0);
  const tell = (): void =>
    note(
      `${Math.round((100 * fleet.happened) / planned)} %, 在线 online ${terminals.filter(({ connected }) => connected).length}, 记录 entries ${sent()}, 收妥 acknowledged ${acked()}`,
    );
  const telling = setInterval(tell, TELL_MS);
  try {
    fleet.connect();
    if (!(await within(CONNECT_S, () => terminals.every(({ connected }) => connected))))
      throw new UsageError('终端连不上代理 · the terminals cannot reach the broker, or it does not let them in');
    await fleet.play();
    await within(patience, () => acked() === sent());
    tell();
  } finally {
    clearInterval(telling);
  }
}

async function within(seconds: number, look: () => boolean | Promise<boolean>): Promise<boolean> {
  const end = performance.now() + seconds * 1000;
  while (!(await look())) {
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return true;
}

function table({ sent, acknowledged, stored, lost, doubled, scenes, forks, faults, ackMs, holds }: Account): string {
  const lines = [
    `发出 sent          ${sent}`,
    `收妥 acknowledged  ${acknowledged}`,
    `入库 stored        ${stored}`,
    `丢失 lost          ${lost}`,
    `重复 doubled       ${doubled}`,
    ...Object.entries(scenes).map(([scene, of]) => `场景 ${scene.padEnd(12)}  ${of.sent} → 计数 counted ${of.counted}`),
    `孪生 forks         ${forks.sent} → 留存 kept ${forks.kept}`,
    `故障 faults        断网 offline ${faults.offline}, 重发 duplicates ${faults.duplicates}, 断电 power cuts ${faults.powerCuts}, 孪生 twins ${faults.twins}`,
    `入库回执 ack       p50 ${ackMs.p50} ms, p99 ${ackMs.p99} ms`,
    holds ? '对账相符 · reconciled' : '对账不符 · does not reconcile',
  ];
  return `${lines.join('\n')}\n`;
}

export default {
  summary: { zh: '模拟一批终端，与测试县平台逐条对账', en: 'plays a fleet of terminals against a TEST county and reconciles every entry' },
  configure(command) {
    command
      .requiredOption('-c, --county <folder>', '测试县平台目录，县平台须在运行 · folder of a TEST county that is running')
      .requiredOption('--broker <url>', '代理地址 · its broker: mqtt://, mqtts://')
      .option('--ca <file>', 'CA (PEM)')
      .option('--cert <file>', '客户端证书，所有终端共用 · client certificate (PEM), one for all')
      .option('--key <file>', '客户端私钥 · its key (PEM)')
      .option('--terminals <n>', '终端数 · how many terminals', numberWithin(1, 20_000), 50)
      .option('--days <n>', '天数 · how many days', numberWithin(1, 31), 1)
      .option('--seconds <n>', '一天压缩为几秒 · real seconds that a day takes', numberWithin(1, 86_400), 20)
      .option('--patience <seconds>', '最后等待收妥的秒数 · how long the last acknowledgements are waited for', numberWithin(1, 3600), 60)
      .option('--seed <phrase>', '同一短语演同样的日子 · the same phrase plays the same days', '1')
      .option('--json')
      .action(run);
  },
} satisfies Command;
