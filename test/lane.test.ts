/** A lane with a real journal and real codes: what is written before the gate is told, who is let through once, what is an alarm, what a full disk does. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type {
  Clock,
  Direction,
  Facts,
  Format,
  Gate,
  GateSense,
  Log,
  Moment,
  Reading,
  Scene,
  Signal,
  SignerKey,
  Trust,
} from '../src/contracts.js';
import { decodeCbor } from '../src/crypto/cbor.js';
import { createOpener, createSealer } from '../src/crypto/seal.js';
import { JournalError } from '../src/journal/error.js';
import { type Journal, openJournal } from '../src/journal/journal.js';
import { FORM } from '../src/messages/claims.js';
import { personCode } from '../src/platform/issue.js';
import entryScene from '../src/scenes/entry.js';
import rideScene from '../src/scenes/ride.js';
import { createCycle } from '../src/station/cycle.js';
import { createLane, type Lane, type LaneParts } from '../src/station/lane.js';
import { type Formats, loadFormats } from '../src/station/read.js';
import { AT, issuer, REGION, signers, testKey, testTrust } from './county.js';

const MIB = 1024 * 1024;
const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const formats: Formats = await loadFormats();

const seal = testKey('seal');
const sealSigner: SignerKey = { ...seal, region: undefined, types: ['seal'], revokedAt: Number.POSITIVE_INFINITY };
const { trust } = testTrust({ keys: [...signers, sealSigner] });

// ── people and their codes ──────────────────────────────────────────────────────────────────────────────────────────

const newSubject = (): string => randomBytes(16).toString('base64url');

/** `AK1:…` of a phone's screen, another one each time. */
function screen(subject = newSubject()): Uint8Array {
  const claims = {
    region: REGION,
    subject,
    issued: AT - 5,
    expires: AT + 200,
    codeId: Uint8Array.from(randomBytes(8)),
    form: FORM.screen,
    colour: 'green',
  } as const;
  return Buffer.from(personCode(issuer, claims));
}

const NAME = '测*';

function paper(subject = newSubject()): Uint8Array {
  const claims = {
    region: REGION,
    subject,
    issued: AT - 5,
    expires: AT + 86_400,
    codeId: Uint8Array.from(randomBytes(8)),
    form: FORM.paper,
    name: NAME,
  } as const;
  return Buffer.from(personCode(issuer, claims));
}

// ── a gate, a clock and a lane ──────────────────────────────────────────────────────────────────────────────────────

/** A gate moved by hand. `told`: called inside `release`, where the relay would close. */
class HandGate implements Gate {
  readonly role = 'gate';
  readonly senses: boolean;
  readonly released: Direction[] = [];
  told: () => void = () => undefined;
  away = false;
  locks = 0;
  #listener: (sense: GateSense) => void = () => undefined;

  constructor(senses = true) {
    this.senses = senses;
  }

  release(direction: Direction): void {
    if (this.away) throw new Error('the gate is away');
    this.told();
    this.released.push(direction);
  }

  lock(): void {
    this.locks++;
  }

  onSense(listener: (sense: GateSense) => void): void {
    this.#listener = listener;
  }

  sense(sense: GateSense): void {
    this.#listener(sense);
  }

  passed(direction: Direction = 'in'): void {
    this.sense({ sense: 'passed', direction });
  }
}

interface Entry {
  readonly seq: number;
  readonly kind: string;
  readonly text: string;
  readonly facts: Facts;
}

const entriesOf = (journal: Journal): Entry[] =>
  journal
    .read(journal.verify().first, 10_000)
    .map(({ seq, kind, public: text }) => ({ seq, kind, text, facts: JSON.parse(text) as Facts }));

interface Wanted {
  readonly name?: string;
  readonly scene?: Scene;
  readonly settings?: unknown;
  readonly gate?: HandGate | undefined;
  readonly journal?: Journal;
  readonly limit?: number;
  readonly whenJournalFails?: 'refuse' | 'admit';
  readonly trust?: Trust | undefined;
  readonly formats?: Formats;
  readonly passageMs?: number;
  readonly heldOpenMs?: number;
}

interface Stand {
  readonly lane: Lane;
  readonly gate: HandGate;
  readonly journal: Journal;
  readonly shown: Signal[];
  readonly clock: { moment: Moment; mono: number };
  /** Holds bytes before a reader; the monotonic clock has gone on by `after` ms. */
  scan(bytes: Uint8Array, from?: { readonly device?: string; readonly direction?: Direction; readonly after?: number }): void;
  entries(kind?: string): Entry[];
  last(): Facts;
  /** Until the lane has nothing under way. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

interface Ending {
  teardown(clean: () => unknown): void;
}

/** Waits until it is so; the test's own time limit is the limit. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(2);
}

let files = 0;

function openIn(folder: string, limit: number, clock: Clock): Journal {
  return openJournal({ file: join(folder, `journal-${++files}.db`), terminal: 'GATE-1', clock, limit, keepDays: 0 });
}

function stand(test: Ending & { testdir(): string }, wanted: Wanted = {}): Stand {
  const state = { moment: { earliest: AT * 1000, latest: AT * 1000 + 50 } as Moment, mono: 1000 };
  const clock: Clock = { now: () => state.moment, monotonic: () => state.mono };
  const gate = wanted.gate ?? new HandGate();
  const journal = wanted.journal ?? openIn(test.testdir(), wanted.limit ?? 16 * MIB, clock);
  const scene = wanted.scene ?? entryScene;
  const shown: Signal[] = [];
  const sealer = createSealer(seal.point, seal.kid);
  const gated = !('gate' in wanted && wanted.gate === undefined);
  const parts: LaneParts = {
    station: 'main',
    checkpoint: 'CP-1',
    scene: { name: wanted.name ?? 'entry', scene, settings: scene.settings.parse(wanted.settings ?? {}) },
    formats: wanted.formats ?? formats,
    clock,
    journal,
    whenJournalFails: wanted.whenJournalFails ?? 'refuse',
    patienceMs: 10_000,
    trust: () => ('trust' in wanted ? wanted.trust : trust),
    sealer: () => sealer,
    signal: (signal) => void shown.push(signal),
    stop: () => undefined,
    changed: () => undefined,
    log: silent,
    ...(gated && {
      cycle: createCycle({
        gate,
        passageMs: wanted.passageMs ?? 20_000,
        heldOpenMs: wanted.heldOpenMs ?? 20_000,
        alarm: (alarm) => lane.alarm(alarm),
        changed: () => undefined,
        log: silent,
      }),
    }),
  };
  const lane: Lane = createLane(parts);
  const stop = (): Promise<void> => lane.stop();
  test.teardown(async () => {
    await stop();
    if (!wanted.journal) journal.close();
  });
  return {
    lane,
    gate,
    journal,
    shown,
    clock: state,
    stop,
    scan(bytes, { device = 'scanner', direction = 'in', after = 10_000 } = {}) {
      state.mono += after;
      const reading: Reading = { station: 'main', device, direction, at: state.moment, monotonic: state.mono, medium: 'code', bytes };
      lane.accept(reading);
    },
    entries: (kind) => entriesOf(journal).filter((entry) => kind === undefined || entry.kind === kind),
    last: () => entriesOf(journal).at(-1)?.facts ?? {},
    idle: () => until(() => !lane.state().busy),
  };
}

/** Somebody shows a code and walks through. */
async function through(at: Stand, bytes: Uint8Array, direction: Direction = 'in'): Promise<void> {
  const before = at.gate.released.length;
  at.scan(bytes, { direction });
  if (at.gate.released.length > before) at.gate.passed(direction);
  await at.idle();
}

// ── the way of one code ─────────────────────────────────────────────────────────────────────────────────────────────

t.test('the verdict is on disk before the gate is told, and what the gate saw is a second entry', async (t) => {
  const at = stand(t);
  const seen: { last: number; kind: string | undefined }[] = [];
  at.gate.told = () => seen.push({ last: at.journal.last, kind: at.entries().at(-1)?.kind });
  at.scan(screen());
  t.same(seen, [{ last: 1, kind: 'verdict' }]);
  t.match(at.last(), {
    scene: 'entry',
    checkpoint: 'CP-1',
    station: 'main',
    verdict: 'admit',
    format: 'ak1',
    person: true,
    verified: true,
    direction: 'in',
    trustSeq: 1,
    clock: 50,
  });
  t.same(at.shown, ['admitted']);
  at.gate.passed();
  await at.idle();
  t.match(at.entries().at(-1), { kind: 'passage', facts: { of: 1, passage: 'passed', direction: 'in' } });
  t.ok(at.journal.verify().ok);
});

t.test('while somebody walks through, only the newest code waits; an older one gives way without a verdict', async (t) => {
  const at = stand(t);
  at.scan(screen());
  const [older, newest] = [paper(), paper()];
  at.scan(older);
  at.scan(newest);
  t.equal(at.entries('verdict').length, 1, 'nobody is decided on while the gate cycles');
  at.gate.passed();
  await until(() => at.gate.released.length === 2);
  t.equal(at.lane.state().counts['replaced'], 1);
  at.gate.passed();
  await at.idle();
  t.equal(at.entries('verdict').length, 2);
  const opener = createOpener(seal.d, seal.kid);
  const sealed = at.journal.read(1, 10).filter(({ kind }) => kind === 'verdict')[1]?.seal;
  const plain = opener.open(sealed ?? new Uint8Array(0), `entry/GATE-1/${at.journal.journal}/${at.entries('verdict')[1]?.seq}`);
  t.same(Buffer.from((decodeCbor(plain ?? new Uint8Array(0)) as [number, string, Uint8Array])[2]), Buffer.from(newest));
});

t.test('a code held before the reader speaks once: again within 3 s it is dropped, not refused', async (t) => {
  const at = stand(t, { settings: { antiPassback: 'off' } });
  const code = screen();
  await through(at, code);
  at.scan(code, { after: 2900 });
  await at.idle();
  at.scan(code, { after: 2900 });
  await at.idle();
  t.equal(at.entries('verdict').length, 1);
  t.equal(at.lane.state().counts['bounced'], 2);

  t.comment('at another reader it is another presentation');
  at.scan(code, { device: 'other', after: 100 });
  await at.idle();
  t.match(at.last(), { verdict: 'refuse', refusal: 'already-used', number: 113, device: 'other' });

  t.comment('and after 3 s also at the same one');
  at.scan(code, { after: 3001 });
  await at.idle();
  t.match(at.last(), { refusal: 'already-used', device: 'scanner' });
});

t.test('a screen code admits once, also after the terminal was started anew; the other way it is another use', async (t) => {
  const clock: Clock = { now: () => ({ earliest: AT * 1000, latest: AT * 1000 + 50 }), monotonic: () => 0 };
  const file = join(t.testdir(), 'journal.db');
  const settings = { file, terminal: 'GATE-1', clock, limit: 16 * MIB, keepDays: 1 };
  const code = screen();
  const before = openJournal(settings);
  const first = stand(t, { journal: before });
  await through(first, code);
  await first.stop();
  before.close();

  const after = openJournal(settings);
  t.teardown(() => after.close());
  const second = stand(t, { journal: after });
  await through(second, code);
  t.match(second.last(), { verdict: 'refuse', refusal: 'already-used' });
  await through(second, code, 'out');
  t.match(second.entries('verdict').at(-1)?.facts, { verdict: 'admit', direction: 'out' });
});

t.test('whoever turns away before the gate may show the same code again', async (t) => {
  const at = stand(t, { passageMs: 5 });
  const code = screen();
  at.scan(code);
  await at.idle();
  t.match(at.last(), { passage: 'not-taken' });
  t.equal(at.journal.inside(), 0);
  at.scan(code);
  t.match(at.last(), { verdict: 'admit' });
  at.gate.passed();
  await at.idle();
  at.scan(code);
  await at.idle();
  t.match(at.last(), { refusal: 'already-used' });
});

t.test('a paper is not used up; who is inside does not come in again with it, and may after leaving', async (t) => {
  const at = stand(t);
  const sheet = paper();
  await through(at, sheet);
  t.equal(at.journal.inside(), 1);
  await through(at, sheet);
  t.match(at.last(), { verdict: 'refuse', refusal: 'already-used', note: { why: 'inside' } });
  await through(at, sheet, 'out');
  t.equal(at.journal.inside(), 0);
  await through(at, sheet);
  t.match(at.entries('verdict').at(-1)?.facts, { verdict: 'admit' });

  const free = stand(t, { settings: { antiPassback: 'off' } });
  for (let n = 0; n < 3; n++) await through(free, sheet);
  t.equal(free.entries('verdict').filter(({ facts }) => facts['verdict'] === 'admit').length, 3);
});

t.test('people inside are counted by passages alone: not by verdicts, refusals or people who turn away', async (t) => {
  const at = stand(t, { settings: { limit: 2 }, passageMs: 5 });
  at.scan(paper());
  await at.idle();
  t.equal(at.journal.inside(), 0, 'turned away');
  await through(at, paper());
  await through(at, Buffer.from('no code at all'));
  await through(at, paper());
  t.equal(at.journal.inside(), 2);
  await through(at, paper());
  t.match(at.last(), { refusal: 'occupied' });
  await through(at, paper(), 'out');
  t.equal(at.journal.inside(), 1);
});

t.test('a gate that sees nothing takes every release as used, and a door without a gate every verdict', async (t) => {
  const blind = stand(t, { gate: new HandGate(false) });
  blind.scan(paper());
  await blind.idle();
  t.match(blind.last(), { passage: 'unobserved' });
  t.equal(blind.journal.inside(), 1);
  const open = stand(t, { gate: undefined });
  open.scan(paper());
  await open.idle();
  t.equal(open.entries('passage').length, 0);
  t.equal(open.journal.inside(), 1);
});

// ── alarms ──────────────────────────────────────────────────────────────────────────────────────────────────────────

t.test('a second person behind the first, a forced gate, a gate held open: each is an entry of its own', async (t) => {
  const at = stand(t, { heldOpenMs: 5 });
  await through(at, paper());
  at.gate.passed();
  t.match(at.last(), { alarm: 'tailgate' });
  t.equal(at.journal.inside(), 1, 'whoever slipped through has no code to be counted by');
  const other = stand(t, { heldOpenMs: 5 });
  other.gate.passed('out');
  t.match(other.last(), { alarm: 'forced' });
  other.gate.sense({ sense: 'opened' });
  await until(() => other.last()['alarm'] === 'held-open');
  other.gate.sense({ sense: 'fault' });
  t.match(other.last(), { alarm: 'gate-fault', scene: 'entry', station: 'main' });
});

t.test('a door that is propped open delays nobody for ever', async (t) => {
  const at = stand(t, { passageMs: 5, heldOpenMs: 5 });
  at.gate.sense({ sense: 'opened' });
  await until(() => at.last()['alarm'] === 'held-open');
  at.scan(paper());
  await at.idle();
  t.match(at.entries('passage').at(-1)?.facts, { passage: 'held-open' });
  t.notOk(at.lane.isStuck());
});

t.test('in a fire nothing is commanded, it is written down, and no code is answered with words against its holder', async (t) => {
  const at = stand(t);
  at.scan(paper());
  at.lane.input('fire', true);
  await at.idle();
  t.match(at.entries('passage').at(-1)?.facts, { passage: 'unobserved' }, 'the one on the way is not waited for');
  t.match(at.entries('alarm').at(-1)?.facts, { alarm: 'fire', active: true });
  t.equal(at.lane.state().mode, 'fire');
  const {
    released: [...released],
    locks,
  } = at.gate;
  at.scan(paper());
  await at.idle();
  t.match(at.entries('verdict').at(-1)?.facts, { verdict: 'refuse', refusal: 'out-of-order', note: { why: 'fire' }, mode: 'fire' });
  t.same(at.gate.released, released);
  t.equal(at.gate.locks, locks, 'nor is it locked');
  at.lane.input('staff-lock', true);
  t.equal(at.lane.state().mode, 'fire', 'the fire wins over the key');
  t.equal(at.gate.locks, locks);
  at.lane.input('staff-lock', false);
  at.lane.input('fire', false);
  t.match(at.last(), { alarm: 'fire', active: false });
  at.scan(paper());
  t.equal(at.gate.released.length, released.length + 1);
  at.gate.passed();
  await at.idle();
});

t.test('an opened housing is an entry and stops nobody', async (t) => {
  const at = stand(t);
  at.lane.input('tamper', true);
  at.lane.input('tamper', true);
  t.equal(at.entries('alarm').length, 1);
  t.match(at.last(), { alarm: 'tamper', active: true });
  await through(at, paper());
  t.match(at.entries('verdict').at(-1)?.facts, { verdict: 'admit' });
});

t.test('the key of the staff frees the gate or locks it, and both are written down', async (t) => {
  const at = stand(t, { passageMs: 5 });
  at.lane.input('staff-free', true);
  t.match(at.last(), { alarm: 'staff-free', active: true });
  await until(() => at.gate.released.includes('in') && at.gate.released.includes('out'));
  at.scan(paper());
  await at.idle();
  t.match(at.last(), { verdict: 'admit', mode: 'free' });
  at.lane.input('staff-free', false);
  at.gate.released.length = 0;
  const other = stand(t);
  other.lane.input('staff-free', true);
  for (let person = 0; person < 3; person++) other.gate.passed('out');
  t.same(other.gate.released, ['in', 'out', 'out', 'out'], 'free behind everybody who goes through, without waiting');
  other.lane.input('staff-free', false);
  const { length } = at.gate.released;
  at.lane.input('staff-lock', true);
  at.scan(paper());
  await at.idle();
  t.match(at.last(), { refusal: 'out-of-order', note: { why: 'locked' } });
  t.equal(at.gate.released.length, length);
  at.lane.input('staff-lock', false);
  t.match(at.last(), { alarm: 'staff-lock', active: false });
});

t.test('the driver’s key lets one more rider on the same code, and never anybody on a code long gone', async (t) => {
  const fares = { tariffs: [{ version: 1, from: 0, lines: [{ id: '6', flat: 200 }], riders: 3 }] };
  const priced: Trust = { ...trust, data: (name) => (name === 'fares' ? fares : undefined) };
  const at = stand(t, { name: 'ride', scene: rideScene, gate: undefined, trust: priced });
  at.lane.input('repeat', true);
  await at.idle();
  t.equal(at.entries().length, 0, 'nobody was there yet');
  const code = screen();
  at.scan(code);
  await at.idle();
  t.match(at.last(), { verdict: 'admit', note: { fare: 200, riders: 1 } });
  at.clock.mono += 15_000;
  at.lane.input('repeat', true);
  t.notOk(at.lane.isStuck());
  await at.idle();
  t.match(at.last(), { verdict: 'admit', repeat: true, note: { fare: 200 } });
  t.equal(at.entries('verdict').length, 2);
  at.scan(code);
  await at.idle();
  t.match(at.last(), { refusal: 'already-used' }, 'the rider himself cannot repeat it');
  at.clock.mono += 31_000;
  at.lane.input('repeat', true);
  await at.idle();
  t.equal(at.entries('verdict').length, 3);
});

// ── what is broken ──────────────────────────────────────────────────────────────────────────────────────────────────

/** Writes until the disk (the journal's limit) is full. */
function fill(journal: Journal, clock: Stand['clock']): void {
  for (const length of [20_000, 2000, 200, 20, 1]) {
    try {
      for (;;) journal.transaction((tx) => tx.append({ kind: 'note', at: clock.moment, facts: { filling: 'x'.repeat(length) } }));
    } catch (error) {
      if (!(error instanceof JournalError) || error.code !== 'full') throw error;
    }
  }
}

/** The county has taken everything: it may go. */
function drain(journal: Journal, clock: Stand['clock']): void {
  const [last] = journal.read(journal.last, 1);
  if (!last) throw new Error('nothing was written');
  const ack = { terminal: journal.terminal, journal: Buffer.from(journal.journal, 'hex'), seq: last.seq, hash: last.hash, issued: AT };
  if (journal.acknowledge(ack, journal.last) !== 'taken') throw new Error('the journal does not take its own end');
  const later = { earliest: clock.moment.earliest + 60_000, latest: clock.moment.latest + 60_000 };
  for (let rounds = 0; rounds < 8; rounds++) journal.upkeep(later);
}

t.test(
  'with a full disk a lane that is told so refuses, moves nothing, counts what is missing and tells it when there is room',
  async (t) => {
    const at = stand(t, { limit: MIB / 2, whenJournalFails: 'refuse' });
    fill(at.journal, at.clock);
    const full = at.journal.last;
    at.scan(screen());
    at.scan(screen());
    await at.idle();
    t.same(at.gate.released, []);
    t.ok(at.lane.state().journalFailed);
    t.match(at.lane.state().shown?.decision.verdict, { admit: false, refusal: 'out-of-order', note: { why: 'journal' } });
    t.equal(at.journal.last, full);
    at.lane.upkeep();
    t.ok(at.lane.state().journalFailed, 'as long as there is no room');
    drain(at.journal, at.clock);
    at.lane.upkeep();
    t.notOk(at.lane.state().journalFailed, 'nobody has to scan for it to recover');
    t.match(at.last(), { alarm: 'journal-failed', unwritten: 2, station: 'main' });
    await through(at, paper());
    t.equal(at.entries().filter(({ facts }) => facts['alarm'] === 'journal-failed').length, 1, 'told once');
  },
);

t.test('with a full disk a lane that is told so admits, and what was not written is told before the next verdict', async (t) => {
  const at = stand(t, { limit: MIB / 2, whenJournalFails: 'admit' });
  fill(at.journal, at.clock);
  await through(at, screen());
  await through(at, Buffer.from('no code at all'));
  t.same(at.gate.released, ['in']);
  t.ok(at.lane.state().journalFailed);
  drain(at.journal, at.clock);
  await through(at, paper());
  const [alarm, verdict, passage] = at.entries().slice(-3);
  t.match(alarm?.facts, { alarm: 'journal-failed', unwritten: 3 }, 'two verdicts and a passage');
  t.match(verdict?.facts, { verdict: 'admit' });
  t.match(passage?.facts, { passage: 'passed' });
});

t.test('a journal that does not answer at all admits nobody and ends nothing', async (t) => {
  const at = stand(t);
  at.journal.close();
  at.scan(screen());
  await at.idle();
  t.same(at.gate.released, []);
  t.equal(at.lane.state().shown?.decision.verdict.admit, false);
  at.lane.input('tamper', true);
  t.ok(at.lane.state().journalFailed);
});

t.test('a gate that is away: nobody is told to go, the passage is a fault, and the code is not used up', async (t) => {
  const at = stand(t);
  at.gate.away = true;
  const code = screen();
  at.scan(code);
  await at.idle();
  t.match(at.entries('verdict').at(-1)?.facts, { verdict: 'admit' });
  t.match(at.entries('alarm').at(-1)?.facts, { alarm: 'gate-fault' });
  t.match(at.last(), { passage: 'fault' });
  t.notOk(at.shown.includes('admitted'));
  t.match(at.lane.state().shown?.decision.verdict, { admit: false, refusal: 'out-of-order', note: { why: 'gate' } });
  t.equal(at.journal.inside(), 0);
  at.gate.away = false;
  at.scan(code);
  t.same(at.gate.released, ['in']);
  at.gate.passed();
  await at.idle();
});

t.test('without trust the lane is out of order, and says so for every code', async (t) => {
  const at = stand(t, { trust: undefined });
  at.scan(screen());
  await at.idle();
  t.match(at.last(), { verdict: 'refuse', refusal: 'out-of-order', number: 116, trustSeq: 0, trustAge: null, note: { why: 'no-trust' } });
  t.same(at.gate.released, []);
});

t.test('a scene or a format that throws refuses this one person and serves the next', async (t) => {
  const whole: Scene = entryScene;
  let broken = true;
  const judge: Scene['judge'] = (...asked) => {
    if (broken) throw new Error('a mistake in a scene');
    return whole.judge(...asked);
  };
  const at = stand(t, { scene: { ...entryScene, judge } });
  await through(at, screen());
  t.match(at.last(), { verdict: 'refuse', refusal: 'out-of-order', note: { why: 'fault' } });
  t.equal(at.lane.state().shown?.decision.verdict.admit, false);
  broken = false;
  await through(at, screen());
  t.match(at.last(), { passage: 'passed' });

  const thrower: Format = {
    kind: 'person',
    media: ['code'],
    read: (bytes) => {
      if (bytes[0] === 0x21) throw new Error('a mistake in a format');
      return undefined;
    },
  };
  const other = stand(t, { formats: new Map([['thrower', thrower], ...formats]) });
  await through(other, Buffer.from('!'));
  t.match(other.last(), { refusal: 'out-of-order' });
  await through(other, screen());
  t.match(other.last(), { passage: 'passed' });
});

// ── who may know who it was ─────────────────────────────────────────────────────────────────────────────────────────

t.test('the public part of an entry names nobody; the seal holds the code’s own bytes and opens at the county only', async (t) => {
  const at = stand(t);
  const subject = newSubject();
  const codes = [screen(subject), paper(subject), Buffer.from('AK1:NO CODE, BUT PERHAPS SOMEBODY’S TEXT')];
  for (const code of codes) await through(at, code);
  const texts = at.entries().map(({ text }) => text);
  t.ok(texts.length >= 4);
  for (const bytes of codes) {
    const code = Buffer.from(bytes);
    for (const trace of [code.toString(), code.toString().slice(4, 24), code.toString('hex'), code.toString('base64').slice(0, 24)]) {
      t.notOk(
        texts.some((text) => text.includes(trace)),
        trace.slice(0, 24),
      );
    }
  }
  const raw = Buffer.from(subject, 'base64url');
  for (const trace of [subject, NAME, '张', raw.toString('hex'), raw.toString('base64').slice(0, 20)])
    t.notOk(
      texts.some((text) => text.includes(trace)),
      trace,
    );

  const opener = createOpener(seal.d, seal.kid);
  const stranger = testKey('stranger');
  const verdicts = at.journal.read(1, 100).filter(({ kind }) => kind === 'verdict');
  t.equal(verdicts.length, 3);
  for (const [i, entry] of verdicts.entries()) {
    const sealed = entry.seal ?? new Uint8Array(0);
    const context = `entry/GATE-1/${at.journal.journal}/${entry.seq}`;
    const [version, medium, bytes] = decodeCbor(opener.open(sealed, context) ?? new Uint8Array(0)) as [number, string, Uint8Array];
    t.same([version, medium, Buffer.from(bytes)], [1, 'code', Buffer.from(codes[i] ?? [])]);
    t.equal(opener.open(sealed, `${context}0`), undefined, 'not as another entry');
    t.equal(createOpener(stranger.d, seal.kid).open(sealed, context), undefined, 'not by another key');
  }
});

t.test('what is under way when the terminal is stopped is written to its end', async (t) => {
  const at = stand(t);
  at.scan(screen());
  await at.stop();
  t.match(at.last(), { passage: 'unobserved' });
  at.scan(screen());
  t.equal(at.entries('verdict').length, 1, 'and nothing new is begun');
});
