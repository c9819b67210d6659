/** The journal of a terminal that is played: chained and signed as a real one's, in memory. Its seals have the usual size and hold nothing. */
import { randomBytes } from 'node:crypto';
import type { Facts, Instant } from '../contracts.js';
import { entryHash, GENESIS, toEvent, toMessage } from '../messages/entry.js';
import { canonical } from '../messages/jcs.js';
import { makeHead, type Signer } from '../messages/signed.js';

export interface Owner {
  readonly terminal: string;
  readonly region: string;
  readonly checkpoint: string;
  readonly signer: Signer;
}

export interface Scan {
  readonly at: Instant;
  readonly scene: string;
  readonly verdict: 'admit' | 'refuse';
}

const SEAL = 220;

export class Outbox {
  readonly journal: string;
  /** Of every entry, by seq - 1. */
  readonly hashes: Uint8Array[] = [];
  readonly #owner: Owner;
  readonly #events: (string | undefined)[] = [];
  #forgotten = 0;

  constructor(owner: Owner, journal = randomBytes(8).toString('hex')) {
    this.#owner = owner;
    this.journal = journal;
  }

  get terminal(): string {
    return this.#owner.terminal;
  }

  get last(): number {
    return this.hashes.length;
  }

  /** What a scanned code leaves. */
  write({ at, scene, verdict }: Scan): void {
    const outcome = verdict === 'admit' ? { verdict } : { verdict, refusal: 'expired' };
    const facts: Facts = {
      scene,
      checkpoint: this.#owner.checkpoint,
      station: 'lane-1',
      person: true,
      verified: true,
      format: 'ak2',
      form: 'moment',
      trustAge: 3600,
      clock: 'synchronised',
      ...outcome,
    };
    const prev = this.hashes.at(-1) ?? GENESIS;
    const body = {
      seq: this.last + 1,
      earliest: at,
      latest: at + 20,
      kind: 'verdict',
      public: canonical(facts),
      seal: randomBytes(SEAL),
      prev,
    };
    const { terminal, region, checkpoint } = this.#owner;
    const hash = entryHash({ terminal, journal: this.journal }, body);
    this.#events.push(toEvent({ region, checkpoint, terminal, journal: this.journal }, { ...body, hash }));
    this.hashes.push(hash);
  }

  /** Entries `from` to `to`, both with them; the last one is signed for. */
  message(from: number, to: number): Buffer {
    const { terminal, signer } = this.#owner;
    const hash = this.hashes[to - 1];
    if (!hash || from <= this.#forgotten) throw new Error(`${terminal}: no entries ${from} to ${to}`);
    const head = makeHead({ terminal, journal: Buffer.from(this.journal, 'hex'), seq: to, hash }, signer);
    return Buffer.from(
      toMessage(
        this.#events.slice(from - 1, to).map((event) => event ?? ''),
        head,
      ),
    );
  }

  /** The first entry that is still there to be sent. */
  get first(): number {
    return this.#forgotten + 1;
  }

  /** Acknowledged long ago: it is not sent any more. */
  forget(to: number): void {
    for (; this.#forgotten < to; this.#forgotten++) this.#events[this.#forgotten] = undefined;
  }

  /** The same journal without its last `back` entries, to go another way from there: what a cloned disk does. */
  twin(back: number): Outbox {
    const twin = new Outbox(this.#owner, this.journal);
    twin.hashes.push(...this.hashes.slice(0, this.last - back));
    twin.#events.push(...this.#events.slice(0, this.last - back));
    twin.#forgotten = this.#forgotten;
    return twin;
  }
}
