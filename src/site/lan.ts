/** The site's LAN: UDP multicast that comes back by itself. Nothing on it is believed here. */
import { createSocket, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import type { Log } from '../contracts.js';
import { LONGEST_WORD } from '../messages/site.js';

export interface LanSettings {
  /** IPv4 multicast group, 239.0.0.0/8 (RFC 2365). */
  readonly group: string;
  readonly port: number;
  /** Name or IPv4 address of the interface; absent: the system's choice. */
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
  stop(): Promise<void>;
}

const BACK_OFF_MS = { least: 500, most: 15_000 } as const;
/** Words a second; what is more is dropped before anyone reckons with it. */
const MOST_A_SECOND = 5000;

export function openLan(parts: LanParts): Lan {
  const { group, port, log } = parts;
  let socket: Socket | undefined;
  let joined = false;
  let stopped = false;
  let delay: number = BACK_OFF_MS.least;
  let retry: NodeJS.Timeout | undefined;
  const room = createRoom();

  const lost = (failed: Socket, error: Error): void => {
    if (socket !== failed) return;
    socket = undefined;
    joined = false;
    failed.close();
    if (stopped) return;
    log.warn('site-lan-lost', { error: error.message });
    retry = setTimeout(open, delay / 2 + Math.random() * (delay / 2)).unref();
    delay = Math.min(delay * 2, BACK_OFF_MS.most);
  };

  const open = (): void => {
    const mine = createSocket({ type: 'udp4', reuseAddr: true });
    socket = mine;
    mine.on('error', (error) => lost(mine, error));
    mine.on('message', (bytes) => {
      if (bytes.length <= LONGEST_WORD && room()) parts.onWord(bytes);
    });
    mine.bind({ port, address: group }, () => {
      try {
        const address = addressOf(parts.interface);
        if (address !== undefined) mine.setMulticastInterface(address);
        mine.addMembership(group, address);
        mine.setMulticastTTL(1);
        mine.setMulticastLoopback(true);
      } catch (error) {
        lost(mine, error instanceof Error ? error : new Error(String(error)));
        return;
      }
      joined = true;
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

/** An interface by its name has an address while its cable is in. @throws Error when it has none */
function addressOf(name: string | undefined): string | undefined {
  if (name === undefined || /^\d+\.\d+\.\d+\.\d+$/.test(name)) return name;
  const address = networkInterfaces()[name]?.find(({ family }) => family === 'IPv4')?.address;
  if (address === undefined) throw new Error(`no IPv4 address on ${name}`);
  return address;
}

function createRoom(): () => boolean {
  let second = 0;
  let taken = 0;
  return () => {
    const now = Math.floor(performance.now() / 1000);
    if (now !== second) {
      second = now;
      taken = 0;
    }
    taken++;
    return taken <= MOST_A_SECOND;
  };
}
