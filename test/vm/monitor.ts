/** QEMU's machine protocol (QMP): one command at a time, answers in order, events ignored. */
import type net from 'node:net';
import { connect, eachLine } from './lines.js';

interface Reply {
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
}

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

export class Monitor {
  readonly #socket: net.Socket;
  readonly #waiting: Waiting[] = [];

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    eachLine(socket, (line) => this.#take(line));
    socket.once('close', () => {
      for (const waiting of this.#waiting.splice(0)) waiting.reject(new Error('the monitor closed: QEMU is gone'));
    });
  }

  static async connect(path: string): Promise<Monitor> {
    const monitor = new Monitor(await connect(path));
    await monitor.execute('qmp_capabilities');
    return monitor;
  }

  /** Rejects with QEMU's own words. */
  async execute(command: string, options: object = {}): Promise<unknown> {
    const reply = await new Promise<Reply>((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new Error('the monitor is closed'));
      this.#waiting.push({ resolve, reject });
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: options })}\n`);
    });
    if (reply.error) throw new Error(`${command}: ${reply.error.desc}`);
    return reply.return;
  }

  /** A command of the human monitor; it answers its errors as text. */
  async human(line: string): Promise<void> {
    const answer = String(await this.execute('human-monitor-command', { 'command-line': line })).trim();
    if (answer !== '') throw new Error(`${line}: ${answer}`);
  }

  #take(line: string): void {
    const reply = JSON.parse(line) as Reply;
    if (reply.return !== undefined || reply.error) this.#waiting.shift()?.resolve(reply);
  }
}
