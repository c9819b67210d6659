/** Text lines from a socket: the monitor, the agent and the report line of a guest all speak in lines. */
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const LONGEST = 1 << 20;

/** Connects to a Unix socket that QEMU is about to make; rejects after `withinMs`. */
export async function connect(path: string, withinMs = 10_000): Promise<net.Socket> {
  const until = performance.now() + withinMs;
  for (;;) {
    try {
      return await new Promise((resolve, reject) => {
        const socket = net.connect(path, () => resolve(socket)).once('error', reject);
      });
    } catch (error) {
      if (performance.now() > until) throw error;
      await sleep(20);
    }
  }
}

/** Calls `listener` with each whole line. A line over 1 MiB destroys the socket. Errors end as 'close', which the owner watches. */
export function eachLine(socket: net.Socket, listener: (line: string) => void): void {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) listener(line);
    if (rest.length > LONGEST) socket.destroy(new Error('a line without end'));
  });
}
