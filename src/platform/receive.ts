/** What arrives from terminals, by its topic. */
import type { Facts, Instant, Log } from '../contracts.js';
import { confirmedBy } from '../messages/settlement.js';
import { parseState, type State } from '../messages/state.js';
import { parseTopic } from '../messages/topics.js';
import type { Ingest } from './ingest.js';
import type { KnownTerminals } from './known-terminals.js';
import type { Requests } from './requests.js';
import type { CountyStore } from './store.js';

interface Receiving {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly ingest: Ingest;
  readonly requests: Requests;
  readonly store: CountyStore;
  readonly terminals: KnownTerminals;
  readonly now: () => Instant;
  readonly changed: () => void;
  /** An operator of vehicles says that it has a batch of rides. */
  readonly confirmed: (operator: string, payload: Uint8Array) => Promise<void>;
  readonly log: Log;
}

export async function receive({
  topic,
  payload,
  ingest,
  requests,
  store,
  terminals,
  now,
  changed,
  confirmed,
  log,
}: Receiving): Promise<void> {
  const operator = confirmedBy(topic);
  if (operator !== undefined) return confirmed(operator, payload);
  const to = parseTopic(topic);
  if (to?.way !== 'up') return log.warn('unexpected-topic', { topic: topic.slice(0, 200) });
  if (to.what === 'entries') return ingest.take(to.terminal, payload);
  if (to.what === 'request') return requests.take(to.terminal, payload);
  // An empty word takes a retained state off the broker.
  if (to.what !== 'state' || payload.length === 0) return;
  const state = terminals.keys.has(to.terminal) ? parseState(Buffer.from(payload).toString()) : undefined;
  if (state) await store.noteState({ terminal: to.terminal, at: now(), state: plainState(state) });
  else await store.noteRejected([{ terminal: terminals.keys.has(to.terminal) ? to.terminal : '', reason: 'state', count: 1 }], now());
  changed();
}

/** As it is kept: what a state leaves out is not there at all. */
function plainState({ printers, ...rest }: State): Facts {
  return { ...rest, ...(printers && { printers }) };
}
