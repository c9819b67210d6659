/** The doctor: each fault planted alone is found by its number, told in both languages, and gone when it is mended; then what monitoring is told. */
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import t, { type Test } from 'tap';
import { stringify } from 'yaml';
import { loadConfiguration } from '../src/configuration.js';
import type { SignerKey } from '../src/contracts.js';
import { makeSign1 } from '../src/crypto/cose.js';
import { generateKey, kidOfPoint, type PrivateKey, spkiOf } from '../src/crypto/sm2.js';
import { sm3 } from '../src/crypto/sm3.js';
import type { Box, GpioLine, Patient, SeenDevice } from '../src/doctor/check.js';
import { type Examined, examine, isFit } from '../src/doctor/examine.js';
import { FINDINGS, type Finding, type FindingWord } from '../src/doctor/findings.js';
import { openJournal } from '../src/journal/journal.js';
import { encodeManifest, type Manifest } from '../src/messages/manifest.js';
import { isTestRoot } from '../src/messages/test-root.js';
import type { Readiness } from '../src/page/probe.js';
import { servePage } from '../src/page/server.js';
import { keepIn } from '../src/trust/keep.js';
import { writePointer } from '../src/trust/pointer.js';
import { createMosquitto, freePort, type Mosquitto, NO_MOSQUITTO } from './mosquitto.js';

const REGION = '341525';
const TERMINAL = 'GATE-1';
const DAY = 86_400_000;
/** A little ahead: certificates made in this run have begun. */
const NOW = Date.now() + 60_000;
const PROGRAM = join(import.meta.dirname, '../src/cli/ankang.js');
const NO_FAKETIME = spawnSync('faketime', ['--version']).error ? 'apt-get install faketime' : false;

// TEST keys, worth nothing outside this file.
const draw = (wanted: (kid: Uint8Array) => boolean): PrivateKey => {
  for (;;) {
    const key = generateKey();
    if (wanted(kidOfPoint(key.public.point))) return key;
  }
};
const ROOT = draw((kid) => !isTestRoot(kid));
const ISSUER = generateKey();

// ── a box where nothing is wrong ────────────────────────────────────────────────────────────────────────────────────

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Place {
  readonly folder: string;
  readonly box: Mutable<Box>;
  readonly broker: Mosquitto;
  readonly devices: SeenDevice[];
  readonly lines: Mutable<GpioLine>[];
  readonly udev: Record<string, string>;
  /** A path below the folder; what is above it is made. */
  path(...parts: readonly string[]): string;
  write(path: string, text: string | Uint8Array): void;
  /** Changes a section of the configuration. */
  configure(section: string, fields: Readonly<Record<string, unknown>> | string): void;
  /** Signs a manifest and puts it in force. */
  believe(change?: Partial<Manifest>): void;
  patient(): Patient;
}

const ENTRIES = 3;

async function healthy(test: Test): Promise<Place> {
  const folder = test.testdir();
  const path: Place['path'] = (...parts) => {
    const whole = join(folder, ...parts);
    mkdirSync(dirname(whole), { recursive: true });
    return whole;
  };
  const write: Place['write'] = (to, text) => writeFileSync(path(to), text, { mode: 0o600 });
  const broker = await createMosquitto({ folder: path('broker'), region: REGION, terminals: [TERMINAL] });
  certify(path('broker'), ['broker', TERMINAL]);
  await broker.start();
  test.teardown(() => broker.stop('SIGKILL'));
  write('keys/root.spki', spkiOf(ROOT.public.point));
  for (const name of ['sign', 'open']) write(`keys/${name}.p8`, generateKey().export());

  const { gid } = statSync(folder);
  write('etc/group', `root:x:0:\ndialout:x:${gid}:\nplugdev:x:${gid + 1}:\n`);
  write('etc/fstab', `# devices\nPARTUUID=1 / ext4 defaults 0 1\nPARTUUID=2 ${folder} ext4 noatime 0 2\n`);
  write('proc/self/mounts', `overlay / overlay rw 0 0\n/dev/mmcblk0p3 ${folder} ext4 rw,noatime 0 0\n`);
  write('proc/1/comm', 'systemd\n');
  write('dev/ttyACM0', '');
  write('dev/hidraw0', '');
  write('dev/gpiochip0', '');
  for (const node of ['ttyACM0', 'hidraw0', 'gpiochip0']) chmodSync(path('dev', node), 0o660);
  symlinkSync('../../ttyACM0', path('dev/serial/by-id/usb-TEST_Scanner-if00'));
  write('sys/bus/hid/devices/0003:05E0:1300.0001/uevent', 'HID_NAME=TEST\nHID_UNIQ=S1\n');
  write('sys/bus/hid/devices/0003:05E0:1300.0001/hidraw/hidraw0/dev', '240:0\n');
  write('sys/bus/hid/devices/0003:05E0:1300.0001/input/input7/inhibited', '1\n');
  write('sys/block/mmcblk0/device/life_time', '0x01 0x02\n');
  write('sys/block/mmcblk0/device/pre_eol_info', '0x01\n');
  write('sys/devices/platform/soc/soc:firmware/get_throttled', '0\n');
  write('run/pcscd/pcscd.comm', '');

  const lines: Mutable<GpioLine>[] = ['GATE_IN', 'PASSED_IN'].map((name) => ({ name, used: false, consumer: '' }));
  const udev: Record<string, string> = {};
  const box: Place['box'] = {
    sys: path('sys'),
    proc: path('proc'),
    dev: path('dev'),
    etc: path('etc'),
    run: path('run'),
    clocks: { wall: () => NOW, kernel: () => ({ synchronised: true, earliest: NOW, latest: NOW }), rtc: () => NOW },
    built: NOW - DAY,
    groups: ['dialout', 'plugdev'],
    udev: async () => udev,
    gpio: (chip) => (chip === 'pinctrl-bcm2711' ? { node: path('dev/gpiochip0'), lines } : undefined),
    free: async () => 8 * 1024 ** 3,
  };
  const devices: SeenDevice[] = [
    { name: 'scanner', port: 'serial', address: { path: path('dev/serial/by-id/usb-TEST_Scanner-if00') } },
    { name: 'wedge', port: 'hid', address: { vendorId: 0x05e0, productId: 0x1300, serialNumber: 'S1' } },
    {
      name: 'gate',
      port: 'gpiochip',
      address: { chip: 'pinctrl-bcm2711', outputs: { in: { line: 'GATE_IN' } }, inputs: { passedIn: { line: 1 } } },
    },
    { name: 'card', port: 'pcsc', address: {} },
  ];
  const written: Record<string, unknown> = {
    terminal: { id: TERMINAL, region: REGION, checkpoint: 'CP', state: 'state' },
    keys: { root: 'keys/root.spki', sign: 'keys/sign.p8', open: 'keys/open.p8' },
    clock: { source: 'ntp', rtc: true },
    uplink: { url: broker.url, ...broker.tls(TERMINAL) },
    page: { port: await freePort() },
    stations: [{ id: 'main', scene: 'entry', devices: [{ driver: 'simulated-scanner' }] }],
  };
  const believe: Place['believe'] = (change = {}) => believed(path('state'), change);
  believe();
  return {
    folder,
    box,
    broker,
    devices,
    lines,
    udev,
    path,
    write,
    believe,
    configure: (section, fields) => {
      const before = written[section];
      written[section] = typeof fields === 'string' ? fields : { ...(typeof before === 'object' && before), ...fields };
    },
    patient() {
      const file = path('terminal.yaml');
      writeFileSync(file, stringify(written));
      const { configuration, resolve, identity } = loadConfiguration(file);
      return { configuration, awaited: identity === 'awaited', devices, resolve };
    },
  };
}

/** Fresh certificates of a year under the CA's key in the broker's folder, which makes them for two days. */
function certify(folder: string, names: readonly string[], before: readonly string[] = []): void {
  const run = (...args: readonly string[]): void => {
    const [program = '', ...rest] = [...before, 'openssl', 'req', '-x509', ...args];
    execFileSync(program, rest, { cwd: folder, stdio: 'pipe' });
  };
  if (before.length === 0) run('-new', '-key', 'ca.key', '-days', '400', '-subj', '/CN=TEST CA', '-out', 'ca.crt');
  const leaf = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-CA', 'ca.crt', '-CAkey', 'ca.key'];
  const extensions = ['-addext', 'subjectAltName=IP:127.0.0.1', '-addext', 'basicConstraints=critical,CA:FALSE'];
  const days = before.length === 0 ? '400' : '3';
  for (const name of names)
    run(...leaf, ...extensions, '-days', days, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.crt`);
}

/** As the daemon leaves it: a journal with a few entries that points to the manifest in the folder. */
function believed(state: string, change: Partial<Manifest>): void {
  const point = ROOT.public.point;
  const signer: SignerKey = {
    kid: kidOfPoint(ISSUER.public.point),
    point: ISSUER.public.point,
    region: REGION,
    types: ['ak/person'],
    validFrom: 0,
    validUntil: NOW + 900 * DAY,
    revokedAt: Number.POSITIVE_INFINITY,
  };
  const issued = Math.floor(NOW / 1000) * 1000 - 60_000;
  const whole = { seq: 7, region: REGION, issued, expires: issued + 30 * DAY, keys: [signer], transit: [], lists: [], data: [] };
  const payload = encodeManifest({ ...whole, roots: undefined, rules: {}, floor: undefined, minVersion: undefined, ...change });
  mkdirSync(join(state, 'trust'), { recursive: true });
  writeFileSync(
    join(state, 'trust/manifest-7'),
    makeSign1(kidOfPoint(point), 'ak/trust', payload, (message) => ROOT.sign(message)),
  );
  const clock = { now: () => ({ earliest: NOW, latest: NOW }), monotonic: () => 0 };
  const journal = openJournal({ file: join(state, 'journal.db'), terminal: TERMINAL, clock, limit: 2 ** 26, keepDays: 30 });
  const manifest = { seq: 7, sm3: sm3(payload), root: point };
  writePointer(keepIn(journal), { enrolled: point, roots: [point], least: 0, manifest, secrets: [] });
  journal.transaction((tx) => {
    for (let i = 0; i < ENTRIES; i++) tx.append({ kind: 'alarm', at: clock.now(), facts: { n: i } });
  });
  journal.close();
}

// ── one fault at a time ─────────────────────────────────────────────────────────────────────────────────────────────

const foundIn = (examined: readonly Examined[]): readonly FindingWord[] =>
  examined.flatMap(({ outcomes }) => outcomes.flatMap((outcome) => (outcome.state === 'found' ? [outcome.finding] : [])));

/** Makes it wrong; what it returns makes it right again. */
type Plant = (place: Place) => (() => unknown) | Promise<() => unknown>;

/** A field of the box is another for a while. */
const instead = <K extends keyof Box>({ box }: Place, key: K, value: Box[K]): (() => void) => {
  const before = box[key];
  box[key] = value;
  return () => {
    box[key] = before;
  };
};

const rewritten = ({ path }: Place, file: string, change: (text: string) => string): (() => void) => {
  const before = readFileSync(path(file));
  writeFileSync(path(file), change(before.toString('latin1')), 'latin1');
  return () => writeFileSync(path(file), before);
};

const away = ({ path }: Place, file: string): (() => void) => {
  renameSync(path(file), path(`away/${file}`));
  return () => renameSync(path(`away/${file}`), path(file));
};

const closed = ({ path }: Place, file: string, [wrong, good]: readonly [number, number]): (() => void) => {
  chmodSync(path(file), wrong);
  return () => chmodSync(path(file), good);
};

const configured = ({ configure }: Place, section: string, [wrong, good]: readonly [object, object]): (() => void) => {
  configure(section, wrong as Record<string, unknown>);
  return () => configure(section, good as Record<string, unknown>);
};

/** The certificate of a CA that nobody knows. */
function stranger({ path }: Place): string {
  const args = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '400',
    '-subj',
    '/CN=TEST STRANGER',
  ];
  execFileSync('openssl', [...args, '-keyout', path('stranger.key'), '-out', path('stranger.crt')], { stdio: 'pipe' });
  return path('stranger.crt');
}

/** Changes the second entry where it lies. */
function tampered(file: string, text: string): void {
  const db = new Sqlite(file);
  db.prepare('UPDATE entry SET public = ? WHERE seq = 2').run(text);
  db.close();
}

/** The daemon's page, as far as monitoring sees it. */
const probed = (readiness: Readiness, port: number): ReturnType<typeof servePage> =>
  servePage({
    port,
    view: () => {
      throw new Error('nobody looks');
    },
    probe: {
      works: () => true,
      readiness: () => readiness,
      vitals: () => {
        throw new Error('nobody counts');
      },
    },
  });

const HID = 'sys/bus/hid/devices/0003:05E0:1300.0001';

const FAULTS: readonly (readonly [FindingWord, string, Plant])[] = [
  [
    'clock-not-synchronised',
    'no time server answers',
    (p) => instead(p, 'clocks', { ...p.box.clocks, kernel: () => ({ synchronised: false }) }),
  ],
  ['clock-before-build', 'the box thinks that it is 1970', (p) => instead(p, 'clocks', { ...p.box.clocks, wall: () => 0 })],
  ['rtc-unreadable', 'the battery clock came loose', (p) => instead(p, 'clocks', { ...p.box.clocks, rtc: () => undefined })],
  [
    'not-enrolled',
    'no ticket was scanned',
    ({ configure }) => {
      configure('keys', 'enrolled');
      return () => configure('keys', { root: 'keys/root.spki', sign: 'keys/sign.p8', open: 'keys/open.p8' });
    },
  ],
  ['key-unusable', 'the signing key is not there', (p) => away(p, 'keys/sign.p8')],
  ['key-unusable', 'the root is cut short', (p) => rewritten(p, 'keys/root.spki', (text) => text.slice(0, 40))],
  ['key-exposed', 'everybody may read the signing key', (p) => closed(p, 'keys/sign.p8', [0o644, 0o600])],
  [
    'test-root',
    'a TEST root came with the image',
    (p) => {
      const test = draw(isTestRoot);
      return rewritten(p, 'keys/root.spki', () => Buffer.from(spkiOf(test.public.point)).toString('latin1'));
    },
  ],
  ['trust-absent', 'somebody emptied the folder of trust', (p) => away(p, 'state/trust/manifest-7')],
  [
    'trust-foreign',
    'one byte of the manifest is another',
    (p) => rewritten(p, 'state/trust/manifest-7', (text) => `${text.slice(0, -1)}\x00`),
  ],
  ['trust-foreign', 'the manifest is another region’s', (p) => (p.believe({ region: '341500' }), () => p.believe())],
  ['trust-expired', 'nothing came for a month', (p) => (p.believe({ issued: NOW - 31 * DAY, expires: NOW - DAY }), () => p.believe())],
  ['trust-ends-soon', 'nothing came for weeks', (p) => (p.believe({ issued: NOW - 29 * DAY, expires: NOW + DAY / 2 }), () => p.believe())],
  [
    'trust-old',
    'the scene wants fresher lists',
    (p) => (p.believe({ issued: NOW - 2 * DAY, rules: { entry: { maxAgeLists: 3600 } } }), () => p.believe()),
  ],
  ['device-absent', 'the scanner is unplugged', (p) => away(p, 'dev/serial/by-id/usb-TEST_Scanner-if00')],
  ['device-absent', 'the HID scanner is unplugged', (p) => away(p, HID)],
  ['device-forbidden', 'no udev rule gives the scanner to the service', (p) => closed(p, 'dev/ttyACM0', [0o600, 0o660])],
  ['device-forbidden', 'the GPIO chip is root’s alone', (p) => closed(p, 'dev/gpiochip0', [0o600, 0o660])],
  [
    'device-path-moves',
    'the scanner is named by the order of plugging',
    (p) => {
      const before = p.devices[0];
      if (before) p.devices[0] = { ...before, address: { path: p.path('dev/ttyACM0') } };
      return () => before && (p.devices[0] = before);
    },
  ],
  ['scanner-types', 'the scanner types codes into the console', (p) => rewritten(p, `${HID}/input/input7/inhibited`, () => '0\n')],
  [
    'modem-manager',
    'ModemManager takes the scanner for a telephone',
    (p) => {
      p.write('proc/77/comm', 'ModemManager\n');
      return () => (p.udev['ID_MM_DEVICE_IGNORE'] = '1');
    },
  ],
  ['gpio-chip-absent', 'another board, another label', (p) => instead(p, 'gpio', () => undefined)],
  [
    'gpio-line-absent',
    'the line has another name here',
    (p) => {
      const [line] = p.lines;
      if (line) line.name = 'GPIO17';
      return () => line && (line.name = 'GATE_IN');
    },
  ],
  [
    'gpio-line-taken',
    'a driver holds the line of the gate',
    (p) => {
      const [line] = p.lines;
      Object.assign(line ?? {}, { used: true, consumer: 'w1-gpio' });
      return () => Object.assign(line ?? {}, { consumer: 'ankang' });
    },
  ],
  ['pcscd-absent', 'pcscd was never installed', (p) => away(p, 'run/pcscd/pcscd.comm')],
  ['broker-unreachable', 'the broker is down', async (p) => (await p.broker.stop(), () => p.broker.start())],
  [
    'broker-certificate',
    'the broker is not the one we trust',
    (p) => configured(p, 'uplink', [{ ca: stranger(p) }, p.broker.tls(TERMINAL)]),
  ],
  [
    'broker-refuses',
    'the terminal shows no certificate',
    (p) => configured(p, 'uplink', [{ cert: undefined, key: undefined }, p.broker.tls(TERMINAL)]),
  ],
  [
    'certificate-expired',
    'the certificate ended years ago',
    (p) => {
      certify(p.path('broker'), [TERMINAL], ['faketime', '2024-01-01']);
      return () => certify(p.path('broker'), [TERMINAL]);
    },
  ],
  [
    'certificate-ends-soon',
    'the certificate ends in a week',
    (p) => instead(p, 'clocks', { ...p.box.clocks, wall: () => NOW + 390 * DAY }),
  ],
  [
    'certificate-foreign',
    'the certificate of the neighbour’s terminal',
    (p) => configured(p, 'uplink', [p.broker.tls('broker'), p.broker.tls(TERMINAL)]),
  ],
  ['disk-short', 'the card is nearly full', (p) => instead(p, 'free', async () => 50 * 1024 ** 2)],
  ['disk-read-only', 'the card went read-only', (p) => rewritten(p, 'proc/self/mounts', (text) => text.replace('ext4 rw', 'ext4 ro'))],
  [
    'state-volatile',
    'the state folder is in memory',
    (p) => rewritten(p, 'proc/self/mounts', (text) => text.replace('ext4 rw', 'tmpfs rw')),
  ],
  ['fsck-off', 'nobody checks the file system at start', (p) => rewritten(p, 'etc/fstab', (text) => text.replace('0 2', '0 0'))],
  [
    'journal-broken',
    'an entry was changed afterwards',
    (p) => (tampered(p.path('state/journal.db'), '{"n":9}'), () => tampered(p.path('state/journal.db'), '{"n":1}')),
  ],
  ['journal-foreign', 'the card comes from another box', (p) => configured(p, 'terminal', [{ id: 'GATE-2' }, { id: TERMINAL }])],
  ['card-worn', 'the storage is at its end', (p) => rewritten(p, 'sys/block/mmcblk0/device/life_time', () => '0x0b 0x02')],
  ['under-voltage', 'the supply is weak', (p) => rewritten(p, 'sys/devices/platform/soc/soc:firmware/get_throttled', () => '50005')],
  [
    'page-port-taken',
    'another program sits on the port of the page',
    async (p) => {
      const sockets: Socket[] = [];
      const server = createServer((socket) => {
        sockets.push(socket.on('error', () => undefined));
        socket.end('220 mail\r\n');
      }).listen(p.patient().configuration.page?.port, '127.0.0.1');
      await once(server, 'listening');
      return () => {
        for (const socket of sockets) socket.destroy();
        return once(server.close(), 'close');
      };
    },
  ],
  [
    'not-ready',
    'the daemon runs without trust data',
    async (p) => {
      const page = await probed({ stations: true, journal: true, trust: false }, p.patient().configuration.page?.port ?? 0);
      return () => page.stop();
    },
  ],
  [
    'not-working',
    'the table of groups is no file',
    (p) => {
      renameSync(p.path('etc/group'), p.path('etc/group.away'));
      mkdirSync(p.path('etc/group'));
      return () => (rmSync(p.path('etc/group'), { recursive: true }), renameSync(p.path('etc/group.away'), p.path('etc/group')));
    },
  ],
];

t.test('a box where nothing is wrong is fit, and what could not be looked at is said', { skip: NO_MOSQUITTO }, async (t) => {
  const place = await healthy(t);
  const examined = await examine(place.patient(), place.box);
  t.same(foundIn(examined), []);
  t.ok(isFit(examined));
  const outcomes = examined.flatMap((one) => one.outcomes);
  t.same(
    outcomes.filter(({ state }) => state === 'skipped'),
    [],
  );

  t.comment('without a battery clock it is advised to fit one, and fit all the same');
  place.configure('clock', { rtc: false });
  place.box.clocks = { ...place.box.clocks, rtc: () => undefined };
  const advised = await examine(place.patient(), place.box);
  t.same(foundIn(advised), ['rtc-absent']);
  t.ok(isFit(advised));

  t.comment('what cannot be seen here is skipped with a reason, never green');
  place.box.clocks = { ...place.box.clocks, kernel: undefined };
  place.box.gpio = () => {
    throw new Error('EACCES: permission denied');
  };
  rmSync(place.path('sys/block'), { recursive: true });
  rmSync(place.path('sys/devices'), { recursive: true });
  rmSync(place.path('proc/self/mounts'));
  const blind = await examine(place.patient(), place.box);
  const skips = blind.flatMap((one) => one.outcomes).flatMap((outcome) => (outcome.state === 'skipped' ? [outcome.why] : []));
  t.equal(skips.length, 5, 'kernel clock, GPIO, mounts, card, supply');
  for (const { zh, en } of skips) t.ok(/\p{Script=Han}/u.test(zh) && /^[^\p{Script=Han}]+$/u.test(en), `${zh} · ${en}`);
});

t.test('each fault is found by its number, told in both languages, and gone when it is mended', { skip: NO_MOSQUITTO }, async (t) => {
  const place = await healthy(t);
  for (const [word, what, plant] of FAULTS) {
    if (word === 'certificate-expired' && NO_FAKETIME) {
      t.comment(`skipped: ${NO_FAKETIME}`);
      continue;
    }
    const mend = await plant(place);
    const examined = await examine(place.patient(), place.box);
    t.ok(foundIn(examined).includes(word), `${FINDINGS[word].number} ${what}: ${foundIn(examined).join(' ')}`);
    t.notOk(isFit(examined));
    await mend();
    t.same(foundIn(await examine(place.patient(), place.box)), [], `mended: ${what}`);
  }
});

t.test('every finding has a number of its own, words and a fix in both languages', (t) => {
  const findings: readonly Finding[] = Object.values(FINDINGS);
  t.same(
    findings.map(({ number }) => number),
    findings.map((_, i) => 201 + i),
  );
  for (const { words, fix } of findings) {
    for (const { zh, en } of [words, fix]) t.ok(/\p{Script=Han}/u.test(zh) && /^[^\p{Script=Han}]+$/u.test(en), `${zh} · ${en}`);
  }
  const planted = new Set(FAULTS.map(([word]) => word));
  t.ok(planted.size >= 12, `${planted.size} kinds are planted above`);
  t.end();
});

t.test('the command says it by exit code, for people and for programs', (t) => {
  const folder = t.testdir({ 'wrong.yaml': 'terminal: { id: GATE-1 }\n', 'half.yaml': '' });
  const doctor = (...args: readonly string[]) => spawnSync(process.execPath, [PROGRAM, 'doctor', ...args], { encoding: 'utf8' });
  t.equal(doctor('--config', join(folder, 'nothing.yaml')).status, 2);

  const wrong = doctor('--config', join(folder, 'wrong.yaml'));
  t.equal(wrong.status, 1);
  t.match(
    wrong.stdout,
    /✗ 配置 · configuration: 201 配置有误 · the configuration is wrong\n {4}.*wrong\.yaml:1:\d+ terminal\.state .* · .*\n {4}→ 按给出的文件/,
  );

  const file = join(folder, 'half.yaml');
  const stations = [{ id: 'main', scene: 'entry', devices: [{ driver: 'simulated-scanner', address: { path: 'x', name: 'y' } }] }];
  const terminal = { id: TERMINAL, region: REGION, checkpoint: 'CP', state: 'state' };
  writeFileSync(file, stringify({ terminal, keys: { root: 'root.spki', sign: 'sign.p8' }, stations }));
  const half = doctor('--config', file, '--json');
  t.equal(half.status, 1);
  const said = JSON.parse(half.stdout) as { fit: boolean; checks: Record<string, unknown>[] };
  t.equal(said.fit, false);
  t.match(
    said.checks.find(({ number }) => number === 206),
    {
      check: 'keys',
      state: 'found',
      finding: 'key-unusable',
      at: /root\.spki/,
      words: { zh: String, en: String },
      fix: { zh: String, en: String },
    },
  );
  t.match(
    said.checks.find(({ check }) => check === 'broker'),
    { state: 'skipped', why: { zh: '没有配置上行' } },
  );
  t.end();
});
