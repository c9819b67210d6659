/** First results of requests, and commands on their way, in SQLite. */
import type Database from 'better-sqlite3';
import type { Order } from '../messages/command.js';
import type { KeptAnswer, NewCommand, OrderedCommand, RequestStore } from './store.js';

/** Sent commands are history in the terminals' journals; here they are only numbers. */
const KEPT_COMMANDS = 100;

interface CommandRow extends Omit<OrderedCommand, 'order'> {
  readonly order: string;
}

export function requestsOf(db: Database.Database): RequestStore {
  const sql = statements(db);
  const orderCommand = db.transaction((command: NewCommand): OrderedCommand => {
    const { terminal, station, order, at, until } = command;
    const counter = Math.max(at, (sql.last.get(terminal) ?? 0) + 1);
    sql.order.run(terminal, counter, station, JSON.stringify(order), at, until);
    sql.forgetCommands.run(terminal, terminal, KEPT_COMMANDS);
    return { ...command, counter };
  });
  const keepAnswer = db.transaction(
    ({ terminal, id, effect, status, body }: KeptAnswer, { at, before }: { readonly at: number; readonly before: number }) => {
      sql.keep.run(terminal, id, effect, status, body, at);
      sql.forget.run(before);
    },
  );
  return {
    answer: async (terminal, id) => sql.answer.get(terminal, id),
    keepAnswer: async (answer, times) => keepAnswer.immediate(answer, times),
    orderCommand: async (command) => orderCommand.immediate(command),
    dueCommands: async (now) => sql.due.all(now).map((row) => ({ ...row, order: JSON.parse(row.order) as Order })),
    lastCommand: async (terminal) => sql.lastSent.get(terminal) ?? 0,
    noteCommandSent: async ({ terminal, counter }, at) => void sql.sent.run(at, terminal, counter),
  };
}

function statements(db: Database.Database) {
  return {
    answer: db.prepare<[string, Uint8Array], KeptAnswer>(
      'SELECT terminal, id, effect, status, body FROM answer WHERE terminal = ? AND id = ?',
    ),
    keep: db.prepare<[string, Uint8Array, Uint8Array, string, Uint8Array, number]>(
      'INSERT OR IGNORE INTO answer VALUES (?, ?, ?, ?, ?, ?)',
    ),
    forget: db.prepare<[number]>('DELETE FROM answer WHERE at < ?'),
    last: db.prepare<[string], number>('SELECT max(counter) FROM command WHERE terminal = ?').pluck(),
    lastSent: db.prepare<[string], number>('SELECT max(counter) FROM command WHERE terminal = ? AND sent_at IS NOT NULL').pluck(),
    order: db.prepare<[string, number, string, string, number, number]>('INSERT INTO command VALUES (?, ?, ?, ?, ?, ?, NULL)'),
    forgetCommands: db.prepare<[string, string, number]>(
      'DELETE FROM command WHERE terminal = ? AND counter < (SELECT counter FROM command WHERE terminal = ? ORDER BY counter DESC LIMIT 1 OFFSET ?)',
    ),
    due: db.prepare<[number], CommandRow>(
      'SELECT terminal, counter, station, "order", at, until FROM command WHERE sent_at IS NULL AND until > ? ORDER BY terminal, counter',
    ),
    sent: db.prepare<[number, string, number]>('UPDATE command SET sent_at = ? WHERE terminal = ? AND counter = ?'),
  };
}
