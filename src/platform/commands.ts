/**
 * Orders to a terminal's station: kept in the store by whoever gives them, also another process; signed and sent by the running county.
 * They live for a short time only: what cannot be sent in it lapses, and the terminal takes nothing that is past it.
 */
import { z } from 'zod';
import type { Instant, Log } from '../contracts.js';
import { LONGEST, makeCommand, type Order } from '../messages/command.js';
import type { Signer } from '../messages/signed.js';
import { isName, topicOf } from '../messages/topics.js';
import type { Link } from './link.js';
import { OrderError } from './orders.js';
import type { CountyStore, OrderedCommand } from './store.js';

export interface Ordering {
  readonly terminal: string;
  readonly station: string;
  readonly order: Order;
  /** Seconds that the order lives. */
  readonly within?: number;
}

const WITHIN = 60;
const LONGEST_FREE_MS = 86_400_000;

const ORDER = z.discriminatedUnion('verb', [
  z.strictObject({ verb: z.literal('release'), direction: z.enum(['in', 'out']) }),
  z.strictObject({ verb: z.literal('free'), until: z.int().nonnegative() }),
  z.strictObject({ verb: z.enum(['lock', 'normal']) }),
]);

/** @throws OrderError for a terminal that is not in service, a name that is none, an end out of bounds. */
export async function orderCommand(
  store: CountyStore,
  { terminal, station, order, within = WITHIN }: Ordering,
  now: Instant,
): Promise<OrderedCommand> {
  if (!(await store.terminals()).some(({ id, struck }) => id === terminal && !struck))
    throw new OrderError(`no terminal in service is called ${terminal}`);
  if (!isName(station)) throw new OrderError(`${JSON.stringify(station)} is not the name of a station`);
  const checked = ORDER.safeParse(order);
  if (!checked.success) throw new OrderError(z.prettifyError(checked.error));
  if (!Number.isInteger(within) || within < 1 || within > LONGEST) throw new OrderError(`an order lives for 1 to ${LONGEST} seconds`);
  if (order.verb === 'free' && (order.until <= now || order.until > now + LONGEST_FREE_MS))
    throw new OrderError('free ends in the future, within 24 hours');
  return store.orderCommand({ terminal, station, order: checked.data, at: now, until: now + within * 1000 });
}

export interface Sending {
  readonly store: CountyStore;
  readonly link: Pick<Link, 'send'>;
  readonly region: string;
  readonly platform: Signer;
  readonly now: () => Instant;
  readonly log: Log;
}

/** Signs and sends what is due. @throws when the link goes: the rest is due again. */
export async function sendCommands({ store, link, region, platform, now, log }: Sending): Promise<void> {
  for (const command of await store.dueCommands(now())) {
    const { terminal, station, counter, order, until } = command;
    const notAfter = Math.floor(until / 1000);
    const signed = makeCommand(
      { terminal, station, counter, issued: Math.min(notAfter, Math.floor(now() / 1000)), notAfter, order },
      platform,
    );
    await link.send(topicOf({ way: 'down', region, terminal, what: 'command' }), signed);
    await store.noteCommandSent(command, now());
    log.info('command-sent', { terminal, station, verb: order.verb, counter });
  }
}
