/** The hands in the guest: runs shell scripts there (image/agent) and hears what programs report on a second line. */
import type net from 'node:net';
import { connect, eachLine } from './lines.js';

/** What a script printed (both streams, trailing blanks cut) and its exit code. */
export interface Outcome {
  readonly code: number;
  readonly text: string;
}

interface Pending {
  readonly id: string;
  readonly lines: string[];
  resolve(outcome: Outcome): void;
  reject(error: Error): void;
}

export class Agent {
  readonly #socket: net.Socket;
  #pending: Pending | undefined;
  #count = 0;
  #greeted: () => void = () => {};
  readonly greeting: Promise<void>;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    this.greeting = new Promise((resolve) => (this.#greeted = resolve));
    eachLine(socket, (line) => this.#take(line));
    socket.once('close', () => this.#pending?.reject(new Error('the guest is gone')));
  }

  static async connect(path: string): Promise<Agent> {
    return new Agent(await connect(path));
  }

  /** One script at a time. Rejects when it takes longer than `withinMs` or the guest dies. */
  run(script: string, withinMs: number): Promise<Outcome> {
    if (this.#pending) throw new Error('the agent is still busy');
    const id = `script-${++this.#count}-${Date.now().toString(36)}`;
    return new Promise<Outcome>((resolve, reject) => {
      const late = setTimeout(
        () => end(() => reject(new Error(`no end after ${withinMs} ms: ${script}\n${pending.lines.join('\n')}`))),
        withinMs,
      );
      const end = (how: () => void): void => {
        clearTimeout(late);
        this.#pending = undefined;
        how();
      };
      const pending: Pending = {
        id,
        lines: [],
        resolve: (outcome) => end(() => resolve(outcome)),
        reject: (error) => end(() => reject(error)),
      };
      this.#pending = pending;
      this.#socket.write(`${id} ${Buffer.from(script).toString('base64')}\n`);
    });
  }

  #take(line: string): void {
    if (line === 'agent up') return this.#greeted();
    const [id, word, code] = line.split(' ');
    if (this.#pending && id === this.#pending.id && word === 'exit') {
      return this.#pending.resolve({ code: Number(code), text: this.#pending.lines.join('\n').trimEnd() });
    }
    this.#pending?.lines.push(line);
  }
}
