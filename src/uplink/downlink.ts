/** What comes down: acknowledgements for the journal, everything else to whoever listens to its topic. What is wrong is counted, never believed. */
import type { Log } from '../contracts.js';
import { JournalError } from '../journal/error.js';
import type { AckOutcome, Journal } from '../journal/journal.js';
import { readAck, type Verify } from '../messages/signed.js';
import { downFilter, parseTopic, type Topic, topicOf } from '../messages/topics.js';
import type { Broker } from './mqtt.js';

export type Listener = (bytes: Uint8Array) => void;

export interface DownlinkSettings {
  readonly region: string;
  readonly terminal: string;
  readonly journal: Pick<Journal, 'acknowledge'>;
  readonly broker: Pick<Broker, 'connected' | 'subscribe' | 'unsubscribe'>;
  /** Is this the signature of a platform key? */
  readonly verify: Verify;
  /** Are there keys to check signatures with? Until then acknowledgements wait; at a first start they come before the manifest. */
  readonly ready?: (() => boolean) | undefined;
  /** A signed word of the platform was issued then (Unix seconds). */
  readonly heard?: ((issued: number) => void) | undefined;
  readonly published: () => number;
  readonly acknowledged: () => void;
  readonly log: Log;
}

/**
 * How often what came down, by outcome. `forged`: unreadable or not signed by the platform. `unwritten`: the
 * disk refused, the next one will do. `unrouted`: nobody listens to that topic.
 */
export type DownlinkCounts = Record<AckOutcome | 'forged' | 'unwritten' | 'unrouted', number>;

export interface Downlink {
  readonly counts: Readonly<DownlinkCounts>;
  up(): void;
  message(topic: string, payload: Uint8Array): void;
  /** Keys have come: what waited for them is looked at. */
  trusted(): void;
  /** One listener for each topic; trust topics are asked of the broker one by one. */
  subscribe(topic: Topic, listener: Listener): void;
  unsubscribe(topic: Topic): void;
}

/** Acknowledgements that came in the same turn: the newest that holds makes the older ones needless. */
const MOST_ACKS = 16;

export function createDownlink(settings: DownlinkSettings): Downlink {
  const { region, terminal, journal, broker, log } = settings;
  const counts: DownlinkCounts = { taken: 0, lower: 0, foreign: 0, unpublished: 0, mismatch: 0, forged: 0, unwritten: 0, unrouted: 0 };
  const listeners = new Map<string, Listener>();
  const ackTopic = topicOf({ way: 'down', region, terminal, what: 'ack' });
  let acks: Uint8Array[] = [];

  /** Log lines thin out as a count grows: a flood of forgeries must not fill the disk. */
  const count = (outcome: keyof DownlinkCounts, facts: Readonly<Record<string, unknown>> = {}): void => {
    const n = ++counts[outcome];
    if (outcome !== 'taken' && outcome !== 'lower' && (n & (n - 1)) === 0) log.warn('downlink', { outcome, times: n, ...facts });
  };

  const takeAcks = (): void => {
    if (settings.ready?.() === false) return;
    const waiting = acks.toReversed();
    acks = [];
    for (const bytes of waiting) {
      const outcome = attempt(bytes);
      count(outcome);
      if (outcome === 'taken') return settings.acknowledged();
    }
  };

  const attempt = (bytes: Uint8Array): keyof DownlinkCounts => {
    try {
      return takeAck(bytes);
    } catch (error) {
      if (!(error instanceof JournalError)) throw error;
      log.error('downlink-ack', { code: error.code });
      return 'unwritten';
    }
  };

  const takeAck = (bytes: Uint8Array): AckOutcome | 'forged' => {
    const ack = readAck(bytes, settings.verify);
    if (!ack) return 'forged';
    settings.heard?.(ack.issued);
    return journal.acknowledge(ack, settings.published());
  };

  const ask = (filters: readonly string[]): void => {
    broker.subscribe(filters).then(
      (refused) => {
        if (refused.length > 0) log.warn('downlink-refused', { filters: refused });
      },
      (error: Error) => log.warn('downlink-refused', { filters, error: error.message }),
    );
  };

  // What is asked for before the broker is there is asked for in `up`.
  return {
    counts,
    up() {
      const own = [...listeners.keys()].filter((text) => text.includes('/trust/'));
      ask([downFilter(region, terminal), ...own]);
    },
    message(text, payload) {
      if (text === ackTopic) {
        setImmediate(takeAcks);
        acks.push(payload);
        if (acks.length > MOST_ACKS) acks.shift();
        return;
      }
      const listener = listeners.get(text);
      if (listener) listener(payload);
      else count('unrouted', { topic: parseTopic(text)?.what ?? 'not a topic' });
    },
    trusted: takeAcks,
    subscribe(topic, listener) {
      const text = topicOf(topic);
      listeners.set(text, listener);
      if (broker.connected && topic.way === 'trust') ask([text]);
    },
    unsubscribe(topic) {
      const text = topicOf(topic);
      listeners.delete(text);
      if (topic.way === 'trust') broker.unsubscribe(text);
    },
  };
}
