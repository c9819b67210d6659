/**
 * Bills and the attempts to charge them. Two unique indexes hold what must never be: two bills of one thing, two charges of one bill.
 * Who opens, withdraws or charges a bill looks first and writes then, and holds the lock on all bills meanwhile.
 */
import type { Words } from '../contracts.js';
import type { NotCharged } from '../messages/payment.js';
import { type AttemptState, after, isUnsettled } from './payment-states.js';
import { all, get, locking, type PartOf, run, type Sql } from './sql.js';
import type { Attempt, Bill, Moved, PaymentStore } from './store-payments.js';

type BillRow = Omit<Bill, 'what'> & { readonly what: string };

/** Two digits of the order's number. */
const MOST_ATTEMPTS = 99;

/** At most one attempt of a bill is joined: the index says so. */
const BILLS = `SELECT b.number, b.service, b.reference, b.amount, b.subject, b.terminal, b.what, b.opened, b.told,
    CASE WHEN b.void = 1 THEN 'void' WHEN a.state IS NULL THEN 'open' ELSE a.state END AS state,
    CASE a.state WHEN 'paid' THEN a.receipt END AS receipt, CASE a.state WHEN 'paid' THEN a.since END AS "paidAt"
  FROM bill b LEFT JOIN attempt a ON a.bill = b.number AND a.state IN ('charging', 'paid')`;
const ATTEMPTS = `SELECT a.id AS attempt, a.bill, a."order", b.amount, a.state, a.reason, a.receipt, a.since FROM attempt a JOIN bill b ON b.number = a.bill`;
const ADD_BILL = `INSERT INTO bill (number, service, reference, amount, subject, terminal, what, void, opened)
  VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)`;
const MOVE_BILL = 'UPDATE bill SET terminal = ? WHERE number = ?';
const VOID_BILL = 'UPDATE bill SET void = 1 WHERE number = ?';
const BEGUN = `SELECT count(*) AS n FROM attempt WHERE bill = ? AND "order" <> ''`;
const ADD_ATTEMPT = 'INSERT INTO attempt (id, bill, "order", state, reason, since) VALUES (?, ?, ?, ?, ?, ?)';
const SET_ATTEMPT = 'UPDATE attempt SET state = ?, reason = ?, receipt = ?, since = ? WHERE bill = ? AND id = ?';

export const payments: PartOf<PaymentStore> = {
  *openBill({ service, reference, amount, subject, terminal, what }, { number, at }) {
    yield* locking('bill');
    const before = yield* ofReference(service, reference);
    if (before && before.amount === amount) {
      if (before.state === 'open') yield* run(MOVE_BILL, terminal, before.number);
      return { number: before.number };
    }
    if (before && before.state !== 'open') return { taken: before.number };
    if (before) yield* run(VOID_BILL, before.number);
    yield* run(ADD_BILL, number, service, reference, amount, subject, terminal, JSON.stringify(what), at);
    return { number };
  },
  *withdrawBill(service, reference) {
    yield* locking('bill');
    const before = yield* ofReference(service, reference);
    if (before?.state !== 'open') return before?.number;
    yield* run(VOID_BILL, before.number);
    return undefined;
  },
  *bill(number) {
    return read(yield* ofNumber(number));
  },
  *billOf(service, reference) {
    return read(yield* ofReference(service, reference));
  },
  *bills() {
    return (yield* all<BillRow>(`${BILLS} ORDER BY b.opened, b.number`)).map(billOf);
  },
  *moveBill(number, terminal) {
    yield* run(MOVE_BILL, terminal, number);
  },
  *moveAttempt(move) {
    yield* locking('bill');
    const before = yield* attemptOf(move);
    const state = before ? yield* moved(before, move) : yield* begun(move);
    const attempt = yield* attemptOf(move);
    if (!attempt) throw new Error(`the attempt ${move.attempt} of ${move.bill} was not kept`);
    return { attempt, moved: state !== (before?.state ?? 'open') };
  },
  *attempt(bill, attempt) {
    return yield* attemptOf({ bill, attempt });
  },
  *attempts() {
    return yield* all(`${ATTEMPTS} ORDER BY a.bill, a."order", a.id`);
  },
  *unsettled() {
    const rows = yield* all<Attempt>(`${ATTEMPTS} WHERE a.state IN ('charging', 'refunding') ORDER BY a.since`);
    return rows.filter(({ state }) => isUnsettled(state));
  },
  *attemptOfOrder(order) {
    return yield* get(`${ATTEMPTS} WHERE a."order" = ?`, order);
  },
  *untold() {
    return (yield* all<BillRow>(`${BILLS} WHERE b.told IS NULL AND a.state = 'paid' ORDER BY a.since`)).map(billOf);
  },
  *noteTold(number, at) {
    yield* run('UPDATE bill SET told = ? WHERE number = ? AND told IS NULL', at, number);
  },
};

const billOf = (row: BillRow): Bill => ({ ...row, what: JSON.parse(row.what) as Words });
const read = (row: BillRow | undefined): Bill | undefined => row && billOf(row);

const ofNumber = (number: string): Sql<BillRow | undefined> => get(`${BILLS} WHERE b.number = ?`, number);
const ofReference = (service: string, reference: string): Sql<BillRow | undefined> =>
  get(`${BILLS} WHERE b.service = ? AND b.reference = ? AND b.void = 0`, service, reference);
const attemptOf = ({ bill, attempt }: Pick<Moved, 'bill' | 'attempt'>): Sql<Attempt | undefined> =>
  get(`${ATTEMPTS} WHERE a.bill = ? AND a.id = ?`, bill, attempt);

/** The first that is heard of an attempt; its state. */
function* begun({ attempt, bill, event, at, reason }: Moved): Sql<AttemptState> {
  const known = yield* ofNumber(bill);
  if (!known) throw new RangeError(`there is no bill ${bill}`);
  const count = (yield* get<{ readonly n: number }>(BEGUN, bill))?.n ?? 0;
  const blocked = event === 'begun' ? blockedBy(known.state, count) : undefined;
  const state = after('open', blocked ? 'blocked' : event);
  if (state === 'open') throw new RangeError(`there is no attempt ${attempt} of ${bill}`);
  const order = state === 'charging' ? `${bill}${String(count + 1).padStart(2, '0')}` : '';
  yield* run(ADD_ATTEMPT, attempt, bill, order, state, blocked ?? reason ?? null, at);
  return state;
}

function* moved(before: Attempt, { attempt, bill, event, at, reason, receipt }: Moved): Sql<AttemptState> {
  const state = after(before.state, event);
  if (state !== before.state) yield* run(SET_ATTEMPT, state, reason ?? before.reason, receipt ?? before.receipt, at, bill, attempt);
  return state;
}

/** Why an attempt may not begin; undefined: it may. */
function blockedBy(bill: Bill['state'], begunBefore: number): NotCharged | undefined {
  if (bill === 'open') return begunBefore < MOST_ATTEMPTS ? undefined : 'declined';
  if (bill === 'paid') return 'already-paid';
  return bill === 'charging' ? 'being-paid' : 'bill-void';
}
