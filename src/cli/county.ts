/** `ankang county`: the reference county platform, and the orders an official gives it, also while it runs. */
import { existsSync, statSync } from 'node:fs';
import type { Command as Commander } from 'commander';
import { COLOURS, type Colour, type Instant } from '../contracts.js';
import type { Order } from '../messages/command.js';
import { isName } from '../messages/topics.js';
import { sceneNames } from '../station/scene.js';
import { configureApplications } from './_county-applications.js';
import { configureCases } from './_county-cases.js';
import { configureClinic } from './_county-clinic.js';
import { configureEnrolment } from './_county-enrol.js';
import { configureGrants } from './_county-grants.js';
import { configureItems } from './_county-items.js';
import { configureOperators } from './_county-operators.js';
import {
  type At,
  assertCounty,
  assertStore,
  atDisk,
  manifestFile,
  note,
  numberWithin,
  order,
  ordering,
  parsed,
  port,
  rootFile,
  wholeNumber,
} from './_county-order.js';
import { configurePayments } from './_county-payments.js';
import { configurePlaces } from './_county-places.js';
import { configureRegister } from './_county-register.js';
import { type RunOptions, runCounty } from './_county-run.js';
import { configureStaff } from './_county-staff.js';
import { configureTerminals } from './_county-terminals.js';
import { readInput } from './_trust-files.js';
import { type Command, UsageError } from './command.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function configureInit(command: Commander): void {
  order(
    command,
    'init',
    '测试密钥仪式，根公钥在 root.spki · TEST key ceremony: every key of a county, in a new folder; its root.spki is the public root key',
  )
    .option('-t, --terminal <id...>', '同时生成终端测试密钥 · also make TEST keys for these terminals')
    .option('--seed <phrase>', '同一短语得同样密钥，仅供测试 · the same phrase gives the same keys: tests only')
    .option(
      '--store <url>',
      'PostgreSQL 数据库，缺省为目录内的 SQLite 文件 · a PostgreSQL database, postgres://…; else a SQLite file in the folder',
    )
    .action(async ({ county, terminal = [], seed, store }: At & { terminal?: string[]; seed?: string; store?: string }) => {
      await assertRoomFor(county);
      if (store !== undefined) await assertStore(store);
      const unfit = terminal.find((id) => !isName(id));
      if (unfit !== undefined) throw new UsageError(`不是终端名称 · not the name of a terminal: ${unfit}`);
      const { holdCeremony } = await import('../platform/ceremony.js');
      const keys = atDisk(() =>
        holdCeremony({
          folder: county,
          now: Date.now(),
          terminals: terminal,
          ...(seed === undefined ? {} : { seed }),
          ...(store === undefined ? {} : { store }),
        }),
      );
      const { region, test } = keys;
      await ordering(county, async () => ({
        root: Buffer.from(keys.root.kid).toString('hex'),
        rootKey: rootFile(keys),
        region,
        test,
        terminals: keys.terminals(),
      }));
    });
}

async function assertRoomFor(folder: string): Promise<void> {
  const { isCounty } = await import('../platform/county.js');
  if (isCounty(folder)) throw new UsageError(`已有县平台 · there is a county already: ${folder}`);
  if (existsSync(folder) && !statSync(folder).isDirectory()) throw new UsageError(`不是文件夹 · not a folder: ${folder}`);
}

function configureRun(command: Commander): void {
  order(
    command,
    'run',
    '运行县平台 · run the county: broker (embedded or --broker), ingest, trust, board; other sub-commands may be used meanwhile',
  )
    .option('--port <port>', '内置代理端口 · port of the embedded broker', port, 1883)
    .option('--broker <url>', '外部代理 · a broker of your own: mqtt:// or mqtts://')
    .option('--ca <file>', 'CA (PEM)')
    .option('--cert <file>', '客户端证书 · client certificate (PEM)')
    .option('--key <file>', '客户端私钥 · its key (PEM)')
    .option('--board <port>', '看板端口 · port of the board on the loopback', port, 8090)
    .option('--worker <number>', '共享订阅中的编号 · number of this worker on a shared subscription; 0 publishes', wholeNumber)
    .option('--enrol-port <port>', '终端登记端口（HTTPS） · port where new terminals hand in their tickets (HTTPS)', port)
    .option('--enrol-host <address>', '登记监听地址 · address that it listens on', '127.0.0.1')
    .option(
      '--enrol-names <names...>',
      '终端所用的主机名或地址 · host names and addresses that terminals know it by; default: --enrol-host',
    )
    .option(
      '--phones-port <port>',
      '手机登记页面端口，仅本机，前置 TLS 代理 · port of the page for phones, on the loopback, behind a proxy with TLS',
      port,
    )
    .option('--trusted-identity <url>', '可信身份认证（网证）服务 · the trusted-identity service')
    .option(
      '--trusted-identity-customer <hex>',
      '服务分配的 12 字节：机构 8 + 应用 4 · 12 bytes that the service gave: organisation and application',
    )
    .option('--pay-sandbox', '沙箱支付方，仅限测试密钥 · bills are paid through the sandbox provider: with TEST keys only, no money moves')
    .option('--hospital <url>', '医院的 FHIR R4 服务 · base of the FHIR R4 server of the hospital that clinic/* goes to')
    .option('--hospital-token <file>', '令牌文件 · file with its bearer token')
    .option('--hospital-port <port>', '参考医院，仅限测试密钥 · port of the reference hospital on the loopback: with TEST keys only', port)
    .option('--gateway <url>', '省级网关 · the provincial gateway that today’s Ankang codes are resolved at')
    .action(async (options: RunOptions) => {
      await assertCounty(options.county);
      await runCounty(options);
    });
}

function configureTrust(command: Commander): void {
  order(command, 'publish', '重新签发信任清单 · issue the manifest anew, changed or not')
    .option('--out <file>', '写出清单（COSE），供 ankang verify --trust · write the manifest (COSE), for ankang verify --trust')
    .action(async ({ county, out }: At & { out?: string }) => {
      const { issueTrust } = await import('../platform/manifest.js');
      await ordering(county, async ({ store, keys, now }) => {
        const issued = await issueTrust({ store, keys, now, refresh: 0 });
        return { ...issued, ...(out === undefined ? {} : await manifestFile({ store, keys, now }, out)) };
      });
    });
  order(command, 'rotate', '轮换签发密钥 · a new issuer key, announced before it signs; the old ones end after the overlap')
    .option('--lead <hours>', '提前公布 · hours until it signs: let terminals hear of it first', wholeNumber, 24)
    .option('--overlap <days>', '新旧并存 · days the old keys go on: at least the life of a phone’s certificate', wholeNumber, 31)
    .action(async ({ county, lead, overlap }: At & { lead: number; overlap: number }) => {
      const { rotateIssuer } = await import('../platform/orders.js');
      await ordering(county, async (parts) => ({ key: await rotateIssuer({ ...parts, lead: lead * HOUR, overlap: overlap * DAY }) }));
    });
  order(command, 'revoke', '吊销 · revoke a key (name or kid), a code or a card (its id)')
    .argument('<what>', 'key | code | card')
    .argument('<id>')
    .action(async (what: string, id: string, { county }: At) => {
      const { revokeCode, revokeKey } = await import('../platform/orders.js');
      if (what !== 'key' && what !== 'code' && what !== 'card')
        throw new UsageError(`吊销须为其一 · revoke one of: key | code | card, not ${what}`);
      await ordering(county, ({ store, now }) => (what === 'key' ? revokeKey(store, id, now) : revokeCode(store, what, id)));
    });
  order(command, 'rule', '场景规则 · rule of a scene: {"colours":["green"],"maxAgeKeys":86400,"stale":"flag"}')
    .argument('<scene>')
    .argument('<json>')
    .action(async (scene: string, json: string, { county }: At) => {
      const { setRule } = await import('../platform/orders.js');
      await ordering(county, ({ store }) => setRule(store, scene, parsed(json)));
      const scenes = sceneNames();
      if (!scenes.includes(scene))
        note(`注意：本程序没有此场景 · beware: this program has no scene ${scene}; 现有 · there are: ${scenes.join(', ')}`);
    });
  order(command, 'data', '签名数据 · signed data by name (fares…), from a JSON file')
    .argument('<name>')
    .argument('<file>')
    .action(async (name: string, file: string, { county }: At) => {
      const { setData } = await import('../platform/orders.js');
      const value = parsed(Buffer.from(readInput(file)).toString());
      await ordering(county, ({ store }) => setData(store, name, value));
      if (!DATA.includes(name))
        note(`注意：没有场景读此数据 · beware: no scene reads data called ${name}; 常用 · known: ${DATA.join(', ')}`);
    });
}

/** Names that scenes and services ask for. */
const DATA: readonly string[] = ['fares', 'drugs', 'survey', 'items', 'policies', 'meetings', 'staff'];

function configurePeople(command: Commander): void {
  order(command, 'colour', '人员状态 · colour of a subject: unknown green yellow red grey; write -- before a subject that begins with -')
    .argument('<subject>')
    .argument('<colour>')
    .action(async (subject: string, colour: string, { county }: At) => {
      const { setColour } = await import('../platform/orders.js');
      if (!(COLOURS as readonly string[]).includes(colour))
        throw new UsageError(`颜色须为其一 · a colour is one of: ${COLOURS.join(' | ')}, not ${colour}`);
      await ordering(county, ({ store }) => setColour(store, subject, colour as Colour));
    });
  order(command, 'list', '名单 · put subjects on a list or take them off: concession.65, event.<id>; a pair is written a/b')
    .argument('<verb>', 'add | remove')
    .argument('<list>')
    .argument('<subjects...>')
    .action(async (verb: string, list: string, subjects: string[], { county }: At) => {
      const { putOnList, takeOffList } = await import('../platform/orders.js');
      if (verb !== 'add' && verb !== 'remove') throw new UsageError(`名单操作须为其一 · one of: add | remove, not ${verb}`);
      await ordering(county, async ({ store }) => ({ changed: await (verb === 'add' ? putOnList : takeOffList)(store, list, subjects) }));
    });
  order(command, 'resident', '虚构居民及其码 · a synthetic resident (1 to 999) and codes of the simulated phone')
    .argument('<number>', '1–999', numberWithin(1, 999))
    .action(async (number: number, { county }: At) => {
      const { simulatedPhone, syntheticResident } = await import('../platform/residents.js');
      await ordering(county, async ({ store, keys, now }) => {
        const resident = await syntheticResident(keys, number);
        const phone = simulatedPhone({ store, keys }, resident);
        return { ...resident, screen: await phone.screen(now), moment: await phone.moment(now), paper: await phone.paper(now) };
      });
    });
  order(command, 'open', '审计：打开一条记录的密封部分 · audit: open what one entry sealed; who and why is recorded first')
    .argument('<entry>', '<terminal>/<journal>/<seq>')
    .requiredOption('--purpose <text>', `何人何故，至少 ${LEAST_PURPOSE} 字 · who asks, and what for: at least ${LEAST_PURPOSE} characters`)
    .action(async (id: string, { county, purpose }: At & { purpose: string }) => {
      if (purpose.trim().length < LEAST_PURPOSE)
        throw new UsageError(`--purpose 至少 ${LEAST_PURPOSE} 字 · say who asks and what for, in at least ${LEAST_PURPOSE} characters`);
      if (!ENTRY_ID.test(id)) throw new UsageError(`不是记录编号 · not the id of an entry, <terminal>/<journal>/<seq>: ${id}`);
      const { openSealed } = await import('../platform/audit.js');
      await ordering(county, async ({ store, keys, now }) => ({
        id,
        plain: Buffer.from(await openSealed({ store, keys, id, purpose, now })).toString('base64'),
      }));
    });
}

/** As platform/audit.ts asks. */
const LEAST_PURPOSE = 4;
const ENTRY_ID = /^[^/]+\/[0-9a-f]{16}\/[1-9]\d{0,15}$/;

interface CommandOptions extends At {
  readonly terminal: string;
  readonly station: string;
  readonly verb: string;
  readonly direction: string;
  readonly minutes?: number;
  readonly within: number;
}

function configureCommands(command: Commander): void {
  order(
    command,
    'command',
    '现场指令 · order one station of a terminal; the running county signs and sends it, the terminal journals what came of it',
  )
    .requiredOption('-t, --terminal <id>', '终端 · the terminal')
    .requiredOption('-s, --station <id>', '通道 · the station')
    .requiredOption('--verb <verb>', 'release 放行一人 | free 限时常开 | lock 锁闭 | normal 恢复')
    .option('--direction <way>', 'release：in | out', 'in')
    .option('--minutes <n>', 'free：分钟数 · minutes until it ends by itself', wholeNumber)
    .option('--within <seconds>', '指令有效秒数 · seconds that the order lives', wholeNumber, 60)
    .action(async (options: CommandOptions) => {
      const { orderCommand } = await import('../platform/commands.js');
      const { terminal, station, within } = options;
      await ordering(options.county, async ({ store, now }) => {
        const { counter } = await orderCommand(store, { terminal, station, order: orderOf(options, now), within }, now);
        return { terminal, station, counter };
      });
    });
}

function orderOf({ verb, direction, minutes }: CommandOptions, now: Instant): Order {
  if (verb === 'lock' || verb === 'normal') return { verb };
  if (verb === 'release' && (direction === 'in' || direction === 'out')) return { verb, direction };
  if (verb === 'free' && minutes !== undefined) return { verb, until: now + minutes * 60_000 };
  throw new UsageError('--verb 须为其一 · is one of: release --direction in|out | free --minutes N | lock | normal');
}

export default {
  summary: { zh: '县参考平台', en: 'the reference county platform' },
  configure(command) {
    configureInit(command);
    configureRun(command);
    configureTrust(command);
    configurePeople(command);
    configureTerminals(command);
    configurePlaces(command);
    configureRegister(command);
    configureOperators(command);
    configureApplications(command);
    configureStaff(command);
    configureGrants(command);
    configurePayments(command);
    configureClinic(command);
    configureItems(command);
    configureCases(command);
    configureEnrolment(command);
    configureCommands(command);
  },
} satisfies Command;
