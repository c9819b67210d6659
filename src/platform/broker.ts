/**
 * The embedded broker: aedes on the loopback, for a county in one process and for the demo. Its rules are the ones that
 * docs/operation gives for mosquitto: the county reads and writes everything of its region, a terminal writes its own `up`
 * and reads its own `down` and the trust data. Production counties run mosquitto or a cluster with certificates.
 */
import { timingSafeEqual } from 'node:crypto';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Aedes, type Client } from 'aedes';
import type { Log } from '../contracts.js';
import { sm3 } from '../crypto/sm3.js';

export const COUNTY_USER = 'county';

/** Largest MQTT packet: 64 entries of 32 KiB in base64 with room to spare. */
const LARGEST_PACKET = 4 * 1024 * 1024;
const MOST_SESSIONS = 5000;

export interface BrokerSettings {
  readonly region: string;
  /** 0: any free port. */
  readonly port: number;
  /** Loopback unless a county knows what it does: there is no TLS here. */
  readonly host?: string;
  /** The password of a user; undefined: nobody we know. */
  readonly password: (user: string) => string | undefined;
  readonly log: Log;
}

export interface Broker {
  readonly port: number;
  stop(): Promise<void>;
}

/** @throws when the port is taken. */
export async function startBroker({ region, port, host = '127.0.0.1', password, log }: BrokerSettings): Promise<Broker> {
  const users = new WeakMap<Client, string>();
  const may = (client: Client | null, topic: string, way: Way): boolean => {
    // No client: the will of one that is gone, authorised as it was when it connected.
    const user = client === null ? undefined : users.get(client);
    return client === null || (user !== undefined && isAllowed({ user, region, topic, way }));
  };
  const aedes = await Aedes.createBroker({
    maximumPacketSize: LARGEST_PACKET,
    pendingSessionsLimit: MOST_SESSIONS,
    authenticate: (client, user, given, done) => {
      const wanted = user === undefined ? undefined : password(user);
      const known = user !== undefined && wanted !== undefined && given !== undefined && sameText(given.toString(), wanted);
      if (known) users.set(client, user);
      else log.warn('broker-refused', { client: client.id });
      done(null, known);
    },
    authorizePublish: (client, packet, done) => done(may(client, packet.topic, 'write') ? null : new Error(`not allowed: ${packet.topic}`)),
    authorizeSubscribe: (client, subscription, done) => done(null, may(client, subscription.topic, 'read') ? subscription : null),
  });
  aedes.on('clientError', (client, error) => log.warn('broker-client', { client: client.id, error: error.message }));
  aedes.on('connectionError', (client, error) => log.warn('broker-connection', { client: client.id, error: error.message }));
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.setNoDelay(true);
    aedes.handle(socket);
  });
  await listen(server, { port, host }).catch((error: unknown) => {
    aedes.close(); // its timers would keep the program
    throw error;
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await new Promise<void>((resolve) => aedes.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

type Way = 'read' | 'write';

interface Asked {
  readonly user: string;
  readonly region: string;
  readonly topic: string;
  readonly way: Way;
}

/** `topic` may be a filter: a wildcard never widens what the literal levels before it allow. */
export function isAllowed({ user, region, topic, way }: Asked): boolean {
  const root = `ankang/v1/${region}/`;
  if (!topic.startsWith(root)) return false;
  if (user === COUNTY_USER) return true;
  const rest = topic.slice(root.length);
  if (way === 'write') return rest.startsWith(`up/${user}/`) || rest === `operator/${user}/confirmed`;
  return rest.startsWith(`down/${user}/`) || rest.startsWith('trust/') || rest.startsWith(`operator/${user}/settlement/`);
}

function listen(server: Server, to: { readonly port: number; readonly host: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(to, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

const sameText = (a: string, b: string): boolean => timingSafeEqual(sm3(Buffer.from(a)), sm3(Buffer.from(b)));
