/** The lanes of one site over its LAN: what one admitted, the others know; who lies, repeats or floods is not heard. */
import { createHmac, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { appendFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { stringify } from 'yaml';
import { createWorkbench } from '../src/cli/_workbench.js';
import { loadConfiguration } from '../src/configuration.js';
import type { Clock, Facts } from '../src/contracts.js';
import { type Cbor, decodeCbor, encodeCbor } from '../src/crypto/cbor.js';
import { inspectJournal } from '../src/journal/inspect.js';
import { startTerminal, type Terminal } from '../src/main.js';
import { FORM } from '../src/messages/claims.js';
import { makeSiteWord, readSiteWord, type SiteWord, siteKeys, siteToken } from '../src/messages/site.js';
import { holdCeremony } from '../src/platform/ceremony.js';
import { type County, startCounty, storePath } from '../src/platform/county.js';
import { personCode } from '../src/platform/issue.js';
import { addTerminal, setUp } from '../src/platform/orders.js';
import { openStore } from '../src/platform/sqlite.js';
import { writeTerminalKit } from '../src/platform/terminal-kit.js';
import { openLan } from '../src/site/lan.js';
import { createSiteMemory, MOST_PEERS, MOST_ROWS } from '../src/site/memory.js';
import { openShelf } from '../src/site/shelf.js';
import { createSite, type Site } from '../src/site/site.js';

const REGION = '341525';
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const KEY = Uint8Array.from(Buffer.alloc(32, 7));
const keys = siteKeys(KEY);
const NOON = Date.parse('2026-11-23T04:00:00Z');
const TONIGHT = Date.parse('2026-11-23T20:00:00Z');

/** Waits until it is so; the test's own time limit is the limit. */
async function until<T>(look: () => T | undefined | false): Promise<T> {
  for (;;) {
    const seen = look();
    if (seen !== undefined && seen !== false) return seen;
    await sleep(5);
  }
}

// ── the words ───────────────────────────────────────────────────────────────────────────────────────────────────────

const word: SiteWord = {
  checkpoint: 'CP-1',
  terminal: 'GATE-1',
  boot: 3,
  counter: 9,
  kind: 'used',
  token: Uint8Array.from(Buffer.alloc(16, 1)),
  expires: NOON / 1000,
};

t.test('a word is the map of the wire, made again from its description with OpenSSL’s SM3', async (t) => {
  const hmac = (key: Uint8Array, ...parts: readonly (string | Uint8Array)[]): Buffer => {
    const mac = createHmac('sm3', key);
    for (const part of parts) mac.update(part);
    return mac.digest();
  };
  const fields: Cbor[] = [1, 'CP-1', 'GATE-1', 3, 9, 'used', word.token, NOON / 1000];
  const mac = hmac(hmac(KEY, 'ankang-site-mac-1'), encodeCbor(fields)).subarray(0, 16);
  t.same(Buffer.from(makeSiteWord(word, keys)), Buffer.from(encodeCbor([...fields, Uint8Array.from(mac)])));
  t.same(Buffer.from(siteToken(keys, 'in', 'entry', 'S')), hmac(KEY, 'in\0entry\0S').subarray(0, 16), 'kind ‖ id under the site key');
  t.same(readSiteWord(makeSiteWord(word, keys), keys), word);
});

t.test('a word that is cut, changed, another site’s or too long is none', async (t) => {
  const bytes = makeSiteWord(word, keys);
  for (let length = 0; length < bytes.length; length++) t.type(readSiteWord(bytes.subarray(0, length), keys), 'string');
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Uint8Array.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    t.type(readSiteWord(changed, keys), 'string', `bit ${bit}`);
  }
  t.equal(readSiteWord(makeSiteWord(word, siteKeys(randomBytes(32))), keys), 'forged');
  t.equal(readSiteWord(Buffer.concat([bytes, Buffer.alloc(300)]), keys), 'unreadable');
  t.equal(readSiteWord(makeSiteWord({ ...word, terminal: 'a b' }, keys), keys), 'unreadable');
  for (let i = 0; i < 2000; i++) t.type(readSiteWord(randomBytes(i % 300), keys), 'string');
});

const tokenOf = (n: number): Uint8Array => {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(0, n);
  return bytes;
};

t.test('what the site remembers is bounded, and what was said first goes first', async (t) => {
  const memory = createSiteMemory();
  const used = { ...word, kind: 'used', expires: TONIGHT / 1000 } as const;
  for (let n = 0; n < MOST_ROWS + 10; n++) memory.hear({ ...used, counter: n, token: tokenOf(n) });
  t.equal(memory.rows, MOST_ROWS - MOST_ROWS / 16 + 10);
  t.equal(memory.isUsed(tokenOf(0), NOON), false);
  t.equal(memory.isUsed(tokenOf(MOST_ROWS + 9), NOON), true);
  t.equal(memory.isUsed(tokenOf(MOST_ROWS + 9), TONIGHT), false, 'past');
  for (let n = 2; n <= MOST_PEERS; n++) memory.hear({ ...used, terminal: `GATE-${n}`, token: tokenOf(1) });
  t.equal(memory.hear({ ...used, terminal: 'GATE-0', token: tokenOf(1) }), 'crowded');
});

t.test('a terminal takes back only its own word, and what comes late does not undo what came after it', async (t) => {
  const memory = createSiteMemory();
  const used = { ...word, kind: 'used', expires: TONIGHT / 1000 } as const;
  t.equal(memory.hear({ ...used, terminal: 'A', counter: 2, expires: 0 }), 'taken');
  t.equal(memory.hear({ ...used, terminal: 'A', counter: 1 }), 'replayed');
  t.equal(memory.isUsed(word.token, NOON), false);
  t.equal(memory.hear({ ...used, terminal: 'B', counter: 1 }), 'taken');
  t.equal(memory.hear({ ...used, terminal: 'A', counter: 9, expires: 0 }), 'taken');
  t.equal(memory.isUsed(word.token, NOON), true, 'B let somebody through');
});

// ── sites in one room: no LAN, a clock set by hand ──────────────────────────────────────────────────────────────────

interface Room {
  join(terminal: string, boot?: number, file?: string): Member;
  readonly clock: { at: number; mono: number };
  /** What was said. */
  readonly said: Uint8Array[];
  /** Words between these two are lost. */
  cut: ((from: string, to: string) => boolean) | undefined;
}
interface Member {
  readonly site: Site;
  /** The power is cut, once what it knows is on disk. */
  end(): Promise<void>;
  inside: number;
  key: Uint8Array | undefined;
}

function newRoom(test: { teardown(clean: () => unknown): void }): Room {
  const members = new Map<string, Member>();
  const state = { at: NOON, mono: 0 };
  const clock: Clock = { now: () => ({ earliest: state.at, latest: state.at + 1000 }), monotonic: () => state.mono };
  const room: Room = {
    clock: state,
    said: [],
    cut: undefined,
    join(terminal, boot = 1, file) {
      const shelf = file === undefined ? undefined : openShelf({ file, worth: () => member.site.words(), log: quiet });
      const member: Member = {
        inside: 0,
        key: KEY,
        async end() {
          members.delete(terminal);
          member.site.stop();
          await shelf?.close();
        },
        site: createSite({
          ...(shelf && { shelf }),
          terminal,
          checkpoint: 'CP-1',
          boot,
          siteKey: () => member.key,
          inside: () => member.inside,
          clock,
          send(bytes) {
            room.said.push(bytes);
            for (const [name, other] of members) if (!room.cut?.(terminal, name)) other.site.hear(bytes);
          },
          changed: () => undefined,
          log: quiet,
        }),
      };
      test.teardown(() => member.site.stop());
      members.set(terminal, member);
      member.site.joined();
      return member;
    },
  };
  return room;
}

const ID = Uint8Array.from(randomBytes(32));
const SUBJECT = randomBytes(16).toString('base64url');

t.test('what one lane admitted is used at the others, in the same direction only, until it was not taken after all', async (t) => {
  const room = newRoom(t);
  const [a, b] = [room.join('A'), room.join('B')];
  a.site.used('in', ID, TONIGHT);
  t.equal(b.site.isUsed('in', ID), true);
  t.equal(b.site.isUsed('out', ID), false);
  a.site.annulled('in', ID);
  t.equal(b.site.isUsed('in', ID), false);
  t.equal(a.site.isUsed('in', ID), false);
});

t.test('who went in by one lane is inside for the others, and out again by whichever saw them last', async (t) => {
  const room = newRoom(t);
  const [a, b] = [room.join('A'), room.join('B')];
  a.site.passed('entry', SUBJECT, 'in');
  t.same(b.site.memory('entry', SUBJECT, { inside: false, rides: 2 }), { inside: true, rides: 2 }, 'the rest of the memory stays');
  b.site.passed('entry', SUBJECT, 'out');
  t.same(a.site.memory('entry', SUBJECT, { inside: true }), { inside: false });
  t.same(a.site.memory('other', SUBJECT, undefined), undefined, 'another scene is another matter');
});

t.test('people are counted together, also when they come by one lane and go by another', async (t) => {
  const room = newRoom(t);
  const [a, b] = [room.join('A'), room.join('B')];
  a.inside = 3;
  a.site.counted();
  b.inside = -1;
  b.site.counted();
  t.equal(a.site.inside(), 2);
  t.equal(b.site.inside(), 2);
});

t.test('who starts later asks and is told, in order, by whoever is there', async (t) => {
  const room = newRoom(t);
  const [a, b] = [room.join('A'), room.join('B')];
  a.inside = 1;
  a.site.passed('entry', SUBJECT, 'in');
  b.site.passed('entry', SUBJECT, 'out');
  a.site.used('in', ID, TONIGHT);
  for (let i = 0; i < 200; i++) b.site.used('in', randomBytes(32), TONIGHT);
  room.clock.mono += 10_000;
  const c = room.join('C');
  await until(() => c.site.isUsed('in', ID) && c.site.memory('entry', SUBJECT, undefined) !== undefined);
  t.same(c.site.memory('entry', SUBJECT, undefined), { inside: false }, 'the newest word, not the loudest');
  await until(() => c.site.heard.taken > 203);
  t.equal(c.site.inside(), 1);
});

t.test('whoever saw somebody last is believed, also when the LAN was cut while they went out by the other gate', async (t) => {
  const room = newRoom(t);
  const [a, b] = [room.join('A'), room.join('B')];
  a.site.passed('entry', SUBJECT, 'in');
  room.cut = () => true;
  room.clock.at += 60_000;
  room.clock.mono += 60_000;
  b.site.passed('entry', SUBJECT, 'out');
  t.equal(a.site.alone(), true);
  t.same(a.site.memory('entry', SUBJECT, { inside: true }), { inside: true });
  room.cut = undefined;
  a.site.joined();
  await until(() => JSON.stringify(a.site.memory('entry', SUBJECT, { inside: true })) === '{"inside":false}');
  t.same(b.site.memory('entry', SUBJECT, { inside: false }), { inside: false }, 'A telling what it knew changes nothing');
});

t.test('a clock that is behind does not make a word older than what its lane had heard', async (t) => {
  const room = newRoom(t);
  const [a, b] = [room.join('A'), room.join('B')];
  a.site.passed('entry', SUBJECT, 'in');
  room.clock.at -= 600_000;
  b.site.passed('entry', SUBJECT, 'out');
  t.same(a.site.memory('entry', SUBJECT, { inside: true }), { inside: false });
});

t.test('a cable that is out for a moment loses no word', async (t) => {
  const room = newRoom(t);
  const [a, b] = [room.join('A'), room.join('B')];
  room.cut = () => true;
  a.site.used('in', ID, TONIGHT);
  // The first copies are lost, and B is not away long enough to ask.
  await sleep(1000);
  room.cut = undefined;
  t.equal(b.site.isUsed('in', ID), false);
  await until(() => b.site.isUsed('in', ID));
});

t.test('lanes that lost their power together still know who is inside', async (t) => {
  const folder = t.testdir();
  const room = newRoom(t);
  const begin = (boot: number): Member[] => ['A', 'B'].map((name) => room.join(name, boot, join(folder, name)));
  const [a, b] = begin(1);
  if (!a || !b) throw new Error('two were asked for');
  b.inside = 1;
  b.site.passed('entry', SUBJECT, 'in');
  b.site.counted();
  a.site.used('in', ID, TONIGHT);
  room.cut = () => true;
  await Promise.all([a.end(), b.end()]);
  appendFileSync(join(folder, 'A'), Uint8Array.of(0, 200, 0x89)); // a write cut short
  const [again] = begin(2);
  t.equal(again?.site.isUsed('in', ID), true, 'its own word, to be told to who asks');
  t.same(again?.site.memory('entry', SUBJECT, undefined), { inside: true });
  t.equal(again?.site.inside(), 1);
  t.equal(again?.site.alone(), true, 'but nobody is there yet');
  again?.site.passed('entry', SUBJECT, 'out');
  t.same(again?.site.memory('entry', SUBJECT, undefined), { inside: false });

  await again?.end();
  room.clock.at = TONIGHT + 1;
  const next = room.join('A', 3, join(folder, 'A'));
  t.equal(next.site.isUsed('in', ID), false, 'after 04:00 nothing of it is left');
  await next.end();
  t.equal(statSync(join(folder, 'A')).size, 0);
});

t.test('a word said again, from another site, of tomorrow or of yesterday is not heard', async (t) => {
  const room = newRoom(t);
  const [a, b] = [room.join('A', 5), room.join('B')];
  const here = room.said.find((bytes) => {
    const said = readSiteWord(bytes, keys);
    return typeof said === 'object' && said.kind === 'here' && said.terminal === 'A';
  });
  const before = { ...b.site.heard };
  const heard = (): Record<string, number> =>
    Object.fromEntries(Object.entries(b.site.heard).map(([name, times]) => [name, times - before[name as keyof typeof before]]));
  a.site.used('in', ID, TONIGHT);
  const used = room.said.at(-1) ?? new Uint8Array();
  b.site.hear(used);
  t.match(heard(), { repeated: 1 });
  a.site.annulled('in', ID);
  b.site.hear(used);
  t.match(heard(), { replayed: 1 });
  t.equal(b.site.isUsed('in', ID), false, 'a recording changes nothing');
  b.site.hear(here ?? new Uint8Array());
  t.match(heard(), { replayed: 2 }, 'nor does it make anybody be there');
  b.site.hear(makeSiteWord({ ...word, terminal: 'A', boot: 4, counter: 2 ** 51, kind: 'here', expires: TONIGHT / 1000 }, keys));
  t.match(heard(), { replayed: 3 }, 'of an earlier start');
  b.site.hear(makeSiteWord({ ...word, terminal: 'A', boot: 5, counter: 99 }, siteKeys(randomBytes(32))));
  t.match(heard(), { forged: 1 });
  b.site.hear(makeSiteWord({ ...word, terminal: 'A', boot: 5, counter: 50, expires: NOON / 1000 - 1 }, keys));
  b.site.hear(makeSiteWord({ ...word, terminal: 'A', boot: 5, counter: 51, expires: NOON / 1000 + 9 * 86_400 }, keys));
  t.match(heard(), { expired: 2 });
  b.site.hear(makeSiteWord({ ...word, terminal: 'B', boot: 9, kind: 'here', expires: TONIGHT / 1000 }, keys));
  t.match(heard(), { twin: 1 }, 'another box with my name');
  b.site.hear(randomBytes(40));
  b.site.hear(makeSiteWord({ ...word, counter: 2 ** 53 - 1 }, keys));
  t.match(heard(), { unreadable: 2 });
});

t.test('a flood is counted and not reckoned with, and when it is over the others are heard', async (t) => {
  const room = newRoom(t);
  const [a, b] = [room.join('A'), room.join('B')];
  const forged = makeSiteWord(word, siteKeys(randomBytes(32)));
  for (let i = 0; i < 20_000; i++) b.site.hear(forged);
  t.ok(b.site.heard.forged <= 5000);
  t.ok(b.site.heard.flooded >= 15_000);
  a.site.used('in', ID, TONIGHT);
  t.equal(b.site.isUsed('in', ID), false);
  room.clock.mono += 1000;
  await until(() => b.site.isUsed('in', ID));
});

t.test('at 04:00 everything is forgotten, and a new site key begins anew', async (t) => {
  const room = newRoom(t);
  const [a, b] = [room.join('A'), room.join('B')];
  a.site.passed('entry', SUBJECT, 'in');
  a.inside = 1;
  a.site.counted();
  t.equal(b.site.inside(), 1);
  room.clock.at = TONIGHT + 1000;
  t.equal(b.site.memory('entry', SUBJECT, undefined), undefined);
  t.equal(b.site.inside(), 0);
  t.equal(a.site.memory('entry', SUBJECT, undefined), undefined);

  b.site.passed('entry', SUBJECT, 'in');
  const old = room.said.at(-1) ?? new Uint8Array();
  a.key = Uint8Array.from(randomBytes(32));
  a.site.hear(old);
  t.equal(a.site.heard.forged, 1, 'nothing is heard under the old key');
  t.equal(a.site.alone(), true, 'until the other has the new key too');
  t.same(a.site.memory('entry', SUBJECT, undefined), { inside: true }, 'what was heard before still holds');
  b.key = a.key;
  t.equal(b.site.alone(), false);
  b.site.hear(makeSiteWord({ ...word, terminal: 'A', counter: 1 }, keys));
  t.equal(b.site.heard.forged, 1);
  a.site.used('in', ID, TONIGHT + 3_600_000);
  t.equal(b.site.isUsed('in', ID), true, 'under the new key');
  a.key = undefined;
  t.equal(a.site.isUsed('in', ID), false, 'no key, no site');
});

t.test('a lane knows whether anyone is there', async (t) => {
  const room = newRoom(t);
  const a = room.join('A');
  t.equal(a.site.alone(), true);
  room.join('B');
  t.equal(a.site.alone(), false);
  t.equal(a.site.peers, 1);
  room.clock.mono += 20_000;
  t.equal(a.site.alone(), true, 'not heard for a while');
});

t.test('a LAN that is not there is tried again without end and told once; one that forgot us is joined anew', async (t) => {
  const lan = { group: '239.34.15.78', port: 40_000 + (process.pid % 10_000), interface: '127.0.0.1' };
  const warned: string[] = [];
  const log = { ...quiet, warn: (event: string) => void warned.push(event) };
  const away = openLan({ ...lan, interface: 'nowhere0', onWord: () => undefined, onJoined: () => undefined, log });
  const heard: Uint8Array[] = [];
  let joined = 0;
  const [a, b] = [
    openLan({ ...lan, onWord: (bytes) => void heard.push(bytes), onJoined: () => joined++, log }),
    openLan({ ...lan, onWord: () => undefined, onJoined: () => joined++, log }),
  ];
  t.teardown(() => Promise.all([a.stop(), b.stop(), away.stop()]));
  await until(() => joined === 2);
  const bytes = makeSiteWord(word, keys);
  b.send(bytes);
  await until(() => heard.length === 1);
  a.rejoin();
  t.equal(a.joined, false);
  await until(() => joined === 3);
  b.send(bytes);
  b.send(Buffer.alloc(2000));
  await until(() => heard.length === 3);
  t.same(Buffer.from(heard[1] ?? []), Buffer.from(bytes));
  away.send(bytes);
  // Two of its tries, the first after half a second at most.
  await sleep(1700);
  t.equal(away.joined, false);
  t.same(warned, ['site-lan-lost']);
});

// ── whole terminals on a real LAN: the loopback ─────────────────────────────────────────────────────────────────────

interface Gate {
  readonly terminal: Terminal;
  show(code: string): void;
  verdicts(): Facts[];
  verdictOn(code: string): Promise<Facts>;
}

t.test('two gates of one site, broker and platform away', { timeout: 240_000 }, async (t) => {
  const folder = t.testdir();
  const names = ['GATE-1', 'GATE-2', 'GATE-3'];
  const county = holdCeremony({ folder: join(folder, 'county'), now: Date.now() - 3_600_000, region: REGION, terminals: names });
  const store = openStore(storePath(county.folder));
  await setUp(store, county);
  for (const id of names) {
    const { sign, open } = county.terminal(id);
    await addTerminal(store, { id, checkpoint: 'CP-SCHOOL', site: 'SCHOOL', sign: sign.spki, open: open.spki, region: false });
  }
  await store.close();
  const platform: County = await startCounty({
    folder: county.folder,
    broker: { embedded: { port: 0 } },
    now: () => Date.now(),
    log: quiet,
  });
  const bench = await createWorkbench(join(folder, 'bench'));
  t.teardown(() => bench.close());
  bench.onEvent((event) => {
    if (event.event !== 'line' || event.line !== 'in' || !event.active) return;
    const gate = bench.lines(event.name);
    gate.drive('passedIn', true);
    gate.drive('passedIn', false);
  });
  const lan = { group: '239.34.15.77', port: 20_000 + (process.pid % 20_000), interface: '127.0.0.1' };
  const broker = new URL(platform.brokerUrl ?? '');

  const begin = async (id: string, change: object = {}): Promise<Gate> => {
    const file = join(folder, `${id}.yaml`);
    broker.username = id;
    broker.password = county.brokerPassword(id);
    const device = (driver: string, name: string, rest = {}, settings = {}): object => ({
      driver,
      name,
      address: { path: bench.path, name: `${name}-${id}`, ...rest },
      settings,
    });
    const gate = { fails: 'safe', releases: ['in'], sensors: ['passedIn'], pulseMs: 100 };
    writeFileSync(
      file,
      stringify({
        terminal: { id, region: REGION, checkpoint: 'CP-SCHOOL', mode: 'test', state: `state-${id}` },
        keys: writeTerminalKit(county, id, join(folder, `kit-${id}`)),
        clock: { source: 'system' },
        uplink: { url: broker.href },
        site: lan,
        stations: [
          {
            id: 'door',
            scene: 'entry',
            settings: { limit: 3 },
            devices: [
              device('simulated-scanner', 'scanner'),
              device('simulated-gate', 'gate', { outputs: ['in'], inputs: ['passedIn'] }, gate),
            ],
          },
        ],
        ...change,
      }),
    );
    const terminal = await startTerminal({ loaded: loadConfiguration(file), log: quiet });
    t.teardown(() => terminal.stop());
    await until(() => terminal.trust() !== undefined && bench.isOpen(`scanner-${id}`) && bench.isOpen(`gate-${id}`));
    const verdicts = (): Facts[] => {
      const journal = inspectJournal(join(folder, `state-${id}`, 'journal.db'));
      try {
        return [...journal.entries()].filter(({ kind }) => kind === 'verdict').map(({ public: text }) => JSON.parse(text) as Facts);
      } finally {
        journal.close();
      }
    };
    const show = (code: string): void => void bench.scanner(`scanner-${id}`).send(Buffer.from(`${code}\r`));
    return {
      terminal,
      show,
      verdicts,
      async verdictOn(code) {
        const before = verdicts().length;
        show(code);
        const verdict = await until(() => verdicts()[before]);
        await until(() => !terminal.stations[0]?.lane.state().busy);
        return verdict;
      },
    };
  };

  const [issuer] = county.issuers;
  if (!issuer) throw new Error('no issuer');
  const person = (form: 'screen' | 'paper', subject = randomBytes(16).toString('base64url')): string => {
    const issued = Math.floor(Date.now() / 1000) - 5;
    const claims = { region: REGION, subject, issued, codeId: Uint8Array.from(randomBytes(8)) };
    return form === 'screen'
      ? personCode(issuer, { ...claims, expires: issued + 200, form: FORM.screen, colour: 'green' })
      : personCode(issuer, { ...claims, expires: issued + 86_400, form: FORM.paper, name: '测*' });
  };

  const [one, two] = [await begin('GATE-1'), await begin('GATE-2')];
  // The third gets its trust now, and is away while the others work.
  const three = await begin('GATE-3');
  await three.terminal.stop();
  await platform.stop();
  await until(() => [one, two].every(({ terminal }) => !terminal.view().online && terminal.view().site === 'together'));

  await t.test('the second refuses the code that the first admitted', async (t) => {
    const code = person('screen');
    const first = await one.verdictOn(code);
    t.match(first, { verdict: 'admit' });
    t.equal(first['site'], undefined, 'not alone');
    await sleep(50);
    t.match(await two.verdictOn(code), { verdict: 'refuse', refusal: 'already-used', verified: true });
  });

  const insideByTwo = randomBytes(16).toString('base64url');
  await t.test('a paper code does not come in twice, by whichever gate', async (t) => {
    t.match(await two.verdictOn(person('paper', insideByTwo)), { verdict: 'admit' });
    await sleep(50);
    t.match(await one.verdictOn(person('paper', insideByTwo)), { refusal: 'already-used', note: { why: 'inside' } });
  });

  await t.test('a gate that starts later learns who is inside, and the building is full for all of them', async (t) => {
    const subject = randomBytes(16).toString('base64url');
    t.match(await one.verdictOn(person('paper', subject)), { verdict: 'admit' }, 'the third of three');
    const again = await begin('GATE-3');
    await until(() => again.terminal.view().stations[0]?.inside === 3);
    // How many are inside comes with the first word, who they are with the answer.
    let verdict = await again.verdictOn(person('paper', subject));
    while (verdict['refusal'] === 'occupied') verdict = await again.verdictOn(person('paper', subject));
    t.match(verdict, { refusal: 'already-used', note: { why: 'inside' } });
    t.match(await again.verdictOn(person('paper')), { refusal: 'occupied', note: { why: 'full' } });
    await again.terminal.stop();
  });

  await t.test('noise on the LAN stops nothing', async (t) => {
    const socket = createSocket('udp4');
    t.teardown(() => socket.close());
    socket.bind(0, '127.0.0.1');
    await new Promise((resolve) => socket.once('listening', resolve));
    socket.setMulticastInterface('127.0.0.1');
    for (let i = 0; i < 3000; i++) socket.send(randomBytes(i % 400), lan.port, lan.group);
    t.match(await one.verdictOn('nonsense'), { refusal: 'unknown-format' });
    t.equal(one.terminal.healthy(), true);
  });

  await t.test('gates that lost their power together know who is inside before they hear each other', async (t) => {
    await Promise.all([one.terminal.stop(), two.terminal.stop()]);
    const again = await begin('GATE-1');
    t.match(await again.verdictOn(person('paper')), { refusal: 'occupied', site: 'alone' });
    t.match(await again.verdictOn(person('paper', insideByTwo)), { refusal: 'already-used', note: { why: 'inside' }, site: 'alone' });
    await again.terminal.stop();
  });

  await t.test('a gate without a LAN serves alone, and its entries say so', async (t) => {
    const alone = await begin('GATE-1', { site: { ...lan, interface: 'nowhere0' } });
    t.match(await alone.verdictOn(person('screen')), { site: 'alone' });
    await alone.terminal.stop();
  });
});

t.test('the word on the LAN names nobody', async (t) => {
  const room = newRoom(t);
  const a = room.join('A');
  a.site.passed('entry', SUBJECT, 'in');
  a.site.used('in', ID, TONIGHT);
  const all = Buffer.concat(room.said);
  t.equal(all.includes(SUBJECT), false);
  t.equal(all.includes(Buffer.from(SUBJECT, 'base64url')), false);
  t.equal(all.includes(Buffer.from(ID)), false);
  for (const bytes of room.said) t.ok(decodeCbor(bytes));
});
