/** Money: an attempt's life as a table, the cashier over the sandbox provider, what a terminal does without answers, three books held together. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import type { Clock, Facts, Log, Words } from '../src/contracts.js';
import type { Cbor } from '../src/crypto/cbor.js';
import { type Journal, openJournal } from '../src/journal/journal.js';
import { CHARGE, type PaySaid } from '../src/messages/payment.js';
import { cborOf, jsonOf } from '../src/messages/plain.js';
import { type Cashier, createCashier } from '../src/platform/cashier.js';
import { holdCeremony } from '../src/platform/ceremony.js';
import { openCountyStore } from '../src/platform/open-store.js';
import { balance } from '../src/platform/pay-books.js';
import { openSandbox, type Sandbox, type SandboxSettings, sandboxPath } from '../src/platform/pay-sandbox.js';
import { ATTEMPT_EVENTS, ATTEMPT_STATES, type AttemptEvent, type AttemptState, after } from '../src/platform/payment-states.js';
import { BillTaken, type Opening, type PaidBill } from '../src/platform/services/_service.js';
import type { CountyStore } from '../src/platform/store.js';
import { createTeller } from '../src/platform/teller.js';
import { createPayments, type Payments, type PaymentsParts } from '../src/station/payments.js';
import type { AskPlatform } from '../src/station/resolve.js';
import { newStore, storeSetting } from './store.js';

const log: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const WHAT: Words = { zh: '门诊费', en: 'Consultation' };
const GOOD = '134567890123456789';
/** What goes wrong with it: pay-sandbox.ts. */
const code = (fault: number): string => `13456789012345${String(fault).padStart(4, '0')}`;
let drawn = 0;
const newAttempt = (): string => String(++drawn).padStart(32, '0');
const never = new AbortController().signal;

// ── the table ───────────────────────────────────────────────────────────────────────────────────────────────────────

t.test('the table of an attempt', async (t) => {
  const reached = (from: AttemptState): Set<AttemptState> => {
    const all = new Set([from]);
    for (const state of all) for (const event of ATTEMPT_EVENTS) all.add(after(state, event));
    return all;
  };
  t.same([...reached('open')].sort(), [...ATTEMPT_STATES].sort(), 'every state can be reached');
  t.same([...reached('paid')], ['paid'], 'what is paid stays paid');
  t.same([...reached('refunded')], ['refunded']);
  for (const state of ['void', 'refused'] as const) {
    t.notOk(reached(state).has('paid') || reached(state).has('charging'), `${state} is never charged`);
    t.equal(after(after(state, 'took'), 'returned'), 'refunded', `money that comes after ${state} goes back`);
  }
  t.equal(after('open', 'asked'), 'void');
  t.equal(after('charging', 'asked'), 'charging', 'asking ends only what has not begun');
  t.equal(after('open', 'took'), 'open', 'nothing is paid that never began');
  const state = fc.constantFrom(...ATTEMPT_STATES);
  const event = fc.constantFrom(...ATTEMPT_EVENTS);
  fc.assert(
    fc.property(state, event, (from, what) => after(after(from, what), what) === after(from, what)),
    { numRuns: 500 },
  );
});

// ── a cashier ───────────────────────────────────────────────────────────────────────────────────────────────────────

interface Till {
  readonly store: CountyStore;
  readonly sandbox: Sandbox;
  readonly cashier: Cashier;
  /** The clock of county and provider. */
  now: number;
  open(change?: Partial<Opening>): Promise<string>;
  charge(
    number: string,
    change?: { amount?: number; attempt?: string; code?: string; terminal?: string },
  ): Promise<PaySaid | 'refused' | 'unknown'>;
  /** Fen that the provider took for each bill and did not give back. */
  taken(): Promise<Readonly<Record<string, number>>>;
}

async function newTill(test: Pick<typeof t, 'teardown'>, change: Partial<SandboxSettings> = {}): Promise<Till> {
  const store = await newStore();
  const clock = { now: 1_795_320_000_000 };
  const now = (): number => clock.now;
  const sandbox = openSandbox({ file: ':memory:', now, delayMs: 40, ...change });
  test.teardown(async () => {
    sandbox.end();
    await store.close();
  });
  const cashier = createCashier({ store, provider: sandbox, now, paid: () => undefined, log });
  let bills = 0;
  return {
    store,
    sandbox,
    cashier,
    get now() {
      return clock.now;
    },
    set now(at) {
      clock.now = at;
    },
    open: (opening = {}) =>
      cashier.open({
        service: 'clinic',
        reference: `invoice/${++bills}`,
        amount: 1230,
        subject: null,
        terminal: 'DESK-1',
        what: WHAT,
        ...opening,
      }),
    charge: (number, asked = {}) =>
      cashier.charge({ number, amount: 1230, attempt: newAttempt(), code: GOOD, terminal: 'DESK-1', ...asked }, never),
    async taken() {
      const sums: Record<string, number> = {};
      for (const { order, amount } of await sandbox.statement(0, never))
        sums[order.slice(0, 20)] = (sums[order.slice(0, 20)] ?? 0) + amount;
      return sums;
    },
  };
}

t.test('a bill has one number for one thing, and is paid once', async (t) => {
  const till = await newTill(t);
  const number = await till.open({ reference: 'A' });
  t.match(number, /^20261122\d{12}$/);
  t.equal(await till.open({ reference: 'A' }), number, 'again is the same');
  const other = await till.open({ reference: 'A', amount: 1500 });
  t.not(other, number);
  t.match(await till.charge(number), { state: 'not-charged', reason: 'bill-void' }, 'another amount takes its place');
  t.equal(await till.charge(other), 'refused', 'the amount that the person saw must be the bill’s');
  t.equal(await till.charge(other, { amount: 1500, terminal: 'DESK-2' }), 'refused', 'another terminal’s');
  t.equal(await till.charge('20261122999999999999'), 'unknown');
  t.equal(await till.cashier.paid('clinic', 'A'), undefined);
  const attempt = newAttempt();
  t.match(await till.charge(other, { amount: 1500, attempt }), { state: 'paid', receipt: /^SBX/ });
  t.match(await till.charge(other, { amount: 1500, attempt }), { state: 'paid' }, 'the same attempt again');
  await till.store.moveBill(other, 'DESK-2');
  t.match(await till.charge(other, { amount: 1500, attempt }), { state: 'paid' }, 'and when the bill is another terminal’s by now');
  await till.store.moveBill(other, 'DESK-1');
  t.match(await till.charge(other, { amount: 1500 }), { state: 'not-charged', reason: 'already-paid', receipt: /^SBX/ }, 'another attempt');
  t.equal(await till.open({ reference: 'A', amount: 1500 }), other, 'and it stays the same bill');
  await t.rejects(till.open({ reference: 'A', amount: 1600 }), BillTaken);
  t.match(await till.cashier.paid('clinic', 'A'), { number: other, amount: 1500, receipt: /^SBX/ });
  t.same(await till.taken(), { [other]: 1500 });
  for (const amount of [0, -1, 0.5, 100_000_000, Number.NaN]) await t.rejects(till.open({ amount }), RangeError, `${amount}`);
  await t.rejects(till.open({ reference: '' }), RangeError);
  await t.rejects(till.open({ reference: 'x'.repeat(121) }), RangeError);
});

t.test('whatever the provider does, the end is known and the money agrees', async (t) => {
  const till = await newTill(t);
  const settled = async (number: string, attempt: string): Promise<PaySaid | 'unknown'> => {
    for (let round = 0; round < 50; round++) {
      till.now += 50;
      const said = await till.cashier.state({ number, attempt });
      if (typeof said === 'string' || (said.state !== 'charging' && said.state !== 'refunding')) return said;
      await sleep(5);
    }
    return 'unknown';
  };
  const play = async (fault: number): Promise<readonly [PaySaid | string, PaySaid | string, number]> => {
    const [number, attempt] = [await till.open(), newAttempt()];
    const first = await till.charge(number, { attempt, code: code(fault) });
    const last = await settled(number, attempt);
    await sleep(60);
    return [first, last, (await till.taken())[number] ?? 0];
  };
  t.match(await play(1), [{ reason: 'insufficient' }, { state: 'not-charged' }, 0]);
  t.match(await play(2), [{ reason: 'code-used' }, { state: 'not-charged' }, 0]);
  t.match(await play(3), [{ reason: 'code-unknown' }, { state: 'not-charged' }, 0]);
  t.match(await play(4), [{ state: 'charging' }, { state: 'paid' }, 1230], 'a password');
  t.match(await play(5), [{ state: 'charging' }, { state: 'paid' }, 1230], 'the answer is lost');
  t.match(await play(6), [{ state: 'paid' }, { state: 'paid' }, 1230], 'three times the same word');
  t.match(
    await play(7),
    [{ state: 'charging' }, { state: 'not-charged', reason: 'void' }, 0],
    'the charge is lost: the provider is told to forget it',
  );
  t.match(await play(9), [{ state: 'paid' }, { state: 'paid' }, 1230], 'slowly');
  t.same(await till.store.unsettled(), []);
});

t.test('money that comes after all was given up goes back, and the bill can be paid meanwhile', async (t) => {
  const till = await newTill(t);
  const [number, attempt] = [await till.open(), newAttempt()];
  t.match(await till.charge(number, { attempt, code: code(8) }), { state: 'charging' });
  t.match(await till.charge(number), { state: 'not-charged', reason: 'being-paid' }, 'one at a time');
  t.match(await till.cashier.state({ number, attempt }), { state: 'not-charged', reason: 'void' });
  t.match(await till.charge(number), { state: 'paid' });
  till.now += 100;
  await till.cashier.sweep();
  t.match(await till.cashier.state({ number, attempt }), { state: 'refunding' }, 'seen in the provider’s book, and not yet given back');
  await till.cashier.reconcile();
  t.match(await till.cashier.state({ number, attempt }), { state: 'refunded' });
  t.same(await till.taken(), { [number]: 1230 });
});

t.test('a password that is never typed is given up', async (t) => {
  const till = await newTill(t, { delayMs: 3_600_000 });
  const [number, attempt] = [await till.open(), newAttempt()];
  t.match(await till.charge(number, { attempt, code: code(4) }), { state: 'charging' });
  t.match(await till.cashier.state({ number, attempt }), { state: 'charging' });
  till.now += 91_000;
  await till.cashier.reconcile();
  t.match(await till.cashier.state({ number, attempt }), { state: 'not-charged', reason: 'void' });
  t.match(await till.charge(number), { state: 'paid' });
});

t.test('asking for an attempt that has not begun ends it', async (t) => {
  const till = await newTill(t);
  const [number, attempt] = [await till.open(), newAttempt()];
  t.match(await till.cashier.state({ number, attempt }), { state: 'not-charged', reason: 'void' });
  t.match(await till.charge(number, { attempt }), { state: 'not-charged', reason: 'void' }, 'the charge comes late');
  t.same(await till.taken(), {});
  t.equal(await till.cashier.state({ number: '20261122999999999999', attempt }), 'unknown');
});

t.test('a county that was killed between its book and the provider asks, and does not charge again', async (t) => {
  const till = await newTill(t);
  const [known, lost] = [await till.open(), await till.open()];
  for (const bill of [known, lost]) await till.store.moveAttempt({ attempt: newAttempt(), bill, event: 'begun', at: till.now });
  await till.sandbox.charge({ order: `${known}01`, amount: 1230, code: GOOD, what: '' }, never);
  till.sandbox.turn(false);
  await t.rejects(till.cashier.reconcile(), /does not answer/);
  t.equal((await till.store.unsettled()).length, 2, 'nothing is known as long as the provider says nothing');
  till.sandbox.turn(true);
  await till.cashier.reconcile();
  t.match(await till.store.bill(known), { state: 'paid' });
  t.match(await till.store.bill(lost), { state: 'open' });
  t.same(await till.taken(), { [known]: 1230 });
});

t.test('in whatever order words come, one attempt of a bill is charging or paid at most', async (t) => {
  const till = await newTill(t);
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.constantFrom<AttemptEvent>(...ATTEMPT_EVENTS)), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(steps, async (words) => {
      const bill = await till.open();
      const attempts = Array.from({ length: 4 }, newAttempt);
      const states = new Map<string, AttemptState>();
      for (const [who, event] of words) {
        const attempt = attempts[who] ?? '';
        if (!states.has(attempt) && event !== 'begun' && event !== 'asked') continue;
        // A refused or void attempt whose money came is given back, so its bill may go on.
        const { attempt: moved } = await till.store.moveAttempt({ attempt, bill, event, at: till.now, receipt: 'R' });
        states.set(attempt, moved.state);
        const live = [...states.values()].filter((state) => state === 'charging' || state === 'paid');
        if (live.length > 1) return false;
        const shown = (await till.store.bill(bill))?.state;
        if (shown !== (live[0] ?? 'open')) return false;
      }
      return true;
    }),
    { numRuns: 200 },
  );
});

t.test('without a provider nothing is charged', async (t) => {
  const store = await newStore();
  t.teardown(() => store.close());
  const cashier = createCashier({ store, provider: undefined, now: () => 1_795_320_000_000, paid: () => undefined, log });
  const number = await cashier.open({ service: 'x', reference: '1', amount: 1, subject: null, terminal: 'D', what: WHAT });
  const attempt = newAttempt();
  t.match(await cashier.charge({ number, amount: 1, attempt, code: GOOD, terminal: 'D' }, never), { reason: 'no-provider' });
  await cashier.reconcile();
  await cashier.sweep();
});

t.test('a service is told of what was paid until it takes the word', async (t) => {
  const till = await newTill(t);
  const heard: PaidBill[] = [];
  let down = true;
  const paid = async (bill: PaidBill): Promise<void> => {
    if (down) throw new Error('the hospital is down');
    heard.push(bill);
  };
  const county = {
    store: till.store,
    keys: undefined as never,
    gateway: undefined,
    trustedIdentity: undefined,
    bills: till.cashier,
    cashier: till.cashier,
  };
  const teller = createTeller({ county, paid: new Map([['clinic', paid]]), now: () => till.now, log });
  const round = async (): Promise<number> => {
    await teller.round();
    await teller.idle();
    return (await till.store.untold()).length;
  };
  const number = await till.open({ reference: 'A', subject: 'S' });
  const elsewhere = await till.open({ service: 'window' });
  t.equal(await round(), 0, 'nobody is told of what is not paid');
  for (const bill of [number, elsewhere]) await till.charge(bill);
  t.equal(await round(), 1, 'a service without ears has nothing to be told');
  down = false;
  t.equal(await round(), 1, 'not again at once');
  till.now += 1000;
  t.equal(await round(), 0);
  t.equal(await round(), 0);
  t.match(heard, [{ number, service: 'clinic', reference: 'A', amount: 1230, subject: 'S', receipt: /^SBX/ }]);
  t.equal(heard.length, 1);
});

// ── the three books ─────────────────────────────────────────────────────────────────────────────────────────────────

t.test('three books: what differs is named, what waits is not called a difference', async (t) => {
  const till = await newTill(t);
  const [first, second] = [await till.open(), await till.open()];
  const [one, two] = [newAttempt(), newAttempt()];
  await till.charge(first, { attempt: one });
  await till.charge(second, { attempt: two, code: code(1) });
  const attempts = await till.store.attempts();
  const movements = await till.sandbox.statement(0, never);
  const intent = (attempt: string, number: string): Facts => ({ event: 'intent', attempt, number, amount: 1230 });
  const outcome = (attempt: string, number: string, what: string): Facts => ({
    ...intent(attempt, number),
    event: 'outcome',
    outcome: what,
  });
  const entries = [intent(one, first), outcome(one, first, 'paid'), intent(two, second), outcome(two, second, 'not-charged')];
  const books = { movements, attempts, entries };
  t.same(balance(books), { provider: 1230, platform: 1230, journals: 1230, waiting: 0, waitingFen: 0, differences: [], holds: true });
  t.match(balance({ ...books, entries: [] }), { provider: 1230, platform: 1230, journals: 0, waiting: 2, waitingFen: 1230, holds: true });
  const order = attempts.find(({ attempt }) => attempt === one)?.order ?? '';
  const refusedOrder = attempts.find(({ attempt }) => attempt === two)?.order ?? '';
  const why = (change: Partial<typeof books>): readonly string[] => balance({ ...books, ...change }).differences.map((found) => found.why);
  t.same(why({ movements: [] }), ['provider'], 'the provider knows nothing of it');
  t.same(why({ movements: [...movements, { order, amount: 1230, at: 0 }] }), ['provider'], 'taken twice');
  t.same(why({ movements: [...movements, { order, amount: -1, at: 0 }] }), ['provider'], 'a fen');
  t.same(why({ movements: [...movements, { order: refusedOrder, amount: 1230, at: 0 }] }), ['provider'], 'taken, and called refused');
  t.same(why({ movements: [...movements, { order: 'strange', amount: 5, at: 0 }] }), ['unknown-order']);
  t.same(why({ entries: [...entries, outcome(newAttempt(), first, 'paid')] }), ['unknown-attempt']);
  t.same(why({ entries: [outcome(one, first, 'not-charged'), ...entries.slice(2)] }), ['journal']);
  t.same(why({ entries: [...entries, outcome(one, first, 'paid')] }), ['journal'], 'written twice');
  t.same(why({ entries: [{ ...outcome(one, first, 'paid'), amount: 1231 }, ...entries.slice(2)] }), ['amount']);
  const twin = attempts.flatMap((each) => (each.attempt === one ? [each, { ...each, attempt: newAttempt(), order: 'twin' }] : [each]));
  t.same(why({ attempts: twin, movements: [...movements, { order: 'twin', amount: 1230, at: 0 }] }), ['twice'], 'one bill, two charges');
});

// ── a terminal ──────────────────────────────────────────────────────────────────────────────────────────────────────

interface Desk {
  readonly payments: Payments;
  readonly journal: Journal;
  entries(): readonly Facts[];
  /** As after SIGKILL: nothing is told to anybody, and the same file is opened again. */
  killed(): Desk;
}

const clock: Clock = { now: () => ({ earliest: Date.now(), latest: Date.now() + 50 }), monotonic: () => performance.now() };
const at = { station: 'kiosk', scene: 'bill' };
let files = 0;

function newDesk(
  test: Pick<typeof t, 'teardown' | 'testdir'>,
  parts: Pick<PaymentsParts, 'ask'> & Partial<PaymentsParts>,
  file?: string,
): Desk {
  const path = file ?? join(test.testdir(), `journal-${++files}.db`);
  const journal = openJournal({ file: path, terminal: 'DESK-1', clock, limit: 16 << 20, keepDays: 0 });
  const payments = createPayments({ checkpoint: 'CP-1', journal, clock, log, patienceMs: 2500, ...parts });
  const end = (): void => {
    payments.stop();
    journal.close();
  };
  test.teardown(end);
  return {
    payments,
    journal,
    entries: () =>
      journal
        .read(1, 1000)
        .filter(({ kind }) => kind === 'payment')
        .map((entry) => JSON.parse(entry.public) as Facts),
    killed() {
      end();
      return newDesk(test, parts, path);
    },
  };
}

/** What the platform does with each question, in order; then it answers as a cashier does. */
type Turn = 'offline' | 'lost-request' | 'lost-answer' | 'fault' | 'rubbish' | 'refused';

function lineTo(till: Till, turns: Turn[]): { readonly ask: () => AskPlatform; readonly asked: string[] } {
  const asked: string[] = [];
  const answer = async (operation: string, body: Cbor): Promise<PaySaid | 'refused' | 'unknown'> => {
    const said = jsonOf(body) as { number: string; amount: number; attempt: string; code: string };
    return operation === CHARGE ? till.cashier.charge({ ...said, terminal: 'DESK-1' }, never) : till.cashier.state(said);
  };
  const ask: AskPlatform = async (operation, body) => {
    asked.push(operation);
    const turn = turns.shift();
    if (turn === 'offline') throw Object.assign(new Error('offline'), { code: 'offline' });
    if (turn === 'lost-request') throw Object.assign(new Error('timeout'), { code: 'timeout' });
    if (turn === 'fault' || turn === 'refused') return { status: turn, body: null };
    const said = await answer(operation, body);
    if (turn === 'lost-answer') throw Object.assign(new Error('timeout'), { code: 'timeout' });
    if (turn === 'rubbish') return { status: 'ok', body: 'rubbish' };
    return typeof said === 'string' ? { status: said, body: null } : { status: 'ok', body: cborOf(said) };
  };
  return { ask: () => ask, asked };
}

t.test('a terminal writes its intent first and the end second, whatever becomes of the answers', async (t) => {
  const till = await newTill(t);
  const play = async (turns: Turn[], paymentCode = GOOD) => {
    const number = await till.open();
    const line = lineTo(till, turns);
    const desk = newDesk(t, line);
    const charged = await desk.payments.charge(at, { number, amount: 1230, what: WHAT }, paymentCode);
    return { charged, asked: line.asked.length, entries: desk.entries(), taken: (await till.taken())[number] ?? 0, desk, number };
  };
  const good = await play([]);
  t.match(good.charged, { status: 'paid', receipt: /^SBX/ });
  t.match(good.entries, [
    { event: 'intent', number: good.number, amount: 1230, station: 'kiosk', scene: 'bill', checkpoint: 'CP-1', attempt: /^[0-9a-f]{32}$/ },
    { event: 'outcome', outcome: 'paid', receipt: /^SBX/, number: good.number, amount: 1230 },
  ]);
  t.notMatch(JSON.stringify(good.entries), GOOD, 'the payment code is written nowhere');
  t.match(await play([], code(1)), {
    charged: { status: 'refused', reason: { zh: /余额不足/ } },
    entries: [{}, { outcome: 'not-charged', reason: 'insufficient' }],
    taken: 0,
  });
  t.match(await play(['offline']), {
    charged: { status: 'refused', reason: { zh: /网络不通/ } },
    asked: 1,
    entries: [{}, { reason: 'not-sent' }],
    taken: 0,
  });
  t.match(await play(['lost-request']), { charged: { status: 'refused' }, asked: 2, entries: [{}, { reason: 'void' }], taken: 0 });
  t.match(await play(['lost-answer']), { charged: { status: 'paid' }, asked: 2, entries: [{}, { outcome: 'paid' }], taken: 1230 });
  t.match(await play(['rubbish', 'offline', 'fault']), { charged: { status: 'paid' }, asked: 4, taken: 1230 });
  t.match(await play(['refused']), { charged: { status: 'refused' }, asked: 1, entries: [{}, { reason: 'refused' }], taken: 0 });

  t.comment('in doubt: nothing is said that is not known, and it is settled in the background, also after a kill');
  const silent: Turn[] = ['lost-answer', ...Array<Turn>(60).fill('lost-request')];
  const doubt = await play(silent);
  t.match(doubt, { charged: { status: 'in-doubt' }, entries: [{ event: 'intent' }], taken: 1230 });
  t.equal(doubt.entries.length, 1);
  const after = doubt.desk.killed();
  after.payments.settle();
  await sleep(50);
  t.equal(after.entries().length, 1, 'as long as nobody answers');
  silent.length = 0;
  await sleep(50);
  after.payments.settle();
  while (after.entries().length < 2) await sleep(10);
  t.match(after.entries()[1], { event: 'outcome', outcome: 'paid', receipt: /^SBX/ });
  after.payments.settle();
  await sleep(50);
  t.equal(after.entries().length, 2, 'and once');
});

t.test('one payment at a time at a desk, none when nothing can be written or there is no line', async (t) => {
  const till = await newTill(t, { delayMs: 200 });
  const line = lineTo(till, []);
  const desk = newDesk(t, line);
  const [first, second] = [await till.open(), await till.open()];
  const bill = (number: string) => ({ number, amount: 1230, what: WHAT });
  const slow = desk.payments.charge(at, bill(first), code(9));
  t.match(await desk.payments.charge(at, bill(second), GOOD), { status: 'refused', reason: { zh: /上一笔/ } });
  t.match(await desk.payments.charge({ ...at, station: 'other' }, bill(second), GOOD), { status: 'paid' }, 'another desk');
  t.match(await slow, { status: 'paid' });
  t.match(await desk.payments.charge(at, bill(second), GOOD), { status: 'paid' }, 'paid before: its receipt');
  t.same(await till.taken(), { [first]: 1230, [second]: 1230 });

  const third = await till.open();
  t.match(await newDesk(t, { ask: () => undefined }).payments.charge(at, bill(third), GOOD), { status: 'refused' });
  const full = {
    transaction: () => {
      throw new Error('full');
    },
    kept: () => undefined,
  };
  const asked = line.asked.length;
  t.match(await newDesk(t, { ...line, journal: full }).payments.charge(at, bill(third), GOOD), { status: 'refused' });
  t.match(await newDesk(t, { ...line, journal: { ...full, kept: () => '[{"no":1}]' } }).payments.charge(at, bill(third), GOOD), {
    status: 'refused',
  });
  t.equal(line.asked.length, asked, 'nobody was asked for money');
});

t.test('ankang county payments: bills in a list, and three books with an exit code', async (t) => {
  const folder = join(t.testdir(), 'county');
  holdCeremony({ folder, now: Date.now() - 3_600_000, region: '341525', terminals: ['DESK-1'], ...(await storeSetting()) });
  const run = async (...args: readonly string[]): Promise<{ readonly out: string; readonly exit: number }> => {
    const cli = [join(import.meta.dirname, '../src/cli/ankang.js'), 'county', 'payments', '--county', folder, ...args];
    return promisify(execFile)(process.execPath, cli).then(
      ({ stdout }) => ({ out: stdout, exit: 0 }),
      (error: { stdout: string; stderr: string; code: number }) => ({ out: error.stdout + error.stderr, exit: error.code }),
    );
  };
  const store = await openCountyStore(folder);
  t.teardown(() => store.close());
  t.match(await run('--reconcile'), { out: /没有支付方流水/, exit: 2 });
  const sandbox = openSandbox({ file: sandboxPath(folder), now: () => Date.now() });
  t.teardown(() => sandbox.end());
  const cashier = createCashier({ store, provider: sandbox, now: () => Date.now(), paid: () => undefined, log });
  const open = (reference: string) =>
    cashier.open({ service: 'clinic', reference, amount: 1205, subject: null, terminal: 'DESK-1', what: WHAT });
  const [number, other] = [await open('A'), await open('B')];
  const attempt = newAttempt();
  await cashier.charge({ number, amount: 1205, attempt, code: GOOD, terminal: 'DESK-1' }, never);
  // Opened in one millisecond, they stand in the order of their numbers, which are drawn.
  const listed = await run();
  t.match(listed, { out: /12\.05 {2}已付 paid {2}未告知 untold {2}门诊费/, exit: 0 });
  t.match(listed.out, /12\.05 {2}未付 open/);
  t.match(listed.out, /共 2 单，已付 12\.05 元/);
  t.match(JSON.parse((await run('--state', 'open', '--json')).out), [{ number: other, amount: 1205, state: 'open', paidAt: null }]);
  t.match(await run('--state', 'gone'), { out: /open \| charging \| paid \| void/, exit: 2 });
  t.match(await run('--reconcile'), { out: /待定 +waiting +1 \(12\.05\)[^]*对账相符/, exit: 0 }, 'the journal has not come yet');
  const facts = { event: 'outcome', outcome: 'not-charged', number, amount: 1205, attempt };
  const of = { terminal: 'DESK-1', journal: '0'.repeat(16), seq: 1 };
  await store.record([{ ...of, kind: 'payment', at: Date.now(), subject: null, facts, personal: null }], of);
  t.match(await run('--reconcile'), { out: /不符 +differs +\d{20} [0-9a-f]{32} journal[^]*对账不符/, exit: 1 });
});
