/**
 * The terminal's line to the county platform: courier, presence and downlink on one connection.
 *
 *   journal ─courier→ up/entries          down/ack ─→ journal
 *     ask ─requests→ up/request           down/answer ─→ who asked
 *             facts ─→ up/state           down/…, trust/… ─→ listeners
 */
import type { Clock, Log } from '../contracts.js';
import type { Sealer } from '../crypto/seal.js';
import type { Journal } from '../journal/journal.js';
import type { Signer, Verify } from '../messages/signed.js';
import { type Topic, topicOf } from '../messages/topics.js';
import { type Courier, createCourier } from './courier.js';
import { createDownlink, type DownlinkCounts, type Listener } from './downlink.js';
import { type Broker, createBroker, type Tls } from './mqtt.js';
import { createPresence, type StateFacts } from './presence.js';
import { type AnswerOutcome, type Ask, createRequests } from './requests.js';

/** wire.md 4. */
const PATIENCE = 30_000;

export interface UplinkSettings {
  readonly config: {
    readonly url: string;
    readonly tls?: (() => Tls) | undefined;
    readonly region: string;
    readonly terminal: string;
    readonly checkpoint: string;
  };
  readonly journal: Journal;
  /** The terminal's signing key. */
  readonly signer: Signer;
  /** What seals personal questions to the platform. */
  readonly sealer?: () => Sealer | undefined;
  /** Is this the signature of a platform key that may sign this type? */
  readonly verify: Verify;
  /** Are there keys to check signatures with? */
  readonly ready?: () => boolean;
  /** Told when a signed word of the platform was issued (Unix seconds): it is not earlier than that. */
  readonly heard?: (issued: number) => void;
  /** Told when the answer to what was sent at monotonic `asked` was issued: that bounds the time on both sides. */
  readonly answered?: (issued: number, asked: number) => void;
  /** The line is there, the first time and every time after. */
  readonly up?: () => void;
  /** The broker was reached, or lost. */
  readonly changed?: () => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly state: () => StateFacts;
}

export interface UplinkMetrics {
  readonly connected: boolean;
  readonly connects: number;
  readonly kicks: number;
  readonly twin: boolean;
  readonly sent: Courier['metrics'];
  readonly down: Readonly<DownlinkCounts>;
  readonly answers: Readonly<Record<AnswerOutcome, number>>;
}

export interface Uplink {
  readonly connected: boolean;
  readonly metrics: UplinkMetrics;
  /** Asks the platform now; never queued. @throws RequestError */
  readonly ask: Ask;
  /** Begins to seek the broker; does not wait for it. */
  start(): Promise<void>;
  /** Leaves the broker with an `offline` state instead of a will. */
  stop(): Promise<void>;
  /** Bytes of a topic below `down/<this terminal>/` or `trust/`, unchecked. One listener for each topic. */
  subscribe(topic: Topic, listener: Listener): void;
  unsubscribe(topic: Topic): void;
  /** Keys have come: what waited for them is looked at. */
  trusted(): void;
}

export function createUplink(settings: UplinkSettings): Uplink {
  const { config, journal, clock, log } = settings;
  const { region, terminal } = config;
  const stateTopic = topicOf({ way: 'up', region, terminal, what: 'state' });
  const entriesTopic = topicOf({ way: 'up', region, terminal, what: 'entries' });
  const sayState = (payload: string): void => broker.publish({ topic: stateTopic, payload, retain: true }, logRefusal(log, 'state'));

  const broker: Broker = createBroker({ ...config, clock, log, will: { topic: stateTopic, payload: () => presence.text('offline') } });
  const presence = createPresence({ journal, clock, facts: settings.state, twin: () => broker.twin, publish: sayState });
  const courier = createCourier({
    journal,
    origin: { region, terminal, checkpoint: config.checkpoint, journal: journal.journal },
    signer: settings.signer,
    log,
    patience: PATIENCE,
    publish: (payload, answered) => broker.publish({ topic: entriesTopic, payload }, answered),
  });
  const downlink = createDownlink({
    region,
    terminal,
    journal,
    broker,
    verify: settings.verify,
    ready: settings.ready,
    heard: settings.heard,
    published: () => courier.published,
    acknowledged: courier.wake,
    log,
  });
  const requests = createRequests({
    region,
    terminal,
    broker,
    signer: settings.signer,
    sealer: settings.sealer,
    verify: settings.verify,
    answered: settings.answered,
    clock,
    log,
  });
  downlink.subscribe({ way: 'down', region, terminal, what: 'answer' }, requests.take);
  journal.onAppend(courier.wake);

  const parts = [downlink, presence, courier];
  return {
    get connected() {
      return broker.connected;
    },
    get metrics() {
      const { connected, connects, kicks, twin } = broker;
      return { connected, connects, kicks, twin, sent: courier.metrics, down: downlink.counts, answers: requests.counts };
    },
    ask: requests.ask,
    start: () =>
      broker.start({
        up: () => {
          parts.forEach((part) => part.up());
          settings.up?.();
          settings.changed?.();
        },
        down: () => {
          presence.down();
          courier.down();
          settings.changed?.();
        },
        message: downlink.message,
        unheard: courier.unheard,
      }),
    async stop() {
      requests.close();
      courier.stop();
      presence.down();
      sayState(presence.text('offline'));
      await broker.stop();
    },
    trusted: downlink.trusted,
    subscribe: downlink.subscribe,
    unsubscribe: downlink.unsubscribe,
  };
}

function logRefusal(log: Log, what: string): (error: Error | undefined) => void {
  return (error) => {
    if (error) log.warn('uplink-refused', { what, error: error.message });
  };
}
