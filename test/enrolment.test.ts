/** From nothing to a terminal by a ticket, on real parts: a pseudo-terminal scanner, HTTPS, mosquitto with the county's own certificates and ACL. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer as createTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import t from 'tap';
import { stringify } from 'yaml';
import { openPtyPair } from '../src/cli/_pty.js';
import { createWorkbench } from '../src/cli/_workbench.js';
import { loadConfiguration } from '../src/configuration.js';
import { decodeBase45, encodeBase45 } from '../src/crypto/base45.js';
import { decodeCborMap, encodeCbor } from '../src/crypto/cbor.js';
import { generateKey, kidOfPoint, pointOfSpki, spkiOf } from '../src/crypto/sm2.js';
import { makeCsr } from '../src/enrol/csr.js';
import { enrolBox } from '../src/enrol/enrol.js';
import { ENROL_FAULTS, EnrolError } from '../src/enrol/error.js';
import { identityFolder, isEnrolled } from '../src/enrol/identity.js';
import { isDue, lifeOf, renewNow } from '../src/enrol/renew.js';
import { FORM } from '../src/messages/claims.js';
import { makeEnrol, makeRenew, readEnrol, readEnrolAnswer, readRenew } from '../src/messages/enrol.js';
import { decodeTicket, encodeTicket, type Ticket, ticketId } from '../src/messages/ticket.js';
import { topicOf } from '../src/messages/topics.js';
import { type Authority, openAuthority } from '../src/platform/authority.js';
import { holdCeremony } from '../src/platform/ceremony.js';
import { type County, startCounty, storePath } from '../src/platform/county.js';
import { giveTicket, revokedCertificates } from '../src/platform/enrolment.js';
import { personCode } from '../src/platform/issue.js';
import type { CountyKeys } from '../src/platform/keys.js';
import { setUp, strikeTerminal } from '../src/platform/orders.js';
import { openStore } from '../src/platform/sqlite.js';
import { readKeys } from '../src/station/keys.js';
import { createMosquitto, freePort, type Mosquitto, NO_MOSQUITTO } from './mosquitto.js';

const REGION = '341525';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PROGRAM = join(import.meta.dirname, '../src/cli/ankang.js');
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const NO_SOCAT = spawnSync('socat', ['-V']).error ? 'apt-get install socat' : false;

t.setTimeout(600_000);

async function until<T>(look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    await sleep(10);
  }
}

interface Ending {
  teardown(clean: () => unknown): void;
}

// ── the words ───────────────────────────────────────────────────────────────────────────────────────────────────────

const TICKET: Ticket = {
  terminal: 'GATE-7',
  checkpoint: 'CP-HOSPITAL',
  region: REGION,
  root: Uint8Array.from(randomBytes(32)),
  leastSeq: 12,
  broker: 'mqtts://broker.example.gov.cn:8883',
  enrol: 'https://county.example.gov.cn:8443',
  ca: Uint8Array.from(randomBytes(32)),
  secret: Uint8Array.from(randomBytes(16)),
  expires: 1_795_320_000,
};

t.test('a ticket is a text that every scanner reads, strict in every field', async (t) => {
  const text = encodeTicket(TICKET);
  t.match(text, /^AT1:[0-9A-Z $%*+\-./:]+$/, 'alphanumeric mode of a QR code');
  t.ok(text.length < 500, `${text.length} characters`);
  t.same(decodeTicket(Buffer.from(text)), TICKET);
  for (let length = 0; length < text.length; length++) t.equal(decodeTicket(Buffer.from(text.slice(0, length))), undefined);
  const fields = decodeCborMap(decodeBase45(Buffer.from(text), 4) ?? new Uint8Array()) ?? new Map();
  const changes: [number, unknown][] = [
    [1, 'a b'],
    [1, 7],
    [2, ''],
    [3, '34152'],
    [4, new Uint8Array(31)],
    [5, -1],
    [6, 'mqtt://broker:1883'],
    [6, 'mqtts://u:p@broker'],
    [7, 'http://county:8443'],
    [7, 'https://'],
    [8, new Uint8Array(0)],
    [9, new Uint8Array(15)],
    [10, 'x'],
    [11, 1],
  ];
  for (const [key, value] of changes) {
    const changed = new Map(fields).set(key, value);
    t.equal(decodeTicket(Buffer.from(`AT1:${encodeBase45(encodeCbor(changed))}`)), undefined, `${key}: ${String(value)}`);
  }
  t.equal(decodeTicket(Buffer.from(text.replace('AT1:', 'AK1:'))), undefined);
});

t.test('what is handed in proves both the key and the ticket, bit by bit', async (t) => {
  const sign = generateKey();
  const signer = { kid: kidOfPoint(sign.public.point), sign: sign.sign };
  const request = {
    terminal: 'GATE-7',
    ticket: ticketId(TICKET.secret),
    sign: spkiOf(sign.public.point),
    open: spkiOf(generateKey().public.point),
    csr: Uint8Array.from(randomBytes(100)),
  };
  const bytes = makeEnrol(request, TICKET.secret, signer);
  t.match(readEnrol(bytes), request);
  t.equal(readEnrol(bytes)?.proves(TICKET.secret), true);
  t.equal(readEnrol(bytes)?.proves(randomBytes(16)), false);
  for (let bit = 0; bit < bytes.length * 8; bit += 5) {
    const changed = Uint8Array.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    t.not(readEnrol(changed)?.proves(TICKET.secret), true, `bit ${bit}`);
  }
  const stranger = generateKey();
  const by = { kid: kidOfPoint(stranger.public.point), sign: stranger.sign };
  t.equal(readEnrol(makeEnrol(request, TICKET.secret, by)), undefined, 'signed by another key than it brings');
  const renewal = makeRenew({ terminal: 'GATE-7', csr: request.csr, at: 5 }, signer);
  t.equal(readRenew(renewal)?.signedBy(request.sign), true);
  t.equal(readRenew(renewal)?.signedBy(request.open), false);
  t.equal(readRenew(bytes), undefined, 'one is not the other');
  t.equal(readEnrol(renewal), undefined);
  t.equal(readEnrolAnswer(randomBytes(200), TICKET.secret), undefined);
});

t.test('OpenSSL reads the certificate request that a box makes', async (t) => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const said = execFileSync('openssl', ['req', '-inform', 'DER', '-verify', '-noout', '-subject', '-pubkey'], {
    input: makeCsr('GATE-7', pair.privateKey, pair.publicKey),
    stdio: ['pipe', 'pipe', 'pipe'],
  }).toString();
  t.match(said, /subject=CN ?= ?GATE-7/);
  t.match(said.replace(/\s/g, ''), pair.publicKey.export({ format: 'pem', type: 'spki' }).toString().replace(/\s/g, ''));
});

t.test('every fault has words in both languages', async (t) => {
  for (const [code, { zh, en }] of Object.entries(ENROL_FAULTS)) t.ok(/\p{Script=Han}/u.test(zh) && /^[ -~’]+$/.test(en), code);
});

// ── a county that takes tickets ─────────────────────────────────────────────────────────────────────────────────────

interface Place {
  readonly folder: string;
  readonly keys: CountyKeys;
  readonly county: County;
  readonly authority: Authority;
  readonly enrol: string;
  readonly broker: Mosquitto;
  /** The county's clock, ahead of the real one. */
  ahead: number;
  ticket(terminal: string, change?: object): Promise<string>;
}

/** `crl`: terminals' certificates that mosquitto no longer takes. */
async function newPlace(test: Ending): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-e-'));
  const cleaning: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  test.teardown(async () => {
    for (const clean of cleaning.toReversed()) await clean();
  });
  const keys = holdCeremony({ folder: join(folder, 'county'), now: Date.now() - HOUR, region: REGION });
  const store = openStore(storePath(keys.folder));
  await setUp(store, keys);
  await store.close();
  const authority = await openAuthority({ folder: keys.folder, region: REGION, test: true, now: Date.now() });
  mkdirSync(join(folder, 'broker'));
  const at = (name: string): string => join(folder, 'broker', name);
  const server = await authority.server(['127.0.0.1'], Date.now());
  const client = await authority.client('county', Date.now());
  writeFileSync(at('ca.crt'), authority.pem);
  for (const [name, pair] of Object.entries({ broker: server, county: client })) {
    writeFileSync(at(`${name}.crt`), pair.cert);
    writeFileSync(at(`${name}.key`), pair.key);
  }
  const broker = await createMosquitto({ folder: join(folder, 'broker'), region: REGION, terminals: [], certified: {} });
  if (!NO_MOSQUITTO) await broker.start();
  cleaning.push(() => broker.stop('SIGKILL'));
  const place: Partial<Place> & { ahead: number } = { ahead: 0 };
  const now = (): number => Date.now() + place.ahead;
  const county = await startCounty({
    folder: keys.folder,
    broker: NO_MOSQUITTO
      ? { embedded: { port: 0 } }
      : { url: broker.url, ca: Buffer.from(authority.pem), cert: Buffer.from(client.cert), key: Buffer.from(client.key) },
    enrolment: { host: '127.0.0.1', port: 0, names: ['127.0.0.1'] },
    now,
    log: quiet,
  });
  cleaning.push(() => county.stop());
  const enrol = `https://127.0.0.1:${county.enrolPort}`;
  return Object.assign(place, {
    folder,
    keys,
    county,
    authority,
    enrol,
    broker,
    ticket: (terminal: string, change: object = {}) =>
      giveTicket(
        { store: county.store, keys, authority, now },
        { terminal, checkpoint: 'CP-HOSPITAL', site: 'HOSPITAL', region: false, broker: broker.url, enrol, life: HOUR, ...change },
      ),
  });
}

let boxes = 0;
const newState = ({ folder }: Place): string => join(folder, `box-${++boxes}`);

const handIn = (ticket: string, state: string, change: object = {}) =>
  enrolBox({ ticket: Buffer.from(ticket), state, mode: 'test', earliest: Date.now() - DAY, ...change });

const fault = (code: string): { readonly code: string } => ({ code });

t.test('a ticket makes a box a terminal, once, and every other way is refused by its name', async (t) => {
  const place = await newPlace(t);
  const { county, folder } = place;

  await t.test('keys are made on the box, kept for nobody else to read, and never sent', async (t) => {
    const state = newState(place);
    const identity = await handIn(await place.ticket('GATE-1'), state);
    t.match(identity, { terminal: 'GATE-1', checkpoint: 'CP-HOSPITAL', region: REGION, enrol: place.enrol });
    for (const file of readdirSync(identityFolder(state))) t.equal(statSync(join(identityFolder(state), file)).mode & 0o077, 0, file);
    t.same(readdirSync(state), ['identity'], 'nothing of the ticket stays');
    const [terminal] = await county.store.terminals();
    t.match(terminal, { id: 'GATE-1', site: 'HOSPITAL', struck: false });
    const file = join(folder, 'one.yaml');
    writeFileSync(file, stringify({ terminal: { mode: 'test', state }, keys: 'enrolled', stations: [LANE] }));
    const loaded = loadConfiguration(file);
    t.match(loaded.configuration, {
      terminal: { id: 'GATE-1', region: REGION, checkpoint: 'CP-HOSPITAL' },
      uplink: { url: place.broker.url },
    });
    t.same(
      Buffer.from(readKeys(loaded).signer.kid),
      Buffer.from(kidOfPoint(pointOfSpki(terminal?.sign ?? new Uint8Array()) ?? new Uint8Array())),
    );
    const tls = new X509Certificate(readKeys(loaded).tls().cert ?? '');
    t.equal(tls.subject, 'CN=GATE-1');
    t.ok(tls.verify(new X509Certificate(place.authority.pem).publicKey));
    t.equal(Math.round((Date.parse(tls.validTo) - Date.now()) / DAY), 180);
  });

  const NO_ROOT = process.getuid?.() !== 0 && 'only root gives files away';
  await t.test('handed in by root, the identity is whose the state folder is: the daemon reads it', { skip: NO_ROOT }, async (t) => {
    const state = newState(place);
    mkdirSync(state);
    chownSync(state, 65_534, 65_534);
    await handIn(await place.ticket('GATE-ROOT'), state);
    const folder = identityFolder(state);
    for (const path of [folder, ...readdirSync(folder).map((name) => join(folder, name))]) t.equal(statSync(path).uid, 65_534, path);
  });

  await t.test('the same ticket a second time is another box’s', async (t) => {
    const ticket = await place.ticket('GATE-2');
    await handIn(ticket, newState(place));
    await t.rejects(handIn(ticket, newState(place)), fault('county-used'));
  });

  await t.test('a lost answer is asked for again, with the same keys', async (t) => {
    const state = newState(place);
    const ticket = await place.ticket('GATE-3');
    const decoded = decodeTicket(Buffer.from(ticket));
    if (!decoded) throw new Error('no ticket');
    const relay = await cutAfterRequest(t, Number(new URL(place.enrol).port));
    const through = encodeTicket({ ...decoded, enrol: `https://127.0.0.1:${relay.port}` });
    relay.cutting = true;
    await t.rejects(handIn(through, state), fault('unreachable'));
    t.equal(isEnrolled(state), false);
    await until(async () => (await county.store.terminals()).some(({ id }) => id === 'GATE-3'));
    relay.cutting = false;
    t.match(await handIn(through, state), { terminal: 'GATE-3' });
    t.equal((await county.store.terminals()).filter(({ id }) => id === 'GATE-3').length, 1);
  });

  await t.test('a name in service is not given again until its box is struck off', async (t) => {
    await t.rejects(place.ticket('GATE-1'), /in service/);
    await strikeTerminal(county.store, 'GATE-1', Date.now());
    const state = newState(place);
    t.match(await handIn(await place.ticket('GATE-1'), state), { terminal: 'GATE-1' });
    const revoked = await revokedCertificates(county.store);
    t.equal(revoked.length, 1, 'the certificate of the box before, not that of the new one');
    t.not(revoked[0]?.serial, new X509Certificate(readFileSync(join(identityFolder(state), 'tls.pem'))).serialNumber.toLowerCase());
  });

  await t.test('a newer ticket for the same terminal withdraws the one before', async (t) => {
    const old = await place.ticket('GATE-4');
    const young = await place.ticket('GATE-4');
    await t.rejects(handIn(old, newState(place)), fault('county-unknown'));
    await handIn(young, newState(place));
  });

  await t.test('a ticket that is old, altered, another county’s or no ticket', async (t) => {
    const good = decodeTicket(Buffer.from(await place.ticket('GATE-5')));
    if (!good) throw new Error('no ticket');
    const tried = (change: object, settings = {}): Promise<unknown> =>
      handIn(encodeTicket({ ...good, ...change }), newState(place), settings);
    await t.rejects(handIn('AK1:NONSENSE', newState(place)), fault('not-a-ticket'));
    await t.rejects(tried({}, { earliest: good.expires * 1000 }), fault('ticket-expired'));
    await t.rejects(tried({ ca: randomBytes(32) }), fault('not-the-county'), 'a server that is not the pinned one');
    await t.rejects(tried({ secret: Uint8Array.from(randomBytes(16)) }), fault('county-unknown'));
    await t.rejects(tried({ terminal: 'GATE-6' }), fault('county-unknown'), 'for another name');
    await t.rejects(tried({ root: Uint8Array.from(randomBytes(32)) }), fault('answer-forged'), 'a root that the ticket did not pin');
    const next = async (): Promise<string> => {
      await strikeTerminal(county.store, 'GATE-5', Date.now());
      return place.ticket('GATE-5');
    };
    const again = async (change: object): Promise<unknown> => {
      const decoded = decodeTicket(Buffer.from(await next()));
      return handIn(encodeTicket({ ...good, ...decoded, ...change }), newState(place));
    };
    await t.rejects(again({ region: '341524' }), fault('answer-forged'), 'another region');
    await t.rejects(again({ leastSeq: 1_000_000 }), fault('answer-forged'), 'a manifest that is rolled back');
    await t.rejects(tried({ enrol: `https://127.0.0.1:${await freePort()}` }), fault('unreachable'));
    const ticket = await next();
    await t.rejects(handIn(ticket, newState(place), { mode: 'production' }), fault('test-root'));
    place.ahead = 2 * HOUR;
    await t.rejects(handIn(ticket, newState(place)), { code: /county-(expired|used)/ });
    place.ahead = 0;
    const enrolled = newState(place);
    await handIn(await place.ticket('GATE-8'), enrolled);
    await t.rejects(handIn(await place.ticket('GATE-9'), enrolled), fault('enrolled-already'));
    const counted = (await county.store.rejected()).filter(({ reason }) => reason.startsWith('enrol-'));
    t.ok(
      counted.some(({ reason }) => reason === 'enrol-unknown'),
      'each refusal is counted',
    );
  });

  await t.test('whoever posts anything else is answered and nothing breaks', async (t) => {
    const ask = async (path: string, body: Uint8Array): Promise<unknown> => {
      const { post } = await import('../src/enrol/https.js');
      return post({ url: place.enrol, path, body, ca: place.authority.certificate, largest: 65_536 }).catch((error: unknown) => error);
    };
    t.match(await ask('/enrol', randomBytes(300)), fault('county-unreadable'));
    t.match(await ask('/renew', new Uint8Array(0)), fault('county-unreadable'));
    t.match(await ask('/etc/passwd', randomBytes(3)), fault('county-unknown'));
    t.type(await ask('/enrol', randomBytes(500_000)), EnrolError);
  });

  await t.test('renewed at half-life and after the end, with a new key; not for a stranger, not when struck off', async (t) => {
    const state = newState(place);
    const identity = await handIn(await place.ticket('GATE-10'), state);
    const file = join(folder, 'renew.yaml');
    writeFileSync(file, stringify({ terminal: { mode: 'test', state }, keys: 'enrolled', stations: [LANE] }));
    const keys = readKeys(loadConfiguration(file));
    const before = keys.tls().cert?.toString();
    const life = lifeOf(state);
    t.equal(isDue(life, Date.now()), false);
    t.equal(isDue(life, Date.now() + 91 * DAY), true);
    place.ahead = 400 * DAY;
    const clock = { now: () => ({ earliest: Date.now(), latest: Number.POSITIVE_INFINITY }), monotonic: () => 0 };
    const parts = { identity, state, signer: keys.signer, clock, log: quiet };
    await renewNow(parts);
    t.ok(lifeOf(state).until > Date.now() + 570 * DAY);
    t.not(keys.tls().cert?.toString(), before, 'the next connection uses it, without a new start');
    const stranger = generateKey();
    await t.rejects(
      renewNow({ ...parts, signer: { kid: kidOfPoint(stranger.public.point), sign: stranger.sign } }),
      fault('county-forged'),
    );
    await strikeTerminal(county.store, 'GATE-10', Date.now());
    await t.rejects(renewNow(parts), fault('county-struck'));
    place.ahead = 0;
  });
});

const LANE = { id: 'gate', scene: 'entry', devices: [{ driver: 'simulated-scanner', address: { path: '/nowhere', name: 'scanner' } }] };

/** A wire to the county that lets everything out and, while `cutting`, nothing of the second connection's answer back in. */
async function cutAfterRequest(test: Ending, to: number): Promise<{ readonly port: number; cutting: boolean }> {
  const { connect } = await import('node:net');
  const relay = { port: 0, cutting: false };
  let connections = 0;
  const server = createTcp((near) => {
    const number = ++connections;
    const far = connect(to, '127.0.0.1');
    let sent = 0;
    near.on('data', (chunk: Buffer) => {
      sent += chunk.length;
      far.write(chunk);
    });
    far.on('data', (chunk: Buffer) => {
      // The first connection only looks at the certificate; of the second the request is out once it has sent more than its hello.
      if (relay.cutting && number > 1 && sent > 700) setTimeout(() => near.destroy(), 200).unref();
      else near.write(chunk);
    });
    near.on('error', () => undefined);
    far.on('error', () => undefined);
    near.on('close', () => far.end());
    far.on('close', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.teardown(() => server.close());
  const address = server.address();
  relay.port = typeof address === 'object' && address ? address.port : 0;
  return relay;
}

// ── the whole way ───────────────────────────────────────────────────────────────────────────────────────────────────

interface Daemon {
  readonly child: ChildProcess;
  readonly log: Record<string, unknown>[];
  heard(event: string): Promise<Record<string, unknown>>;
}

function run(test: Ending, file: string): Daemon {
  const child = spawn(process.execPath, [PROGRAM, 'run', '--config', file], { stdio: ['ignore', 'pipe', 'inherit'] });
  test.teardown(() => child.kill('SIGKILL'));
  const log: Record<string, unknown>[] = [];
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('{')) log.push(JSON.parse(line) as Record<string, unknown>);
  });
  return {
    child,
    log,
    heard: (event) =>
      until(() => {
        if (child.exitCode !== null) throw new Error(`the daemon ended with ${child.exitCode}`);
        return log.find((line) => line['event'] === event);
      }),
  };
}

t.test('a box from nothing by its own scanner, against mosquitto with ACL', { skip: NO_MOSQUITTO || NO_SOCAT }, async (t) => {
  const place = await newPlace(t);
  const { folder, county } = place;
  const bench = await createWorkbench(join(folder, 'bench'));
  t.teardown(() => bench.close());
  let rises = 0;
  bench.onEvent((event) => {
    if (event.event === 'line' && event.line === 'in' && event.active) rises++;
  });
  const pty = await openPtyPair(join(folder, 'tty'), join(folder, 'wire'));
  if (!pty) throw new Error('socat gave no pseudo-terminal');
  t.teardown(() => pty.stop());
  const type = (text: string): void => appendFileSync(pty.wire, `${text}\r`, 'latin1');
  const file = join(folder, 'box.yaml');
  const state = join(folder, 'state');
  writeFileSync(
    file,
    stringify({
      terminal: { mode: 'test', state },
      keys: 'enrolled',
      clock: { source: 'system' },
      page: { port: 0 },
      stations: [
        {
          id: 'main-gate',
          scene: 'entry',
          settings: { antiPassback: 'off' },
          devices: [
            { driver: 'serial-scanner', name: 'scanner', address: { path: pty.device } },
            {
              driver: 'simulated-gate',
              name: 'gate',
              address: { path: bench.path, name: 'gate', outputs: ['in'], inputs: [] },
              settings: { fails: 'safe', releases: ['in'], sensors: [], pulseMs: 100 },
            },
          ],
        },
      ],
    }),
  );
  const daemon = run(t, file);
  const { page } = await daemon.heard('awaiting-enrolment');
  const screen = async (): Promise<{ screen: string; words: { zh: string } }> => {
    const view = (await (await fetch(`http://127.0.0.1:${String(page)}/api/view`)).json()) as { stations: { screen: never }[] };
    return view.stations[0]?.screen ?? { screen: 'none', words: { zh: '' } };
  };
  t.match(await screen(), { screen: 'enrol', words: { zh: /等待登记/ } });
  const asked = async (path: string): Promise<number> => (await fetch(`http://127.0.0.1:${String(page)}${path}`)).status;
  t.same([await asked('/healthz'), await asked('/readyz')], [200, 503], 'the browser of the page waits for the first of these');
  await sleep(300);
  type('AK1:NO TICKET');
  await until(async () => (await screen()).words.zh.includes('不是终端登记码'));
  t.equal(rises, 0);
  t.equal(bench.isOpen('gate'), false, 'nobody touches the gate of a box that is nobody');
  type(await place.ticket('GATE-1'));
  await daemon.heard('serving');
  const connected = await daemon.heard('uplink-connected');
  t.ok(connected);

  await t.test('it serves without a new start, and its entries are counted', async () => {
    const [issuer] = place.keys.issuers;
    if (!issuer) throw new Error('no issuer');
    const issued = Math.floor(Date.now() / 1000) - 5;
    const claims = { region: REGION, subject: randomBytes(16).toString('base64url'), issued, expires: issued + 200 };
    await until(() => bench.isOpen('gate'));
    await sleep(300);
    type(personCode(issuer, { ...claims, codeId: Uint8Array.from(randomBytes(8)), form: FORM.screen, colour: 'green' }));
    await until(() => rises === 1);
    await until(async () => (await county.store.tallies()).some(({ verified }) => verified === 1));
  });

  const tls = readFileSync(join(identityFolder(state), 'tls.pem'));
  const asTerminal = (clientId: string): Promise<MqttClient> =>
    mqtt.connectAsync(
      place.broker.url,
      { clientId, protocolVersion: 5, ca: place.authority.pem, cert: tls, key: tls, reconnectPeriod: 0 },
      false,
    );

  await t.test('with its certificate it reads and writes its own topics only', async (t) => {
    const client = await asTerminal('another-client-of-GATE-1');
    t.teardown(() => client.endAsync(true));
    const heard: string[] = [];
    client.on('message', (topic) => heard.push(topic));
    const foreign = [
      topicOf({ way: 'down', region: REGION, terminal: 'GATE-2', what: 'secrets' }),
      topicOf({ way: 'up', region: REGION, terminal: 'GATE-2', what: 'entries' }),
      topicOf({ way: 'up', region: REGION, terminal: 'GATE-1', what: 'entries' }),
      '#',
    ];
    const own = [
      topicOf({ way: 'down', region: REGION, terminal: 'GATE-1', what: 'secrets' }),
      topicOf({ way: 'trust', region: REGION, what: 'manifest' }),
    ];
    await handIn(await place.ticket('GATE-2'), newState(place));
    await client.subscribeAsync([...foreign, ...own], { qos: 1 }).catch(() => undefined);
    await until(() => own.every((topic) => heard.includes(topic)));
    const county_ = await mqtt.connectAsync(place.broker.url, {
      clientId: 'watcher',
      protocolVersion: 5,
      reconnectPeriod: 0,
      ca: place.authority.pem,
      cert: readFileSync(join(folder, 'broker/county.crt')),
      key: readFileSync(join(folder, 'broker/county.key')),
    });
    t.teardown(() => county_.endAsync(true));
    const seen: string[] = [];
    county_.on('message', (topic, payload) => seen.push(`${topic} ${payload.toString('latin1')}`));
    await county_.subscribeAsync(`ankang/v1/${REGION}/#`, { qos: 1 });
    const say = (topic: string): Promise<unknown> => client.publishAsync(topic, 'by GATE-1', { qos: 1 }).catch(() => undefined);
    await say(topicOf({ way: 'up', region: REGION, terminal: 'GATE-2', what: 'state' }));
    await say(topicOf({ way: 'down', region: REGION, terminal: 'GATE-1', what: 'command' }));
    await say(topicOf({ way: 'trust', region: REGION, what: 'manifest' }));
    await say(topicOf({ way: 'up', region: REGION, terminal: 'GATE-1', what: 'state' }));
    await until(() => seen.some((line) => line.endsWith('GATE-1/state by GATE-1')));
    t.same(seen.filter((line) => line.endsWith(' by GATE-1')).length, 1, 'its own word, and no other');
    t.notOk(
      heard.some((topic) => foreign.includes(topic)),
      'nothing of another terminal, nothing it said itself',
    );
  });

  await t.test('struck off, its certificate is on the list, and the broker shuts it out', async (t) => {
    await strikeTerminal(county.store, 'GATE-1', Date.now());
    const crl = join(folder, 'broker', 'crl.pem');
    writeFileSync(crl, await place.authority.revocations(await revokedCertificates(county.store), Date.now()));
    await place.broker.stop();
    const again = await createMosquitto({ folder: join(folder, 'broker'), region: REGION, terminals: [], certified: { crl } });
    await again.start();
    t.teardown(() => again.stop('SIGKILL'));
    await t.rejects(
      mqtt.connectAsync(
        again.url,
        { clientId: 'x', ca: place.authority.pem, cert: tls, key: tls, reconnectPeriod: 0, connectTimeout: 3000 },
        false,
      ),
    );
    const client = await mqtt.connectAsync(again.url, {
      clientId: 'y',
      reconnectPeriod: 0,
      ca: place.authority.pem,
      cert: readFileSync(join(folder, 'broker/county.crt')),
      key: readFileSync(join(folder, 'broker/county.key')),
    });
    await client.endAsync(true);
    t.pass('others go on');
  });

  daemon.child.kill('SIGTERM');
  t.same(await once(daemon.child, 'exit'), [0, null]);
  t.equal(existsSync(join(state, 'journal.db')), true);
});

t.test('the commands: a ticket by the county, handed in without a scanner', { skip: NO_MOSQUITTO }, async (t) => {
  const place = await newPlace(t);
  const { folder, keys } = place;
  const ankang = (args: readonly string[], input = ''): { status: number | null; out: string; err: string } => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { input, encoding: 'utf8' });
    return { status, out: stdout, err: stderr };
  };
  const county = ['-c', keys.folder];
  const given = ankang([
    'county',
    'ticket',
    'DESK-1',
    ...county,
    '--checkpoint',
    'CP',
    '--broker',
    place.broker.url,
    '--enrol',
    place.enrol,
  ]);
  t.equal(given.status, 0, given.err);
  const { ticket } = JSON.parse(given.out) as { ticket: string };
  const file = join(folder, 'desk.yaml');
  writeFileSync(file, stringify({ terminal: { mode: 'test', state: 'desk' }, keys: 'enrolled', stations: [LANE] }));
  // The county answers from this process, so the command must not hold it up.
  const daemon = run(t, file);
  await daemon.heard('awaiting-enrolment');
  const child = spawn(process.execPath, [PROGRAM, 'enrol', '--config', file, '--ticket', '-'], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(`${ticket}\n`);
  t.same(await once(child, 'exit'), [0, null]);
  await daemon.heard('serving');
  daemon.child.kill('SIGTERM');
  t.same(await once(daemon.child, 'exit'), [0, null], 'the daemon that waited saw it');
  t.match(loadConfiguration(file).configuration.terminal, { id: 'DESK-1', checkpoint: 'CP' });
  t.match(ankang(['enrol', '--config', file, '--ticket', 'AT1:X']).err, /不是终端登记码/);
  t.equal(ankang(['enrol', '--config', file, '--ticket', 'AT1:X']).status, 2);
  mkdirSync(join(folder, 'out'));
  t.equal(
    ankang(['county', 'certificate', 'server', 'broker.example.gov.cn', '10.0.0.5', ...county, '--out', join(folder, 'out')]).status,
    0,
  );
  const made = new X509Certificate(readFileSync(join(folder, 'out', 'broker.example.gov.cn.crt')));
  t.match(made.subjectAltName, /DNS:broker.example.gov.cn, IP Address:10.0.0.5/);
  const crl = ankang(['county', 'crl', ...county, '--out', join(folder, 'out', 'crl.pem')]);
  t.match(crl.out, /"revoked":0/);
  t.match(
    ankang(['county', 'ticket', 'DESK-1', ...county, '--checkpoint', 'CP', '--broker', 'mqtt://x', '--enrol', place.enrol]).err,
    /mqtts:/,
  );
});
