/** The county's side of an MQTT 5 broker: one connection that comes back, subscriptions, retained words. */
import { hostname } from 'node:os';
import mqtt, { type IClientOptions, type IClientPublishOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import type { Log } from '../contracts.js';

export interface BrokerAddress {
  /** mqtt:// or mqtts:// */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** PEM, for mqtts. */
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

export interface LinkSettings {
  readonly broker: BrokerAddress;
  readonly clientId: string;
  /** Filters to subscribe at QoS 1. */
  readonly filters: readonly string[];
  /** Does the broker keep words for us while we are away? One of several must not: they would wait for it, not go to the others. */
  readonly away: 'kept' | 'given to others';
  /** May hold back the next message until it resolves. */
  readonly onMessage: (topic: string, payload: Uint8Array) => Promise<void>;
  /** Connected and subscribed, the first time and every time after. */
  readonly onReady: () => void;
  readonly log: Log;
}

export interface Link {
  readonly connected: boolean;
  /** A retained word. Resolves when the broker has it; rejects when the connection ends before. */
  publish(topic: string, payload: Uint8Array): Promise<void>;
  /** A word for whoever listens now, or comes back within the life of its session; `correlation`: the id of what it answers. */
  send(topic: string, payload: Uint8Array, correlation?: Uint8Array): Promise<void>;
  end(): Promise<void>;
}

const SESSION_S = 3600;
/** One county, thousands of terminals: it is back at its broker before they are, so that what they send finds somebody. */
const BACK_OFF_MS = { least: 500, most: 2000 } as const;
/** How long unfinished words to the broker are waited for. */
const END_MS = 2000;
/** Messages that the broker may have under way to us. */
const RECEIVE_MAXIMUM = 256;

export function openLink({ broker, clientId, filters, away, onMessage, onReady, log }: LinkSettings): Link {
  const { url, ...rest } = broker;
  const options: IClientOptions = {
    ...rest,
    clientId,
    protocolVersion: 5,
    clean: false,
    queueQoSZero: false,
    reconnectPeriod: BACK_OFF_MS.least,
    connectTimeout: 10_000,
    timerVariant: 'native',
    resubscribe: false,
    manualConnect: true,
    properties: { sessionExpiryInterval: away === 'kept' ? SESSION_S : 0, receiveMaximum: RECEIVE_MAXIMUM },
  };
  const client = mqtt.connect(url, options);
  let delay: number = BACK_OFF_MS.least;
  let ending = false;
  /** Refuses the words that the broker has not confirmed; the library leaves them unanswered when it is ended. */
  const unconfirmed = new Set<(reason: Error) => void>();
  client.on('error', (error) => log.warn('broker-error', { error: error.message }));
  client.on('close', () => {
    if (ending) return;
    delay = Math.min(delay * 2, BACK_OFF_MS.most);
    client.options.reconnectPeriod = delay / 2 + Math.random() * (delay / 2);
  });
  client.on('connect', () => {
    const ready = async (): Promise<void> => {
      await subscribe(client, filters);
      delay = BACK_OFF_MS.least;
      log.info('broker-connected', { url, clientId });
      onReady();
    };
    ready().catch((error: unknown) => log.error('broker-subscribe', { error: String(error) }));
  });
  const take = async ({ topic, payload }: IPublishPacket, done: (error?: Error) => void): Promise<void> => {
    let fault: Error | undefined;
    try {
      await onMessage(topic, typeof payload === 'string' ? Buffer.from(payload) : payload);
    } catch (error) {
      // Not acknowledged to the broker: it says so again at the next connection.
      log.error('message-not-taken', { topic, error: String(error) });
      fault = error instanceof Error ? error : new Error(String(error));
    }
    done(fault);
  };
  // Instead of on('message'): the acknowledgement to the broker, and with it the next message, waits for room.
  client.handleMessage = (packet, done) => {
    void take(packet, done);
  };
  const publish = async (
    topic: string,
    payload: Uint8Array,
    options: Pick<IClientPublishOptions, 'retain' | 'properties'>,
  ): Promise<void> => {
    // Offline, the library would queue it in memory; whoever publishes does so again when the link is ready.
    if (!client.connected) throw new Error('not connected to the broker');
    await new Promise<void>((resolve, reject) => {
      unconfirmed.add(reject);
      client.publish(topic, bufferOf(payload), { qos: 1, ...options }, (error) => {
        unconfirmed.delete(reject);
        if (error) reject(error);
        else resolve();
      });
    });
  };
  client.connect();
  return {
    get connected() {
      return client.connected;
    },
    publish: (topic, payload) => publish(topic, payload, { retain: true }),
    send: (topic, payload, correlation) =>
      publish(topic, payload, correlation ? { properties: { correlationData: bufferOf(correlation) } } : {}),
    end: async () => {
      ending = true;
      // With manualConnect the library forgets that it was ended, and would reconnect at the last 'close'.
      client.options.reconnectPeriod = 0;
      // An end that was begun politely is not forced by a second call to end, and waits for ever for words that nobody confirms any more.
      let patience: NodeJS.Timeout | undefined;
      const given = new Promise<void>((resolve) => {
        patience = setTimeout(() => {
          client.stream.destroy();
          resolve();
        }, END_MS);
      });
      await Promise.race([client.endAsync(!client.connected), given]);
      clearTimeout(patience);
      for (const refuse of unconfirmed) refuse(new Error('the connection was ended'));
      unconfirmed.clear();
    },
  };
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

async function subscribe(client: MqttClient, filters: readonly string[]): Promise<void> {
  const granted = await client.subscribeAsync([...filters], { qos: 1 });
  const refused = granted.find(({ qos }) => qos >= 128);
  if (refused) throw new Error(`the broker does not let the county read ${refused.topic}`);
}

/**
 * A name that survives a restart, so that the broker keeps the session, and that tells workers apart: a session keeps its
 * filters, so the only worker must not take up that of one on a shared subscription.
 */
export const workerId = (region: string, worker: number | undefined): string =>
  `county-${region}-${hostname().slice(0, 20)}-${worker ?? 'only'}`;
