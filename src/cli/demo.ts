/** `ankang demo`: a broker, the county and one terminal with TEST keys on this machine, and a page with a hand to try it. */
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { type Configuration, loadConfiguration } from '../configuration.js';
import { createLog } from '../log.js';
import { startTerminal, type Terminal } from '../main.js';
import { COUNTY_USER } from '../platform/broker.js';
import { holdCeremony } from '../platform/ceremony.js';
import { type County, startCounty } from '../platform/county.js';
import { startGateway } from '../platform/gateway.js';
import { grant } from '../platform/grant-orders.js';
import { startHospital } from '../platform/hospital/server.js';
import { type CountyKeys, openKeys } from '../platform/keys.js';
import { openCountyStore } from '../platform/open-store.js';
import { addTerminal, setUp } from '../platform/orders.js';
import { openSandbox, sandboxPath } from '../platform/pay-sandbox.js';
import { writeTerminalKit } from '../platform/terminal-kit.js';
import { startTrustedIdentity } from '../platform/trusted-identity-simulated.js';
import { drawQr } from '../print/qr.js';
import { DEMO_SEED, hospitalPath } from './_county-hospital.js';
import { type DemoBroker, startDemoBroker } from './_demo-broker.js';
import { type DemoCode, demoCodes } from './_demo-codes.js';
import { type DemoScanner, demoRoutes } from './_demo-page.js';
import { demoPrinter } from './_demo-printer.js';
import { openPtyPair } from './_pty.js';
import { sceneTitles } from './_scene-titles.js';
import { toldToStop } from './_stopping.js';
import { createWorkbench, type Workbench } from './_workbench.js';
import { type Command, UsageError } from './command.js';

const SAMPLE = new URL('../../../config/demo.yaml', import.meta.url);

/** Where the page is unless something else is there already. */
const USUAL_PORT = 8080;

interface Options {
  readonly port?: string;
  readonly folder?: string;
  readonly log?: true;
}

async function demo({ port, folder: wanted, log: verbose }: Options): Promise<void> {
  const pagePort = port === undefined ? await portFor(USUAL_PORT, 0) : await portFor(portOf(port));
  if (wanted !== undefined && statSync(wanted, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new UsageError(`--folder 须为文件夹 · must be a folder: ${wanted}`);
  }
  const folder = wanted ?? mkdtempSync(join(tmpdir(), 'ankang-demo-'));
  // Also when standard output is closed on us, or something nobody foresaw ends the process.
  if (!wanted) process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const stops: (() => unknown)[] = wanted ? [] : [() => rmSync(folder, { recursive: true, force: true })];
  const stopping = toldToStop();
  const log = createLog({ level: verbose ? 'info' : 'error', toJournald: false, terminal: 'demo', fd: 2 });
  try {
    const sample = parse(readFileSync(SAMPLE, 'utf8')) as Configuration;
    const gateway = await startGateway({ port: 0, now: () => Date.now() });
    stops.unshift(() => gateway.stop());
    const keys = await found(join(folder, 'county'), sample);
    const broker = await startDemoBroker(keys, sample.terminal.id, log);
    stops.unshift(() => broker.turn(false));
    const provider = openSandbox({ file: sandboxPath(keys.folder), now: () => Date.now() });
    stops.unshift(() => provider.end());
    const hospital = await startHospital({ port: 0, path: hospitalPath(keys.folder), seed: DEMO_SEED, now: () => Date.now() });
    stops.unshift(() => hospital.stop());
    const trustedIdentity = await startTrustedIdentity(0);
    stops.unshift(() => trustedIdentity.stop());
    const county = await startCounty({
      folder: keys.folder,
      broker: { url: `mqtt://127.0.0.1:${broker.port}`, username: COUNTY_USER, password: keys.brokerPassword(COUNTY_USER) },
      board: { port: 0, titles: await sceneTitles() },
      phones: { port: 0 },
      gateway: gateway.url,
      trustedIdentity: trustedIdentity.settings,
      provider,
      hospital: { url: hospital.url, token: hospital.token },
      now: () => Date.now(),
      log,
    });
    stops.unshift(() => county.stop());
    const bench = await openBench(join(folder, 'bench.sock'));
    stops.unshift(() => bench.close());
    const scanner = await openDemoScanner(join(folder, 'ttySCAN'), join(folder, 'scanner'));
    stops.unshift(() => scanner.pull());
    process.once('exit', () => scanner.pull());
    const { pty } = scanner;
    const codes = await demoCodes(county, gateway, trustedIdentity);
    const phones = county.phonesUrl ?? '';
    const config = writeConfiguration(folder, { sample, keys, broker, bench, pty, port: pagePort, phones });
    const hand = { codes, present: presenter(bench, pty), printer: demoPrinter(bench), bench, county, broker, scanner };
    const terminal: Terminal = await startTerminal({
      loaded: loadConfiguration(config),
      log,
      mount: (app) => demoRoutes(app, { ...hand, terminal: () => terminal }),
    });
    stops.unshift(() => terminal.stop());
    await invite(terminal, county, codes, pty);
    await stopping;
    process.stdout.write('\n结束 · ending\n');
  } finally {
    for (const stop of stops) await stop();
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new UsageError(`--port 须为 0–65535 · must be 0 to 65535: ${text}`);
  return port;
}

/** The port, if it is free; otherwise `instead`, which is for a port that nobody asked for by name. */
async function portFor(port: number, instead?: number): Promise<number> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
    return port;
  } catch (error) {
    if (instead !== undefined) return instead;
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`端口 ${port} 不可用 · port ${port} cannot be used: ${code ?? String(error)}`);
  } finally {
    server.close();
  }
}

/** The county's keys, and the demo's terminal known to it. A folder that holds one already is used again. */
async function found(folder: string, { terminal }: Configuration): Promise<CountyKeys> {
  if (mkdirSync(folder, { recursive: true }) === undefined) return openKeys(folder);
  const keys = holdCeremony({ folder, now: Date.now(), region: terminal.region, terminals: [terminal.id] });
  const { sign, open } = keys.terminal(terminal.id);
  const store = await openCountyStore(folder);
  await setUp(store, keys);
  await addTerminal(store, {
    id: terminal.id,
    checkpoint: terminal.checkpoint,
    site: terminal.checkpoint,
    sign: sign.spki,
    open: open.spki,
    // For its card reader.
    region: true,
  });
  await store.putPlace({ name: terminal.checkpoint, township: '衡山镇', title: '演示检查点' });
  // For its desk.
  await grant({
    store,
    terminal: terminal.id,
    words: [
      'pharmacy/bought',
      'pay/*',
      'clinic/*',
      'affairs/*',
      'meeting/invited',
      'stay/*',
      'elder/*',
      'enterprise/*',
      'identity/release@stay:name,sex,birth,nation,idNumber,address',
      'identity/release@clinic/card:name,sex,birth,idNumber,phone',
    ],
    now: Date.now(),
  });
  await store.close();
  return keys;
}

/** The first scanner's serial line: a pseudo-terminal whose cable can be pulled. */
async function openDemoScanner(device: string, wire: string): Promise<DemoScanner> {
  let now = await openPtyPair(device, wire);
  return {
    pty: now && { device, wire },
    pull() {
      now?.stop();
      now = undefined;
    },
    async plug() {
      now ??= await openPtyPair(device, wire);
    },
  };
}

async function openBench(path: string): Promise<Workbench> {
  const bench = await createWorkbench(path);
  // The fire contact is normally closed: an open one is a fire.
  bench.lines('inputs').drive('fire', true);
  return bench;
}

interface Made {
  readonly sample: Configuration;
  readonly keys: CountyKeys;
  readonly broker: DemoBroker;
  readonly bench: Workbench;
  readonly pty: DemoScanner['pty'];
  readonly port: number;
  /** The county's page for phones: no real phone reaches it, a browser on this machine does. */
  readonly phones: string;
}

/** The sample with the paths of this run; where socat is, the first scanner is a serial one. */
function writeConfiguration(folder: string, { sample, keys, broker, bench, pty, port, phones }: Made): string {
  const { id, region } = sample.terminal;
  writeTerminalKit(keys, id, join(folder, 'keys'));
  const sheets = join(folder, 'sheets');
  mkdirSync(sheets, { recursive: true });
  const stations = sample.stations.map((station) => ({
    ...station,
    devices: station.devices.map((device) =>
      pty && device.name === 'scanner-in'
        ? { driver: 'serial-scanner', name: device.name, direction: device.direction, address: { path: pty.device } }
        : { ...device, address: { ...device.address, path: device.name?.endsWith('sheets') ? sheets : bench.path } },
    ),
  }));
  const url = new URL(`mqtt://127.0.0.1:${broker.port}`);
  url.username = id;
  url.password = keys.brokerPassword(id);
  const configuration = {
    ...sample,
    terminal: { ...sample.terminal, region, phones, state: join(folder, 'state') },
    uplink: { url: url.href },
    page: { port },
    stations,
  };
  const file = join(folder, 'terminal.yaml');
  writeFileSync(file, stringify(configuration), { mode: 0o600 });
  return file;
}

/** Holds bytes before a scanner: the serial one is typed into through its other end. */
function presenter(bench: Workbench, pty: DemoScanner['pty']): (scanner: string, bytes: Uint8Array) => void {
  return (scanner, bytes) => {
    const line = Buffer.concat([bytes, Uint8Array.of(13)]);
    if (pty && scanner === 'scanner-in') {
      // A scanner whose cable is out reads and is not heard.
      if (existsSync(pty.wire)) appendFileSync(pty.wire, line);
    } else bench.scanner(scanner).send(scanner === 'bus-scanner' || scanner.endsWith('card-reader') ? bytes : line);
  };
}

async function invite(terminal: Terminal, county: County, codes: readonly DemoCode[], pty: DemoScanner['pty']): Promise<void> {
  const paper = codes.find(({ name }) => name === 'paper');
  const code = paper ? Buffer.from(await paper.make()).toString('latin1') : '';
  const { blocks } = await drawQr(code);
  const lines = [
    '',
    '安康码终端演示，测试密钥，虚构人员 · Ankang terminal demo, TEST keys, synthetic people',
    '',
    blocks,
    `一张纸质码 · a paper code:  ${code}`,
    '',
    `网页 · page:   http://127.0.0.1:${terminal.pagePort ?? ''}/demo`,
    `县平台 · county board:   ${county.boardUrl ?? ''}`,
    `手机页面：打开终端所示码旁的链接 · page for phones: the link beside a code that the kiosk shows   ${county.phonesUrl ?? ''}`,
    `它要的亮码文本 · the text it asks for:   ankang county resident 1 -c ${county.keys.folder}`,
    ...(pty
      ? [`扫码口（伪终端）· scanner, a pseudo-terminal:   printf '%s\\r' '${code}' > ${pty.wire}`]
      : ['没有 socat：用网页出示 · no socat: present codes on the page']),
    '',
    'Ctrl-C 结束 · ends it all',
    '',
  ];
  process.stdout.write(lines.join('\n'));
}

export default {
  summary: { zh: '在本机上把全部跑起来试用', en: 'everything on this machine, to try' },
  configure: (command) =>
    void command
      .option('--port <port>', `网页端口，缺省 ${USUAL_PORT} · port of the page`)
      .option('--folder <folder>', '保留数据的文件夹，缺省为临时 · keeps its data here; a temporary folder by default')
      .option('--log', '日志写到标准错误 · logs to standard error')
      .action(demo),
} satisfies Command;
