/** A byte stream over TCP, such as a receipt printer on the LAN: nothing secret, since nobody proves who they are there. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { z } from 'zod';
import type { Bytes, Port } from '../contracts.js';
import { closing, reasonOf } from './_closing.js';

const address = z.strictObject({
  host: z.string().min(1).max(253),
  port: z.int().min(1).max(65_535).default(9100).describe('9100: raw printing'),
});
export type TcpAddress = z.infer<typeof address>;

const CONNECT_MS = 5000;
/** A peer whose cable is out says nothing more: asked after so long. */
const ALIVE_MS = 10_000;
const LAST_MS = 1000;

/** @throws Error while nobody answers there */
async function open({ host, port }: TcpAddress): Promise<Bytes> {
  const socket = connect({ host, port, keepAlive: true, keepAliveInitialDelay: ALIVE_MS, noDelay: true });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_MS) });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return link(socket);
}

function link(socket: Socket): Bytes {
  const end = closing();
  let reason = 'the other end hung up';
  socket.on('error', (error) => {
    reason = reasonOf(error);
  });
  socket.on('end', () => socket.destroy());
  socket.on('close', () => end.end({ reason }));
  return {
    kind: 'bytes',
    closed: end.closed,
    onData: (listener) => void socket.on('data', (chunk: Uint8Array) => end.ended || listener(chunk)),
    write: (bytes) => void (end.ended || socket.write(Uint8Array.from(bytes))),
    close: async () => {
      end.end(undefined);
      if (socket.closed) return;
      const closed = once(socket, 'close');
      socket.destroySoon();
      // A peer that takes nothing any more is not waited for.
      const patience = setTimeout(() => socket.destroy(), LAST_MS);
      await closed;
      clearTimeout(patience);
    },
  };
}

export default { address, open } satisfies Port<Bytes, TcpAddress>;
