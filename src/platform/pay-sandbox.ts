/**
 * A payment provider for tests and demonstrations, with a book of its own: no money moves. A payment code whose last four digits are
 *
 *   0001 not enough money       0004 the person types a password: paid after a while      0007 the charge is lost: no answer, nothing taken
 *   0002 the code was used      0005 paid, and the answer is lost                          0008 lost at first, paid later, closed or not
 *   0003 nobody knows the code  0006 paid, and said three times                            0009 paid, and said slowly
 *
 * Any other code is paid, as often as it is shown. A test may say what goes wrong with each order instead.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { Instant } from '../contracts.js';
import type { Movement, Provider, ProviderOrder, ProviderSays } from './provider.js';

export const SANDBOX_FAULTS = [
  'insufficient',
  'code-used',
  'code-unknown',
  'password',
  'lost-answer',
  'said-thrice',
  'lost-charge',
  'late',
  'slow',
] as const;
/** What goes wrong; undefined: nothing. */
export type SandboxFault = (typeof SANDBOX_FAULTS)[number] | undefined;

export interface SandboxSettings {
  /** Path of its book; ':memory:' for none that stays. */
  readonly file: string;
  readonly now: () => Instant;
  /** Stands above what the code says. */
  readonly fault?: (order: string) => SandboxFault;
  /** How long passwords, slow and late payments take (ms). */
  readonly delayMs?: number;
}

export interface Sandbox extends Provider {
  /** Off: nobody gets an answer, and nothing is done. */
  turn(on: boolean): void;
  end(): void;
}

const SCHEMA = `
  -- due: when it is paid, if not now; stubborn: closing it does not help; unheard: nobody may know of it yet.
  CREATE TABLE IF NOT EXISTS ordered (number TEXT PRIMARY KEY, amount INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT, receipt TEXT NOT NULL,
    due INTEGER, stubborn INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS movement (id INTEGER PRIMARY KEY, number TEXT NOT NULL, amount INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;
`;

interface Row {
  readonly number: string;
  readonly amount: number;
  readonly state: 'paid' | 'refunded' | 'refused' | 'pending' | 'unheard' | 'closed';
  readonly reason: Extract<ProviderSays, { state: 'refused' }>['reason'] | null;
  readonly receipt: string;
  readonly due: number | null;
  readonly stubborn: number;
}

/** What becomes of an order at once; absent: it is paid. */
const ENTERED: Partial<Readonly<Record<NonNullable<SandboxFault>, Row['state']>>> = {
  insufficient: 'refused',
  'code-used': 'refused',
  'code-unknown': 'refused',
  password: 'pending',
  late: 'unheard',
};
const DELAY_MS = 3000;

/** Where the book of a TEST county's sandbox is. */
export const sandboxPath = (folder: string): string => join(folder, 'pay-sandbox.sqlite');

/** @throws Error when the file cannot be used */
export function openSandbox({ file, now, fault, delayMs = DELAY_MS }: SandboxSettings): Sandbox {
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.pragma('busy_timeout = 5000');
  db.exec(SCHEMA);
  const sql = statements(db);
  const listeners: ((order: string, says: ProviderSays) => void)[] = [];
  const timers = new Set<NodeJS.Timeout>();
  let on = true;

  const take = db.transaction((number: string): Row | undefined => {
    const row = sql.get.get(number);
    const waits = row?.state === 'pending' || row?.state === 'unheard' || (row?.state === 'closed' && row.stubborn === 1);
    const due = waits && row.due !== null && row.due <= now();
    if (!row || !due) return row;
    sql.set.run('paid', number);
    sql.move.run(number, row.amount, now());
    return sql.get.get(number);
  });
  const notice = (number: string): void => {
    const row = take.immediate(number);
    if (row && on) for (const listener of listeners) listener(number, saysOf(row));
  };
  const soon = (number: string, ms: number): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      notice(number);
    }, ms).unref();
    timers.add(timer);
  };
  const enter = db.transaction(({ order, amount }: ProviderOrder, wrong: SandboxFault): void => {
    const state = (wrong && ENTERED[wrong]) ?? 'paid';
    const due = state === 'pending' || state === 'unheard' ? now() + delayMs : null;
    sql.add.run(order, amount, state, state === 'refused' ? (wrong ?? null) : null, `SBX${order}`, due, wrong === 'late' ? 1 : 0);
    if (state === 'paid') sql.move.run(order, amount, now());
  });
  const shut = db.transaction((order: string): Row | undefined => {
    const row = take(order);
    if (!row) sql.add.run(order, 0, 'closed', null, `SBX${order}`, null, 0);
    else if (row.state === 'pending' || row.state === 'unheard') sql.set.run('closed', order);
    return sql.get.get(order);
  });
  const giveBack = db.transaction((order: string): Row | undefined => {
    const row = take(order);
    if (row?.state === 'paid') {
      sql.set.run('refunded', order);
      sql.move.run(order, -row.amount, now());
    }
    return sql.get.get(order);
  });

  const answered = async (work: () => Row | undefined): Promise<ProviderSays> => {
    await Promise.resolve();
    if (!on) throw new Error('the provider does not answer');
    return saysOf(work());
  };

  return {
    async charge(order, signal) {
      if (!on) throw new Error('the provider does not answer');
      const known = take.immediate(order.order);
      if (known) return saysOf(known);
      const wrong = fault ? fault(order.order) : FAULT_OF_CODE[order.code.slice(-4)];
      if (wrong === 'lost-charge') throw new Error('the charge was lost');
      enter.immediate(order, wrong);
      if (wrong === 'password' || wrong === 'late') soon(order.order, delayMs + 5);
      if (wrong === 'slow') await sleep(delayMs, undefined, { signal });
      if (wrong === 'lost-answer' || wrong === 'late') throw new Error('the answer was lost');
      if (wrong === 'said-thrice') for (const ms of [0, 5]) soon(order.order, ms);
      return saysOf(sql.get.get(order.order));
    },
    query: (order) => answered(() => take.immediate(order)),
    close: (order) => answered(() => shut.immediate(order)),
    refund: (order) => answered(() => giveBack.immediate(order)),
    async statement(since) {
      if (!on) throw new Error('the provider does not answer');
      for (const number of sql.due.all(now())) take.immediate(number);
      return sql.movements.all(since);
    },
    onNotice: (listener) => void listeners.push(listener),
    turn: (to) => {
      on = to;
    },
    end() {
      for (const timer of timers) clearTimeout(timer);
      db.close();
    },
  };
}

const FAULT_OF_CODE: Readonly<Record<string, SandboxFault>> = Object.fromEntries(
  SANDBOX_FAULTS.map((fault, i) => [String(i + 1).padStart(4, '0'), fault]),
);

function saysOf(row: Row | undefined): ProviderSays {
  if (!row || row.state === 'unheard') return { state: 'unknown' };
  const { state, amount, receipt, reason } = row;
  if (state === 'paid' || state === 'refunded') return { state, amount, receipt };
  return state === 'refused' ? { state, reason: reason ?? 'declined' } : { state };
}

function statements(db: Database.Database) {
  return {
    get: db.prepare<[string], Row>('SELECT * FROM ordered WHERE number = ?'),
    add: db.prepare<[string, number, string, string | null, string, number | null, number]>(
      'INSERT INTO ordered VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    set: db.prepare<[string, string]>('UPDATE ordered SET state = ? WHERE number = ?'),
    due: db.prepare<[number], string>(`SELECT number FROM ordered WHERE due <= ? AND state IN ('pending', 'unheard', 'closed')`).pluck(),
    move: db.prepare<[string, number, number]>('INSERT INTO movement (number, amount, at) VALUES (?, ?, ?)'),
    movements: db.prepare<[number], Movement>('SELECT number AS "order", amount, at FROM movement WHERE at >= ? ORDER BY id'),
  };
}
