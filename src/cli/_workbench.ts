/** A table full of simulated devices behind a unix socket: scanners to type into, lines to look at and to drive. */
import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { lineSplitter, parsed, TO_BENCH, type ToBench, type ToTerminal } from '../ports/_simulated.js';

export type BenchEvent =
  | { readonly event: 'opened' | 'closed'; readonly name: string }
  | { readonly event: 'line'; readonly name: string; readonly line: string; readonly active: boolean };

export interface BenchScanner {
  /** What the scanner's wire carries to the terminal; lost when no terminal listens, as with hardware. True: it was heard. */
  send(bytes: Uint8Array): boolean;
  /** What the terminal wrote to the scanner. */
  onWritten(listener: (bytes: Uint8Array) => void): void;
}

export interface BenchLines {
  /** Where the line stands: an output as the terminal last set it, an input as `drive` left it. */
  read(line: string): boolean;
  /** Moves an input, whether a terminal listens or not. */
  drive(line: string, active: boolean): void;
}

export interface Workbench {
  readonly path: string;
  scanner(name: string): BenchScanner;
  lines(name: string): BenchLines;
  onEvent(listener: (event: BenchEvent) => void): void;
  isOpen(name: string): boolean;
  /** Pulls the cable; the terminal cannot open it until `plug`. */
  unplug(name: string): void;
  plug(name: string): void;
  close(): Promise<void>;
}

/** One device: what is plugged in, who holds it, where its lines stand. */
class Thing {
  readonly name: string;
  readonly levels = new Map<string, boolean>();
  readonly written: ((bytes: Uint8Array) => void)[] = [];
  outputs: readonly string[] = [];
  plugged = true;
  socket: Socket | undefined;

  constructor(name: string) {
    this.name = name;
  }

  tell(word: ToTerminal): boolean {
    if (!this.socket) return false;
    return this.socket.write(`${JSON.stringify(word)}\n`) || this.socket.writable;
  }
}

/** Listens at `path`; rejects when it cannot. */
export async function createWorkbench(path: string): Promise<Workbench> {
  const things = new Map<string, Thing>();
  const listeners: ((event: BenchEvent) => void)[] = [];
  const sockets = new Set<Socket>();
  const tell = (event: BenchEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const thing = (name: string): Thing => {
    const known = things.get(name) ?? new Thing(name);
    things.set(name, known);
    return known;
  };

  rmSync(path, { force: true });
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, thing, tell);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });

  return {
    path,
    scanner: (name) => scannerOf(thing(name)),
    lines: (name) => linesOf(thing(name)),
    onEvent: (listener) => void listeners.push(listener),
    isOpen: (name) => thing(name).socket !== undefined,
    unplug: (name) => {
      thing(name).plugged = false;
      thing(name).socket?.destroy();
    },
    plug: (name) => {
      thing(name).plugged = true;
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

const scannerOf = (thing: Thing): BenchScanner => ({
  send: (bytes) => thing.tell({ data: Buffer.from(bytes).toString('base64') }),
  onWritten: (listener) => void thing.written.push(listener),
});

const linesOf = (thing: Thing): BenchLines => ({
  read: (line) => thing.levels.get(line) ?? false,
  drive: (line, active) => {
    if (thing.levels.get(line) === active) return;
    thing.levels.set(line, active);
    thing.tell({ edge: { name: line, active, at: Number(process.hrtime.bigint()) / 1e6 } });
  },
});

function serve(socket: Socket, find: (name: string) => Thing, tell: (event: BenchEvent) => void): void {
  const split = lineSplitter();
  let mine: Thing | undefined;
  const change = (thing: Thing, line: string, active: boolean): void => {
    if (thing.levels.get(line) === active) return;
    thing.levels.set(line, active);
    tell({ event: 'line', name: thing.name, line, active });
  };
  const hear = (word: ToBench | undefined): void => {
    if (word && 'open' in word && !mine) mine = opened(socket, find(word.name), word, tell);
    else if (word && 'data' in word && mine) for (const listener of mine.written) listener(Buffer.from(word.data, 'base64'));
    else if (word && 'set' in word && mine) for (const [line, active] of Object.entries(word.set)) change(mine, line, active);
    else socket.destroy();
  };
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    for (const line of split(chunk) ?? ['']) if (!socket.destroyed) hear(parsed(TO_BENCH, line));
  });
  // The error of a socket is followed by its close, which says all there is to say.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    if (!mine) return;
    mine.socket = undefined;
    for (const line of mine.outputs) change(mine, line, false);
    tell({ event: 'closed', name: mine.name });
  });
}

type Opening = Extract<ToBench, { readonly open: unknown }>;

/** One holder at a time, as a serial line is locked and a GPIO line is taken. */
function opened(socket: Socket, thing: Thing, { outputs, inputs }: Opening, tell: (event: BenchEvent) => void): Thing | undefined {
  if (!thing.plugged || thing.socket) {
    const refused = thing.plugged ? `${thing.name} is open elsewhere` : `${thing.name} is not plugged in`;
    socket.end(`${JSON.stringify({ refused })}\n`);
    return undefined;
  }
  thing.socket = socket;
  thing.outputs = Object.keys(outputs);
  for (const [line, active] of Object.entries(outputs)) thing.levels.set(line, active);
  thing.tell({ opened: Object.fromEntries(inputs.map((line) => [line, thing.levels.get(line) ?? false])) });
  tell({ event: 'opened', name: thing.name });
  return thing;
}
