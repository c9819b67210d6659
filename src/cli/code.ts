/** `ankang code`: codes of synthetic people from the TEST keys of a county folder, to show to a terminal; and the forgery kit. */
import { randomBytes } from 'node:crypto';
import { type Command as Commander, InvalidArgumentError, Option } from 'commander';
import type { CountyKey, CountyKeys } from '../platform/keys.js';
import { type Command, UsageError } from './command.js';

const FORMS = ['screen', 'paper', 'moment'] as const;
const SYSTEMS = ['mot', 'unionpay'] as const;

interface Common {
  readonly keys: string;
  readonly at?: number;
}

export default {
  summary: { zh: '用测试密钥生成各种码与伪造样本', en: 'make codes and forgeries from TEST keys' },
  configure(command: Commander): void {
    made(command, 'resident', '居民码 · a resident’s code')
      .option('-n, --number <number>', '第几位虚构居民，1–999 · which synthetic resident', wholeNumber, 1)
      .addOption(new Option('-f, --form <form>', '屏幕、纸、离线 · on screen, on paper, offline').choices(FORMS).default('screen'))
      .action(resident);
    made(command, 'enterprise', '企业码 · an enterprise’s code')
      .option('-n, --number <number>', '第几家虚构企业 · which synthetic enterprise', wholeNumber, 1)
      .action(enterprise);
    made(command, 'venue', '场所码 · the code of a checkpoint')
      .requiredOption('-t, --terminal <id>', '终端编号 · the terminal that signs')
      .requiredOption('-p, --checkpoint <id>', '检查点 · checkpoint')
      .option('-s, --scene <name>', '场景 · scene', 'entry')
      .option('--title <text>', '名称 · title', '测试检查点')
      .option('--host <host>', '网址 · host of the address', 'AK.EXAMPLE')
      .action(venue);
    made(command, 'ride', '乘车码 · a ride code of another system')
      .addOption(new Option('--system <system>').choices(SYSTEMS).default('mot'))
      .option('-n, --number <number>', '第几位虚构乘客 · which synthetic rider', wholeNumber, 1)
      .action(ride);
    made(command, 'forge', '伪造样本，每行一个 JSON · the forgery kit, one JSON object a line')
      .option('--flips <count>', '每处翻转的位数 · bits to turn over in each part; all', flips, 16)
      .option('--lines', '只要码，供 ankang verify · only the codes, for ankang verify')
      .action(forge);
  },
} satisfies Command;

function made(command: Commander, name: string, description: string): Commander {
  return command
    .command(name)
    .description(description)
    .requiredOption('-k, --keys <folder>', '县平台目录（测试密钥）· folder of the county (TEST keys)')
    .option('--at <unix>', '时刻，Unix 秒，默认现在 · the moment, Unix seconds; default now', wholeNumber);
}

function wholeNumber(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new InvalidArgumentError('须为非负整数 · must be a whole number');
  return Number(text);
}

const flips = (text: string): number | 'all' => (text === 'all' ? 'all' : wholeNumber(text));

const momentOf = ({ at }: Common): number => at ?? Math.floor(Date.now() / 1000);
const newId = (): Uint8Array => Uint8Array.from(randomBytes(8));
const printed = (line: string): void => void process.stdout.write(`${line}\n`);

/** Only TEST keys: codes of a real county are made by its own systems. */
async function testKeys(folder: string): Promise<CountyKeys> {
  const { openKeys } = await import('../platform/keys.js');
  let keys: CountyKeys;
  try {
    keys = openKeys(folder);
  } catch (error) {
    throw new UsageError(
      `打不开县平台目录 · cannot open the county folder ${folder}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (!keys.test) throw new UsageError(`不是测试密钥，不予使用 · these are no TEST keys: ${folder}`);
  return keys;
}

/** The newest issuer key whose life holds this moment. */
function issuerAt(keys: CountyKeys, at: number): CountyKey {
  const issuer = keys.issuers.findLast(({ validFrom, validUntil }) => validFrom <= at * 1000 && at * 1000 < validUntil);
  if (!issuer) throw new UsageError('此刻没有有效的签发密钥 · no issuer key is in force at that moment');
  return issuer;
}

interface Resident extends Common {
  readonly number: number;
  readonly form: (typeof FORMS)[number];
}

/** As the county's counter makes them: the colour is that of its lists. */
async function resident({ number, form, ...common }: Resident): Promise<void> {
  const keys = await testKeys(common.keys);
  if (number < 1 || number > 999) throw new UsageError('--number 1–999');
  const [{ openCountyStore }, { setUp }, { simulatedPhone, syntheticResident }] = await Promise.all([
    import('../platform/open-store.js'),
    import('../platform/orders.js'),
    import('../platform/residents.js'),
  ]);
  const store = await openCountyStore(common.keys);
  try {
    await setUp(store, keys);
    const phone = simulatedPhone({ store, keys }, await syntheticResident(keys, number));
    printed(await phone[form](momentOf(common) * 1000));
  } finally {
    await store.close();
  }
}

async function enterprise({ number, ...common }: Common & { readonly number: number }): Promise<void> {
  const keys = await testKeys(common.keys);
  const at = momentOf(common);
  const [{ enterpriseCode, representativeMark }, { syntheticCreditCode }, { syntheticResident }] = await Promise.all([
    import('../platform/issue.js'),
    import('../messages/identifiers.js'),
    import('../platform/residents.js'),
  ]);
  const creditCode = syntheticCreditCode(number);
  const { subject } = await syntheticResident(keys, 1 + (number % 999));
  const dates = { issued: at, expires: at + 365 * 86_400, codeId: newId() };
  const claims = {
    creditCode,
    name: `测试企业${number}`,
    representative: representativeMark(subject, creditCode),
    status: 'active',
    ...dates,
  } as const;
  printed(enterpriseCode(issuerAt(keys, at), claims));
}

interface Venue extends Common {
  readonly terminal: string;
  readonly checkpoint: string;
  readonly scene: string;
  readonly title: string;
  readonly host: string;
}

async function venue({ terminal, checkpoint, scene, title, host, ...common }: Venue): Promise<void> {
  const keys = await testKeys(common.keys);
  if (!keys.terminals().includes(terminal)) throw new UsageError(`没有此终端的测试密钥 · no TEST keys of a terminal ${terminal}`);
  const { makeVenueCode } = await import('../messages/venue.js');
  const at = momentOf(common);
  const dates = { issued: at, expires: at + 86_400, codeId: newId() };
  printed(makeVenueCode(keys.terminal(terminal).sign, host, { region: keys.region, checkpoint, scene, title, ...dates }));
}

interface Ride extends Common {
  readonly system: (typeof SYSTEMS)[number];
  readonly number: number;
}

async function ride({ system, number, ...common }: Ride): Promise<void> {
  const keys = await testKeys(common.keys);
  const transit = await import('../platform/issue-transit.js');
  const at = momentOf(common);
  if (system === 'unionpay') {
    const userMark = Buffer.alloc(8);
    userMark.writeUIntBE(number, 2, 6);
    const marks = { codeId: newId(), userMark: Uint8Array.from(userMark), custom: new Uint8Array(0) };
    printed(
      transit.unionPayCode(keys.unionpay.key, {
        type: transit.UNIONPAY_TYPE,
        index: keys.unionpay.index,
        validity: 60,
        generated: at,
        ...marks,
      }),
    );
    return;
  }
  const [{ signingKey }, { generateKey }] = await Promise.all([import('../platform/issue.js'), import('../crypto/sm2.js')]);
  const user = signingKey(generateKey());
  const digits = String(number);
  const account = {
    payment: digits.padStart(16, '0'),
    card: digits.padStart(20, '0'),
    user: user.point,
    authorised: at + 86_400,
    validity: 60,
    custom: new Uint8Array(0),
  };
  const certificate = transit.motCertificate(keys.mot.ca, keys.mot.issuer.point, {
    index: keys.mot.index,
    month: 12,
    year: new Date(at * 1000).getUTCFullYear() + 1,
  });
  const code = transit.motCode(transit.motAuthorised(certificate, account), { issuer: keys.mot.issuer, user }, at);
  printed(`hex:${Buffer.from(code).toString('hex')}`);
}

interface Forge extends Common {
  readonly flips: number | 'all';
  readonly lines?: true;
}

/** For the keys that a county's manifest names; the keys of its terminals stand elsewhere. */
async function forge({ flips: count, lines, ...common }: Forge): Promise<void> {
  const keys = await testKeys(common.keys);
  const [{ forgeryKit }, { UNIONPAY_TYPE }] = await Promise.all([import('../platform/forgery.js'), import('../platform/issue-transit.js')]);
  const at = momentOf(common);
  const unionpay = { ...keys.unionpay, type: UNIONPAY_TYPE };
  const kit = { region: keys.region, issuer: issuerAt(keys, at), platform: keys.platform, mot: keys.mot, unionpay };
  for (const sample of forgeryKit({ keys: kit, at, flips: count })) {
    const line = lines ? sample.line : JSON.stringify(sample);
    if (!process.stdout.write(`${line}\n`)) await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
}
