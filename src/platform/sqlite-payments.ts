/** Bills and the attempts to charge them, in SQLite. Two unique indexes hold what must never be: two bills of one thing, two charges of one bill. */
import type Database from 'better-sqlite3';
import type { Words } from '../contracts.js';
import type { NotCharged } from '../messages/payment.js';
import { after, isUnsettled } from './payment-states.js';
import type { Opening } from './services/_service.js';
import type { Attempt, Bill, Moved, PaymentStore } from './store-payments.js';

type BillRow = Omit<Bill, 'what'> & { readonly what: string };

/** Two digits of the order's number. */
const MOST_ATTEMPTS = 99;

export function paymentsOf(db: Database.Database): PaymentStore {
  const sql = statements(db);

  const openBill = db.transaction((opening: Opening, { number, at }: { readonly number: string; readonly at: number }) => {
    const { service, reference, amount, subject, terminal, what } = opening;
    const before = sql.ofReference.get(service, reference);
    if (before && before.amount === amount) {
      if (before.state === 'open') sql.moveBill.run(terminal, before.number);
      return { number: before.number };
    }
    if (before && before.state !== 'open') return { taken: before.number };
    if (before) sql.voidBill.run(before.number);
    sql.addBill.run(number, service, reference, amount, subject, terminal, JSON.stringify(what), at);
    return { number };
  });

  /** Why an attempt may not begin; undefined: it may. */
  const blockedBy = (bill: string, begun: number): NotCharged | undefined => {
    const state = sql.bill.get(bill)?.state;
    if (state === 'open') return begun < MOST_ATTEMPTS ? undefined : 'declined';
    if (state === 'paid') return 'already-paid';
    return state === 'charging' ? 'being-paid' : 'bill-void';
  };

  const moveAttempt = db.transaction(({ attempt: id, bill, event, at, reason, receipt }: Moved) => {
    const before = sql.attempt.get(bill, id);
    const begun = event === 'begun' && !before ? (sql.begun.get(bill) ?? 0) : 0;
    const blocked = event === 'begun' && !before ? blockedBy(bill, begun) : undefined;
    const state = after(before?.state ?? 'open', blocked ? 'blocked' : event);
    if (!before && state === 'open') throw new RangeError(`there is no attempt ${id} of ${bill}`);
    if (!before) {
      const order = state === 'charging' ? `${bill}${String(begun + 1).padStart(2, '0')}` : '';
      sql.addAttempt.run(id, bill, order, state, blocked ?? reason ?? null, at);
    } else if (state !== before.state) sql.setAttempt.run(state, reason ?? before.reason, receipt ?? before.receipt, at, bill, id);
    const attempt = sql.attempt.get(bill, id);
    if (!attempt) throw new RangeError(`there is no bill ${bill}`);
    return { attempt, moved: state !== (before?.state ?? 'open') };
  });

  return {
    openBill: async (opening, as) => openBill.immediate(opening, as),
    bill: async (number) => read(sql.bill.get(number)),
    billOf: async (service, reference) => read(sql.ofReference.get(service, reference)),
    bills: async () => sql.bills.all().map((row) => billOf(row)),
    moveBill: async (number, terminal) => void sql.moveBill.run(terminal, number),
    moveAttempt: async (moved) => moveAttempt.immediate(moved),
    attempt: async (bill, id) => sql.attempt.get(bill, id),
    attempts: async () => sql.attempts.all(),
    unsettled: async () => sql.unsettled.all().filter(({ state }) => isUnsettled(state)),
    attemptOfOrder: async (order) => sql.ofOrder.get(order),
    untold: async () => sql.untold.all().map((row) => billOf(row)),
    noteTold: async (number, at) => void sql.tell.run(at, number),
  };
}

const billOf = (row: BillRow): Bill => ({ ...row, what: JSON.parse(row.what) as Words });
const read = (row: BillRow | undefined): Bill | undefined => row && billOf(row);

/** At most one attempt of a bill is joined: the index says so. */
const BILLS = `SELECT b.number, b.service, b.reference, b.amount, b.subject, b.terminal, b.what, b.opened, b.told,
    CASE WHEN b.void THEN 'void' WHEN a.state IS NULL THEN 'open' ELSE a.state END AS state,
    CASE a.state WHEN 'paid' THEN a.receipt END AS receipt, CASE a.state WHEN 'paid' THEN a.since END AS "paidAt"
  FROM bill b LEFT JOIN attempt a ON a.bill = b.number AND a.state IN ('charging', 'paid')`;
const ATTEMPTS = `SELECT a.id AS attempt, a.bill, a."order", b.amount, a.state, a.reason, a.receipt, a.since FROM attempt a JOIN bill b ON b.number = a.bill`;

function statements(db: Database.Database) {
  return {
    bill: db.prepare<[string], BillRow>(`${BILLS} WHERE b.number = ?`),
    ofReference: db.prepare<[string, string], BillRow>(`${BILLS} WHERE b.service = ? AND b.reference = ? AND NOT b.void`),
    bills: db.prepare<[], BillRow>(`${BILLS} ORDER BY b.opened, b.number`),
    untold: db.prepare<[], BillRow>(`${BILLS} WHERE b.told IS NULL AND a.state = 'paid' ORDER BY a.since`),
    addBill: db.prepare<[string, string, string, number, string | null, string, string, number]>(
      'INSERT INTO bill (number, service, reference, amount, subject, terminal, what, void, opened) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)',
    ),
    voidBill: db.prepare<[string]>('UPDATE bill SET void = 1 WHERE number = ?'),
    moveBill: db.prepare<[string, string]>('UPDATE bill SET terminal = ? WHERE number = ?'),
    tell: db.prepare<[number, string]>('UPDATE bill SET told = ? WHERE number = ? AND told IS NULL'),
    attempt: db.prepare<[string, string], Attempt>(`${ATTEMPTS} WHERE a.bill = ? AND a.id = ?`),
    attempts: db.prepare<[], Attempt>(`${ATTEMPTS} ORDER BY a.bill, a."order", a.id`),
    unsettled: db.prepare<[], Attempt>(`${ATTEMPTS} WHERE a.state IN ('charging', 'refunding') ORDER BY a.since`),
    ofOrder: db.prepare<[string], Attempt>(`${ATTEMPTS} WHERE a."order" = ?`),
    begun: db.prepare<[string], number>(`SELECT count(*) FROM attempt WHERE bill = ? AND "order" <> ''`).pluck(),
    addAttempt: db.prepare<[string, string, string, string, string | null, number]>(
      'INSERT INTO attempt (id, bill, "order", state, reason, since) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    setAttempt: db.prepare<[string, string | null, string | null, number, string, string]>(
      'UPDATE attempt SET state = ?, reason = ?, receipt = ?, since = ? WHERE bill = ? AND id = ?',
    ),
  };
}
