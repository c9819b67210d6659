/** First results of requests, and commands on their way. */
import type { Order } from '../messages/command.js';
import { all, get, locking, type PartOf, run } from './sql.js';
import type { OrderedCommand, RequestStore } from './store.js';

/** Sent commands are history in the terminals' journals; here they are only numbers. */
const KEPT_COMMANDS = 100;

interface CommandRow extends Omit<OrderedCommand, 'order'> {
  readonly order: string;
}
interface Last {
  readonly counter: number | null;
}

const FORGET = `DELETE FROM command WHERE terminal = ? AND counter <
  (SELECT counter FROM command WHERE terminal = ? ORDER BY counter DESC LIMIT 1 OFFSET ?)`;
const DUE = `SELECT terminal, counter, station, "order", at, until FROM command WHERE sent_at IS NULL AND until > ?
  ORDER BY terminal, counter`;

export const requests: PartOf<RequestStore> = {
  *answer(terminal, id) {
    return yield* get('SELECT terminal, id, effect, status, body FROM answer WHERE terminal = ? AND id = ?', terminal, id);
  },
  *keepAnswer({ terminal, id, effect, status, body }, { at, before }) {
    yield* run('INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING', terminal, id, effect, status, body, at);
    yield* run('DELETE FROM answer WHERE at < ?', before);
  },
  *orderCommand(command) {
    const { terminal, station, order, at, until } = command;
    yield* locking('command');
    const last = yield* get<Last>('SELECT max(counter) AS counter FROM command WHERE terminal = ?', terminal);
    const counter = Math.max(at, (last?.counter ?? 0) + 1);
    yield* run('INSERT INTO command VALUES (?, ?, ?, ?, ?, ?, NULL)', terminal, counter, station, JSON.stringify(order), at, until);
    yield* run(FORGET, terminal, terminal, KEPT_COMMANDS);
    return { ...command, counter };
  },
  *dueCommands(now) {
    return (yield* all<CommandRow>(DUE, now)).map((row) => ({ ...row, order: JSON.parse(row.order) as Order }));
  },
  *lastCommand(terminal) {
    const sql = 'SELECT max(counter) AS counter FROM command WHERE terminal = ? AND sent_at IS NOT NULL';
    return (yield* get<Last>(sql, terminal))?.counter ?? 0;
  },
  *noteCommandSent({ terminal, counter }, at) {
    yield* run('UPDATE command SET sent_at = ? WHERE terminal = ? AND counter = ?', at, terminal, counter);
  },
};
