/** The site's LAN: UDP multicast that comes back by itself. Nothing on it is believed here. */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Log } from '../contracts.js';

export interface LanSettings {
  /** IPv4 multicast group, 239.0.0.0/8 (RFC 2365). */
  readonly group: string;
  readonly port: number;
  /** Name or IPv4 address; absent: the first interface that has an address and is not the loopback. */
  readonly interface?: string | undefined;
}

export interface LanParts extends LanSettings {
  onWord(bytes: Uint8Array): void;
  /** The socket is open: the first time, and each time again. */
  onJoined(): void;
  readonly log: Log;
}

export interface Lan {
  readonly joined: boolean;
  send(bytes: Uint8Array): void;
  /** Joins the group anew. */
  rejoin(): void;
  stop(): Promise<void>;
}

const BACK_OFF_MS = { least: 500, most: 15_000 } as const;

export function openLan(parts: LanParts): Lan {
  const { group, port, log } = parts;
  let socket: Socket | undefined;
  let joined = false;
  let toldLost = false;
  let stopped = false;
  let delay: number = BACK_OFF_MS.least;
  let retry: NodeJS.Timeout | undefined;

  const lost = (failed: Socket, error: Error): void => {
    if (socket !== failed) return;
    socket = undefined;
    joined = false;
    failed.close();
    if (stopped) return;
    // Once until it is there again: a cable may be out for days.
    if (!toldLost) log.warn('site-lan-lost', { error: error.message });
    toldLost = true;
    retry = setTimeout(open, delay / 2 + Math.random() * (delay / 2)).unref();
    delay = Math.min(delay * 2, BACK_OFF_MS.most);
  };

  const open = (): void => {
    const mine = createSocket({ type: 'udp4', reuseAddr: true });
    socket = mine;
    mine.on('error', (error) => lost(mine, error));
    mine.on('message', (bytes) => parts.onWord(bytes));
    mine.bind({ port, address: group }, () => {
      try {
        const address = addressOf(parts.interface);
        mine.setMulticastInterface(address);
        mine.addMembership(group, address);
        mine.setMulticastTTL(1);
        mine.setMulticastLoopback(true);
      } catch (error) {
        lost(mine, error instanceof Error ? error : new Error(String(error)));
        return;
      }
      joined = true;
      toldLost = false;
      delay = BACK_OFF_MS.least;
      log.info('site-lan-joined', { group, port });
      parts.onJoined();
    });
    // The site never keeps a program alive that has nothing else to do.
    mine.unref();
  };
  open();

  return {
    get joined() {
      return joined;
    },
    send(bytes) {
      const mine = socket;
      if (mine && joined) mine.send(bytes, port, group, (error) => error && lost(mine, error));
    },
    rejoin() {
      if (!socket || !joined) return;
      const last = socket;
      socket = undefined;
      joined = false;
      last.close();
      open();
    },
    stop: () =>
      new Promise((resolve) => {
        stopped = true;
        clearTimeout(retry);
        if (!socket) return resolve();
        const last = socket;
        socket = undefined;
        last.close(() => resolve());
      }),
  };
}

/** An interface has an address while its cable is in. @throws Error when it has none */
function addressOf(wanted: string | undefined): string {
  if (wanted !== undefined && isIPv4(wanted)) return wanted;
  const all = Object.entries(networkInterfaces()).flatMap(([name, addresses]) => (addresses ?? []).map((one) => ({ ...one, name })));
  const found = all.find(({ family, internal, name }) => family === 'IPv4' && (wanted === undefined ? !internal : name === wanted));
  if (!found) throw new Error(wanted === undefined ? 'no interface has an IPv4 address' : `no IPv4 address on ${wanted}`);
  return found.address;
}
