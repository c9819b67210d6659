/** Meetings, those who hold them, and those who count: the door, the list, the register, the PIN, the page, the county. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { type Browser, chromium, type Page as Tab } from 'playwright-core';
import t, { type Test } from 'tap';
import type { Clock, Credential, Facts, Json, Situation } from '../src/contracts.js';
import { decodeBase64Url } from '../src/crypto/base-n.js';
import { decodeCbor, encodeCbor } from '../src/crypto/cbor.js';
import { createOpener, createSealer } from '../src/crypto/seal.js';
import { subjectOf } from '../src/crypto/subject.js';
import { type Journal, openJournal } from '../src/journal/journal.js';
import { readGuests, textOf } from '../src/meeting/guests.js';
import { type Joined, joinMeetings } from '../src/meeting/join.js';
import { createRegister } from '../src/meeting/register.js';
import { tokenOf } from '../src/meeting/shelf.js';
import { localTime } from '../src/messages/calendar.js';
import { readCsv, writeCsv } from '../src/messages/csv.js';
import { syntheticCreditCode, syntheticId } from '../src/messages/identifiers.js';
import { cborOf } from '../src/messages/plain.js';
import { holdsPin, isGoodPin, makeMember, memberOf } from '../src/messages/staff.js';
import type { StaffView } from '../src/page/organiser-view.js';
import { servePage } from '../src/page/server.js';
import { createSessions } from '../src/page/sessions.js';
import { writeXlsx } from '../src/page/xlsx.js';
import { enterpriseCode } from '../src/platform/issue.js';
import { meetingReports } from '../src/platform/meetings.js';
import { openCountyStore } from '../src/platform/open-store.js';
import meetingDoor from '../src/scenes/meeting-door.js';
import { doorsOf, siteAtDoors, trustAtDoors } from '../src/station/at-doors.js';
import { createLane } from '../src/station/lane.js';
import { afterWrong, createLockOut } from '../src/station/lock-out.js';
import { loadFormats } from '../src/station/read.js';
import { reportOf } from '../src/station/report.js';
import { DOOR_CASES, type DoorCase, WRONG_DOOR_SETTINGS } from './cases/meeting-door.js';
import { AT, issuer, REGION, testKey, testTrust } from './county.js';
import { newSubject, type Stand, screen, silent, standAt } from './desk-stand.js';
import { freePort } from './mosquitto.js';
import { BROWSER, CHROMIUM } from './screens.js';
import { STAFF, STAFF_PIN, STAFF_SUBJECT } from './scripts/_staff.js';
import { newStore } from './store.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const seal = testKey('seal');
const { trust } = testTrust();
const MEETING = {
  id: 'spring',
  title: '春耕动员会',
  place: '礼堂',
  from: AT * 1000,
  until: AT * 1000 + 2 * HOUR,
  who: 'everyone',
} as const;
const BY = { scene: 'meeting', station: 'desk', subject: STAFF_SUBJECT };
const DOOR = { scene: 'meeting', station: 'desk' };

interface Box {
  readonly journal: Journal;
  readonly joined: Joined;
  /** Lets time pass. */
  pass(ms: number): void;
  now(): number;
  facts(kind: string): readonly Facts[];
  /** Stops it and starts it anew on the same disk. */
  restart(): Promise<Box>;
}

interface BoxParts {
  readonly folder?: string;
  readonly at?: number;
  /** It was given the region key. */
  readonly keyed?: boolean;
  /** Signed data. */
  readonly data?: Readonly<Record<string, Json>>;
}

/** A box with a journal and a clock of the test's. */
function boxAt(test: Test, { folder = test.testdir(), at = AT * 1000, keyed = true, data = {} }: BoxParts = {}): Box {
  let now = at;
  const clock: Clock = { now: () => ({ earliest: now, latest: now + 50 }), monotonic: () => now - AT * 1000 };
  const journal = openJournal({ file: join(folder, 'journal.db'), terminal: 'DESK-1', clock, limit: 16 << 20, keepDays: 0 });
  const sealer = createSealer(seal.point, seal.kid);
  const published = new Map(Object.entries(data).map(([name, value]) => [name, cborOf(value)]));
  const joined = joinMeetings({
    journal,
    clock,
    sealer: () => sealer,
    log: silent,
    others: () => undefined,
    ask: () => undefined,
    changed: () => undefined,
    terminal: { id: 'DESK-1', region: REGION, checkpoint: 'CP-1' },
    updates: {
      current: () => ({ ...trust, data: (name) => published.get(name) }),
      secrets: () => (keyed ? { regionKeys: new Map([[0, KEY]]) } : undefined),
    },
    report: (days) => reportOf(journal, now, days),
  });
  let open = true;
  const close = async (): Promise<void> => {
    if (open) await joined.stop();
    if (open) journal.close();
    open = false;
  };
  test.teardown(close);
  return {
    journal,
    joined,
    pass: (ms) => void (now += ms),
    now: () => now,
    facts: (kind) => journal.read(1, 1000).flatMap((entry) => (entry.kind === kind ? [JSON.parse(entry.public) as Facts] : [])),
    async restart() {
      await close();
      return boxAt(test, { folder, at: now, data });
    },
  };
}

const KEY = Uint8Array.from(Buffer.alloc(32, 7));

t.test('the door of a meeting', (t) => {
  const on = (id: string, from: string, until: string, who: string) => ({
    id,
    title: id,
    place: 'hall',
    who,
    from: Date.parse(`2026-03-02T${from}:00+08:00`) / 1000,
    until: Date.parse(`2026-03-02T${until}:00+08:00`) / 1000,
  });
  const all = [
    on('open', '09:00', '11:00', 'everyone'),
    on('listed', '09:00', '11:00', 'list'),
    on('firms', '09:00', '11:00', 'enterprises'),
    on('later', '14:00', '16:00', 'everyone'),
  ];
  const person = { subject: newSubject() } as Credential;
  const judged = (one: DoorCase) => {
    const earliest = Date.parse(`2026-03-02T${one.at}:00+08:00`);
    const meetings = all.filter(({ id }) => (one.meetings ?? ['open']).includes(id));
    const situation: Situation = {
      station: 'door',
      direction: one.direction ?? 'in',
      colour: 'green',
      stale: false,
      inside: 0,
      repeat: false,
      previous: undefined,
      stop: undefined,
      local: localTime(earliest),
      at: { earliest, latest: earliest + (one.unsure ?? 0) * 1000 },
      listed: (list, subject) => subject === person.subject && (one.lists ?? []).includes(list),
      memory: one.memory as Json | undefined,
      data: (name) => (name === 'meetings' ? cborOf({ version: 1, meetings }) : undefined),
    };
    return meetingDoor.judge(person, situation, meetingDoor.settings.parse(one.settings ?? {}));
  };
  t.equal(new Set(DOOR_CASES.map(({ name }) => name)).size, DOOR_CASES.length, 'every case has its own name');
  for (const one of DOOR_CASES) {
    const judgement = judged(one);
    const note = judgement.note ?? {};
    const word = (name: string): string => (typeof note[name] === 'string' ? note[name] : '?');
    t.equal(judgement.admit ? `${word('does')} ${word('event')}` : `${judgement.refusal} ${word('why')}`, one.expect, one.name);
    t.ok(word('why') in meetingDoor.words, `${one.name}: there are words for it`);
    if (judgement.admit) {
      t.match(
        judgement.passed?.memory,
        { inside: note['does'] === 'in', event: note['event'], at: Number },
        'what is remembered of a passage',
      );
      t.equal(judgement.passed?.inside, undefined, 'the count of the building is not the door’s');
    }
  }
  for (const wrong of WRONG_DOOR_SETTINGS) t.notOk(meetingDoor.settings.safeParse(wrong).success, JSON.stringify(wrong));
  t.end();
});

t.test('in, out, again, and not on the list: each is an entry, sealed, and nobody is named', async (t) => {
  const { journal, joined, pass, facts } = boxAt(t);
  const { register } = joined;
  const [ann, ben] = [newSubject(), newSubject()];
  t.ok(register.create(MEETING, 7, BY));
  t.same(register.sign('spring', ann, DOOR), { does: 'in', number: 1, minutes: 0 });
  pass(3000);
  t.same(register.sign('spring', ann, DOOR), { does: 'again', number: 1, minutes: 0 }, 'held up too long');
  t.same(register.sign('spring', ben, DOOR), { does: 'in', number: 2, minutes: 0 });
  t.same(register.count('spring'), { invited: 0, came: 2, present: 2, turned: 0 });
  pass(30 * MINUTE);
  t.same(register.sign('spring', ann, DOOR), { does: 'out', number: 1, minutes: 30 });
  pass(HOUR);
  t.same(register.sign('spring', ann, DOOR), { does: 'in', number: 1, minutes: 30 });
  t.same(
    facts('meeting').map(({ does, number, event }) => [does, number, event]),
    [
      ['in', 1, 'spring'],
      ['in', 2, 'spring'],
      ['out', 1, 'spring'],
      ['in', 1, 'spring'],
    ],
  );
  const entries = journal.read(1, 100);
  t.notMatch(JSON.stringify(entries.map((entry) => entry.public)), ann);
  const opener = createOpener(seal.d, seal.kid);
  const [first] = entries.filter(({ kind }) => kind === 'meeting');
  if (!first?.seal) throw new Error('nothing is sealed');
  const parts = decodeCbor(opener.open(first.seal, `entry/DESK-1/${journal.journal}/${first.seq}`) ?? new Uint8Array());
  t.same(Array.isArray(parts) && parts.at(-1), decodeBase64Url(ann), 'the county can tell who it was');
  const kept = JSON.stringify(journal.keptUnder('meeting/'));
  t.notMatch(kept, ann, 'what is kept names nobody');
  t.match(kept, /stays/);

  t.ok(register.create({ ...MEETING, id: 'closed-circle', who: 'list' }, 7, BY));
  t.same(register.sign('closed-circle', ann, DOOR), { does: 'refused', why: 'not-invited' });
  t.equal(register.count('closed-circle')?.turned, 1);
  t.same(register.sign('nowhere', ann, DOOR), { does: 'refused', why: 'over' });
  t.ok(register.create({ ...MEETING, id: 'firms', who: 'enterprises' }, 7, BY));
  t.match(register.sign('firms', syntheticCreditCode(7), DOOR), { does: 'in', number: 1 });
});

t.test('a restart changes nothing; the end comes by itself; days later all of it is destroyed', async (t) => {
  const before = boxAt(t);
  const ann = newSubject();
  before.joined.register.create(MEETING, 2, BY);
  before.joined.register.sign('spring', ann, DOOR);
  before.pass(10 * MINUTE);
  const { joined, journal, pass, facts } = await before.restart();
  const { register } = joined;
  t.same(register.count('spring'), { invited: 0, came: 1, present: 1, turned: 0 });
  t.same(register.sign('spring', ann, DOOR), { does: 'out', number: 1, minutes: 10 });
  pass(20_000);
  register.sign('spring', ann, DOOR);
  pass(3 * HOUR);
  t.same(register.sign('spring', newSubject(), DOOR), { does: 'refused', why: 'over' }, 'over by the clock, before anybody tidied up');
  joined.upkeep();
  t.match(facts('meeting-closed'), [{ event: 'spring', by: 'end', came: 1, present: 1, at: MEETING.until / 1000 }]);
  const view = joined.page.view('organiser', 'spring').meeting;
  t.match(view, { state: 'closed', present: 0, came: 1, averageMinutes: 119, people: [{ number: 1, state: 'left', name: null }] });
  t.notOk(register.close('spring', 'organiser', BY), 'closed once');
  pass(2 * DAY);
  joined.upkeep();
  t.same(journal.keptUnder('meeting/'), []);
  t.equal(register.count('spring'), undefined);
});

t.test('a meeting that the county publishes is known at every door, and kept here from the first who comes', async (t) => {
  const published = { ...MEETING, id: 'county-day', from: AT, until: AT + 7200 };
  const box = boxAt(t, { data: { meetings: { version: 1, meetings: [published] } } });
  const { register, page } = box.joined;
  t.match(register.all(), [{ id: 'county-day', from: AT * 1000 }]);
  t.match(page.view('organiser', undefined).meetings, [{ id: 'county-day', state: 'on' }]);
  t.same(box.journal.keptUnder('meeting/'), [], 'nothing is kept of it yet');
  const ann = newSubject();
  t.match(register.sign('county-day', ann, DOOR), { does: 'in', number: 1 });
  box.pass(MINUTE);
  const after = (await box.restart()).joined;
  t.match(after.register.sign('county-day', ann, DOOR), { does: 'out', number: 1, minutes: 1 });
  const broken = boxAt(t, { folder: t.testdir({ other: {} }), data: { meetings: { version: 'x' } } });
  t.same(broken.joined.register.all(), [], 'data that makes no sense is no meeting');
});

t.test('noise is never a list, and never a fault of the program', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.string({ maxLength: 400 }), (bytes, text) => {
      for (const one of [textOf(bytes), text, `姓名,证件\n${text}`]) {
        const { guests, faults } = readGuests(one);
        if (guests.length > 0) return false;
        if (faults.some(({ line, words }) => line < 1 || words.zh === '')) return false;
      }
      return true;
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.array(fc.string(), { minLength: 2, maxLength: 4 }), { maxLength: 5 }), (rows) => {
      const cells = writeCsv(rows).slice(1);
      return !/(^|,|\n)[=+\-@|%]/.test(cells.replace(/"(?:[^"]|"")*"/g, 'x'));
    }),
  );
  t.pass();
  t.end();
});

t.test('what cannot be written did not happen', (t) => {
  const { joined, journal } = boxAt(t);
  joined.register.create(MEETING, 7, BY);
  const ann = newSubject();
  const { last } = journal;
  const doors = doorsOf(journal, joined.register);
  t.throws(() =>
    doors.transaction((tx) => {
      tx.append({ kind: 'passage', at: { earliest: 0, latest: 0 }, facts: { station: 'gate' } });
      tx.remember('meeting-door', ann, { inside: true, event: 'spring', at: AT });
      throw new Error('the disk is full');
    }),
  );
  t.equal(journal.last, last);
  t.equal(joined.register.count('spring')?.came, 0);
  t.end();
});

t.test('gates and desk of one box are doors of one meeting', (t) => {
  const { joined, journal, pass, facts } = boxAt(t);
  const { register } = joined;
  register.create({ ...MEETING, who: 'list' }, 7, BY);
  const ann = newSubject();
  const doors = doorsOf(journal, register);
  const seen = trustAtDoors(trust, register);
  const token = decodeBase64Url(ann) ?? new Uint8Array();
  t.notOk(seen?.lists.listed('event.spring', token));
  joined.page.load('spring', Buffer.from(''));
  register.invite('spring', []);
  t.equal(doors.memory('meeting-door', ann), undefined);
  doors.transaction((tx) => {
    tx.append({ kind: 'passage', at: { earliest: AT * 1000, latest: AT * 1000 }, facts: { station: 'gate' } });
    tx.remember('meeting-door', ann, { inside: true, event: 'spring', at: AT });
  });
  t.match(facts('meeting'), [{ does: 'in', number: 1, station: 'gate', scene: 'meeting-door', event: 'spring' }]);
  t.match(doors.memory('meeting-door', ann), { inside: true, event: 'spring', at: AT });
  pass(MINUTE);
  t.equal(doors.memory('entry', ann), undefined, 'other scenes remember by themselves');
  t.match(seen?.data('meetings'), cborOf({ version: 1, meetings: [{ ...MEETING, who: 'list', from: AT, until: AT + 7200 }] }));
  t.end();
});

t.test('a lane with that scene: one scan in, one scan out, in the journal before anybody is told', async (t) => {
  const { joined, journal, pass, now, facts } = boxAt(t);
  const { register } = joined;
  register.create({ ...MEETING, who: 'list' }, 7, BY);
  const [ann, ben] = [newSubject(), newSubject()];
  const spring = register.find('spring');
  if (!spring) throw new Error('the meeting was just made');
  register.invite('spring', [tokenOf(spring, ann)]);
  const clock: Clock = { now: () => ({ earliest: now(), latest: now() + 50 }), monotonic: now };
  const lane = createLane({
    station: 'hall-gate',
    checkpoint: 'CP-1',
    scene: { name: 'meeting-door', scene: meetingDoor, settings: meetingDoor.settings.parse({}) },
    formats: await loadFormats(),
    clock,
    journal: doorsOf(journal, register),
    trust: () => trustAtDoors(trust, register),
    sealer: () => undefined,
    whenJournalFails: 'refuse',
    patienceMs: 1000,
    signal: () => undefined,
    stop: () => undefined,
    changed: () => undefined,
    log: silent,
  });
  t.teardown(() => lane.stop());
  const scan = async (subject: string): Promise<unknown> => {
    const bytes = screen(subject);
    lane.accept({ station: 'hall-gate', device: 'scanner', direction: 'in', at: clock.now(), monotonic: now(), medium: 'code', bytes });
    while (lane.state().busy) await sleep(1);
    return lane.state().shown?.decision.verdict;
  };
  t.match(await scan(ann), { admit: true, note: { does: 'in', event: 'spring' } });
  t.same(register.count('spring'), { invited: 1, came: 1, present: 1, turned: 0 });
  t.match(await scan(ben), { admit: false, refusal: 'not-entitled', note: { why: 'not-invited' } });
  pass(MINUTE);
  t.match(register.sign('spring', ann, DOOR), { does: 'out', number: 1 }, 'out at the desk');
  pass(MINUTE);
  t.match(await scan(ann), { admit: true, note: { does: 'in' } }, 'and in again at the gate');
  t.same(
    facts('meeting').map(({ does, station }) => [does, station]),
    [
      ['in', 'hall-gate'],
      ['out', 'desk'],
      ['in', 'hall-gate'],
    ],
  );
});

t.test('doors of a site agree on who is inside, in both directions', (t) => {
  const { journal } = boxAt(t);
  const told: string[] = [];
  const register = createRegister({
    journal,
    checkpoint: 'CP-1',
    trust: () => trust,
    sealer: () => undefined,
    changed: () => undefined,
    log: silent,
    clock: { now: () => ({ earliest: AT * 1000, latest: AT * 1000 }), monotonic: () => 0 },
    others: () => ({
      // Another door saw everybody come in.
      memory: (_scene, _subject, own) => ({ ...(own as object), inside: true }),
      passed: (scene, _subject, direction) => void told.push(`${scene} ${direction}`),
    }),
  });
  register.create(MEETING, 7, BY);
  t.match(register.sign('spring', newSubject(), DOOR), { does: 'out', number: 1, minutes: 0 });
  t.same(told, ['meeting-door/spring out'], 'of this meeting alone');
  t.end();
});

t.test('a gate asks the site about the meeting that is on, and tells it which one somebody went to', (t) => {
  const { joined, journal } = boxAt(t);
  const { register } = joined;
  register.create(MEETING, 7, BY);
  const asked: string[] = [];
  const site = {
    memory: (scene: string) => void asked.push(`asks ${scene}`),
    passed: (scene: string, _subject: string, direction: string) => void asked.push(`tells ${scene} ${direction}`),
  };
  const others = siteAtDoors(site as never, register);
  const ann = newSubject();
  others.memory('meeting-door', ann, undefined);
  doorsOf(journal, register).transaction((tx) => tx.remember('meeting-door', ann, { inside: true, event: 'spring', at: AT }));
  others.passed('meeting-door', ann, 'in');
  others.memory('entry', ann, undefined);
  register.create({ ...MEETING, id: 'autumn' }, 7, BY);
  others.memory('meeting-door', newSubject(), undefined);
  others.memory('meeting-door', ann, { inside: true, event: 'spring' });
  t.same(asked, [
    'asks meeting-door/spring',
    'tells meeting-door/spring in',
    'asks entry',
    'asks meeting-door/',
    'asks meeting-door/spring',
  ]);
  t.end();
});

t.test('a list: whatever spreadsheets write, with what is wrong by line', async (t) => {
  const [id, other] = [syntheticId('19800101', 11), syntheticId('19810202', 12)];
  const csv = `姓名,身份证号,手机\r\n张三,${id},\r\n"李,四",'${other},\r\n王五,,13800000000\r\n赵六,123456199001011234\r\n钱七,3.41525E+17\r\n孙八,\r\n${id}\r\n张三,${id}\r\n企业,${syntheticCreditCode(3)}\r\n`;
  const { guests, faults } = readGuests(csv);
  t.same(
    guests.map(({ name, by }) => [name, Object.keys(by)[0]]),
    [
      ['张三', 'idNumber'],
      ['李,四', 'idNumber'],
      ['王五', 'phone'],
      ['企业', 'creditCode'],
    ],
  );
  t.same(
    faults.map(({ line, words }) => [line, words.en]),
    [
      [5, 'the ID number is wrong'],
      [6, 'the spreadsheet changed the number: make the column text'],
      [7, 'there is no ID number, phone number or credit code'],
      [8, 'there is no name'],
      [9, 'stands on a line above already'],
    ],
  );
  const gbk = Buffer.concat([Buffer.from([0xd5, 0xc5, 0xc8, 0xfd]), Buffer.from(`,${id}`)]);
  t.equal(readGuests(textOf(gbk)).guests[0]?.name, '张三', 'GB 18030');
  t.equal(readGuests(`\ufeff张三\t${id}\n`).guests.length, 1, 'tabs, and the mark of UTF-8');
  t.equal(readGuests('"never ends').faults[0]?.line, 1);
  t.equal(readGuests('a,b\n'.repeat(6000)).guests.length, 0, 'more lines than anybody invites');

  const box = boxAt(t);
  const { page, register } = box.joined;
  register.create({ ...MEETING, who: 'list' }, 7, BY);
  const zhang = await subjectOf(id, REGION, KEY);
  t.ok(page.load('spring', Buffer.from(csv)));
  t.notOk(page.load('spring', Buffer.from(csv)), 'one at a time');
  t.notOk(page.load('nowhere', Buffer.from(csv)));
  t.match(register.sign('spring', newSubject(), DOOR), { does: 'refused' }, 'the door works meanwhile');
  while (page.view('organiser', 'spring').meeting?.list.working) await sleep(5);
  t.match(page.view('organiser', 'spring').meeting, { invited: 3, absent: 3, came: 0, list: { named: 3 } });
  t.match(page.view('organiser', 'spring').meeting?.list.faults.at(-1), { line: 4, words: { en: /need the network/ } });
  t.match(register.sign('spring', zhang, DOOR), { does: 'in' });
  t.equal(page.view('organiser', 'spring').meeting?.people.find(({ state }) => state === 'present')?.name, '张三');
  t.notMatch(readFileSync(join(t.testdirName, 'journal.db'), 'latin1'), Buffer.from('张三').toString('latin1'), 'no name on the disk');
  t.notMatch(readFileSync(join(t.testdirName, 'journal.db-wal'), 'latin1'), id);

  const again = await box.restart();
  const after = again.joined;
  t.match(after.page.view('organiser', 'spring').meeting, {
    invited: 3,
    list: { named: 0 },
    people: [{ name: null }, { name: null }, { name: null }],
  });
  again.pass(MINUTE);
  t.match(after.register.sign('spring', zhang, DOOR), { does: 'out' }, 'who may come is known without the names');
  after.page.load('spring', Buffer.from(`李四,${other}\n`));
  while (after.page.view('organiser', 'spring').meeting?.list.working) await sleep(5);
  t.match(after.page.view('organiser', 'spring').meeting, { invited: 1, list: { named: 1 } }, 'the new list stands for the old one');
  after.page.forgetNames('spring');
  t.match(after.page.view('organiser', 'spring').meeting, { invited: 1, list: { named: 0 } });

  const keyless = boxAt(t, { folder: t.testdir({ other: {} }), keyed: false });
  keyless.joined.register.create({ ...MEETING, who: 'list' }, 7, BY);
  keyless.joined.page.load('spring', Buffer.from(`张三,${id}\n`));
  while (keyless.joined.page.view('organiser', 'spring').meeting?.list.working) await sleep(5);
  t.match(keyless.joined.page.view('organiser', 'spring').meeting?.list.faults, [{ words: { en: /no region key/ } }]);
});

t.test('late, left early, how long, and the curve', (t) => {
  const { joined, pass } = boxAt(t);
  const { register, page } = joined;
  const [ann, ben, cho] = [newSubject(), newSubject(), newSubject()];
  register.create(MEETING, 7, BY);
  register.sign('spring', ann, DOOR);
  pass(20 * MINUTE);
  register.sign('spring', ben, DOOR);
  register.sign('spring', cho, DOOR);
  pass(40 * MINUTE);
  register.sign('spring', ben, DOOR);
  pass(58 * MINUTE);
  register.sign('spring', cho, DOOR);
  pass(10 * MINUTE);
  joined.upkeep();
  const { meeting } = page.view('organiser', 'spring');
  t.match(meeting?.people, [
    { number: 1, late: false, leftEarly: false, minutes: 120, state: 'left' },
    { number: 2, late: true, leftEarly: true, minutes: 40 },
    { number: 3, late: true, leftEarly: false, minutes: 98 },
  ]);
  t.match(meeting, { came: 3, late: 2, leftEarly: 1, averageMinutes: 86, present: 0 });
  t.same(
    meeting?.curve.map(([, inside]) => inside),
    [1, 3, 2, 1, 0],
  );
  t.end();
});

t.test(
  'tables: no cell is a formula, and another program reads the sheet',
  { skip: !existsSync('/usr/bin/python3') && 'install python3' },
  (t) => {
    const rows = [
      ['=1+1', '+86', '-2', '@SUM(A1)', '\tx', 'a"b', '普通'],
      [7, '<b>&', '', 'x'],
    ];
    const csv = writeCsv(rows);
    t.match(csv, /^\ufeff"'=1\+1","'\+86","'-2","'@SUM\(A1\)","'\tx","a""b",普通\r\n7,<b>&,,x\r\n$/);
    t.same(
      readCsv(
        writeCsv([
          ['a', 'b,c', 'd"e'],
          [1, 2, 3],
        ]),
        10,
      ),
      [
        ['a', 'b,c', 'd"e'],
        ['1', '2', '3'],
      ],
      'what is written reads the same',
    );
    const file = join(t.testdir(), 'x.xlsx');
    writeFileSync(file, writeXlsx("a/b:c'd", rows));
    const script = `import sys,zipfile,xml.etree.ElementTree as E
z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None
n='{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
s=E.fromstring(z.read('xl/worksheets/sheet1.xml')); b=E.fromstring(z.read('xl/workbook.xml'))
print([[(c.get('t'), ''.join(c.itertext())) for c in r] for r in s.iter(n+'row')], b.find(n+'sheets')[0].get('name'), len(list(s.iter(n+'f'))))`;
    const { stdout, stderr } = spawnSync('python3', ['-c', script, file], {
      encoding: 'utf8',
      env: { ...process.env, PYTHONIOENCODING: 'utf8' },
    });
    t.match(stdout, /\[\('inlineStr', '=1\+1'\), .*'普通'\)\], \[\(None, '7'\), \('inlineStr', '<b>&'\).* a b c d 0/, stderr);
    t.end();
  },
);

t.test('a PIN: shown as dots, written nowhere, five tries, and an end to the lock', async (t) => {
  t.ok(['2580', '123457', '90210'].every(isGoodPin));
  t.notOk(['0000', '1234', '9876', '123', '123456789', 'abcd', ''].some(isGoodPin));
  const member = await makeMember(STAFF_SUBJECT, STAFF_PIN, ['clerk']);
  t.equal(memberOf({ version: 1, staff: [member] }, STAFF_SUBJECT), member);
  t.equal(memberOf({ version: 1, staff: [member] }, newSubject()), undefined);
  t.ok(await holdsPin(member, STAFF_SUBJECT, STAFF_PIN));
  t.notOk(await holdsPin(member, newSubject(), STAFF_PIN), 'the PIN alone opens nothing');

  const { journal } = boxAt(t);
  let now = AT * 1000;
  const open = () =>
    createLockOut({
      kept: (name) => journal.kept(name),
      keep: (name, value) => journal.transaction((tx) => tx.keep(name, value)),
      clock: { now: () => ({ earliest: now, latest: Number.POSITIVE_INFINITY }), monotonic: () => 0 },
    });
  const wrong = (times: number): void => Array.from({ length: times }).forEach(() => open().tried(member.mark));
  wrong(4);
  t.equal(open().lockedUntil(member.mark), undefined);
  wrong(1);
  t.equal(open().lockedUntil(member.mark), now + 15 * MINUTE, 'kept over restarts');
  now += 15 * MINUTE;
  t.equal(open().lockedUntil(member.mark), undefined, 'it has an end');
  wrong(5);
  t.equal(open().lockedUntil(member.mark), now + 30 * MINUTE, 'twice as long');
  now += DAY;
  wrong(3);
  open().right(member.mark);
  wrong(4);
  t.equal(open().lockedUntil(member.mark), undefined, 'the right one begins anew');
  t.equal(afterWrong({ wrong: 4, locks: 30, until: 0 }, 0).until, DAY, 'a day at most');

  const scene = (await import('../src/scenes/meeting.js')).default;
  const logged: unknown[] = [];
  const log = {
    info: (...all: unknown[]) => logged.push(all),
    warn: (...all: unknown[]) => logged.push(all),
    error: (...all: unknown[]) => logged.push(all),
  };
  const mine = { ...testTrust().trust, data: (name: string) => (name === 'staff' ? cborOf(STAFF) : undefined) };
  const at = standAt(t, [{ name: 'meeting', scene, settings: scene.settings.parse({}) }], { trust: () => mine, log });
  at.desk.act({ do: 'start', scene: 'meeting' });
  await at.prompt();
  at.scan(screen(STAFF_SUBJECT));
  await at.prompt();
  at.answer({ pin: '7410' });
  t.match(await at.prompt(), { kind: 'fill', ask: { en: /not your PIN/ } });
  at.answer({ pin: STAFF_PIN });
  await at.prompt();
  t.notMatch(JSON.stringify([at.desk.state(), at.entries().map(({ facts }) => facts), logged]), /7410|2580/);
  at.desk.act({ do: 'leave', visit: at.visit().id });
  await at.menu();
  t.same(
    at.entries('staff').map(({ facts }) => facts['event']),
    ['wrong-pin', 'signed-in', 'signed-out'],
  );
  for (const { facts, opened } of at.entries('staff')) {
    t.match(facts, { role: 'organiser', scene: 'meeting', station: 'desk', checkpoint: 'CP-1' });
    t.equal(opened?.length, 5, 'who it was is sealed');
    t.notMatch(JSON.stringify(opened?.[3]), /7410|2580/);
  }
  t.notMatch(JSON.stringify(at.journal.read(1, 100).map(({ public: text }) => text)), STAFF_SUBJECT);
});

/** A desk whose organiser has made a meeting and opened its door. */
async function openDoor(t: Test, who: string, idleMs = 60_000): Promise<Stand> {
  const scene = (await import('../src/scenes/meeting.js')).default;
  const mine = { ...trust, data: (name: string) => (name === 'staff' ? cborOf(STAFF) : undefined) };
  const at = standAt(t, [{ name: 'meeting', scene, settings: scene.settings.parse({}) }], { trust: () => mine, idleMs, graceMs: 20 });
  for (const step of [
    () => at.desk.act({ do: 'start', scene: 'meeting' }),
    () => at.scan(screen(STAFF_SUBJECT)),
    () => at.answer({ pin: STAFF_PIN }),
    () => at.answer('new'),
    () => at.answer({ title: '会', place: '厅' }),
    () => at.answer({ day: localTime(AT * 1000).day, from: '1200', until: '1300' }),
    () => at.answer(who),
    () => at.answer(true),
    () => at.answer(null),
    () => at.answer('door'),
  ]) {
    step();
    await at.prompt();
  }
  return at;
}

t.test('enterprises sign in with their own code, people with theirs are told so', async (t) => {
  const at = await openDoor(t, 'enterprises');
  t.match(at.visit().prompt, { kind: 'identify', ask: { en: /your enterprise/ } });
  const creditCode = syntheticCreditCode(7);
  const firm = { creditCode, name: '演示公司', representative: new Uint8Array(16), status: 'active' as const };
  at.scan(enterpriseCode(issuer, { ...firm, issued: AT - 60, expires: AT + 600, codeId: new Uint8Array(8) }));
  t.match(await at.prompt(), { said: { good: true, words: { en: 'Signed in, number 1' } } });
  at.scan(screen());
  t.match(await at.prompt(), { kind: 'identify', turned: { refusal: 'not-for-here' } });
  t.match(at.entries('meeting'), [{ facts: { does: 'in', number: 1 } }]);
  t.notMatch(JSON.stringify(at.entries('meeting').map(({ facts }) => facts)), creditCode);
});

t.test('an open door is not asked whether it is still there, and takes one after the other', async (t) => {
  const at = await openDoor(t, 'everyone', 2000);
  const [ann, ben] = [newSubject(), newSubject()];
  t.match(at.visit().prompt, { kind: 'identify', ask: { en: /Sign in/ } });
  at.scan(screen(ann));
  t.match(await at.prompt(), { kind: 'identify', said: { good: true, words: { zh: '签到成功，第 1 号' } } });
  await sleep(2200);
  t.equal(at.visit().fading, false, 'nobody asks an open door');
  at.scan(screen(ben));
  t.match(await at.prompt(), { said: { words: { zh: '签到成功，第 2 号' } } });
  at.scan(screen(ann));
  t.match(await at.prompt(), { said: { words: { zh: '刚刚已登记，第 1 号' } } });
  at.scan(screen(newSubject(), AT - 10));
  t.match(await at.prompt(), { turned: { refusal: 'expired' } });
  at.desk.act({ do: 'leave', visit: at.visit().id });
  await at.menu();
  t.match(at.entries('staff').at(-1)?.facts, { event: 'signed-out' });
  t.equal(at.entries('meeting').length, 2);
});

t.test('the report of days counts what the journal has, slice by slice', async (t) => {
  const { journal, now } = boxAt(t);
  const verdict = (earliest: number, facts: Facts): void =>
    void journal.transaction((tx) => tx.append({ kind: 'verdict', at: { earliest, latest: earliest }, facts }));
  verdict(now() - 3 * DAY, { scene: 'entry', station: 'gate', verdict: 'admit' });
  for (let i = 0; i < 600; i++) verdict(now() - HOUR, { scene: 'entry', station: 'gate', verdict: 'admit' });
  verdict(now() - MINUTE, { scene: 'entry', station: 'gate', verdict: 'refuse', refusal: 'expired' });
  verdict(now() - MINUTE, { scene: 'ride', station: 'bus', verdict: 'admit' });
  t.match(await reportOf(journal, now(), 1), {
    from: Date.parse('2026-11-22T00:00:00+08:00'),
    since: now() - HOUR,
    rows: [
      { scene: 'entry', station: 'gate', refusal: '', count: 600 },
      { scene: 'entry', station: 'gate', refusal: 'expired', count: 1 },
      { scene: 'ride', station: 'bus', refusal: '', count: 1 },
    ],
  });
  t.equal((await reportOf(journal, now(), 7)).rows[0]?.count, 601);
});

t.test('the code of the page is good once, for ten minutes, and cannot be searched for', (t) => {
  let now = 0;
  const sessions = createSessions(() => now);
  const code = sessions.invite('clerk');
  t.match(code, /^\d{8}$/);
  const begun = sessions.begin(code);
  t.equal(sessions.role(begun?.token ?? ''), 'clerk');
  t.equal(sessions.begin(code), undefined, 'once');
  const late = sessions.invite('clerk');
  now += 10 * MINUTE;
  t.equal(sessions.begin(late), undefined, 'too late');
  now += 2 * MINUTE;
  for (let i = 0; i < 10; i++) sessions.begin('0');
  const good = sessions.invite('clerk');
  t.equal(sessions.begin(good), undefined, 'after ten wrong ones even the right one waits a minute');
  now += MINUTE;
  t.ok(sessions.begin(good));
  now += 12 * HOUR;
  t.equal(sessions.role(begun?.token ?? ''), undefined, 'the end of the shift');
  t.equal(sessions.role(''), undefined);
  t.end();
});

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FOUND = 'axe.run().then((r) => r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html).join(" ")))';
/** Where pictures go when somebody wants to look: ANKANG_PICTURES=folder. */
const PICTURES = process.env['ANKANG_PICTURES'];
const NO_BROWSER = !existsSync(CHROMIUM) && 'install chromium: apt-get install chromium';
t.setTimeout(600_000);

async function look(tab: Tab, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  mkdirSync(PICTURES, { recursive: true });
  await tab.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}

t.test(
  'the organiser’s page in a browser: live, named while a list is loaded, harmless, and only for who signed in',
  { skip: NO_BROWSER },
  async (t) => {
    const box = boxAt(t);
    const { register, page: staff, invite } = box.joined;
    register.create({ ...MEETING, who: 'list' }, 7, BY);
    const page = await servePage({ port: 0, view: () => ({}) as never, staff });
    t.teardown(() => page.stop());
    const url = `http://127.0.0.1:${page.port}`;
    const ids = [syntheticId('19800101', 11), syntheticId('19810202', 12), syntheticId('19820303', 13)];
    const subjects = await Promise.all(ids.map((id) => subjectOf(id, REGION, KEY)));
    const browser: Browser = await chromium.launch(BROWSER);
    t.teardown(() => browser.close());
    const tab = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const faults: string[] = [];
    tab.on('pageerror', (error) => faults.push(error.message));
    const tile = (name: string) => tab.textContent(`[data-tile="${name}"]`);

    await t.test('a wrong code is told; the right one opens the page, and is gone from the address', async (t) => {
      await tab.goto(`${url}/organiser`);
      await tab.getByLabel(/代码/).fill('12345678');
      await tab.getByRole('button', { name: /登录/ }).click();
      t.match(await tab.textContent('.fault'), /代码不对/);
      await tab.evaluate(AXE);
      t.same(await tab.evaluate(FOUND), []);
      await look(tab, 'organiser-sign-in');
      await tab.goto('about:blank');
      const { path, code } = invite('organiser');
      await tab.goto(`${url}${path}#${code}`);
      await tab.getByRole('heading', { name: /会议与活动/ }).waitFor();
      t.equal(new URL(tab.url()).hash, '');
    });

    await t.test('a list is loaded, and its people are missing until they come, live', async (t) => {
      await tab.getByLabel(/活动 Meeting/).selectOption('spring');
      await tab.getByRole('heading', { name: '春耕动员会' }).waitFor();
      const csv = `姓名,身份证号\n张三,${ids[0]}\n<img src=x onerror=document.title=1>,${ids[1]}\n=cmd|calc,${ids[2]}\n坏行,1\n`;
      await tab.getByLabel(/名单 CSV/).setInputFiles({ name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
      await tab.locator('[data-tile="absent"]', { hasText: /^3$/ }).waitFor();
      t.match(await tab.textContent('.faults'), /第 5 行/);
      for (const subject of subjects.slice(0, 2)) register.sign('spring', subject, DOOR);
      await tab.locator('[data-tile="present"]', { hasText: /^2$/ }).waitFor();
      t.equal(await tile('absent'), '1');
      t.match(await tab.textContent('tbody'), /张三.*在场/s);
      t.match(await tab.textContent('tbody'), /<img src=x onerror=document.title=1>/, 'a name is text, whatever it says');
      t.equal(await tab.title(), '组织者与工作人员 · Organisers and clerks');
      for (let i = 0; i < 40; i++) {
        box.pass(2 * MINUTE);
        register.sign('spring', subjects[i % 2] ?? '', DOOR);
      }
      await sleep(1200);
      t.match(await tab.getAttribute('.curve .line', 'd'), /^M.*V/);
      await tab.evaluate(AXE);
      t.same(await tab.evaluate(FOUND), []);
      await look(tab, 'organiser-1280x800');
      for (const [width, height] of [
        [1080, 1920],
        [800, 480],
      ] as const) {
        await tab.setViewportSize({ width, height });
        t.ok(Number(await tab.evaluate('document.documentElement.scrollWidth - innerWidth')) <= 0, `no sideways scroll at ${width}`);
        await look(tab, `organiser-${width}x${height}`);
      }
      await tab.setViewportSize({ width: 1280, height: 800 });
      await tab.getByLabel(/状态/).selectOption('absent');
      t.equal(await tab.locator('tbody tr').count(), 1);
      await tab.getByLabel(/状态/).selectOption('');
    });

    const saved = async (name: string): Promise<Buffer> => {
      const [download] = await Promise.all([tab.waitForEvent('download'), tab.getByRole('link', { name, exact: true }).click()]);
      return readFileSync(await download.path());
    };

    await t.test('exports: names in them, no formulas; then the names are forgotten', async (t) => {
      const csv = (await saved('CSV')).toString('utf8');
      t.match(csv, /春耕动员会.*张三,/s);
      t.match(csv, /"?'=cmd\|calc/);
      t.same((await saved('XLSX')).subarray(0, 4), Buffer.from('PK\x03\x04'));
      await tab.getByRole('button', { name: /清除姓名/ }).click();
      await tab.getByText('没有姓名，只显示编号').waitFor();
      t.notMatch(await tab.textContent('tbody'), /张三/);
      t.notMatch((await saved('CSV')).toString('utf8'), /张三/);
    });

    await t.test('closing asks twice; a closed meeting takes nobody and no list', async (t) => {
      await tab.getByRole('button', { name: /结束活动/ }).click();
      await tab.getByRole('button', { name: /确定现在结束/ }).click();
      await tab.getByText('已结束', { exact: true }).waitFor();
      t.equal(await tab.getByLabel(/名单 CSV/).count(), 0);
      t.same(register.sign('spring', subjects[0] ?? '', DOOR), { does: 'refused', why: 'over' });
    });

    await t.test('the clerk’s report, and nobody else’s page', async (t) => {
      box.journal.transaction((tx) =>
        tx.append({
          kind: 'verdict',
          at: { earliest: box.now(), latest: box.now() },
          facts: { scene: 'entry', station: 'gate', verdict: 'admit' },
        }),
      );
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
      const clerk = await context.newPage();
      const { path, code } = invite('clerk');
      await clerk.goto(`${url}${path}#${code}`);
      await clerk.getByRole('cell', { name: 'entry' }).waitFor();
      await clerk.getByRole('button', { name: /最近 7 天/ }).click();
      await clerk.evaluate(AXE);
      t.same(await clerk.evaluate(FOUND), []);
      await look(clerk, 'clerk-1280x800');
      const [download] = await Promise.all([clerk.waitForEvent('download'), clerk.getByRole('link', { name: 'CSV' }).click()]);
      t.match(readFileSync(await download.path(), 'utf8'), /entry,gate,放行 admitted,1/);
      t.equal(await clerk.evaluate("fetch('/api/staff/meeting/spring/attendance.csv').then((r) => r.status)"), 403);
      await clerk.getByRole('button', { name: /退出登录/ }).click();
      await clerk.getByLabel(/代码/).waitFor();
      t.equal(await clerk.evaluate("fetch('/api/staff/report').then((r) => r.status)"), 401);
      await context.close();
    });

    await t.test('from outside: no session, another page, another host, a frame, too much', async (t) => {
      const ask = (path: string, init: RequestInit = {}) => fetch(url + path, init);
      const json = { 'content-type': 'application/json' };
      for (const path of ['/api/staff/view', '/api/staff/events', '/api/staff/meeting/spring/attendance.csv', '/api/staff/report'])
        t.equal((await ask(path)).status, 401, path);
      t.equal((await ask('/api/staff/meeting/spring/close', { method: 'POST' })).status, 401);
      t.equal(
        (await ask('/api/staff/meeting/spring/list', { method: 'POST', body: 'x', headers: { 'content-type': 'text/csv' } })).status,
        401,
      );
      const { code } = invite('organiser');
      const begin = (headers: Readonly<Record<string, string>>, body: object = { code }) =>
        ask('/api/staff/session', { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) });
      t.equal((await begin({ origin: 'http://evil.example' })).status, 403);
      t.equal((await begin({ 'sec-fetch-site': 'cross-site' })).status, 403);
      t.equal((await begin({}, { code: 'x' })).status, 403);
      t.equal((await begin({ 'content-type': 'text/plain' })).status, 415);
      t.equal((await begin({}, { code, more: 'x'.repeat(2000) })).status, 413);
      const answer = await begin({});
      t.equal(answer.status, 204);
      const cookie = answer.headers.get('set-cookie') ?? '';
      t.match(cookie, /HttpOnly/i);
      t.match(cookie, /SameSite=Strict/i);
      const mine = { cookie: cookie.split(';')[0] ?? '' };
      const view = (await (await ask('/api/staff/view?meeting=spring', { headers: mine })).json()) as StaffView;
      t.match(view, { role: 'organiser', meeting: { id: 'spring', state: 'closed' } });
      t.equal((await ask('/api/staff/view?meeting=spring', { headers: { ...mine, origin: 'http://evil.example' } })).status, 403);
      t.equal((await ask('/api/staff/meeting/spring/list', { method: 'POST', headers: mine, body: '{}' })).status, 415);
      const html = await ask('/organiser');
      t.match(html.headers.get('content-security-policy'), /frame-ancestors 'none'/);
      t.match(html.headers.get('content-security-policy'), /default-src 'self'/);
      const much = { method: 'POST', headers: { ...mine, 'content-type': 'text/csv' }, body: 'x'.repeat(2 << 20) };
      t.equal((await ask('/api/staff/meeting/spring/list', much)).status, 413);
      t.equal((await ask('/api/staff/meeting/..%2f/attendance.csv', { headers: mine })).status, 404);
    });
    t.same(faults, [], 'no fault in the page');
  },
);

t.test('the whole of it in the demo: an organiser at the kiosk, a door, the county', { skip: NO_BROWSER }, async (t) => {
  const program = join(import.meta.dirname, '../src/cli/ankang.js');
  // A socket’s path is short.
  const folder = mkdtempSync(join(tmpdir(), 'ankang-'));
  const port = await freePort();
  const child = spawn(process.execPath, [program, 'demo', '--port', String(port), '--folder', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(async () => {
    // It ends what it started, which a killed one could not.
    const ended = child.exitCode === null ? once(child, 'exit') : undefined;
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  while (!out.includes('Ctrl-C')) {
    if (child.exitCode !== null) throw new Error('the demo did not start');
    await sleep(50);
  }
  const browser = await chromium.launch(BROWSER);
  t.teardown(() => browser.close());
  const url = `http://127.0.0.1:${port}`;
  const present = (name: string) =>
    fetch(`${url}/api/present`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name }) });
  const tab = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const at = (prompt: string) => tab.waitForSelector(`[data-prompt="${prompt}"]`);
  const touch = (name: RegExp) => tab.getByRole('button', { name }).first().click();
  const signIn = async (): Promise<void> => {
    await at('identify');
    await present('staff');
    await at('fill');
    t.equal(await tab.getByLabel(/PIN/).getAttribute('type'), 'password');
    for (const key of '2580') await tab.getByRole('button', { name: key, exact: true }).click();
    await look(tab, 'pin');
    await touch(/下一步/);
  };
  await tab.goto(`${url}/?station=kiosk`);
  await at('menu');
  await touch(/会议与活动/);
  await signIn();
  await at('choose');
  await touch(/新建活动/);
  await at('fill');
  const { day } = localTime(Date.now());
  const type = async (label: RegExp, value: string): Promise<void> => tab.getByLabel(label).fill(value);
  await type(/名称/, '演示大会');
  await type(/地点/, '县礼堂');
  await touch(/下一步/);
  await tab.getByLabel(/日期/).waitFor();
  await type(/日期/, day);
  await type(/开始时刻/, '0000');
  await type(/结束时刻/, '2359');
  await tab.evaluate(AXE);
  t.same(await tab.evaluate(FOUND), [], 'the form');
  await look(tab, 'meeting-form');
  await touch(/下一步/);
  await at('choose');
  await touch(/所有人/);
  await at('confirm');
  await touch(/确认/);
  await at('show');
  t.match(await tab.getAttribute('.picture', 'src'), /^data:image\/svg/);
  await look(tab, 'meeting-code');
  await touch(/好的/);
  await at('choose');
  await touch(/开门签到/);
  await at('identify');
  await present('at-kiosk');
  await tab.getByText('签到成功，第 1 号').waitFor();
  await tab.evaluate(AXE);
  t.same(await tab.evaluate(FOUND), [], 'the door');
  await look(tab, 'meeting-door');
  await touch(/退出/);
  await at('menu');
  await touch(/会议与活动/);
  await signIn();
  await at('choose');
  await touch(/演示大会/);
  await at('choose');
  await touch(/组织者页面/);
  await at('show');
  await tab.evaluate(AXE);
  t.same(await tab.evaluate(FOUND), [], 'the way to the page');
  await look(tab, 'staff-page-link');
  await tab.getByRole('link', { name: /在本屏打开/ }).click();
  await tab.getByLabel(/活动 Meeting/).waitFor();
  const option = await tab.locator('option', { hasText: '演示大会' }).getAttribute('value');
  await tab.getByLabel(/活动 Meeting/).selectOption(option);
  await tab.locator('[data-tile="present"]', { hasText: /^1$/ }).waitFor();
  const county = join(folder, 'county');
  const store = await openCountyStore(county);
  t.teardown(() => store.close());
  let [signed] = await store.recorded({ kind: 'meeting' });
  while (!signed) {
    await sleep(25);
    [signed] = await store.recorded({ kind: 'meeting' });
  }
  t.match(signed, { facts: { event: option, does: 'in', number: 1 }, subject: /^[\w-]{22}$/ });
  const ankang = (...args: readonly string[]) =>
    spawnSync(process.execPath, [program, 'county', ...args], { encoding: 'utf8', input: '4711\n' });
  t.match(JSON.parse(ankang('meetings', '-c', county).stdout), { event: option, title: '演示大会', came: 1, signIns: 1, closed: false });
  t.match(await store.recorded({ kind: 'staff' }), [{ facts: { event: 'signed-in', role: 'organiser' }, subject: /^[\w-]{22}$/ }]);

  await t.test('staff are ordered at the county; a PIN is never an argument', async (t) => {
    const subject = newSubject().replace(/^-/, 'A');
    t.match(JSON.parse(ankang('staff', 'add', '-c', county, subject, '--role', 'clerk').stdout), { subject, pin: /^\d{6}$/ });
    const { stdout } = ankang('staff', 'pin', '-c', county, subject, '--pin-stdin');
    t.notMatch(stdout, /4711/);
    const listed = ankang('staff', 'list', '-c', county).stdout.trim().split('\n');
    t.same(listed.length, 2);
    t.notMatch(listed.join(), subject);
    t.equal(ankang('staff', 'remove', '-c', county, subject).status, 0);
    t.match(ankang('staff', 'remove', '-c', county, subject), { status: 2, stderr: /不在工作人员名单上/ });
    t.match(ankang('staff', 'add', '-c', county, 'x', '--role', 'clerk'), { status: 2, stderr: /22/ });
    t.match(ankang('staff', 'add', '-c', county, subject), { status: 2, stderr: /至少写明一个岗位/ });
    t.match(ankang('staff', 'add', '-c', county, subject, '--role', 'king'), { status: 2, stderr: /岗位须为其一/ });
    t.match(ankang('staff', 'dance', '-c', county), { status: 2 });
  });
});

t.test('the county counts people, not doors: in at one terminal, out at another', async (t) => {
  const store = await newStore();
  t.teardown(() => store.close());
  const [ann, ben] = [newSubject(), newSubject()];
  let seq = 0;
  const put = async (terminal: string, minute: number, kind: string, facts: Facts, subject: string | null = null): Promise<void> => {
    const position = { terminal, journal: '00'.repeat(8), seq: ++seq };
    const at = (AT + minute * 60) * 1000;
    await store.record([{ ...position, kind, at, subject, facts: { event: 'spring', ...facts }, personal: null }], position);
  };
  await put('DESK-1', -60, 'meeting-event', { title: '春耕动员会', place: '礼堂', from: AT, until: AT + 7200, who: 'everyone' });
  await put('DESK-1', 0, 'meeting', { does: 'in', number: 1 }, ann);
  await put('GATE-2', 1, 'meeting', { does: 'in', number: 1 }, ben);
  await put('GATE-2', 30, 'meeting', { does: 'out', number: 2 }, ann);
  await put('GATE-2', 31, 'meeting', { does: 'refused' });
  const report = async () => (await meetingReports(store, 'spring'))[0];
  t.match(await report(), { title: '春耕动员会', came: 2, signIns: 2, signOuts: 1, refused: 1, closed: false, terminals: 2 });
  await put('DESK-1', 121, 'meeting-closed', { by: 'end', at: AT + 7200, came: 1, present: 1 });
  t.match(await report(), { closed: true, averageMinutes: 75 }, 'who never signed out was there until the end: 30 and 119 minutes');
  t.same(await meetingReports(store, 'autumn'), []);
});

t.test('phone numbers become people only at the county, only where that was granted, and it is written down', async (t) => {
  const { default: service } = await import('../src/platform/services/meeting.js');
  const store = await newStore();
  t.teardown(() => store.close());
  const [ann, ben] = [newSubject(), newSubject()];
  await store.putPerson(ann, { name: '甲', phone: '10000000001' });
  await store.putPerson(ben, { name: '乙', phone: '10000000002' });
  await store.putPerson(newSubject(), { name: '丙', phone: '10000000002' });
  const context = { store, now: 1, terminal: { id: 'DESK-1' } } as never;
  const ask = (phones: readonly string[]) => service.operations.invited.handle(cborOf({ phones }), context);
  t.match(await ask(['10000000001', '10000000002', '10000000003']), { status: 'ok', body: new Map([['subjects', [ann, null, null]]]) });
  t.match(await store.audit(1), [{ kind: 'released', terminal: 'DESK-1', facts: { phones: 3 } }]);
  t.match(await ask(['7']), { status: 'refused' });
  t.match(await service.operations.invited.handle(decodeCbor(encodeCbor(null)) ?? null, context), { status: 'refused' });
});
