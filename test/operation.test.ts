/** What an operator stands on: monitoring, documents that are made from the program and up to date, variables above the file, units. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import t from 'tap';
import { configurationSchema } from '../src/cli/_config-schema.js';
import { errorTable } from '../src/cli/_error-table.js';
import { loadConfiguration } from '../src/configuration.js';
import { REFUSALS } from '../src/contracts.js';
import { ConfigurationError } from '../src/faults.js';
import { openJournal } from '../src/journal/journal.js';
import { metricsText, type Vitals } from '../src/page/metrics.js';
import type { Readiness } from '../src/page/probe.js';
import { servePage } from '../src/page/server.js';
import { createMosquitto, freePort, NO_MOSQUITTO, pems } from './mosquitto.js';

const MOSQUITTO = ['/usr/sbin/mosquitto', '/usr/bin/mosquitto'].find(existsSync) ?? 'mosquitto';
const ROOT = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const VITALS: Vitals = {
  stations: [
    {
      station: 'main-gate',
      counts: {
        readings: 9,
        bounced: 2,
        replaced: 1,
        admitted: 3,
        refused_expired: 2,
        passage_passed: 2,
        'passage_not-taken': 1,
        alarm_forced: 1,
      },
      devices: [
        { name: 'scanner', role: 'scanner', up: true },
        { name: 'gate', role: 'gate', up: false },
      ],
    },
  ],
  inside: 2,
  journal: { entries: 1234, backlog: 17, hours: 700, writable: true },
  trust: { seq: 42, age: 3600, listsAge: 7200, expiresIn: 100_000 },
  certificateLeft: 864_000_000,
  site: { peers: 2, heard: { taken: 7, forged: 1 } },
  uplink: {
    connected: true,
    connects: 3,
    kicks: 1,
    messages: 90,
    entries: 1200,
    restarts: 2,
    down: { taken: 80, forged: 1 },
    notices: { taken: 2 },
  },
  clock: { width: 0.25, faults: 0 },
  process: { delay: 0.001, delayMost: 0.02, residentBytes: 70_000_000, uptime: 86_400 },
};
/** Two stations whose names an operator chose without thinking of monitoring, a line that is down, nothing known. */
const BARE: Vitals = {
  ...VITALS,
  stations: [],
  journal: { ...VITALS.journal, hours: null },
  trust: null,
  uplink: null,
  site: null,
  certificateLeft: null,
  clock: { width: Number.POSITIVE_INFINITY, faults: 0 },
};

/** A line of the text format 0.0.4 that is no comment. */
const SAMPLE =
  /^([a-z_]+)(\{[a-z_]+="(?:[^"\\\n]|\\[\\"n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\[\\"n])*")*\})? (NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]\d+)?)$/;

t.test('monitoring reads what the terminal counted', (t) => {
  const text = metricsText(VITALS);
  for (const line of [
    'ankang_readings_total{station="main-gate"} 9',
    'ankang_bounced_total{station="main-gate"} 2',
    'ankang_replaced_total{station="main-gate"} 1',
    'ankang_verdicts_total{station="main-gate",verdict="admit",refusal=""} 3',
    'ankang_verdicts_total{station="main-gate",verdict="refuse",refusal="expired"} 2',
    'ankang_passages_total{station="main-gate",passage="not-taken"} 1',
    'ankang_alarms_total{station="main-gate",alarm="forced"} 1',
    'ankang_device_up{station="main-gate",device="gate",role="gate"} 0',
    'ankang_journal_entries_total 1234',
    'ankang_journal_backlog_entries 17',
    'ankang_journal_backlog_hours 700',
    'ankang_site_peers 2',
    'ankang_certificate_expires_seconds 864000',
    'ankang_site_words_total{outcome="forged"} 1',
    'ankang_trust_seq 42',
    'ankang_trust_age_seconds 3600',
    'ankang_uplink_connected 1',
    'ankang_uplink_kicks_total 1',
    'ankang_downlink_total{outcome="forged"} 1',
    'ankang_clock_width_seconds 0.25',
    'ankang_event_loop_delay_seconds{quantile="0.99"} 0.001',
    'ankang_resident_bytes 70000000',
  ]) {
    t.ok(text.split('\n').includes(line), line);
  }
  t.equal(text.match(/refusal="[^"]+"/g)?.length, REFUSALS.length, 'one sample for each refusal there is, whatever was counted');

  t.comment('what is not known is left out, and what has no bound is infinite');
  const bare = metricsText(BARE);
  t.notMatch(bare, /trust_|uplink_|site_|certificate_|backlog_hours|readings/);
  t.match(bare, /^ankang_clock_width_seconds \+Inf$/m);

  t.comment('every family is declared once, before its samples, and a name cannot break out of its quotes');
  const odd = metricsText({ ...VITALS, stations: VITALS.stations.map((one) => ({ ...one, station: 'a"b\\c\nd' })) });
  t.match(odd, 'station="a\\"b\\\\c\\nd"');
  for (const answer of [text, bare, odd]) {
    const declared = new Set<string>();
    for (const line of answer.trimEnd().split('\n')) {
      const [, type] = /^# TYPE (\S+) (?:counter|gauge)$/.exec(line) ?? [];
      if (type !== undefined) {
        if (declared.has(type)) t.fail(`${type} twice`);
        declared.add(type);
      } else if (!line.startsWith('# HELP ')) {
        const name = SAMPLE.exec(line)?.[1];
        if (name === undefined || !declared.has(name)) t.fail(line);
      }
    }
    t.ok(declared.size >= 8);
  }
  t.end();
});

t.test('whoever asks on this box is told whether the terminal works and is ready; a foreign name is told nothing', async (t) => {
  let works = true;
  let readiness: Readiness = { stations: true, journal: true, trust: true };
  const page = await servePage({
    port: 0,
    view: () => t.fail('nobody looks at the page') as never,
    probe: { works: () => works, readiness: () => readiness, vitals: () => VITALS },
  });
  t.teardown(() => page.stop());
  const ask = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${page.port}${path}`);
  const said = async (path: string): Promise<readonly [number, unknown]> => {
    const answer = await ask(path);
    return [answer.status, await answer.json()];
  };
  t.same(await said('/healthz'), [200, { works: true }]);
  t.same(await said('/readyz'), [200, { ready: true, stations: true, journal: true, trust: true }]);
  works = false;
  t.same(await said('/healthz'), [503, { works: false }]);
  for (const part of ['stations', 'journal', 'trust'] as const) {
    readiness = { stations: true, journal: true, trust: true, [part]: false };
    t.same(await said('/readyz'), [503, { ready: false, ...readiness }]);
  }
  const metrics = await ask('/metrics');
  t.match(metrics.headers.get('content-type'), 'text/plain; version=0.0.4');
  t.equal(await metrics.text(), metricsText(VITALS));
  for (const path of ['/healthz', '/readyz', '/metrics']) t.equal(await statusFor(page.port, path), 403, path);
});

/** As a page of another name would ask, which fetch does not allow. */
async function statusFor(port: number, path: string): Promise<number | undefined> {
  const asked = request({ host: '127.0.0.1', port, path, headers: { host: 'evil.example' } }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode;
}

t.test('the documents that are made from the program are up to date', async (t) => {
  t.equal(read('docs/errors.md'), errorTable(), 'docs/errors.md: ankang errors > docs/errors.md');
  const schema = `${JSON.stringify(await configurationSchema(), null, 2)}\n`;
  t.ok(read('docs/config.schema.json') === schema, 'docs/config.schema.json: ankang config schema > docs/config.schema.json');
});

t.test('the schema knows every scene, driver and port, for who writes a configuration in an editor', async (t) => {
  const text = JSON.stringify(await configurationSchema());
  const names = (folder: string): string[] => readdirSync(join(ROOT, folder)).filter((file) => /^[a-z].*\.ts$/.test(file));
  for (const file of [...names('drivers'), ...names('src/scenes')]) t.match(text, `{"const":"${file.slice(0, -3)}"}`);
  for (const field of ['whenFails', 'antiPassback', 'baudRate', 'vendorId', 'pulseMs']) t.match(text, `"${field}"`);
});

const FILE = `
terminal: { id: GATE-1, region: '341525', checkpoint: CP, state: state }
keys: { root: root.spki, sign: sign.p8 }
stations: [{ id: main, scene: entry, devices: [{ driver: simulated-scanner }] }]
`;

t.test('a variable of the environment stands above the file, and is named when it is wrong', (t) => {
  const file = join(t.testdir({ 'terminal.yaml': FILE }), 'terminal.yaml');
  const load = (environment: Record<string, string>) => loadConfiguration(file, environment).configuration;
  t.match(load({ ANKANG__UPLINK__URL: 'mqtts://broker:8883', ANKANG__JOURNAL__KEEPDAYS: '7', ANKANG__CLOCK__RTC: 'true', HOME: '/' }), {
    uplink: { url: 'mqtts://broker:8883' },
    journal: { keepDays: 7, whenFails: 'refuse' },
    clock: { rtc: true, source: 'ntp' },
  });
  t.equal(
    load({ ANKANG__TERMINAL__REGION: '"341500"' }).terminal.region,
    '341500',
    'as it would stand in the file: digits that are text in quotes',
  );
  const refused = (environment: Record<string, string>): string => {
    try {
      load(environment);
      return 'taken';
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      return error.message;
    }
  };
  t.match(refused({ ANKANG__JOURNAL__KEEPDAYS: 'many' }), /^ANKANG__JOURNAL__KEEPDAYS journal\.keepDays .* · /);
  t.match(refused({ ANKANG__UPLINK__ULR: 'x' }), /^ANKANG__UPLINK__ULR 没有这个配置项 · /);
  t.match(refused({ ANKANG__STATIONS__0: 'x' }), /^ANKANG__STATIONS__0 没有这个配置项 · /);
  t.match(refused({ ANKANG__PAGE__PORT: '[' }), /^ANKANG__PAGE__PORT YAML 语法错误 · /);
  t.match(refused({ ANKANG__ROOT: 'x' }), /^ANKANG__ROOT 没有这个配置项 · /);
  writeFileSync(file, FILE.replace('keys: {', 'clock: fast\nkeys: {'));
  t.match(refused({ ANKANG__CLOCK__RTC: 'true' }), /clock .* · /, 'a section that is none is still refused');
  t.end();
});

/** The block of a document under the line that names its file. */
function blockOf(document: string, file: string): string {
  const [, block] = new RegExp(`\`${file}\`\n\n\`\`\`\n(.*?)\n\`\`\``, 's').exec(document) ?? [];
  if (block === undefined) throw new Error(`the document has no ${file}`);
  return block;
}

t.test(
  'the broker as the documents have it lets a terminal say and hear its own, and nothing of its neighbour',
  { skip: NO_MOSQUITTO },
  async (t) => {
    const folder = t.testdir();
    const { tls } = await createMosquitto({ folder, region: '341525', terminals: ['GATE-1'] });
    const operation = read('docs/operation.md');
    const port = await freePort();
    const settings = blockOf(operation, '/etc/mosquitto/conf.d/ankang.conf')
      .replace('listener 8883', `listener ${port} 127.0.0.1`)
      .replaceAll('/etc/mosquitto/ankang/', `${folder}/`);
    writeFileSync(join(folder, 'acl'), `${blockOf(operation, '/etc/mosquitto/ankang/acl')}\n`, { mode: 0o600 });
    writeFileSync(join(folder, 'documented.conf'), `${settings}\n${process.getuid?.() === 0 ? 'user root\n' : ''}`);
    const broker = spawn(MOSQUITTO, ['-c', join(folder, 'documented.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
    t.teardown(() => broker.kill('SIGKILL'));
    let said = '';
    broker.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    while (!said.includes('running')) if ((await once(broker.stderr, 'data')).length === 0) break;

    const connect = (name: string): Promise<MqttClient> =>
      mqtt.connectAsync(`mqtts://127.0.0.1:${port}`, { ...pems(tls(name)), protocolVersion: 5, clientId: name, reconnectPeriod: 0 });
    const [terminal, county] = await Promise.all([connect('GATE-1'), connect('county')]);
    t.teardown(() => Promise.all([terminal.endAsync(true), county.endAsync(true)]));
    const heard: string[] = [];
    county.on('message', (topic) => heard.push(topic));
    await county.subscribeAsync('ankang/v1/341525/up/#', { qos: 1 });

    const may = (topic: string): Promise<boolean> =>
      terminal.subscribeAsync(topic, { qos: 1 }).then(
        (granted) => granted.every(({ qos }) => qos < 0x80),
        () => false,
      );
    t.ok(await may('ankang/v1/341525/down/GATE-1/+'));
    t.ok(await may('ankang/v1/341525/trust/manifest'));
    const says = (topic: string): Promise<boolean> =>
      terminal.publishAsync(topic, 'x', { qos: 1 }).then(
        () => true,
        () => false,
      );
    t.notOk(await says('ankang/v1/341525/up/GATE-2/entries'));
    t.notOk(await says('ankang/v1/341525/trust/manifest'));
    t.notOk(await says('ankang/v1/341525/down/GATE-1/command'));
    t.ok(await says('ankang/v1/341525/up/GATE-1/entries'));

    const overheard: string[] = [];
    terminal.on('message', (topic) => overheard.push(topic));
    await may('ankang/v1/341525/down/+/+');
    await may('ankang/v1/341525/up/#');
    for (const topic of ['down/GATE-2/ack', 'up/GATE-2/state', 'down/GATE-1/ack'])
      await county.publishAsync(`ankang/v1/341525/${topic}`, 'x', { qos: 1 });
    while (overheard.length === 0) await new Promise((resolve) => terminal.once('message', resolve));
    t.same(new Set(overheard), new Set(['ankang/v1/341525/down/GATE-1/ack']));
    t.ok(heard.includes('ankang/v1/341525/up/GATE-1/entries'));
    t.notOk(heard.includes('ankang/v1/341525/up/GATE-2/entries'));
  },
);

const NO_SYSTEMD = spawnSync('systemd-analyze', ['--version']).error ? 'apt-get install systemd' : false;

t.test('the units are right, and the daemon’s exposure stays within 2.5 of 10', { skip: NO_SYSTEMD }, (t) => {
  const analyze = (...args: readonly string[]) => spawnSync('systemd-analyze', args, { cwd: join(ROOT, 'systemd'), encoding: 'utf8' });
  const verified = analyze('verify', '--man=no', 'ankang.service', 'ankang-kiosk.service');
  // The programs of the kiosk need not be on the machine that tests.
  const wrong = verified.stderr.split('\n').filter((line) => line !== '' && !line.includes('is not executable'));
  t.same(wrong, []);
  const security = analyze('security', '--offline=true', '--threshold=25', '--no-pager', 'ankang.service');
  t.equal(security.status, 0, /Overall exposure.*/.exec(security.stdout)?.[0] ?? security.stderr);
  t.end();
});

t.test('a box that enrols has no key files yet, and its unit starts all the same', (t) => {
  const unit = read('systemd/ankang.service');
  const names = (setting: string): string[] => [...unit.matchAll(new RegExp(`^${setting}=([^:]+):`, 'gm'))].map(([, name]) => name ?? '');
  t.same(names('SetCredential'), names('LoadCredential'), 'systemd does not start a unit whose credential is missing and not stood in for');
  t.end();
});

const ankang = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'build/src/cli/ankang.js'), ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
};

t.test('whatever is asked wrongly is answered in both languages, without a stack, as 2', (t) => {
  const folder = t.testdir();
  const county = join(folder, 'county');
  t.equal(ankang('county', 'init', '-c', county).status, 0);
  writeFileSync(join(county, 'keys', 'root.json'), '{');
  const wrong: readonly (readonly string[])[] = [
    ['nothing'],
    ['verify', '--nothing'],
    ['verify'],
    ['run', '--config'],
    ['run', '--config', 'x', '--log-level', 'loud'],
    ['clock', 'lower-floor', '--config', 'x', '--to', '2026-11-23'],
    ['county', 'publish', '-c', county],
    ['county', 'run', '-c', county],
  ];
  for (const args of wrong) {
    const { status, stderr } = ankang(...args);
    t.equal(status, 2, args.join(' '));
    t.match(stderr.split('\n')[0], /[\u4e00-\u9fff].*[a-z]{3}/, args.join(' '));
    t.notMatch(stderr, /\n\s+at /, 'no stack');
  }
  t.end();
});

t.test('the operator lowers the floor of the clock: the journal says so first, and a running daemon is left alone', (t) => {
  const folder = t.testdir();
  const state = join(folder, 'state');
  const config = join(folder, 'terminal.yaml');
  writeFileSync(
    config,
    `terminal: { id: T-1, region: '341525', checkpoint: CP-1, mode: test, state: ${state} }
keys: { root: root.spki, sign: sign.p8 }
clock: { source: none }
stations: [{ id: gate, scene: entry, devices: [{ driver: simulated-gate }] }]
`,
  );
  const settings = { file: join(state, 'journal.db'), terminal: 'T-1', limit: 64 * 1024 * 1024, keepDays: 30 };
  const clock = { now: () => ({ earliest: Date.now(), latest: Number.POSITIVE_INFINITY }), monotonic: () => 0 };
  mkdirSync(state);
  const journal = openJournal({ ...settings, clock });
  const far = Date.UTC(2040, 0, 1);
  journal.transaction((tx) => tx.keep('clock', JSON.stringify({ floor: far })));
  const to = new Date(Date.now() + 60_000).toISOString();
  const during = ankang('clock', 'lower-floor', '--config', config, '--to', to);
  t.match(during, { status: 2, stderr: /daemon is running/ });
  journal.close();
  const { status, stdout, stderr } = ankang('clock', 'lower-floor', '--config', config, '--to', to);
  t.match({ status, stdout, stderr }, { status: 0, stdout: /was 2040-01-01/, stderr: '' });
  const after = openJournal({ ...settings, clock });
  const entry = after.read(1, 10).at(-1);
  t.match(JSON.parse(entry?.public ?? ''), { event: 'floor-lowered', from: far, to: Date.parse(to), by: 'operator' });
  t.ok(JSON.parse(String(after.kept('clock'))).floor < far);
  after.close();
  t.match(ankang('clock', 'lower-floor', '--config', config, '--to', '2050-01-01T00:00:00Z'), { status: 0, stdout: /unchanged/ });
  t.end();
});
