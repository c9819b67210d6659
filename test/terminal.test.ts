/** The whole terminal as a process of its own: a serial line, a gate, a real broker with TLS, a county; killed, cut off, lied to about time and trust. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import t from 'tap';
import { stringify } from 'yaml';
import { openPtyPair } from '../src/cli/_pty.js';
import { createWorkbench, type Workbench } from '../src/cli/_workbench.js';
import type { Facts, Json } from '../src/contracts.js';
import { decodeCbor } from '../src/crypto/cbor.js';
import { createOpener } from '../src/crypto/seal.js';
import { inspectJournal } from '../src/journal/inspect.js';
import { FORM } from '../src/messages/claims.js';
import { topicOf } from '../src/messages/topics.js';
import type { TerminalView } from '../src/page/view.js';
import { holdCeremony } from '../src/platform/ceremony.js';
import { type County, startCounty, storePath } from '../src/platform/county.js';
import { personCode } from '../src/platform/issue.js';
import type { CountyKey, CountyKeys } from '../src/platform/keys.js';
import { issueTrust } from '../src/platform/manifest.js';
import { addTerminal, putOnList, revokeKey, rotateIssuer, setColour, setRule, setUp, signingIssuer } from '../src/platform/orders.js';
import { openStore } from '../src/platform/sqlite.js';
import { writeTerminalKit } from '../src/platform/terminal-kit.js';
import { createMosquitto, type Mosquitto, NO_MOSQUITTO, pems } from './mosquitto.js';

const REGION = '341525';
const TERMINAL = 'GATE-1';
const PROGRAM = join(import.meta.dirname, '../src/cli/ankang.js');
const HOUR = 3_600_000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

const NO_SOCAT = spawnSync('socat', ['-V']).error ? 'apt-get install socat' : false;
const skip = NO_MOSQUITTO || NO_SOCAT;

// Some forty starts of a daemon.
t.setTimeout(600_000);

interface Ending {
  teardown(clean: () => unknown): void;
}

/** Waits until it is so; the test's own time limit is the limit. */
async function until<T>(look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    await sleep(5);
  }
}

// ── a place with a county, a broker, a serial line and a gate ───────────────────────────────────────────────────────

interface Place {
  readonly folder: string;
  readonly keys: CountyKeys;
  readonly broker: Mosquitto;
  readonly bench: Workbench;
  county: County;
  /** The journal as it stood on disk each time the gate was told to open: the last verdict's seq and hash. */
  readonly rises: { readonly seq: number; readonly hash: string; readonly admit: boolean }[];
  readonly journalFile: string;
  /** What a scanner sends for a code: its bytes and CR, into the wire end of the pseudo-terminal. */
  type(code: string): void;
  /** Writes the configuration with changes; the file's path. */
  configure(change?: Readonly<Record<string, unknown>>): string;
  startCounty(): Promise<County>;
}

async function newPlace(test: Ending): Promise<Place> {
  // Short: a unix socket's path has room for 107 bytes.
  const folder = mkdtempSync(join(tmpdir(), 'ankang-t-'));
  const cleaning: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  test.teardown(async () => {
    for (const clean of cleaning.toReversed()) await clean();
  });
  const keys = holdCeremony({ folder: join(folder, 'county'), now: Date.now() - HOUR, region: REGION, terminals: [TERMINAL] });
  const store = openStore(storePath(keys.folder));
  await setUp(store, keys);
  const { sign, open } = keys.terminal(TERMINAL);
  await addTerminal(store, {
    id: TERMINAL,
    checkpoint: 'CP-HOSPITAL',
    site: 'CP-HOSPITAL',
    sign: sign.spki,
    open: open.spki,
    region: false,
  });
  await store.close();
  const broker = await createMosquitto({ folder: join(folder, 'broker'), region: REGION, terminals: [TERMINAL] });
  await broker.start();
  cleaning.push(() => broker.stop('SIGKILL'));
  const bench = await createWorkbench(join(folder, 'bench'));
  cleaning.push(() => bench.close());
  const pty = await openPtyPair(join(folder, 'tty'), join(folder, 'wire'));
  if (!pty) throw new Error('socat gave no pseudo-terminal');
  cleaning.push(() => pty.stop());
  const kit = writeTerminalKit(keys, TERMINAL, join(folder, 'kit'));
  const begin = (): Promise<County> =>
    startCounty({ folder: keys.folder, broker: { url: broker.url, ...pems(broker.tls('county')) }, now: () => Date.now(), log: silent });

  const journalFile = join(folder, 'state', 'journal.db');
  const rises: Place['rises'] = [];
  bench.onEvent((event) => {
    if (event.event !== 'line' || event.line !== 'in' || !event.active) return;
    rises.push(lastVerdict(journalFile));
    // Somebody walks through at once.
    bench.lines('gate').drive('passedIn', true);
    bench.lines('gate').drive('passedIn', false);
  });
  const place: Place = {
    folder,
    keys,
    broker,
    bench,
    rises,
    journalFile,
    county: await begin(),
    type: (code) => appendFileSync(pty.wire, `${code}\r`, 'latin1'),
    configure(change = {}) {
      const file = join(folder, 'terminal.yaml');
      writeFileSync(file, stringify({ ...configuration(folder, { kit, broker, tty: pty.device }), ...change }));
      return file;
    },
    startCounty: begin,
  };
  cleaning.push(() => place.county.stop());
  return place;
}

interface Named {
  readonly kit: { readonly root: string; readonly sign: string; readonly open: string };
  readonly broker: Mosquitto;
  readonly tty: string;
}

const configuration = (folder: string, { kit, broker, tty }: Named): Readonly<Record<string, unknown>> => ({
  terminal: { id: TERMINAL, region: REGION, checkpoint: 'CP-HOSPITAL', mode: 'test', state: 'state' },
  keys: kit,
  clock: { source: 'system' },
  uplink: { url: broker.url, ...broker.tls(TERMINAL) },
  page: { port: 0 },
  stations: [
    {
      id: 'main-gate',
      scene: 'entry',
      settings: { antiPassback: 'off' },
      devices: [
        { driver: 'serial-scanner', name: 'scanner', address: { path: tty } },
        {
          driver: 'simulated-gate',
          name: 'gate',
          address: { path: join(folder, 'bench'), name: 'gate', outputs: ['in'], inputs: ['passedIn'] },
          settings: { fails: 'safe', releases: ['in'], sensors: ['passedIn'], pulseMs: 100 },
        },
      ],
    },
  ],
});

function lastVerdict(file: string): Place['rises'][number] {
  const journal = inspectJournal(file);
  try {
    const last = journal.tail(8).findLast(({ kind }) => kind === 'verdict');
    if (!last) return { seq: 0, hash: '', admit: false };
    const facts = JSON.parse(last.public) as Facts;
    return { seq: last.seq, hash: Buffer.from(last.hash).toString('hex'), admit: facts['verdict'] === 'admit' };
  } finally {
    journal.close();
  }
}

function verdictsOf({ journalFile }: Place): Facts[] {
  const journal = inspectJournal(journalFile);
  try {
    return [...journal.entries()]
      .filter(({ kind }) => kind === 'verdict')
      .map(({ public: text, earliest }) => ({ ...(JSON.parse(text) as Facts), earliest }));
  } finally {
    journal.close();
  }
}

// ── codes ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const newSubject = (): string => randomBytes(16).toString('base64url');
const seconds = (): number => Math.floor(Date.now() / 1000);

function screen(issuer: CountyKey, { subject = newSubject(), issued = seconds() - 5 } = {}): string {
  return personCode(issuer, {
    region: REGION,
    subject,
    issued,
    expires: issued + 200,
    codeId: Uint8Array.from(randomBytes(8)),
    form: FORM.screen,
    colour: 'green',
  });
}

function paper(issuer: CountyKey): string {
  const issued = seconds() - 60;
  return personCode(issuer, {
    region: REGION,
    subject: newSubject(),
    issued,
    expires: issued + 86_400,
    codeId: Uint8Array.from(randomBytes(8)),
    form: FORM.paper,
    name: '测*',
  });
}

const firstIssuer = ({ keys }: Place): CountyKey => {
  const [issuer] = keys.issuers;
  if (!issuer) throw new Error('no issuer');
  return issuer;
};

// ── the daemon ──────────────────────────────────────────────────────────────────────────────────────────────────────

interface Daemon {
  readonly child: ChildProcess;
  /** Its log, one object a line. */
  readonly log: Record<string, unknown>[];
  readonly errors: () => string;
  heard(event: string, facts?: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>>;
  view(): Promise<TerminalView>;
  readonly page: () => number;
  end(signal: NodeJS.Signals): Promise<number | null>;
}

function run(test: Ending, file: string, env: Readonly<Record<string, string>> = {}): Daemon {
  const child = spawn(process.execPath, [PROGRAM, 'run', '--config', file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  test.teardown(() => child.kill('SIGKILL'));
  const log: Record<string, unknown>[] = [];
  let rest = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('{')) log.push(JSON.parse(line) as Record<string, unknown>);
  });
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const page = (): number => Number(log.find(({ event }) => event === 'serving')?.['page']);
  const daemon: Daemon = {
    child,
    log,
    page,
    errors: () => errors,
    heard: (event, facts = {}) =>
      until(() => {
        if (child.exitCode !== null) throw new Error(`the daemon ended with ${child.exitCode}: ${errors}`);
        return log.find((line) => line['event'] === event && Object.entries(facts).every(([name, value]) => line[name] === value));
      }),
    view: async () => (await (await fetch(`http://127.0.0.1:${page()}/api/view`)).json()) as TerminalView,
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      child.kill(signal);
      await once(child, 'exit');
      return child.exitCode;
    },
  };
  return daemon;
}

/** Serving, its devices open, and with trust of at least this seq. */
async function ready(place: Place, daemon: Daemon, seq = 1): Promise<Daemon> {
  await daemon.heard('serving');
  await until(() => place.bench.isOpen('gate') && daemon.log.some(({ event, device }) => event === 'device-up' && device === 'scanner'));
  await until(() => daemon.log.some((line) => line['event'] === 'trust-in-force' && Number(line['seq']) >= seq));
  return daemon;
}

/** Types a code and waits for its verdict. */
async function verdictOn(place: Place, code: string): Promise<Facts> {
  const before = existsSync(place.journalFile) ? verdictsOf(place).length : 0;
  place.type(code);
  return until(() => verdictsOf(place)[before]);
}

/** A code that opens the gate; resolves when the line fell again and nobody is in the way of the next. */
async function walk(place: Place, code: string): Promise<Facts> {
  const { length } = place.rises;
  const verdict = await verdictOn(place, code);
  await until(() => (place.rises.length > length || verdict['verdict'] !== 'admit') && !place.bench.lines('gate').read('in'));
  return verdict;
}

interface Counted {
  readonly readings: number;
  readonly admitted: number;
  readonly presented: number;
}

async function counted({ county }: Place): Promise<Counted> {
  const tallies = await county.store.tallies();
  const sum = (of: (tally: (typeof tallies)[number]) => number): number => tallies.reduce((all, tally) => all + of(tally), 0);
  return {
    readings: sum(({ readings }) => readings),
    admitted: sum(({ refusal, readings }) => (refusal === '' ? readings : 0)),
    presented: sum(({ presented }) => presented),
  };
}

/** Until the county holds every entry of the journal and the terminal knows it. */
async function delivered(place: Place): Promise<void> {
  await until(() => {
    const journal = inspectJournal(place.journalFile);
    const { acked, last } = journal;
    journal.close();
    return acked === last;
  });
}

// ── what must be shown ──────────────────────────────────────────────────────────────────────────────────────────────

t.test('a code typed into the serial line opens the gate, is counted once, is acknowledged, and shows on the page', { skip }, async (t) => {
  const place = await newPlace(t);
  const daemon = await ready(place, run(t, place.configure()));
  const code = screen(firstIssuer(place));
  t.match(await walk(place, code), {
    verdict: 'admit',
    scene: 'entry',
    checkpoint: 'CP-HOSPITAL',
    device: 'scanner',
    direction: 'in',
    format: 'ak1',
  });
  t.match(place.rises, [{ admit: true }], 'the gate rose once, and its verdict was on disk by then');
  t.match((await daemon.view()).stations[0], { station: 'main-gate', screen: { screen: 'admitted', direction: 'in' }, inside: 1 });

  await delivered(place);
  t.same(await counted(place), { readings: 1, admitted: 1, presented: 1 });
  t.match(await verdictOn(place, screen(firstIssuer(place), { issued: seconds() - 1000 })), { refusal: 'expired' });
  t.match(await verdictOn(place, 'HELLO'), { refusal: 'unknown-format' });
  await delivered(place);
  t.same(await counted(place), { readings: 3, admitted: 1, presented: 2 });
  t.equal(place.rises.length, 1);

  t.comment('the page: its view, its events, and nothing for a foreign name');
  const view = await daemon.view();
  t.match(view, { terminal: TERMINAL, checkpoint: 'CP-HOSPITAL', online: true, clock: 'known', backlog: { entries: 0 } });
  t.ok(view.trustAge !== null);
  t.equal(await statusFor(daemon.page(), 'evil.example'), 403);
  t.equal(await statusFor(daemon.page(), `127.0.0.1:${daemon.page()}`), 200);
  const events = await listen(t, daemon.page());
  await until(() => events.views.length > 0);
  await walk(place, screen(firstIssuer(place)));
  await until(() => events.views.some(({ stations }) => stations[0]?.screen.screen === 'admitted' && stations[0].inside === 2));

  t.comment('told to stop, it stops, and says that it is offline');
  t.equal(await daemon.end('SIGTERM'), 0);
  await until(async () => (await place.county.store.states()).some(({ state }) => state['health'] === 'offline'));
  t.notOk(place.bench.isOpen('gate'));
});

function statusFor(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path: '/api/view', headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.on('error', reject).end();
  });
}

async function listen(test: Ending, port: number): Promise<{ readonly views: TerminalView[] }> {
  const views: TerminalView[] = [];
  const leaving = new AbortController();
  test.teardown(() => leaving.abort());
  const answer = await fetch(`http://127.0.0.1:${port}/events`, { signal: leaving.signal });
  const read = async (): Promise<void> => {
    let text = '';
    for await (const chunk of answer.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString();
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) views.push(JSON.parse(/^data: ?(.*)$/m.exec(block)?.[1] ?? '{}') as TerminalView);
    }
  };
  read().catch(() => undefined); // ends with the daemon
  return { views };
}

t.test('with the broker away the whole time the gate opens all the same, and all is counted once when it comes', { skip }, async (t) => {
  const place = await newPlace(t);
  const before = await ready(place, run(t, place.configure()));
  await delivered(place);
  await before.end('SIGTERM');
  await place.broker.stop();

  const daemon = await ready(place, run(t, place.configure()));
  const code = screen(firstIssuer(place));
  t.match(await walk(place, code), { verdict: 'admit' });
  t.match(await walk(place, paper(firstIssuer(place))), { verdict: 'admit' });
  t.match(await verdictOn(place, 'HELLO'), { refusal: 'unknown-format' });
  t.equal(place.rises.length, 2);
  const view = await daemon.view();
  t.notOk(view.online);
  t.ok(view.backlog.entries >= 5, 'three verdicts and two passages wait');
  t.same(await counted(place), { readings: 0, admitted: 0, presented: 0 });

  await place.broker.start();
  await delivered(place);
  t.same(await counted(place), { readings: 3, admitted: 2, presented: 2 });
  await until(async () => (await daemon.view()).online);
  t.match((await place.county.store.journals())[0], { terminal: TERMINAL, ahead: 0, forks: 0 });

  t.comment('the broker hangs: the gate opens, and who stops the terminal does not wait for the broker');
  place.broker.freeze();
  t.match(await walk(place, screen(firstIssuer(place))), { verdict: 'admit' });
  t.equal(await daemon.end('SIGTERM'), 0);
});

const KILLS = 20;

t.test(
  `killed ${KILLS} times while codes come: what the gate did is counted exactly once, nothing is lost or doubled`,
  { skip },
  async (t) => {
    const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31));
    t.comment(`SEED=${seed}`);
    const random = mulberry32(seed);
    const place = await newPlace(t);
    const issuer = firstIssuer(place);
    const file = place.configure();
    let typing = true;
    const codes: string[] = [];
    /** One after the other, without looking whether anybody listens. */
    const hand = async (): Promise<void> => {
      while (typing) {
        const code = screen(issuer);
        codes.push(code);
        place.type(code);
        const { length } = place.rises;
        for (let waited = 0; waited < 40 && place.rises.length === length; waited++) await sleep(10);
        while (place.bench.lines('gate').read('in')) await sleep(5);
      }
    };
    await (await ready(place, run(t, file))).end('SIGTERM');
    const typed = hand();
    for (let kill = 0; kill < KILLS; kill++) {
      const daemon = run(t, file);
      // Every fourth is killed while it starts, the others with codes under way.
      if (kill % 4 !== 3) await ready(place, daemon);
      await sleep(random() * (kill % 4 === 3 ? 600 : 400));
      await daemon.end('SIGKILL');
    }
    const last = await ready(place, run(t, file));
    const { length } = place.rises;
    await until(() => place.rises.length > length);
    typing = false;
    await typed;
    await delivered(place);

    const { rises, county } = place;
    const [summary] = await county.store.journals();
    const entries = await county.store.entries({ terminal: TERMINAL, journal: summary?.journal ?? '', after: 0, limit: 100_000 });
    t.match(await county.store.journals(), [{ ahead: 0, forks: 0, seq: entries.length }], 'one journal, without gaps');
    t.comment(`${codes.length} codes were typed, ${rises.length} people went through, ${entries.length} entries`);
    t.ok(rises.length >= KILLS / 2);
    t.ok(
      rises.every(({ admit }) => admit),
      'the gate never moved without a verdict on disk',
    );
    t.equal(new Set(rises.map(({ seq }) => seq)).size, rises.length, 'no verdict was acted on twice');
    const stored = new Map(entries.map((entry) => [entry.seq, entry]));
    t.ok(
      rises.every(({ seq, hash }) => Buffer.from(stored.get(seq)?.hash ?? []).toString('hex') === hash),
      'each is at the county as it was',
    );

    const opener = createOpener(place.keys.seal.d, place.keys.seal.kid);
    const admitted = entries.filter(({ kind, public: text }) => kind === 'verdict' && (JSON.parse(text) as Facts)['verdict'] === 'admit');
    const who = admitted.map(({ seq, seal }) => {
      const plain = opener.open(seal ?? new Uint8Array(0), `entry/${TERMINAL}/${summary?.journal}/${seq}`);
      return Buffer.from((decodeCbor(plain ?? new Uint8Array(0)) as [number, string, Uint8Array])[2]).toString('latin1');
    });
    t.equal(new Set(who).size, who.length, 'no code was admitted twice');
    t.ok(who.every((code) => codes.includes(code)));
    t.equal((await counted(place)).admitted, admitted.length, 'the count is the journal’s');
    t.ok(admitted.length - rises.length <= KILLS + 1, 'at most one verdict a kill was not acted on');
    t.equal(await last.end('SIGTERM'), 0);
    const verified = spawnSync(process.execPath, [PROGRAM, 'journal', 'verify', '--json', '--journal', place.journalFile], {
      encoding: 'utf8',
    });
    t.equal(verified.status, 0);
    t.match(JSON.parse(verified.stdout), { ok: true, first: 1 });
  },
);

/** A small generator, so that a seed gives the same kills again. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

t.test(
  'a school: pupils come in, visitors are sent to the staff, and a pupil goes out only behind the own guardian',
  { skip },
  async (t) => {
    const place = await newPlace(t);
    const { bench, county, folder } = place;
    const [pupil, guardian, stranger] = [newSubject(), newSubject(), newSubject()];
    await putOnList(county.store, 'event.pupils', [pupil]);
    await putOnList(county.store, 'event.guardians', [guardian, stranger]);
    await putOnList(county.store, 'event.pick-up', [`${guardian}/${pupil}`]);
    const seq = await county.publish();
    bench.onEvent((event) => {
      if (event.event !== 'line' || event.line !== 'out' || !event.active) return;
      for (const active of [true, false]) bench.lines('gate').drive('passedOut', active);
    });
    const at = (name: string) => ({ path: join(folder, 'bench'), name });
    const groups = [
      { name: 'pupils', list: 'event.pupils', leavesWith: 'event.pick-up' },
      { name: 'guardians', list: 'event.guardians' },
    ];
    const devices = [
      { driver: 'serial-scanner', name: 'scanner', direction: 'out', address: { path: join(folder, 'tty') } },
      { driver: 'simulated-scanner', name: 'way-in', direction: 'in', address: at('way-in') },
      {
        driver: 'simulated-gate',
        name: 'gate',
        address: { ...at('gate'), outputs: ['in', 'out'], inputs: ['passedIn', 'passedOut'] },
        settings: { fails: 'safe', releases: ['in', 'out'], sensors: ['passedIn', 'passedOut'], pulseMs: 100 },
      },
    ];
    const stations = [{ id: 'school-gate', scene: 'entry', settings: { groups }, passageSeconds: 2, devices }];
    await ready(place, run(t, place.configure({ stations })), seq);

    const issuer = firstIssuer(place);
    const code = (subject: string): string => screen(issuer, { subject });
    const comes = async (subject: string): Promise<Facts> => {
      const before = verdictsOf(place).length;
      bench.scanner('way-in').send(Buffer.from(`${code(subject)}\r`, 'latin1'));
      return until(() => verdictsOf(place)[before]);
    };
    t.match(await comes(pupil), { verdict: 'admit', note: { group: 'pupils' } });
    t.match(await comes(newSubject()), { verdict: 'refuse', refusal: 'not-entitled', note: { why: 'ask-staff' } }, 'a visitor');
    t.match(await comes(guardian), { verdict: 'admit', note: { group: 'guardians' } });
    t.match(await comes(stranger), { verdict: 'admit', note: { group: 'guardians' } }, 'another child’s guardian');

    const leaves = (subject: string): Promise<Facts> => verdictOn(place, code(subject));
    t.match(await leaves(pupil), { verdict: 'refuse', note: { why: 'not-their-guardian' } });
    t.match(await leaves(guardian), { verdict: 'admit', direction: 'out' });
    t.match(await leaves(pupil), { verdict: 'admit', note: { group: 'pupils' } });
    await delivered(place);
    t.match(await counted(place), { readings: 7, admitted: 5 });
  },
);

t.test(
  'keys rotate, a key is revoked, an old manifest comes back, a list arrives in half: the old set stays until the new is whole',
  { skip },
  async (t) => {
    const place = await newPlace(t);
    const file = place.configure();
    let daemon = await ready(place, run(t, file));
    const { keys } = place;
    const old = firstIssuer(place);
    const sheet = paper(old);
    t.match(await walk(place, sheet), { verdict: 'admit' });

    t.comment('a new issuer key: its codes are admitted, and the old ones go on');
    await rotateIssuer({ store: place.county.store, keys, now: Date.now() - 60_000, lead: 0, overlap: 31 * 24 * HOUR });
    let seq = await place.county.publish();
    await daemon.heard('trust-in-force', { seq });
    const fresh = await signingIssuer(place.county.store, keys, Date.now());
    t.not(fresh.name, old.name);
    t.match(await walk(place, screen(fresh)), { verdict: 'admit', trustSeq: seq });
    t.match(await walk(place, screen(old)), { verdict: 'admit' });
    const before = await place.county.store.manifest();

    t.comment('the old key is revoked: all it signed is forged');
    await revokeKey(place.county.store, old.name, Date.now() - 1000);
    seq = await place.county.publish();
    await daemon.heard('trust-in-force', { seq });
    t.match(await verdictOn(place, screen(old)), { refusal: 'forged', trustSeq: seq });
    t.match(await verdictOn(place, paper(old)), { refusal: 'forged' });
    t.match(await walk(place, screen(fresh)), { verdict: 'admit' });

    t.comment('somebody puts the manifest before the revocation back on the broker, and the terminal starts anew');
    await place.county.stop();
    const hand = await mqtt.connectAsync(place.broker.url, { ...pems(place.broker.tls('county')), protocolVersion: 5, clientId: 'hand' });
    t.teardown(() => hand.endAsync(true));
    const put = (topic: Parameters<typeof topicOf>[0], bytes: Uint8Array): Promise<unknown> =>
      hand.publishAsync(topicOf(topic), Buffer.from(bytes), { qos: 1, retain: true });
    const manifestTopic = { way: 'trust', region: REGION, what: 'manifest' } as const;
    await put(manifestTopic, before?.bytes ?? new Uint8Array(0));
    await daemon.heard('trust-rejected', { reason: 'rolled-back' });
    t.match(await verdictOn(place, screen(old)), { refusal: 'forged', trustSeq: seq });
    await daemon.end('SIGKILL');
    daemon = await ready(place, run(t, file), seq);
    await daemon.heard('trust-rejected', { reason: 'rolled-back' });
    t.match(await verdictOn(place, screen(old)), { refusal: 'forged', trustSeq: seq });

    t.comment('a list is cut off half-way: what holds is the set before, whole');
    const red = newSubject();
    const store = openStore(storePath(keys.folder));
    await store.addMembers(
      'colour.yellow',
      Array.from({ length: 10_000 }, () => Uint8Array.from(randomBytes(16))),
    );
    await setColour(store, red, 'red');
    const issued = await issueTrust({ store, keys, now: Date.now() });
    const manifest = await store.manifest();
    const half = (await store.latestData()).find(({ name, version }) => name === 'colour.yellow' && version > 1);
    if (!manifest || !half) throw new Error('nothing was issued');
    await store.close();
    const parts = { way: 'trust', region: REGION, what: 'part', name: half.name, version: half.version } as const;
    await put({ ...parts, part: 0 }, half.bytes.subarray(0, 65_536));
    await put({ ...parts, part: 1 }, half.bytes.subarray(65_536, 70_001));
    await put(manifestTopic, manifest.bytes);
    await daemon.heard('trust-incomplete', { seq: issued.seq });
    t.match(await walk(place, screen(fresh, { subject: red })), { verdict: 'admit', trustSeq: seq }, 'the old set, undivided');
    t.match(await verdictOn(place, screen(old)), { refusal: 'forged', trustSeq: seq });

    t.comment('the rest comes: the new set is in force at once');
    place.county = await place.startCounty();
    await daemon.heard('trust-in-force', { seq: issued.seq });
    t.match(await verdictOn(place, screen(fresh, { subject: red })), { refusal: 'colour', trustSeq: issued.seq });
    t.match(await walk(place, screen(fresh)), { verdict: 'admit' });
  },
);

const FAKETIME = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib', '/usr/local/lib']
  .map((folder) => `${folder}/faketime/libfaketime.so.1`)
  .find(existsSync);

t.test(
  'with a clock at 1970 or at 2040 nobody is admitted on a guess',
  { skip: skip || (FAKETIME ? false : 'apt-get install faketime') },
  async (t) => {
    const place = await newPlace(t);
    const issuer = firstIssuer(place);
    const began = Date.now();
    await (await ready(place, run(t, place.configure()))).end('SIGTERM');

    const lie = async (source: string, date: string): Promise<readonly Facts[]> => {
      const env = { LD_PRELOAD: FAKETIME ?? '', FAKETIME: date, FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1' };
      const daemon = await ready(place, run(t, place.configure({ clock: { source } }), env));
      const answers = [await verdictOn(place, screen(issuer)), await verdictOn(place, screen(issuer, { issued: seconds() - 1000 }))];
      await until(() => !place.bench.lines('gate').read('in'));
      await daemon.end('SIGTERM');
      return answers;
    };
    const DATES = ['@1970-01-02 00:00:00', '@2040-01-02 00:00:00'];
    const word = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
    const unsure = (facts: Facts | undefined): boolean =>
      facts?.['verdict'] === 'refuse' && ['trust-stale', 'clock-uncertain'].includes(word(facts['refusal']));

    for (const date of DATES) {
      for (const source of ['none', 'system']) {
        const [good] = await lie(source, date);
        t.ok(unsure(good), `${source} ${date}: ${word(good?.['refusal'])}`);
        t.ok(Number(good?.['earliest']) >= began - HOUR, 'the floor of signed words stays');
      }
      const [good, bad] = await lie('ntp', date);
      // Where the kernel itself says that it is synchronised, its word is right and the code is good.
      t.ok(unsure(good) || good?.['verdict'] === 'admit', `ntp ${date}`);
      t.equal(bad?.['verdict'], 'refuse');
    }

    t.comment('where the rule lets old trust pass, validity is still no guess, and what is past the floor is expired for certain');
    await setRule(place.county.store, 'entry', { stale: 'flag' });
    const seq = await place.county.publish();
    await (await ready(place, run(t, place.configure()), seq)).end('SIGTERM');
    for (const date of DATES) {
      const [good, bad] = await lie('none', date);
      t.match(good, { refusal: 'clock-uncertain', clock: null });
      t.match(bad, { refusal: 'expired' });
    }
  },
);

// ── a wrong configuration ───────────────────────────────────────────────────────────────────────────────────────────

t.test('what is wrong in the configuration is named with file, line and column in both languages, and ends with 2', async (t) => {
  const folder = t.testdir();
  const keys = holdCeremony({ folder: join(folder, 'county'), now: Date.now(), region: REGION, terminals: [TERMINAL] });
  const kit = writeTerminalKit(keys, TERMINAL, join(folder, 'kit'));
  const good = {
    terminal: { id: TERMINAL, region: REGION, checkpoint: 'CP-1', mode: 'test', state: 'state' },
    keys: kit,
    stations: [{ id: 'gate', scene: 'entry', devices: [{ driver: 'simulated-scanner', address: { path: 'bench', name: 'scanner' } }] }],
  };
  const file = join(folder, 'terminal.yaml');
  const ankang = (change: unknown, ...more: string[]) => {
    writeFileSync(file, typeof change === 'string' ? change : stringify({ ...good, ...(change as object) }));
    return spawnSync(process.execPath, [PROGRAM, 'run', '--config', file, ...more], { encoding: 'utf8' });
  };
  const refused = (change: unknown, ...words: readonly (string | RegExp)[]): void => {
    const { status, stderr } = ankang(change, '--check');
    t.equal(status, 2, stderr);
    t.match(stderr, /terminal\.yaml:\d+:\d+ /);
    t.match(stderr, /\p{Script=Han}.* · .*[a-z]/u, 'in both languages');
    for (const word of words) t.match(stderr, word);
    t.notMatch(stderr, /\n\s+at /, 'no stack');
  };
  const { status, stdout } = ankang({}, '--check');
  t.equal(status, 0);
  t.match(stdout, /配置无误/);

  refused(
    { terminal: { ...good.terminal, mode: 'production' } },
    'keys.root',
    '正式模式拒绝测试根密钥',
    'production mode refuses a TEST root',
  );
  const running = ankang({ terminal: { ...good.terminal, mode: 'production' } });
  t.equal(running.status, 2, 'also when it is run');
  t.match(running.stderr, 'production mode refuses a TEST root');
  refused(
    { terminal: { ...good.terminal, region: '12', colour: 1, sound: 2 }, clock: { source: 'sun' } },
    'terminal.region',
    'terminal.colour',
    'terminal.sound',
    'clock.source',
  );
  refused({ keys: { ...kit, sign: join(folder, 'nowhere'), root: file } }, 'keys.sign', 'keys.root', 'SubjectPublicKeyInfo');
  refused({ uplink: { url: 'mqtts://127.0.0.1:1', ca: 'no-ca', key: 'no-key' } }, 'uplink.ca', 'uplink.key', 'ENOENT');
  const [station] = good.stations;
  refused({ stations: [{ ...station, scene: 'disco' }] }, 'stations[0].scene', 'disco', 'entry', 'ride');
  refused(
    { stations: [{ ...station, devices: [{ driver: 'crystal-ball' }] }] },
    'stations[0].devices[0].driver',
    'crystal-ball',
    'serial-scanner',
  );
  refused(
    {
      stations: [
        {
          ...station,
          settings: { limit: 0, doors: 2 },
          devices: [{ driver: 'serial-scanner', address: { baud: 1 }, settings: { ends: 'never' } }],
        },
      ],
    },
    'stations[0].settings.limit',
    'stations[0].settings.doors',
    'stations[0].devices[0].address.path',
    'stations[0].devices[0].address.baud',
    'stations[0].devices[0].settings.ends',
  );
  refused('terminal: {id: x', 'YAML');
  const missing = spawnSync(process.execPath, [PROGRAM, 'run', '--config', join(folder, 'nowhere.yaml')], { encoding: 'utf8' });
  t.equal(missing.status, 2);
});

t.test('a terminal that cannot start holds nothing and ends: a page port that is taken', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-t-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const keys = holdCeremony({ folder: join(folder, 'county'), now: Date.now(), region: REGION, terminals: [TERMINAL] });
  const kit = writeTerminalKit(keys, TERMINAL, join(folder, 'kit'));
  const bench = await createWorkbench(join(folder, 'bench'));
  t.teardown(() => bench.close());
  mkdirSync(join(folder, 'other'));
  const { createServer } = await import('node:net');
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.teardown(() => taken.close());
  const address = taken.address();
  const file = join(folder, 'terminal.yaml');
  writeFileSync(
    file,
    stringify({
      terminal: { id: TERMINAL, region: REGION, checkpoint: 'CP-1', mode: 'test', state: 'state' },
      keys: kit,
      page: { port: typeof address === 'object' ? address?.port : 0 },
      stations: [
        { id: 'gate', scene: 'entry', devices: [{ driver: 'simulated-scanner', name: 's', address: { path: bench.path, name: 's' } }] },
      ],
    }),
  );
  const daemon = run(t, file);
  const [code] = (await once(daemon.child, 'exit')) as [number | null];
  t.equal(code, 70);
  t.match(daemon.errors(), /页面端口 \d+ 不可用 · the port of the page.*EADDRINUSE/);
  t.notMatch(daemon.errors(), /\n\s+at /, 'no stack');
});
