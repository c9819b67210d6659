/**
 * Takes in what terminals send (wire.md 4):
 *
 *   up/<terminal>/entries → check (shape, hashes, chain, signed head) → one transaction a tick → ak/ack, retained
 *
 * What does not hold is counted by reason and terminal, never stored and never a crash. Seals are stored as they came.
 */
import type { Instant, Log } from '../contracts.js';
import { sameBytes } from '../crypto/cbor.js';
import { fromMessage, MESSAGE_LIMIT, type Message } from '../messages/entry.js';
import { makeAck, readHead, type Signer } from '../messages/signed.js';
import { tallyOf } from './counts.js';
import type { Alarm, Delivery, EntryStore, Kept, Position, TerminalStore } from './store.js';

/** The key that signs a terminal's heads; `point`: x‖y, proved to be on the curve. */
export interface TerminalKey {
  readonly kid: Uint8Array;
  readonly point: Uint8Array;
}

/** SM2 with SM3 and the default ID; signature raw r‖s. */
export type VerifySm2 = (point: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

/** `too-large`, `malformed` (shape, hash or chain), `foreign` (not a terminal of ours, or another's entries), `forged` head. */
export type Rejection = 'too-large' | 'malformed' | 'foreign' | 'forged';

export interface Checking {
  readonly region: string;
  /** The terminal that the topic names, and its key; undefined: not one of ours. */
  readonly terminal: string;
  readonly key: TerminalKey | undefined;
  readonly verify: VerifySm2;
  readonly received: Instant;
}

/** What a message brings, or why it is not taken. Pure. */
export function checkMessage(payload: Uint8Array, by: Checking): Delivery | Rejection {
  if (!by.key) return 'foreign';
  if (payload.length > MESSAGE_LIMIT) return 'too-large';
  const message = fromMessage(payload);
  const last = message?.arrivals.at(-1);
  if (!message || !last) return 'malformed';
  if (last.origin.terminal !== by.terminal || last.origin.region !== by.region) return 'foreign';
  if (!isSigned(message, by.key, by.verify)) return 'forged';
  return {
    terminal: by.terminal,
    journal: last.origin.journal,
    entries: message.arrivals.map(({ entry }) => entry),
    tallies: message.arrivals.map(({ entry, facts }) => tallyOf(entry, facts, by.received)),
  };
}

/** The head names the last entry, whose hash covers all before it, and the terminal signed it. */
function isSigned({ arrivals, head: bytes }: Message, { kid, point }: TerminalKey, verify: VerifySm2): boolean {
  const last = arrivals.at(-1);
  const head = readHead(
    bytes,
    (of, typ, message, signature) => typ === 'ak/head' && sameBytes(of, kid) && verify(point, message, signature),
  );
  if (!head || !last) return false;
  const { origin, entry } = last;
  const journal = Buffer.from(head.journal).toString('hex');
  return head.terminal === origin.terminal && journal === origin.journal && head.seq === entry.seq && sameBytes(head.hash, entry.hash);
}

export interface IngestParts {
  readonly region: string;
  /** Its number among several workers. */
  readonly worker?: number;
  readonly store: EntryStore & Pick<TerminalStore, 'noteRejected'>;
  /** Keys of the terminals in good standing. */
  readonly keyOf: (terminal: string) => TerminalKey | undefined;
  readonly verify: VerifySm2;
  readonly platform: Signer;
  readonly now: () => Instant;
  /** Publishes an `ak/ack` on down/<terminal>/ack, retained. */
  readonly acknowledge: (terminal: string, ack: Uint8Array) => void;
  readonly raise: (alarm: Alarm) => Promise<void>;
  /** After each transaction. */
  readonly onKept?: (kept: Kept) => void;
  readonly log: Log;
}

export interface Ingest {
  /** Queues a message; resolves when there is room for the next one. */
  take(terminal: string, payload: Uint8Array): Promise<void>;
  /** Resolves when everything taken is stored and acknowledged. */
  idle(): Promise<void>;
  /** Acknowledges every journal again: after a start, and when a broker may have lost what it retained. */
  acknowledgeAll(): Promise<void>;
  /** Stores what was taken, if the store lets it, and ends. */
  stop(): Promise<void>;
}

/** Messages of one transaction: the cost of a commit is shared, memory is bounded. */
const BATCH = 64;
const ROOM = 256;
/** An acknowledgement costs a signature; the latest in so many ms stands for those before it. */
const ACK_EVERY_MS = 5;
const ACKS_A_TURN = 8;
const RETRY_MS = 1000;

interface Waiting {
  readonly terminal: string;
  readonly payload: Uint8Array;
}

export function createIngest(parts: IngestParts): Ingest {
  const { store, log, now } = parts;
  const queue: Waiting[] = [];
  const acks = new Acks(parts);
  let running: Promise<void> | undefined;
  let stopping = false;

  const work = async (): Promise<void> => {
    while (queue.length > 0) {
      const batch = queue.slice(0, BATCH);
      try {
        await storeBatch(parts, batch, acks);
        queue.splice(0, batch.length);
      } catch (error) {
        // A full disk or a locked file: nothing is acknowledged, so nothing is lost; the queue is full and the broker waits.
        log.error('ingest-store', { error: String(error) });
        if (stopping) break;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
      // Let the broker's next messages in, so that they share a transaction.
      await new Promise((resolve) => setImmediate(resolve));
    }
    running = undefined;
  };

  const idle = async (): Promise<void> => {
    for (let current = running; current; current = running) await current;
    acks.flush();
  };
  return {
    idle,
    async stop() {
      stopping = true;
      await idle();
    },
    async take(terminal, payload) {
      if (stopping) return;
      queue.push({ terminal, payload });
      running ??= work();
      if (queue.length >= ROOM) await running;
    },
    async acknowledgeAll() {
      acks.add(await store.positions());
      acks.flush();
      log.info('ingest-acknowledged', { at: now() });
    },
  };
}

async function storeBatch(parts: IngestParts, batch: readonly Waiting[], acks: Acks): Promise<void> {
  const received = parts.now();
  const deliveries: Delivery[] = [];
  const rejected = new Map<string, { terminal: string; reason: string; count: number }>();
  for (const { terminal, payload } of batch) {
    const key = parts.keyOf(terminal);
    const checked = checkMessage(payload, { region: parts.region, terminal, key, verify: parts.verify, received });
    if (typeof checked !== 'string') {
      deliveries.push(checked);
      continue;
    }
    // Names of strangers are not kept: anybody could fill the table with them.
    const name = key ? terminal : '';
    const known = rejected.get(`${name}/${checked}`);
    rejected.set(`${name}/${checked}`, { terminal: name, reason: checked, count: (known?.count ?? 0) + 1 });
  }
  const kept = await parts.store.keep(deliveries, received, parts.worker);
  acks.add(kept.positions);
  if (rejected.size > 0) {
    parts.log.warn('ingest-rejected', { rejected: [...rejected.values()] });
    await parts.store.noteRejected([...rejected.values()], received);
  }
  for (const { terminal, journal, seq } of kept.forks) {
    parts.log.error('ingest-fork', { terminal, journal, seq });
    await parts.raise({ at: received, terminal, kind: 'fork', facts: { journal, seq } });
  }
  parts.onKept?.(kept);
}

/** The newest position of each journal, signed and sent at most once in `ACK_EVERY_MS`. */
class Acks {
  readonly #parts: IngestParts;
  readonly #due = new Map<string, Position>();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: IngestParts) {
    this.#parts = parts;
  }

  add(positions: readonly Position[]): void {
    for (const position of positions) this.#due.set(`${position.terminal}/${position.journal}`, position);
    if (this.#due.size > 0) this.#timer ??= setTimeout(() => this.#turn(), ACK_EVERY_MS);
  }

  /** A few at a time, and as long a rest: a signature takes long, and others wait for what is being stored. */
  #turn(): void {
    const began = performance.now();
    for (const [name, position] of [...this.#due].slice(0, ACKS_A_TURN)) {
      this.#due.delete(name);
      this.#say(position);
    }
    this.#timer = this.#due.size > 0 ? setTimeout(() => this.#turn(), performance.now() - began) : undefined;
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const position of this.#due.values()) this.#say(position);
    this.#due.clear();
  }

  #say({ terminal, journal, seq, hash }: Position): void {
    const { platform, now, acknowledge } = this.#parts;
    const issued = Math.floor(now() / 1000);
    acknowledge(terminal, makeAck({ terminal, journal: Buffer.from(journal, 'hex'), seq, hash, issued }, platform));
  }
}
