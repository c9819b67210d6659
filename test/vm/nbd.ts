/** Serves a VolatileDisk to QEMU over the NBD protocol on a Unix socket (fixed newstyle; read, write, flush, FUA). */
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import net from 'node:net';
import type { VolatileDisk } from './volatile-disk.js';

const OPTION = { exportName: 1, abort: 2, info: 6, go: 7 } as const;
const REPLY = { ack: 1, info: 3, unsupported: 0x80000001 } as const;
const COMMAND = { read: 0, write: 1, disconnect: 2, flush: 3 } as const;
/** Has flags, takes flush, takes FUA. */
const TRANSMISSION_FLAGS = 1 | 4 | 8;
const FUA = 1;
const EINVAL = 22;
const LARGEST = 32 << 20;

export interface NbdServer {
  close(): Promise<void>;
}

export async function serveNbd(disk: VolatileDisk, path: string): Promise<NbdServer> {
  rmSync(path, { force: true });
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    // QEMU is killed in the middle of a request: a broken pipe is what these tests are about.
    socket.on('error', () => socket.destroy());
    talk(socket, disk);
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Takes one step when enough bytes are there: returns how many it used and what comes next, or undefined to wait for more. */
type Step = (bytes: Buffer) => { readonly used: number; readonly next: Step } | undefined;

function talk(socket: net.Socket, disk: VolatileDisk): void {
  const greeting = Buffer.alloc(18);
  greeting.write('NBDMAGICIHAVEOPT', 'latin1');
  greeting.writeUInt16BE(3, 16);
  socket.write(greeting);

  const clientFlags: Step = (bytes) => (bytes.length < 4 ? undefined : { used: 4, next: option });
  const option: Step = (bytes) => {
    if (bytes.length < 16) return undefined;
    const [kind, length] = [bytes.readUInt32BE(8), bytes.readUInt32BE(12)];
    if (length > 4096) socket.destroy();
    if (bytes.length < 16 + length) return undefined;
    return { used: 16 + length, next: negotiate(socket, disk, kind) ? request : option };
  };
  const request: Step = (bytes) => {
    if (bytes.length < 28) return undefined;
    const length = bytes.readUInt16BE(6) === COMMAND.write ? bytes.readUInt32BE(24) : 0;
    if (length > LARGEST) socket.destroy();
    if (bytes.length < 28 + length) return undefined;
    serve(socket, disk, bytes.subarray(0, 28 + length));
    return { used: 28 + length, next: request };
  };

  let step: Step = clientFlags;
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let done = step(rest); done && !socket.destroyed; done = step(rest)) {
      rest = rest.subarray(done.used);
      step = done.next;
    }
  });
}

/** Answers one option; true when the transmission phase begins. */
function negotiate(socket: net.Socket, disk: VolatileDisk, kind: number): boolean {
  const reply = (type: number, data = Buffer.alloc(0)): void => {
    const header = Buffer.alloc(20);
    header.writeBigUInt64BE(0x3e889045565a9n, 0);
    header.writeUInt32BE(kind, 8);
    header.writeUInt32BE(type, 12);
    header.writeUInt32BE(data.length, 16);
    socket.write(Buffer.concat([header, data]));
  };
  if (kind === OPTION.info || kind === OPTION.go) {
    const info = Buffer.alloc(12);
    info.writeBigUInt64BE(BigInt(disk.size), 2);
    info.writeUInt16BE(TRANSMISSION_FLAGS, 10);
    reply(REPLY.info, info);
    reply(REPLY.ack);
    return kind === OPTION.go;
  }
  if (kind === OPTION.exportName) {
    const answer = Buffer.alloc(10 + 124);
    answer.writeBigUInt64BE(BigInt(disk.size), 0);
    answer.writeUInt16BE(TRANSMISSION_FLAGS, 8);
    socket.write(answer);
    return true;
  }
  reply(kind === OPTION.abort ? REPLY.ack : REPLY.unsupported);
  if (kind === OPTION.abort) socket.end();
  return false;
}

function serve(socket: net.Socket, disk: VolatileDisk, request: Buffer): void {
  const [flags, command, handle] = [request.readUInt16BE(4), request.readUInt16BE(6), request.subarray(8, 16)];
  const [offset, length] = [Number(request.readBigUInt64BE(16)), request.readUInt32BE(24)];
  const answer = (error: number, data: Buffer = Buffer.alloc(0)): void => {
    if (disk.dead) return;
    const header = Buffer.alloc(16);
    header.writeUInt32BE(0x67446698, 0);
    header.writeUInt32BE(error, 4);
    handle.copy(header, 8);
    socket.write(Buffer.concat([header, data]));
  };
  if (disk.dead) return;
  if (command === COMMAND.disconnect) return void socket.end();
  if (command === COMMAND.flush) {
    disk.flush();
    return answer(0);
  }
  if (offset % 512 !== 0 || length % 512 !== 0 || offset + length > disk.size) return answer(EINVAL);
  if (command === COMMAND.read) return answer(0, disk.read(offset, length));
  if (command !== COMMAND.write) return answer(EINVAL);
  disk.write(offset, request.subarray(28), flags & FUA ? 'through' : 'cached');
  answer(0);
}
