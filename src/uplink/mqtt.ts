/**
 * A connection to the broker that is always being had or being sought. mqtt.js carries the bytes and nothing else: nothing is queued here,
 * nothing is sent again (that is the courier's, from the journal), and each attempt is a new client.
 */
import { connect as connectTcp, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IClientOptions, MqttClient } from 'mqtt';
import type { Clock, Log } from '../contracts.js';
import { createBackoff } from './backoff.js';

/** PEM. The certificate's common name is the terminal's name. */
export interface Tls {
  readonly ca?: string | Buffer | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
}

export interface BrokerSettings {
  /** mqtts://host:port; mqtt:// for a broker on this machine. */
  readonly url: string;
  /** Asked before each connection: certificates are renewed while we run. */
  readonly tls?: (() => Tls) | undefined;
  /** Also the client id: a second box of that name takes the session over, and is noticed. */
  readonly terminal: string;
  /** What the broker says for us when we are gone. */
  readonly will: { readonly topic: string; readonly payload: () => string };
  readonly clock: Clock;
  readonly log: Log;
}

export interface BrokerListener {
  up(): void;
  down(): void;
  message(topic: string, payload: Uint8Array): void;
  /** The broker took a publication that nobody subscribes to. */
  unheard(): void;
}

export interface Broker {
  readonly connected: boolean;
  readonly twin: boolean;
  readonly connects: number;
  readonly kicks: number;
  start(listener: BrokerListener): Promise<void>;
  /** QoS 1; `answered` gets undefined when the broker has it, or why it has not. Never answered when the connection ends first. */
  publish(publication: Publication, answered: (error: Error | undefined) => void): void;
  /** The filters that the broker refused. */
  subscribe(filters: readonly string[]): Promise<readonly string[]>;
  unsubscribe(filter: string): void;
  /** Says goodbye, so that the will is not spoken. */
  stop(): Promise<void>;
}

export interface Publication {
  readonly topic: string;
  readonly payload: string | Uint8Array;
  readonly retain?: boolean;
  /** MQTT 5.0, 3.3.2.3.6. */
  readonly correlation?: Buffer;
}

const SECONDS = { sessionExpiry: 3600, willDelay: 10, keepalive: 30 } as const;
/** A trust part is 65,536 bytes; nothing that comes down is much larger. */
const LARGEST_PACKET = 256 * 1024;
const CONNECT_TIMEOUT = 20_000;
const GOODBYE_TIMEOUT = 2_000;
const PROBE_TIMEOUT = 2_000;
/** A broker that ends still accepts connections for a moment after it has dropped its clients. */
const ENDING_MS = 200;

/** MQTT 5.0, 3.14.2.1. */
const SESSION_TAKEN_OVER = 0x8e;
/** MQTT 5.0, 3.4.2.1. mosquitto says so, aedes does not. */
const NO_MATCHING_SUBSCRIBERS = 0x10;

const NOBODY: BrokerListener = { up: () => undefined, down: () => undefined, message: () => undefined, unheard: () => undefined };

type Connect = (url: string, options: IClientOptions) => MqttClient;

export function createBroker(settings: BrokerSettings): Broker {
  const { clock, log } = settings;
  const backoff = createBackoff();
  let connect: Connect | undefined;
  let client: MqttClient | undefined;
  let retry: NodeJS.Timeout | undefined;
  let listener: BrokerListener = NOBODY;
  let stopped = true;
  /**
   * The broker closed the last connection, politely and without a word. mosquitto does so when another takes over a session that is kept,
   * instead of saying SESSION_TAKEN_OVER: if it listened at that moment and still has the session, that is what it was. One that is
   * restarted keeps sessions too, and does not listen.
   */
  let tookOver: Promise<boolean> | undefined;
  const counts = { connects: 0, kicks: 0 };

  const attempt = (): void => {
    if (!connect || stopped) return;
    const fresh = connect(settings.url, optionsOf(settings));
    client = fresh;
    attend(fresh);
    fresh.connect();
  };

  const kicked = (): void => {
    counts.kicks++;
    backoff.kicked(clock.monotonic());
    log.warn('uplink-kicked', { kicks: counts.kicks, twin: backoff.twin(clock.monotonic()) });
  };

  const attend = (fresh: MqttClient): void => {
    let upSince: number | undefined;
    let [ended, explained] = [false, false];
    fresh.on('connect', ({ sessionPresent }) => {
      // A confirmation must not wait for the far side's delayed ACK (40 ms): the window would stand still meanwhile.
      if (fresh.stream instanceof Socket) fresh.stream.setNoDelay(true);
      upSince = clock.monotonic();
      counts.connects++;
      if (sessionPresent) void tookOver?.then((yes) => yes && kicked());
      tookOver = undefined;
      log.info('uplink-connected');
      listener.up();
    });
    fresh.on('message', (topic, payload) => listener.message(topic, payload));
    fresh.on('packetreceive', (packet) => {
      if (packet.cmd === 'puback' && packet.reasonCode === NO_MATCHING_SUBSCRIBERS) listener.unheard();
    });
    fresh.on('disconnect', ({ reasonCode }) => {
      log.warn('uplink-dismissed', { reasonCode });
      explained = true;
      if (reasonCode === SESSION_TAKEN_OVER) kicked();
    });
    const end = (): void => {
      if (ended) return;
      ended = true;
      fresh.end(true);
      tookOver = upSince !== undefined && !explained && !stopped ? listens(settings.url) : undefined;
      if (upSince !== undefined) listener.down();
      if (!stopped) again(upSince === undefined ? 0 : clock.monotonic() - upSince);
    };
    fresh.on('error', (error) => {
      log.warn('uplink-error', { error: error.message });
      explained = true;
      end();
    });
    fresh.on('close', end);
  };

  const again = (lived: number): void => {
    const wait = Math.round(backoff.failed(lived, Math.random()));
    log.info('uplink-down', { lived: Math.round(lived), wait, twin: backoff.twin(clock.monotonic()) });
    retry = setTimeout(attempt, wait);
  };

  return {
    get connected() {
      return client?.connected === true;
    },
    get twin() {
      return backoff.twin(clock.monotonic());
    },
    get connects() {
      return counts.connects;
    },
    get kicks() {
      return counts.kicks;
    },
    async start(to) {
      listener = to;
      stopped = false;
      // Loaded late: it costs as much time as all the rest of the start.
      const { default: mqtt } = await import('mqtt');
      connect = (url, options) => mqtt.connect(url, options);
      attempt();
    },
    publish({ topic, payload, retain = false, correlation }, answered) {
      if (client?.connected !== true) return;
      const bytes = typeof payload === 'string' ? payload : Buffer.from(payload);
      const properties = correlation && { properties: { correlationData: correlation } };
      client.publish(topic, bytes, { qos: 1, retain, ...properties }, (error) => answered(error ?? undefined));
    },
    async subscribe(filters) {
      if (client?.connected !== true || filters.length === 0) return filters;
      const granted = await client.subscribeAsync([...filters], { qos: 1 });
      return granted.filter(({ qos }) => qos >= 0x80).map(({ topic }) => topic);
    },
    unsubscribe(filter) {
      if (client?.connected !== true) return;
      client.unsubscribe(filter, (error?: Error) => {
        if (error) log.warn('uplink-unsubscribe', { filter, error: error.message });
      });
    },
    async stop() {
      stopped = true;
      clearTimeout(retry);
      if (client) await goodbye(client);
      client = undefined;
    },
  };
}

/** Does anybody listen there at this moment? */
async function listens(url: string): Promise<boolean> {
  await sleep(ENDING_MS, undefined, { ref: false });
  const { hostname, port, protocol } = new URL(url);
  const usual = protocol === 'mqtts:' ? 8883 : 1883;
  return new Promise((resolve) => {
    const socket = connectTcp({ host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? usual : Number(port) });
    const told = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PROBE_TIMEOUT, () => told(false));
    socket.once('connect', () => told(true));
    socket.once('error', () => told(false));
  });
}

function optionsOf({ terminal, tls: tlsNow, will }: BrokerSettings): IClientOptions {
  const tls = tlsNow?.();
  return {
    protocolVersion: 5,
    clientId: terminal,
    clean: false,
    keepalive: SECONDS.keepalive,
    connectTimeout: CONNECT_TIMEOUT,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    manualConnect: true,
    timerVariant: 'native',
    properties: { sessionExpiryInterval: SECONDS.sessionExpiry, maximumPacketSize: LARGEST_PACKET },
    will: {
      topic: will.topic,
      payload: Buffer.from(will.payload()),
      qos: 1,
      retain: true,
      properties: { willDelayInterval: SECONDS.willDelay },
    },
    ...(tls?.ca !== undefined && { ca: tls.ca }),
    ...(tls?.cert !== undefined && { cert: tls.cert }),
    ...(tls?.key !== undefined && { key: tls.key }),
    rejectUnauthorized: true,
  };
}

async function goodbye(client: MqttClient): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, GOODBYE_TIMEOUT);
  });
  // Not forced, so that what was just said is confirmed and DISCONNECT goes out.
  const left = new Promise<void>((resolve) => {
    if (!client.connected) return resolve();
    client.stream.once('close', resolve);
    client.end(false);
  });
  await Promise.race([left, late]);
  clearTimeout(timer);
  client.end(true);
  // An end that was begun politely is not forced by a second call: a broker that hangs would keep the socket, and the process, for ever.
  if (client.connected) client.stream.destroy();
}
