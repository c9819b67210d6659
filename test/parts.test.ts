/**
 * A short story for each part of the county's store: every method, and what several at once may not do to each other.
 * test/postgres.test.ts runs them against PostgreSQL too.
 */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import t, { type Test } from 'tap';
import { localTime } from '../src/messages/calendar.js';
import { type Entry, GENESIS } from '../src/messages/entry.js';
import type { Ride } from '../src/messages/settlement.js';
import { syntheticEnterprise } from '../src/platform/enterprises.js';
import type { Opening } from '../src/platform/services/_service.js';
import { MIGRATIONS } from '../src/platform/sql-schema.js';
import { openStore } from '../src/platform/sqlite.js';
import type { CountyStore } from '../src/platform/store.js';
import type { NewCase } from '../src/platform/store-cases.js';
import { newStore, SAME_FOR_ALL } from './store.js';

const AT = 1_795_320_000_000;
const JOURNAL = '00112233aabbccdd';
const bytes = (...of: number[]): Uint8Array => Uint8Array.from(of);
const hex = (of: Uint8Array | null | undefined): string => Buffer.from(of ?? []).toString('hex');
const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const count = <T>(of: readonly T[], one: T): number => of.filter((each) => each === one).length;

const store = await newStore();
t.teardown(() => store.close());
const told = new Set<string>();
/** Of this story's own store; what it asks is noted. */
const noted: CountyStore = new Proxy(store, {
  get(of, name: keyof CountyStore) {
    told.add(name);
    return of[name];
  },
});

type Story = (t: Tap, store: CountyStore) => Promise<void>;
type Tap = Pick<Test, 'match' | 'same' | 'equal' | 'rejects'>;

const entry = (seq: number, prev: Uint8Array, change: Partial<Entry> = {}): Entry => ({
  seq,
  earliest: AT,
  latest: null,
  kind: 'verdict',
  public: '{}',
  seal: undefined,
  prev,
  hash: bytes(...times(32, (i) => i + seq)),
  ...change,
});

const opening = (reference: string, change: Partial<Opening> = {}): Opening => ({
  service: 'clinic',
  reference,
  amount: 1205,
  subject: null,
  terminal: 'DESK-1',
  what: { zh: '门诊费', en: 'a visit' },
  ...change,
});

let numbers = 0;
const bill = (reference: string, change: Partial<Opening> = {}) =>
  noted.openBill(opening(reference, change), { number: `2026112500000000${String(1000 + ++numbers)}`, at: AT + numbers });
const numberOf = (opened: Awaited<ReturnType<typeof bill>>): string => ('number' in opened ? opened.number : '');
const newAttempt = (): string => randomBytes(16).toString('hex');

const ride = (seq: number, fare: number): { operator: string; ride: Ride } => ({
  operator: 'bus',
  ride: {
    id: `BUS-1/${JOURNAL}/${seq}`,
    at: '2026-11-25T04:00:00.000Z',
    day: '2026-11-25',
    line: '8',
    stop: null,
    fare,
    riders: 1,
    version: null,
  },
});

const application = (seq: number): NewCase => ({
  terminal: 'DESK-1',
  journal: JOURNAL,
  seq,
  item: '341525000001',
  name: { zh: '补办', en: 'another one' },
  subject: seq === 1 ? 'ANN' : null,
  token: `${seq}`,
  at: AT + seq,
});

const STORIES: Readonly<Record<string, Story>> = {
  async entries(t, store) {
    const delivery = (...entries: Entry[]) => [{ terminal: 'GATE-1', journal: JOURNAL, entries, tallies: entries.map(() => undefined) }];
    const [first, other] = [entry(1, GENESIS, { seal: bytes(7) }), entry(1, GENESIS, { hash: bytes(...times(32, () => 9)) })];
    const second = entry(2, first.hash);
    t.match(await store.keep(delivery(second), AT), { stored: 0, ahead: 1 });
    t.match(await store.keep(delivery(first), AT), { stored: 2, positions: [{ seq: 2 }] });
    t.match(await store.keep(delivery(first, other), AT), { duplicates: 1, forks: [{ terminal: 'GATE-1', seq: 1 }] });
    t.match(await store.positions(), [{ terminal: 'GATE-1', journal: JOURNAL, seq: 2 }]);
    t.match(await store.journals(), [{ seq: 2, ahead: 0, forks: 1 }]);
    const page = await store.entries({ terminal: 'GATE-1', journal: JOURNAL, after: 0, limit: 5 });
    t.same(
      page.map(({ seq, seal, latest, received }) => [seq, hex(seal), latest, received]),
      [
        [1, '07', null, AT],
        [2, '', null, AT],
      ],
    );
    t.same(await store.tallies('2026-11-25'), []);
  },
  async terminals(t, store) {
    const one = { id: 'GATE-9', checkpoint: 'CP-1', site: 'S', sign: bytes(1), open: bytes(2), region: true, struck: false };
    await store.addTerminal(one, [{ terminal: 'GATE-9', kind: 'credential/resolve', scene: '', field: '' }]);
    t.match(await store.terminals(), [{ id: 'GATE-9', region: true, struck: false }]);
    t.same([await store.strike('GATE-9'), await store.strike('GATE-9'), await store.strike('X')], [true, false, false]);
    await store.noteState({ terminal: 'GATE-9', at: AT, state: { up: true } });
    t.match(await store.states(), [{ terminal: 'GATE-9', at: AT, state: { up: true } }]);
    await store.raise({ at: AT, terminal: 'GATE-9', kind: 'fork', facts: { seq: 1 } });
    t.match(await store.alarms(1), [{ kind: 'fork', facts: { seq: 1 } }]);
    await Promise.all(times(5, () => store.noteRejected([{ terminal: 'GATE-9', reason: 'shape', count: 2 }], AT)));
    t.same(await store.rejected(), [{ terminal: 'GATE-9', reason: 'shape', count: 10 }]);
  },
  async trust(t, store) {
    const key = { name: 'code-1', kid: bytes(1), spki: bytes(2), region: null, types: ['code'], validFrom: AT, validUntil: AT + 1 };
    await store.putKey({ ...key, revoked: null });
    t.same([await store.revokeKey('code-1', AT), await store.revokeKey('code-2', AT)], [true, false]);
    t.match(await store.keys(), [{ name: 'code-1', types: ['code'], revoked: AT }]);
    await store.openList('revoked');
    t.equal(await store.addMembers('revoked', [bytes(1), bytes(2)]), 2);
    t.equal(await store.removeMembers('revoked', [bytes(1), bytes(3)]), 1);
    t.same([await store.isMember('revoked', bytes(2)), await store.isMember('revoked', bytes(1))], [true, false]);
    t.same((await store.members('revoked')).map(hex), ['02']);
    t.match(await store.lists(), [{ name: 'revoked', revision: 2 }]);
    await store.putData('fares', bytes(5));
    t.equal(hex((await store.data()).get('fares')), '05');
    await store.putRule('entry', { least: 1 });
    t.same(await store.rules(), { entry: { least: 1 } });
    await store.raiseEpoch('site');
    t.equal(await store.epoch('site'), 1);
    const manifest = { seq: 1, issued: AT, expires: AT + 1, bytes: bytes(1), content: bytes(2) };
    const datum = { name: 'fares', version: 1, bytes: bytes(5), from: null, delta: null, epoch: 0, revision: 0 };
    const issue = { manifest, data: [datum], secrets: [{ terminal: 'GATE-9', bytes: bytes(8), content: bytes(9) }] };
    await store.keepIssue(issue);
    await t.rejects(store.keepIssue(issue), /./);
    t.match(await store.manifest(), { seq: 1, issued: AT });
    t.match(await store.latestData(), [{ name: 'fares', version: 1 }]);
    t.match(await store.secrets(), [{ terminal: 'GATE-9' }]);
    await store.noteSent({ name: 'fares', version: 1, parts: 1, from: null, deltaParts: 0 });
    t.match(await store.sent(), [{ name: 'fares', parts: 1 }]);
    await store.forgetSent({ name: 'fares', version: 1 });
    t.same(await store.sent(), []);
    t.match(typeof (await store.stamp()), /number|string/);
  },
  async requests(t, store) {
    const answer = { terminal: 'GATE-1', id: bytes(1), effect: bytes(2), status: 'ok' as const, body: bytes(3) };
    await store.keepAnswer(answer, { at: AT, before: AT - 1 });
    await store.keepAnswer({ ...answer, body: bytes(4) }, { at: AT, before: AT - 1 });
    t.equal(hex((await store.answer('GATE-1', bytes(1)))?.body), '03');
    const order = { verb: 'reopen' } as never;
    const command = { terminal: 'GATE-1', station: 'front', order, at: AT, until: AT + 1000 };
    const ordered = await Promise.all(times(6, () => store.orderCommand(command)));
    t.same(
      ordered.map(({ counter }) => counter).toSorted((a, b) => a - b),
      times(6, (i) => AT + i),
    );
    t.equal(await store.lastCommand('GATE-1'), 0);
    await store.noteCommandSent({ terminal: 'GATE-1', counter: AT }, AT);
    t.equal(await store.lastCommand('GATE-1'), AT);
    t.equal((await store.dueCommands(AT)).length, 5);
  },
  async tickets(t, store) {
    const ticket = {
      id: bytes(1),
      secret: bytes(2),
      terminal: 'GATE-2',
      checkpoint: 'CP',
      site: 'S',
      region: true,
      expires: AT,
      used: null,
    };
    await store.putTicket(ticket);
    t.match(await store.ticket(bytes(1)), { region: true, used: null });
    t.equal(count(await Promise.all(times(4, (i) => store.useTicket(bytes(1), bytes(i)))), true), 1);
    await store.noteCertificate({ serial: '01', terminal: 'GATE-2', since: AT, until: AT + 1 });
    await store.revokeCertificates('GATE-2', AT);
    t.match(await store.certificates(), [{ serial: '01', revoked: AT }]);
  },
  async access(t, store) {
    const grants = [{ terminal: 'DESK-7', kind: 'pharmacy/bought', scene: '', field: 'name' }];
    const audited = { at: AT, terminal: 'DESK-7', kind: 'granted' as const, facts: { n: 1 } };
    t.same([await store.grant(grants, audited), await store.grant(grants, audited)], [1, 0]);
    t.same(await store.grants('DESK-7'), grants);
    t.equal(await store.ungrant([{ ...grants[0]!, field: '' }], { ...audited, kind: 'ungranted' }), 1);
    await store.noteAudited({ ...audited, kind: 'released' });
    t.match(await store.audit(2), [{ kind: 'released', facts: { n: 1 } }, { kind: 'ungranted' }]);
  },
  async people(t, store) {
    await store.putPerson('ANN', { name: '甲', phone: '10000000009' });
    await store.putPerson('ANN', { name: '甲', phone: '10000000001' });
    await store.putPerson('BEN', { name: '乙', phone: '10000000002' });
    await store.putPerson('CAT', { name: '丙', phone: '10000000002' });
    await store.putPerson('DAN', { name: '丁' });
    const phones = ['10000000001', '10000000002', '10000000009'];
    t.same(await Promise.all(phones.map((phone) => store.subjectOfPhone(phone))), ['ANN', undefined, undefined]);
    t.same(await store.person('DAN'), { name: '丁' });
    await store.noteHolder('ANN', AT);
    await store.noteHolder('ANN', AT);
    t.equal(await store.holders(), 1);
  },
  async stays(t, store) {
    const stay = { terminal: 'HOTEL-1', stay: '0001-1', guests: 2, at: AT };
    const all = await Promise.all(times(4, () => store.acknowledgeStay(stay)));
    t.equal(new Set(all.map(({ acknowledgement }) => acknowledgement)).size, 1);
    t.match(await store.acknowledgedStays(), [stay]);
  },
  async elders(t, store) {
    const carrier = { id: '01', subject: 'ANN', kind: 'code' as const, since: AT, until: AT + 1, terminal: 'DESK-1' };
    await store.addCarrier(carrier);
    t.same(await store.carriers('ANN'), [carrier]);
    await store.dropCarrier('01');
    t.same(await store.carriers('ANN'), []);
    const decision = { terminal: 'DESK-1', number: '0001-1', state: 'approved' as const, at: AT };
    await store.decide(decision);
    await store.decide({ ...decision, state: 'declined' });
    t.same(await store.decisions(), [decision]);
  },
  async enterprises(t, store) {
    const known = syntheticEnterprise(3, 'ANN', ['BEN']);
    await store.putEnterprise(known);
    await store.putEnterprise({ ...known, agents: [] });
    t.same(await store.enterprise(known.creditCode), { ...known, agents: [] });
    t.equal(await store.enterprise('X'), undefined);
  },
  async rides(t, store) {
    await store.putOperator({ id: 'bus', name: 'x', checkpoints: [] });
    await store.putOperator({ id: 'bus', name: '公交', checkpoints: ['LINE-8'] });
    t.same(await store.operators(), [{ id: 'bus', name: '公交', checkpoints: ['LINE-8'] }]);
    const place = { terminal: 'BUS-1', journal: JOURNAL };
    t.equal(await store.addRides([ride(9, 100), ride(2, 200), ride(5, 300)], { ...place, seq: 9 }), 3);
    const again = await Promise.all(times(4, (i) => store.addRides([ride(9, 1), ride(12, 400)], { ...place, seq: 12 - i })));
    t.equal(count(again, 1), 1, 'one of several added the one that was new');
    t.equal(await store.addRides([], { ...place, seq: 3 }), 0);
    t.same([await store.settledTo('BUS-1', JOURNAL), await store.settledTo('BUS-1', 'x')], [12, 0]);
    const fares = async (limit: number) => (await store.unbatched('bus', limit)).map(({ fare }) => fare);
    t.same(await fares(3), [100, 200, 300], 'in the order in which they were settled');
    t.same([...(await store.faresOf([ride(2, 0).ride.id, 'none']))], [[ride(2, 0).ride.id, 200]]);
    const batch = (number: number) => ({ operator: 'bus', number, bytes: bytes(number), sm3: `${number}` });
    await store.addBatch(batch(1), [ride(9, 0).ride.id, ride(2, 0).ride.id]);
    await t.rejects(store.addBatch(batch(1), [ride(5, 0).ride.id]), 'a number is one batch');
    t.same(await fares(9), [300, 400], 'and the rides of the one that failed are in none');
    for (const number of [2, 3]) await store.addBatch(batch(number), []);
    t.match(await store.batch('bus', 2), { number: 2, sm3: '2' });
    t.match(await store.lastBatch('bus'), { number: 3 });
    t.same(await store.confirm('bus', 2, AT), [1, 2]);
    t.same(await store.confirm('bus', 2, AT), []);
    t.match(await store.unconfirmed(), [{ number: 3 }]);
  },
  async prints(t, store) {
    const print = (id: string, of = 'report/1') => store.notePrint({ id, of, at: AT }, 2);
    t.equal(count(await Promise.all(times(8, (i) => print(`${i}`))), true), 2, 'two of eight at once');
    const [one = ''] = (await Promise.all(times(8, async (i) => ((await store.printOf(`${i}`)) ? `${i}` : '')))).filter(Boolean);
    t.same([await print(one), await print('new'), await print(one, 'report/2')], [true, false, false], 'the same again is one print');
    await store.returnPrint(one);
    t.equal(await store.prints('report/1'), 1);
    t.same([await print('new'), await print(one), await store.prints('report/1')], [true, false, 2]);
    t.equal(await store.printOf('none'), undefined);
  },
  async bills(t, store) {
    const opened = await Promise.all(times(8, () => bill('A')));
    t.equal(new Set(opened.map(numberOf)).size, 1, 'eight at once are one bill');
    const number = numberOf(opened[0]!);
    t.match(await store.bill(number), { amount: 1205, state: 'open', paidAt: null, what: { zh: '门诊费' } });
    t.match(await bill('A', { terminal: 'DESK-2' }), { number });
    t.equal((await store.billOf('clinic', 'A'))?.terminal, 'DESK-2');
    await store.moveBill(number, 'DESK-1');
    t.equal((await store.bill(number))?.terminal, 'DESK-1');
    const dearer = numberOf(await bill('A', { amount: 2000 }));
    t.match([await store.bill(number), await store.bill(dearer)], [{ state: 'void' }, { state: 'open' }]);
    t.equal((await store.billOf('clinic', 'A'))?.number, dearer);
    t.equal(await store.withdrawBill('clinic', 'A'), undefined);
    t.same([await store.billOf('clinic', 'A'), await store.withdrawBill('clinic', 'none')], [undefined, undefined]);
    t.same(
      (await store.bills()).map((one) => one.number),
      [number, dearer],
    );
  },
  async attempts(t, store) {
    const number = numberOf(await bill('B'));
    const begin = (attempt: string) => store.moveAttempt({ attempt, bill: number, event: 'begun', at: AT });
    const begun = await Promise.all(times(8, () => begin(newAttempt())));
    const live = begun.find(({ attempt }) => attempt.state === 'charging')!.attempt;
    t.same(
      begun.map(({ attempt: { state, reason } }) => reason ?? state).toSorted((a, b) => (a < b ? -1 : 1)),
      [...times(7, () => 'being-paid'), 'charging'],
      'eight at once are one charge',
    );
    t.equal(live.order, `${number}01`);
    t.match([await bill('B', { amount: 1 }), await store.withdrawBill('clinic', 'B')], [{ taken: number }, number]);
    t.match(await begin(live.attempt), { moved: false, attempt: { state: 'charging' } });
    t.same(await store.attemptOfOrder(live.order), live);
    t.same(await store.unsettled(), [live]);
    await t.rejects(store.moveAttempt({ attempt: newAttempt(), bill: number, event: 'took', at: AT }), RangeError);
    await t.rejects(store.moveAttempt({ attempt: newAttempt(), bill: 'none', event: 'begun', at: AT }), RangeError);
    const took = { attempt: live.attempt, bill: number, event: 'took' as const, at: AT + 5, receipt: 'R1' };
    const paid = await Promise.all(times(4, () => store.moveAttempt(took)));
    t.equal(paid.filter(({ moved }) => moved).length, 1, 'it moves once');
    t.match(await store.attempt(number, live.attempt), { state: 'paid', receipt: 'R1', since: AT + 5 });
    t.match(await store.bill(number), { state: 'paid', receipt: 'R1', paidAt: AT + 5, told: null });
    t.match(await begin(newAttempt()), { attempt: { state: 'refused', reason: 'already-paid', order: '' } });
    t.match(await store.untold(), [{ number }]);
    await store.noteTold(number, AT + 6);
    t.same([await store.untold(), (await store.bill(number))?.told], [[], AT + 6]);
    t.equal((await store.attempts()).length, 9);
  },
  async 'a bill is withdrawn or charged, not both'(t, store) {
    for (let i = 0; i < 12; i++) {
      const number = numberOf(await bill(`W${i}`));
      const [taken, { attempt }] = await Promise.all([
        store.withdrawBill('clinic', `W${i}`),
        store.moveAttempt({ attempt: newAttempt(), bill: number, event: 'begun', at: AT }),
      ]);
      t.equal(attempt.state === 'charging', taken === number);
      t.equal((await store.bill(number))?.state, taken === number ? 'charging' : 'void');
    }
  },
  async cases(t, store) {
    const prefix = '341525-261125-';
    const made = await Promise.all([1, 1, 1, 2, 3].map((seq) => store.addCase(application(seq), prefix)));
    const all = new Set(made.map(({ number }) => number));
    t.same(
      [...all].toSorted((a, b) => (a < b ? -1 : 1)),
      ['00001', '00002', '00003'].map((one) => prefix + one),
      'an entry is one case',
    );
    const [one] = await store.cases({ subject: 'ANN', limit: 9 });
    t.match(one, { seq: 1, state: 'submitted', since: AT + 1, note: null, name: { zh: '补办' } });
    t.same(
      (await store.cases({ limit: 2 })).map(({ seq }) => seq),
      [3, 2],
    );
    const number = one?.number ?? '';
    const move = { number, from: 'submitted' as const, to: 'accepted' as const, at: AT + 9, note: '好' };
    t.equal(count(await Promise.all(times(4, () => store.moveCase(move))), true), 1, 'it is moved once');
    t.match(await store.case(number), { state: 'accepted', since: AT + 9, note: '好' });
    t.match(await store.caseSteps(number), [{ state: 'submitted' }, { state: 'accepted', note: '好' }]);
    t.equal((await store.cases({ state: 'submitted', limit: 9 })).length, 2);
    t.equal(await store.case('none'), undefined);
    await store.putFault('licences', 'slow');
    await store.putFault('licences', 'away');
    t.same([await store.fault('licences'), await store.fault('other')], ['away', '']);
  },
  async records(t, store) {
    const record = (seq: number, change = {}) => ({
      terminal: 'DESK-1',
      journal: JOURNAL,
      seq,
      kind: 'application',
      at: AT,
      subject: null,
      facts: { seq },
      personal: null,
      ...change,
    });
    const position = { terminal: 'DESK-1', journal: JOURNAL, seq: 8 };
    await store.record([record(1), record(8, { subject: 'ANN', personal: { name: '甲' } })], position);
    await store.record([record(8)], { ...position, seq: 5 });
    t.match(await store.recorded({ kind: 'application', subject: 'ANN' }), [{ seq: 8, personal: { name: '甲' } }]);
    t.same(await store.registerPositions(), [position]);
    t.match(await store.recordsWithoutCase('application', 9), [{ seq: 8 }], 'entry 1 is a case already');
    t.match(await store.numberedRecord('DESK-1', '0011-8'), { seq: 8, facts: { seq: 8 } });
    for (const nothing of ['0011-2', '0012-8', '0011-x', '*-8', '0011', '0011-1.5'])
      t.equal(await store.numberedRecord('DESK-1', nothing), undefined, nothing);
  },

  async phones(t, store) {
    const notice = { scene: 'market', event: 'A1B2-7', what: 'market-sale', quantity: 2 } as const;
    const visit = (n: number, change = {}) => ({
      id: Uint8Array.of(n),
      code: Uint8Array.of(n, n),
      terminal: 'SHOP-1',
      kind: 'market-sale',
      subject: 'ANN',
      at: AT,
      facts: { batch: 'A1B2-7', quantity: 2 },
      personal: null,
      notice,
      ...change,
    });
    const limit = { kind: 'market-sale', where: { batch: 'A1B2-7' }, most: 3 };
    const first = await store.registerByPhone(visit(1), limit);
    t.match(first, { does: 'registered', again: false, subject: 'ANN' });
    t.match(await store.registerByPhone(visit(1), limit), { does: 'registered', again: true });
    t.match(await store.registerByPhone(visit(2, { code: Uint8Array.of(1, 1) }), limit), { does: 'used' });
    t.match(await store.registerByPhone(visit(3), limit), { does: 'over', left: 1 });
    const both = await Promise.all([4, 5].map((n) => store.registerByPhone(visit(n), { ...limit, most: 4 })));
    t.same(both.map(({ does }) => does).sort(), ['over', 'registered'], 'two at once do not pass the limit together');
    t.match(await store.phoneVisit(Uint8Array.of(1)), { does: 'registered', again: true });
    t.equal(await store.phoneVisit(Uint8Array.of(9)), undefined);
    const due = await store.dueNotices(AT, 9);
    t.match(due, [{ terminal: 'SHOP-1', quantity: 2, what: 'market-sale' }, { terminal: 'SHOP-1' }]);
    await store.noteNoticeSent(Uint8Array.of(1), AT + 1);
    t.equal((await store.dueNotices(AT, 9)).length, 1);
  },

  async places(t, store) {
    const place = { name: 'CP-1', township: '衡山镇', title: '' };
    await store.putPlace(place);
    await store.putPlace({ ...place, title: '县医院' });
    t.same(await store.places(), [{ ...place, title: '县医院' }]);
    const kept = await store.submitted();
    t.match(
      kept.filter(({ kind }) => kind === 'application'),
      [{ day: localTime(AT).day, count: 2 }],
    );
    t.equal(kept.some(({ kind }) => kind === 'affair-case') && kept.every(({ count }) => Number.isInteger(count)), true, 'cases too');
  },
};

for (const [name, story] of Object.entries(STORIES)) await t.test(name, (t) => story(t, noted));

t.test('no method is left untold', (t) => {
  t.same(
    Object.keys(store).filter((name) => !told.has(name)),
    ['close'],
  );
  t.end();
});

t.test('a county of before has its bills, phones and rides as it had them', { skip: SAME_FOR_ALL }, async (t) => {
  const path = join(t.testdir(), 'county.sqlite');
  const before = new Database(path);
  const BEFORE_NUMBERS = 13;
  for (const migration of MIGRATIONS.slice(0, BEFORE_NUMBERS)) before.exec(migration);
  before.pragma(`user_version = ${BEFORE_NUMBERS}`);
  // As they were called then, and an index that was made at every start.
  before.exec(`DROP INDEX bill_reference; CREATE UNIQUE INDEX bill_reference ON bill (service, reference) WHERE NOT void;
    DROP INDEX print_of; CREATE INDEX print_of ON print (of) WHERE NOT returned;
    CREATE INDEX person_phone ON person (json_extract(fields, '$.phone'));`);
  before.exec(`INSERT INTO person VALUES ('ANN', '{"name":"甲","phone":"10000000001"}'), ('BEN', '{"name":"乙"}');
    INSERT INTO bill VALUES ('1', 'clinic', 'A', 5, NULL, 'DESK-1', '{"zh":"费","en":"fee"}', 0, 1, NULL);
    INSERT INTO ride VALUES ('z', 'bus', 1, '{"fare":1}', NULL), ('a', 'bus', 2, '{"fare":2}', NULL), ('m', 'bus', 3, '{"fare":3}', 7);`);
  before.close();
  const store = openStore(path);
  t.teardown(() => store.close());
  t.equal(await store.subjectOfPhone('10000000001'), 'ANN');
  t.match(await store.billOf('clinic', 'A'), { number: '1', state: 'open' });
  t.same(
    (await store.unbatched('bus', 9)).map(({ fare }) => fare),
    [1, 2],
  );
  const after = new Database(path, { readonly: true });
  t.teardown(() => after.close());
  const plan = (sql: string): string => JSON.stringify(after.prepare(`EXPLAIN QUERY PLAN ${sql}`).all());
  t.match(plan("SELECT 1 FROM bill WHERE service = 'x' AND reference = 'y' AND void = 0"), /bill_reference/);
  t.match(plan("SELECT count(*) FROM print WHERE of = 'x' AND returned = 0"), /print_of/);
  t.match(plan("SELECT subject FROM person WHERE phone = 'x'"), /person_phone/);
  t.match(plan("SELECT ride FROM ride WHERE operator = 'x' AND batch IS NULL ORDER BY number"), /ride_batch/);
  after.close();
});
